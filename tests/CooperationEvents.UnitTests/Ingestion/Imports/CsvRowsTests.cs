using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Ingestion.Imports;

public sealed class CsvRowsTests
{
    private const string Exact = """
        {"command": "register-organisation", "exact": true, "fields": {"/externalReference/id": "id", "/externalReference/system": {"value": "desk"}, "/name": "name", "/shortName": "shortName"}}
        """;

    [Theory]
    [InlineData("id;name;shortName\no1;Ferry Board;FB\n;;\n", ",skipped")]
    [InlineData("id;name;shortName\no1;Ferry Board;FB\n ; ;\t\n\"\";\"\";\"\"\n\n", ",skipped,skipped,skipped")]
    [InlineData("id;name;shortName;\no1;Ferry Board;FB;\n", "")]
    [InlineData("id,name,shortName,,\no1,Ferry Board,FB,,\n", "")]
    [InlineData("id;name;shortName\no1;Ferry Board;FB;;\n", "")]
    [InlineData("id;name;;shortName\no1;Ferry Board;;FB\n", "")]
    [InlineData("sep=;\nid;name;shortName\no1;Ferry Board;FB\n", "")]
    [InlineData("\uFEFF\"sep=;\"\r\nid;name;shortName\r\no1;Ferry Board;FB\r\n", "")]
    [InlineData("sep=|\nid|name|shortName\no1|Ferry Board|FB\n", "")]
    [InlineData("\n\n  \n;;;\nid;name;shortName\no1;Ferry Board;FB\n", "")]
    [InlineData("\nSEP=;\n\nid;name;shortName\no1;Ferry Board;FB", "")]
    [InlineData("id\tname\tshortName\t\no1\tFerry Board\tFB\t\n", "")]
    [InlineData("\"id\",\"name\",\"shortName\"\n\"o1\",\"Ferry Board\",\"FB\"\n", "")]
    [InlineData("id;name;shortName\ro1;Ferry Board;FB\r", "")]
    public async Task Separators_blank_lines_and_empty_rows_cost_nothing(string file, string more)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(file, mapping);

            unreadable.ShouldBeNull();
            rows.SelectMany(r => r.Faults).ShouldBeEmpty();
            ((RegisterOrganisation)rows[0].Commands.Single().Command).ShortName.ShouldBe("FB");
            string.Concat(rows.Skip(1).Select(r => r.Skipped ? ",skipped" : ",?")).ShouldBe(more);
        }
    }

    [Theory]
    [InlineData("id\tname\tshortName\tcomment, long, with, commas\no1\tFerry Board\tFB\tx\n")]
    [InlineData("id;name;shortName;Address (street, no., city, country)\no1;Ferry Board;FB;x\n")]
    [InlineData("id,name,shortName,a|b|c|d|e\r\no1,Ferry Board,FB,x\r\n")]
    [InlineData("Boards; of; the; lake, 2024\r\n\r\nid,name,shortName\r\no1,Ferry Board,FB\r\n")]
    [InlineData("Boards of 2024\n\nid;name;shortName\no1;Ferry Board;FB\n")]
    public async Task The_delimiter_is_the_one_that_parts_the_names_of_the_columns(string file)
    {
        var (rows, unreadable) = await Table.Read(file, Table.Organisations);

        unreadable.ShouldBeNull();
        ((RegisterOrganisation)rows[^1].Commands.Single().Command).ShortName.ShouldBe("FB");
    }

    [Theory]
    [InlineData("id;name;shortName;\no1;Ferry Board;FB;x\no2;Dock Board;DB;\n")]
    [InlineData("id;name;shortName\no1;Ferry;Board;FB\no2;Dock Board;DB;\n")]
    [InlineData("id;name;;shortName\no1;Ferry Board;x;FB\no2;Dock Board;;DB\n")]
    public async Task A_value_without_a_column_refuses_its_row(string file)
    {
        var (rows, unreadable) = await Table.Read(file, Exact);

        unreadable.ShouldBeNull();
        rows.Select(r => r.Faults.Count).ShouldBe([1, 0]);
        rows[0].Faults[0].Detail.ShouldContain("has no name in the header");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("\r\n \n")]
    [InlineData("\uFEFFsep=;\n;;\n")]
    public async Task A_file_without_a_header_row_is_said_to_have_none(string file)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(file, mapping);

            rows.ShouldBeEmpty();
            unreadable.ShouldBe("The file is empty: it holds no header row.");
        }
    }

    [Theory]
    [InlineData("\u00c9v\u00e9n")]
    [InlineData("E\u0301ve\u0301n")]
    [InlineData(" \u00c9ve\u0301n\u200b ")]
    public async Task Columns_and_words_go_by_one_spelling_whoever_wrote_them(string column)
    {
        foreach (var named in new[] { "\u00c9v\u00e9n", "E\u0301ve\u0301n" })
        {
            var mapping = """
                {"command": "register-organisation", "skip": {"COLUMN": "COLUMN!"},
                 "fields": {"/name": {"value": "{COLUMN}"}, "/shortName": {"column": "COLUMN", "values": {"COLUMN?": "FB"}}}}
                """.Replace("COLUMN", named, StringComparison.Ordinal);
            var (rows, unreadable) = await Table.Read($"Nr;{column}\n1;E\u0301v\u00e9n?\n2;E\u0301v\u00e9n!\n", mapping);

            unreadable.ShouldBeNull();
            ((RegisterOrganisation)rows[0].Commands.Single().Command).ShortName.ShouldBe("FB");
            rows[1].Skipped.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Two_columns_that_look_alike_are_one_twice() =>
        (await Table.Read("id;name;\u00e9;e\u0301\n", Table.Organisations.Replace("\"shortName\"", "\"\u00e9\"", StringComparison.Ordinal)))
            .Unreadable.ShouldNotBeNull()
            .ShouldBe("The header names the column '\u00e9' twice, and the mapping needs it. Which of the two is meant cannot be told.");

    [Fact]
    public async Task Columns_that_nobody_asks_for_may_have_one_name()
    {
        var (rows, unreadable) = await Table.Read("id;note;name;Note;shortName;note\no1;a;Ferry Board;b;FB;c\n", Table.Organisations);

        unreadable.ShouldBeNull();
        ((RegisterOrganisation)rows.ShouldHaveSingleItem().Commands.Single().Command).ShortName.ShouldBe("FB");
        (await Table.Read("id;name;shortName;note;note\n", Exact))
            .Unreadable.ShouldNotBeNull()
            .ShouldContain("'note', which means nothing");
    }

    [Theory]
    [InlineData("\u001A")]
    [InlineData("\u001A\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("\u001A;\0;\n")]
    public async Task The_mark_of_the_end_of_a_text_is_passed_over_and_noted(string end)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read($"id;name;shortName\no1;Ferry Board;FB\n{end}", mapping);

            unreadable.ShouldBeNull();
            rows.Count.ShouldBe(2);
            rows.SelectMany(r => r.Faults).ShouldBeEmpty();
            rows[1].Skipped.ShouldBeTrue();
            rows[1].Notes.Select(n => (n.Row, n.Kind)).ShouldBe([(3L, NoteKind.PassedOver)]);
        }
    }

    [Fact]
    public async Task The_mark_of_the_end_of_a_text_within_a_cell_refuses_its_row_and_says_so()
    {
        var (rows, _) = await Table.Read("id;name;shortName\no1;Ferry Board;FB\u001A", Table.Organisations);

        var error = rows.ShouldHaveSingleItem().Faults.ShouldHaveSingleItem().Errors.ShouldHaveSingleItem();
        (error.Pointer, error.Detail).ShouldBe(("shortName", "Must not hold control characters; it holds \\u001a."));
    }

    [Theory]
    [InlineData("id;name;shortName")]
    [InlineData(" id ;\"name\";shortName;;")]
    [InlineData("id;na\u200bme;shortName")]
    public async Task A_row_that_repeats_the_header_is_passed_over_and_noted(string again)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read($"id;name;shortName\no1;Ferry Board;FB\n{again}\no2;Dock Board;DB\n", mapping);

            unreadable.ShouldBeNull();
            rows.Select(r => (r.Number, r.Skipped, r.Commands.Count, r.Faults.Count))
                .ShouldBe([(2, false, 1, 0), (3, true, 0, 0), (4, false, 1, 0)]);
            var note = rows.SelectMany(r => r.Notes).ShouldHaveSingleItem();
            (note.Row, note.Kind, note.Reason).ShouldBe((3L, NoteKind.PassedOver, "It repeats the header row."));
        }
    }

    [Theory]
    [InlineData("id;name;NAME")]
    [InlineData("id;name;shortName2")]
    [InlineData("id;Ferry Board;shortName")]
    public async Task A_row_that_is_like_the_header_in_part_is_a_row(string row)
    {
        var (rows, _) = await Table.Read($"id;name;shortName\n{row}\n", Table.Organisations);

        rows.ShouldHaveSingleItem().Commands.ShouldHaveSingleItem();
    }

    /// <summary>Somebody may be called as the only column is.</summary>
    [Fact]
    public async Task A_cell_of_a_table_of_one_column_is_no_header()
    {
        var (rows, _) = await Table.Read(
            "Observer\nObserver\n",
            """{"command": "register-organisation", "fields": {"/name": "Observer", "/shortName": "Observer"}}"""
        );

        rows.ShouldHaveSingleItem().Commands.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("Organisations of 2024;;\n", "1")]
    [InlineData("Organisation;;known as\n", "1")]
    [InlineData("\nOrganisations;;\n;;\nthe body;;in short\n", "2 4")]
    public async Task Rows_above_the_one_that_names_the_columns_are_passed_over_and_noted(string above, string noted)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(
                $"{above}id;name;shortName\no1;Ferry Board;FB\n{above.TrimStart('\n')}o2;Dock Board;DB\n",
                mapping
            );

            unreadable.ShouldBeNull();
            rows.SelectMany(r => r.Faults).ShouldBeEmpty();
            rows.SelectMany(r => r.Commands).Count().ShouldBe(2);
            var notes = rows.SelectMany(r => r.Notes).ToList();
            string.Join(' ', notes.Where(n => n.Reason == "It stands above the header row.").Select(n => n.Row)).ShouldBe(noted);
            notes.Count.ShouldBe(2 * noted.Split(' ').Length);
            rows[^1].Number.ShouldBe(above.Count(c => c == '\n') + 2 + above.TrimStart('\n').Count(c => c == '\n') + 1);
        }
    }

    [Fact]
    public async Task A_row_above_the_header_that_may_be_data_is_not_passed_over()
    {
        var (rows, unreadable) = await Table.Read("Bodies;;\no1;Ferry Board;FB\nid;name;shortName\no2;Dock Board;DB\n", Exact);

        rows.ShouldBeEmpty();
        unreadable.ShouldNotBeNull().ShouldStartWith("Row 3 names the columns, and row 2 above it fills as many.");
    }

    [Theory]
    [InlineData("o1;Ferry Board;FB")]
    [InlineData("o1;\"Ferry;FB\no2;Dock\";DB")]
    public async Task A_file_whose_columns_are_named_nowhere_is_said_to_lack_them_by_its_first_row(string row)
    {
        var (rows, unreadable) = await Table.Read($"Body;Name;Short\n{row}\no3;Dock Board;DB\n", Table.Organisations);

        rows.ShouldBeEmpty();
        unreadable.ShouldBe("The file has no column 'id', which the mapping names; it has Body, Name, Short.");
    }

    [Theory]
    [InlineData("Source: the boards' own lists;;")]
    [InlineData("Source: the boards' own lists")]
    [InlineData("*;;")]
    public async Task A_footnote_is_refused_once_as_what_it_may_be(string footnote)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, _) = await Table.Read($"id;name;shortName\no1;Ferry Board;FB\n{footnote}\n", mapping);

            var fault = rows[1].Faults.ShouldHaveSingleItem();
            fault.Errors.ShouldBeEmpty();
            fault.Detail.ShouldStartWith(
                "Of 3 columns the row fills 'id' alone: a total, a footnote, a heading, or a row that was cut short."
            );
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_cell_that_a_total_fills_is_said_too()
    {
        const string Mapping = """
            {"command": "schedule-meeting", "dates": "dd.MM.yyyy", "fields": {"/start": "day", "/title": "title", "/venue": "venue",
             "/frameworks/0/frameworkId": "framework", "/frameworks/0/level": "level"}}
            """;
        var (rows, _) = await Table.Read("day;title;framework;level;venue;n\nTotal;;;;;34\n", Mapping);

        var fault = rows.ShouldHaveSingleItem().Faults.ShouldHaveSingleItem();
        fault.Detail.ShouldStartWith("Of 6 columns the row fills 'day', 'n' alone:");
        fault.Detail.ShouldContain("'day': ");
    }

    [Fact]
    public async Task A_row_that_lacks_one_cell_is_refused_by_that_cell()
    {
        var (rows, _) = await Table.Read("id;name;shortName\no1;Ferry Board;\n", Table.Organisations);

        rows.ShouldHaveSingleItem().Faults.ShouldHaveSingleItem().Errors.ShouldHaveSingleItem().Pointer.ShouldBe("shortName");
    }

    [Fact]
    public async Task A_cell_that_must_be_filled_is_said_with_the_cells_for_which_it_must()
    {
        var (rows, _) = await Table.Read(
            "id;name;organisation;function;from\no1;Ana Example;;Head of unit;\n",
            CsvKinds.Mapping("people", "hr")
        );

        var errors = rows.ShouldHaveSingleItem().Faults.ShouldHaveSingleItem().Errors;
        errors.Single(e => e.Pointer == "organisation").Detail.ShouldBe("Must be filled where 'function' is.");
    }

    [Theory]
    [InlineData("ID,name,shortName\n")]
    [InlineData("id,Name,shortName\n")]
    public async Task A_column_whose_capitals_are_others_is_said_to_be_another(string header)
    {
        foreach (var mapping in new[] { CsvKinds.Mapping("organisations", "crm"), Table.Organisations })
            (await Table.Read(header + "o1,Ferry Board,FB\n", mapping)).Unreadable.ShouldNotBeNull().ShouldContain("capitals count");
    }

    [Fact]
    public async Task Rows_are_numbered_as_a_spreadsheet_shows_them()
    {
        var (rows, _) = await Table.Read("sep=;\n\nid;name;shortName\n\no1;\"Ferry\nBoard\";FB\no2;;DB\n", Table.Organisations);

        rows.Select(r => (r.Number, r.Skipped, r.Faults.Count)).ShouldBe([(3, true, 0), (4, false, 0), (5, false, 1)]);
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_is_said_with_the_lines_it_swallows()
    {
        var lines = Enumerable.Range(1, 200).Select(i => i == 5 ? "o5;\"Alpha Board;B5" : $"o{i};Board {i};B{i}");
        var (rows, unreadable) = await Table.Read($"id;name;shortName\n{string.Join('\n', lines)}\n", Table.Organisations);

        rows.Count(r => r.Commands.Count > 0).ShouldBe(4);
        rows[^1].Faults.Single().Errors.Single().Pointer.ShouldBe("name");
        unreadable.ShouldNotBeNull();
        unreadable.ShouldContain("Row 6, column 'name'");
        unreadable.ShouldContain("lines 6 to 201");
    }

    [Fact]
    public async Task A_quote_that_another_closes_lines_later_is_said_too()
    {
        var (rows, unreadable) = await Table.Read(
            "\nid;name;shortName\no1;\"Alpha;A\no2;Beta;B\no3;\"Gamma\";C\no4;Delta;D\n",
            Table.Organisations
        );

        rows.Count.ShouldBe(1);
        unreadable.ShouldNotBeNull();
        unreadable.ShouldContain("Row 3");
        unreadable.ShouldContain("lines 3 to 5");
    }

    [Fact]
    public async Task A_quote_that_swallows_more_than_a_row_may_hold_is_said_by_its_line()
    {
        var lines = Enumerable.Range(1, 60_000).Select(i => i == 5 ? "o5;\"Alpha Board;B5" : $"o{i};Board number {i};B{i}");
        var (rows, unreadable) = await Table.Read($"id;name;shortName\n{string.Join('\n', lines)}\n", Table.Organisations);

        rows.Count.ShouldBe(4);
        unreadable.ShouldNotBeNull();
        unreadable.ShouldContain("row 6 (line 6)");
    }

    [Fact]
    public async Task A_broken_quote_within_a_line_costs_its_row()
    {
        var (rows, unreadable) = await Table.Read(
            "id;name;shortName\no1;\"Al\"pha;A\no2;Be\"ta;B\no3;\"Gam\nma\";C\n",
            Table.Organisations
        );

        unreadable.ShouldBeNull();
        rows.Select(r => r.Faults.Count).ShouldBe([1, 1, 0]);
        ((RegisterOrganisation)rows[2].Commands.Single().Command).Name.ShouldBe("Gam ma");
    }

    [Theory]
    [InlineData("id;name;shortName\no1;The \"A\" Board;A\n", "name")]
    [InlineData("id;name;shortName\no1; \"Ferry; Board\";A\n", "name")]
    [InlineData("id;name;shortName\no\"1;\"Ferry; \"\"Board\"\"\";A\n", "id")]
    [InlineData("id;name;shortName\no1;\"Ferry; \"\"Board\"\"\";\"A\"B\n", "shortName")]
    [InlineData("id;name;shortName\no1;Alpha;\"A", "shortName")]
    public async Task A_broken_quote_is_said_with_its_column(string file, string column)
    {
        var (rows, _) = await Table.Read(file, Table.Organisations);

        rows.Single().Faults.Single().Errors.Single().Pointer.ShouldBe(column);
    }

    [Theory]
    [InlineData(
        "id;\"name;shortName\no1;Alpha;A\no2;Beta;B\n",
        "The quote that opens on line 1 is not closed there: the cell swallows lines 1 to 3."
    )]
    [InlineData(
        "\nid;name;\"shortName\no1;\"Alpha\";A\n",
        "The quote that opens on line 2 is not closed there: the cell swallows lines 2 to 3."
    )]
    [InlineData("\"id;name;shortName", "The quote that opens on line 1 is not closed there.")]
    public async Task A_quote_that_is_not_closed_in_the_header_is_said(string file, string reason)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(file, mapping);

            rows.ShouldBeEmpty();
            unreadable.ShouldBe($"The header row cannot be read: {reason} Mend the quote and send the file again.");
        }
    }

    /// <summary>Two stray quotes make one cell of all rows between them, and the file is right CSV.</summary>
    [Theory]
    [InlineData("o5;\"Alpha Board;B5", "o20;Board 20\";B20", "name", "lines 6 to 21")]
    [InlineData("o5;\"Alpha Board;B5", "o9;Board 9\";B9", "name", "lines 6 to 10")]
    [InlineData("o5;Alpha;\"B5", "o7;Board 7;B7\"", "shortName", "lines 6 to 8")]
    [InlineData("\"o5;Alpha;B5", "o7\";Board 7;B7", "id", "lines 6 to 8")]
    [InlineData("o5;\"Alpha;B5", "o8;Board 8;B8\"", "name", "lines 6 to 9")]
    public async Task Rows_that_two_stray_quotes_swallow_end_the_import(string opens, string closes, string column, string lines)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(Boards(opens, closes), mapping);

            rows.Select(r => (r.Number, r.Commands.Count, r.Faults.Count))
                .ShouldBe([(2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 1, 0), (6, 0, 1)]);
            rows[^1].Faults[0].Errors.Single().Pointer.ShouldBe(column);
            unreadable.ShouldNotBeNull();
            unreadable.ShouldContain($"Row 6, column '{column}'");
            unreadable.ShouldContain(lines);
        }
    }

    [Fact]
    public async Task Rows_that_are_swallowed_in_a_column_that_nobody_reads_end_the_import_too()
    {
        var rows = Enumerable
            .Range(1, 30)
            .Select(i => $"o{i};Board {i};B{i};{(i == 5 ? "\"open" : i == 20 ? "closed\"" : "n")}");
        foreach (var line in new[] { "\n", "\r\n", "\r" })
        {
            var (read, unreadable) = await Table.Read($"id;name;shortName;note{line}{string.Join(line, rows)}{line}", Table.Organisations);

            read.Count(r => r.Commands.Count > 0).ShouldBe(4);
            unreadable.ShouldNotBeNull();
            unreadable.ShouldContain("Row 6, column 'note'");
            unreadable.ShouldContain("lines 6 to 21");
        }
    }

    /// <summary>Each of these may be what somebody wrote.</summary>
    [Theory]
    [InlineData("id;name;shortName\no1;\"Ferry;Board\no2;Dock\";DB\no3;Harbour;HB\n", 2, "lines 2 to 3")]
    [InlineData("id;name;shortName\no1;Ferry;\"Sides:\nEU;IOM;2012\nUN;IOM;2013\"\no3;Harbour;HB\n", 2, "lines 2 to 4")]
    [InlineData("id;name;shortName\n7;Ferry;\"Points:\n1;Opening;chair\n2;Closing;chair\"\n8;Harbour;HB\n", 2, "lines 2 to 4")]
    [InlineData("name;shortName\nFerry 1;\"FB\nDock 2;DB\nPort 3;PB\"\nHarbour;HB\n", 2, "lines 2 to 4")]
    [InlineData(
        "id,name,shortName\no1,Ferry,\"Offices:\n1 Quay, Brussels, Belgium\n2 Quay, Paris, France\"\no3,Harbour,HB\n",
        2,
        "lines 2 to 4"
    )]
    public async Task A_cell_whose_lines_look_like_rows_is_taken_and_noted(string file, int row, string lines)
    {
        var (rows, unreadable) = await Table.Read(
            file,
            Table.Organisations.Replace("\"id\"", file[..2] == "id" ? "\"id\"" : "\"name\"", StringComparison.Ordinal)
        );

        unreadable.ShouldBeNull();
        rows.Select(r => r.Commands.Count).ShouldBe([1, 1]);
        var note = rows.SelectMany(r => r.Notes).ShouldHaveSingleItem();
        (note.Row, note.Kind).ShouldBe((row, NoteKind.PassedOver));
        note.Field.ShouldNotBeNull();
        note.Reason.ShouldContain(lines);
    }

    [Theory]
    [InlineData("id;name;shortName\no1;\"Ferry\nBoard\";FB\n")]
    [InlineData("id;name;shortName\no1;\"Ferry; of the delta\nand its canals; since 2012\";FB\n")]
    [InlineData("id,name,shortName\no1,\"Ferry, of the delta,\nand its canals, since 2012, and others\",FB\n")]
    [InlineData("id\tname\tshortName\no1\t\"Ferry\nBoard\"\tFB\n")]
    [InlineData("\"id\n(own)\";\"name; full\";shortName\no1;Ferry;FB\n")]
    public async Task A_text_of_several_lines_is_no_more_than_that(string file)
    {
        var mapping = Table.Organisations;
        if (file[0] == '"')
            mapping = mapping
                .Replace("\"id\"", "\"id (own)\"", StringComparison.Ordinal)
                .Replace("\"name\"", "\"name; full\"", StringComparison.Ordinal);
        var (rows, unreadable) = await Table.Read(file, mapping);

        unreadable.ShouldBeNull();
        var row = rows.ShouldHaveSingleItem();
        row.Commands.ShouldHaveSingleItem();
        row.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_that_is_refused_says_too_that_its_lines_look_like_rows()
    {
        var (rows, _) = await Table.Read("id;name;shortName\no1;;\"Sides:\nEU;IOM;2012\nUN;IOM;2013\"\n", Table.Organisations);

        var errors = rows.ShouldHaveSingleItem().Faults.SelectMany(f => f.Errors).ToList();
        errors.Select(e => e.Pointer).ShouldBe(["name", "shortName"]);
        errors[1].Detail.ShouldContain("lines 2 to 4");
    }

    [Theory]
    [InlineData("id;name;shortName;\"note\no1;Alpha;A;n\no2;Beta;B;n\"", "lines 1 to 3")]
    [InlineData("\nid;name;shortName;\"note\no1;Alpha;A;n\"", "lines 2 to 3")]
    [InlineData("Boards of 2024;;;\nid;name;shortName;\"note\no1;Alpha;A;n\"", "lines 2 to 3")]
    public async Task A_header_of_which_a_cell_swallows_rows_is_none(string header, string lines)
    {
        var (rows, unreadable) = await Table.Read($"{header}\no3;Gamma;C;n\n", Table.Organisations);

        rows.ShouldBeEmpty();
        unreadable.ShouldNotBeNull();
        unreadable.ShouldStartWith("The header row cannot be read: ");
        unreadable.ShouldContain(lines);
    }

    [Theory]
    [InlineData("sep=;;;\nid;name;shortName\no1;Ferry, Board;FB\n")]
    [InlineData("\"sep=;\";;\nid;name;shortName\no1;Ferry, Board;FB\n")]
    [InlineData("sep=,;;\nid;name;shortName\no1;Ferry, Board;FB\n")]
    [InlineData("sep =;\nid;name;shortName\no1;Ferry, Board;FB\n")]
    [InlineData("SEP = ;\n\nid;name;shortName\no1;Ferry, Board;FB\n")]
    public async Task A_line_that_states_the_separator_is_known_however_a_spreadsheet_saved_it_again(string file)
    {
        foreach (var mapping in new[] { Exact, Table.Organisations })
        {
            var (rows, unreadable) = await Table.Read(file, mapping);

            unreadable.ShouldBeNull();
            ((RegisterOrganisation)rows.ShouldHaveSingleItem().Commands.Single().Command).Name.ShouldBe("Ferry, Board");
        }
    }

    [Theory]
    [InlineData("id;name;shortName;pay", "")]
    [InlineData("id;name;shortName;pay", "s;")]
    [InlineData("id;name;nom", "")]
    public async Task A_byte_of_the_header_that_cannot_be_read_is_named(string before, string after)
    {
        byte[] file =
        [
            .. System.Text.Encoding.UTF8.GetBytes(before),
            0xE9,
            .. System.Text.Encoding.UTF8.GetBytes($"{after}\no1;Łódź;L;x\no2;Kraków;K;x\n"),
        ];
        foreach (var mapping in before.EndsWith("nom", StringComparison.Ordinal) ? new[] { Exact, Table.Organisations } : [Exact])
        {
            var (rows, unreadable) = await Table.Read(file, mapping);

            rows.ShouldBeEmpty();
            unreadable.ShouldNotBeNull();
            unreadable.ShouldStartWith("The header row holds the byte E9, which is not UTF-8, in the column '");
            unreadable.ShouldContain($"'{before[(before.LastIndexOf(';') + 1)..]}\uFFFD{after.TrimEnd(';')}'");
        }
    }

    [Fact]
    public async Task A_byte_in_the_name_of_a_column_that_nobody_reads_costs_nothing()
    {
        byte[] file = [.. "id;name;shortName;pay"u8, 0xE9, .. "\no1;Ferry;FB;x\n"u8];

        var (rows, unreadable) = await Table.Read(file, Table.Organisations);

        unreadable.ShouldBeNull();
        rows.ShouldHaveSingleItem().Commands.ShouldHaveSingleItem();
    }

    private static string Boards(string opens, string closes) =>
        "id;name;shortName\n"
        + string.Concat(
            Enumerable
                .Range(1, 30)
                .Select(i =>
                    i == 5 ? opens
                    : closes.TrimStart('"').StartsWith($"o{i};", StringComparison.Ordinal)
                    || closes.StartsWith($"o{i}\"", StringComparison.Ordinal)
                        ? closes
                    : $"o{i};Board {i};B{i}"
                )
                .Select(line => line + "\n")
        );

    [Fact]
    public async Task A_row_that_is_too_large_is_told_with_what_to_change()
    {
        var large = new string('x', 3 * 1024 * 1024);

        var (rows, inRow) = await Table.Read($"id;name;shortName\no1;Board;B\no2;{large};L\no3;Other;O\n", Table.Organisations);
        var (_, inHeader) = await Table.Read($"id;name;{large}\no1;Board;B\n", Table.Organisations);

        rows.ShouldHaveSingleItem().Number.ShouldBe(2);
        inRow.ShouldBe(
            "Row 3 (line 3) is larger than 1048576 bytes. The rows before it were looked at, none after it was. Shorten "
                + "it; where a quote opens in it that is never closed, all that follows is one row: mend the quote. Then send the file again."
        );
        inHeader!.ShouldStartWith("The header row is larger than 1048576 bytes.");
    }
}
