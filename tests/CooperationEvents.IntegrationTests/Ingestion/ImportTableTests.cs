using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

/// <summary>Tables as their authors wrote them: their encoding, their quotes, their dates, and what a report says of them.</summary>
public sealed class ImportTableTests(SharedRegister register)
{
    private readonly string _system = $"table-{Guid.NewGuid():n}";

    public static TheoryData<string, string?, byte[], string, string> Encodings =>
        new()
        {
            { "text/csv; charset=windows-1250", "windows-1250", Windows(1250, "id;name;shortName\no1;Łódź;L\n"), "Łódź", "declared" },
            { "text/csv; charset=\"utf-8\"", "utf-8", Encoding.UTF8.GetBytes("id;name;shortName\no1;Łódź;L\n"), "Łódź", "declared" },
            {
                "text/csv; charset=windows-1250",
                "utf-8",
                [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes("id;name;shortName\no1;Łódź;L\n")],
                "Łódź",
                "mark"
            },
            {
                "text/csv",
                "utf-16",
                [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("id;name;shortName\no1;Łódź;L\n")],
                "Łódź",
                "mark"
            },
            { "text/tab-separated-values", "utf-16", UnicodeText("id\tname\tshortName\r\no1\tŁódź\tL\r\n"), "Łódź", "mark" },
            { "application/vnd.ms-excel", "utf-16", UnicodeText("id\tname\tshortName\r\no1\tŁódź\tL\r\n"), "Łódź", "mark" },
            { "text/csv", "windows-1252", [.. "id;shortName;name\no1;C;Caf"u8, 0xE9], "Café", "guessed" },
            { "text/csv", "utf-8", Encoding.UTF8.GetBytes("id;name;shortName\no1;Łódź;L\n"), "Łódź", "content" },
        };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_table_is_read_as_it_was_written_and_says_how_that_is_known(
        string type,
        string? encoding,
        byte[] file,
        string name,
        string basis
    )
    {
        var import = await Kind(file, type);

        (import.Json.Text("encoding"), import.Json.Text("encodingBasis"), Counts(import).Accepted).ShouldBe(
            (encoding, basis, 1),
            import.Text
        );
        (import.Json["encodingNote"] is null).ShouldBe(basis != "guessed");
        (await Names(import)).ShouldBe([name]);
    }

    [Theory]
    [InlineData("desk")]
    [InlineData("%20")]
    public async Task A_system_beside_a_mapping_is_refused(string system)
    {
        const string Mapping = """{"command": "register-organisation", "fields": {"/name": "name", "/shortName": "shortName"}}""";

        (await Imports.Post(register.Host, "name;shortName\n"u8.ToArray(), "text/csv", Mapping, $"system={system}")).ShouldBeProblem(
            422,
            "invalid",
            "/system"
        );
    }

    [Theory]
    [InlineData("text/csv; charset=klingon")]
    [InlineData("text/csv; charset=utf-7")]
    public async Task An_encoding_that_is_not_known_is_refused(string type) =>
        (
            await Imports.Post(register.Host, "id;name;shortName\n"u8.ToArray(), type, $"kind=organisations&system={_system}")
        ).ShouldBeProblem(415, "unsupported-media-type");

    [Fact]
    public async Task A_text_that_tells_no_encoding_is_refused_and_leaves_nothing()
    {
        (
            await Imports.Post(
                register.Host,
                Windows(1250, "id;name;shortName\no1;Łódź, Ťažký;L\n"),
                "text/csv",
                $"kind=organisations&system={_system}"
            )
        ).ShouldBeProblem(415, "unsupported-media-type");
        await Imports.LeaveNone(register.Host, "ingestion.import where state = 'uploading'");
    }

    [Theory]
    [InlineData("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "kind=organisations")]
    [InlineData("application/vnd.ms-excel.sheet.macroEnabled.12", "")]
    [InlineData("application/vnd.oasis.opendocument.spreadsheet", "kind=organisations")]
    [InlineData("application/vnd.ms-excel", "kind=organisations")]
    public async Task A_workbook_is_refused_with_what_to_save_it_as(string type, string query)
    {
        byte[] file = [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00];

        var refused = await Imports.Post(register.Host, file, type, query);

        refused.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail").ShouldContain("Save the sheet as CSV in UTF-8");
    }

    [Fact]
    public async Task An_old_workbook_of_a_form_is_refused_by_its_first_bytes()
    {
        using var file = new ByteArrayContent([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
        using var form = new MultipartFormDataContent { { file, "file", "Sheet.xls" } };

        var refused = await register.Host.Post("/v1/imports?kind=organisations", form);

        refused.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail").ShouldContain("Save the sheet as CSV in UTF-8");
    }

    [Theory]
    [InlineData(
        "\uFEFF<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook/>",
        "a spreadsheet in XML (SpreadsheetML)"
    )]
    [InlineData("<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>", "a spreadsheet in XML (SpreadsheetML)")]
    [InlineData("<?xml version=\"1.0\"?>\n<rows/>", "an XML document")]
    [InlineData("\r\n<!DOCTYPE html>\n<html><table><tr><td>id</td></tr></table></html>", "an HTML page")]
    [InlineData("<table border=1><tr><td>id</td></tr></table>", "an HTML page")]
    [InlineData("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n1 0 obj", "a PDF")]
    public async Task A_document_that_was_sent_as_a_table_is_refused_by_what_it_is(string file, string what)
    {
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(file), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(file)] })
        {
            var refused = await Imports.Post(register.Host, bytes, "text/csv", "kind=organisations");

            var detail = refused.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail");
            detail.ShouldStartWith($"The file is {what}");
            detail.ShouldContain("Export a table as CSV in UTF-8");
        }
    }

    [Theory]
    [InlineData("Unicode Text.txt", "text/plain", 202)]
    [InlineData("Unicode Text.txt", "application/octet-stream", 202)]
    [InlineData("Sheet.xls", "application/octet-stream", 202)]
    [InlineData("Sheet.xlsx", "application/octet-stream", 415)]
    [InlineData("Sheet.ods", "application/octet-stream", 415)]
    public async Task A_file_of_a_form_that_says_nothing_of_use_is_what_its_name_says(string name, string type, int status)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(UnicodeText("id\tname\tshortName\r\no1\tŁódź\tL\r\n"));
        file.Headers.ContentType = new(type);
        form.Add(file, "file", name);

        var answer = await register.Host.Post($"/v1/imports?kind=organisations&system={_system}", form);

        answer.Status.ShouldBe(status, answer.ToString());
        if (status == 202)
            (await Names(await Imports.Ended(register.Host, answer))).ShouldBe(["Łódź"]);
        else
            answer.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail").ShouldContain("Save the sheet as CSV in UTF-8");
    }

    [Theory]
    [InlineData("text/csv", "kind=organisations")]
    [InlineData("application/x-ndjson", "")]
    public async Task A_compressed_file_is_refused_with_what_it_is_and_leaves_nothing(string type, string query)
    {
        using var packed = new MemoryStream();
        await using (
            var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)
        )
            await gzip.WriteAsync("id;name;shortName\no1;Ferry Board;FB\n"u8.ToArray());

        var refused = await Imports.Post(register.Host, packed.ToArray(), type, query);

        refused.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail").ShouldContain("compressed (gzip)");
        await Imports.LeaveNone(register.Host, "ingestion.import where state = 'uploading'");
    }

    [Fact]
    public async Task A_mark_of_the_end_of_the_file_costs_nothing_and_is_noted()
    {
        var import = await Kind("id;name;shortName\r\no1;Ferry Board;FB\r\n\u001A"u8.ToArray(), "text/csv", "&mode=atomic");

        (import.Json.Text("state"), Counts(import)).ShouldBe(("completed", (2, 1, 0, 1, 1)), import.Text);
        var passedOver = import.Json["notes"]!.AsArray().Where(n => n!.Text("kind") == "passed-over");
        passedOver.Select(n => n!["row"]!.GetValue<int>()).ShouldBe([3], import.Text);
    }

    [Fact]
    public async Task The_part_of_a_form_declares_its_encoding_too()
    {
        var mapping = """{"command": "register-organisation", "fields": {"/name": "name", "/shortName": "name"}}""";
        var posted = await Imports.Post(register.Host, Windows(1250, "name\nŁódź\n"), "text/csv; charset=windows-1250", mapping, "");

        (await Names(await Imports.Ended(register.Host, posted))).ShouldBe(["Łódź"]);
        (await Imports.Post(register.Host, "name\n"u8.ToArray(), "text/csv; charset=klingon", mapping, "")).ShouldBeProblem(
            415,
            "unsupported-media-type"
        );
    }

    [Fact]
    public async Task A_mapping_is_read_as_it_was_written_too()
    {
        var mapping = Windows(1250, """{"command": "register-organisation", "fields": {"/name": "název", "/shortName": "název"}}""");
        var file = Encoding.UTF8.GetBytes("název\nŁódź\n");

        var declared = await Imports.Post(register.Host, file, "text/csv", mapping, "application/json; charset=windows-1250", "");

        (await Names(await Imports.Ended(register.Host, declared))).ShouldBe(["Łódź"]);
        (await Imports.Post(register.Host, file, "text/csv", mapping, "application/json", "")).ShouldBeProblem(400, "unreadable");
        (await Imports.Post(register.Host, file, "text/csv", mapping, "application/json; charset=klingon", "")).ShouldBeProblem(
            415,
            "unsupported-media-type"
        );
    }

    [Fact]
    public async Task Lines_of_commands_and_calendars_are_utf8_and_say_so()
    {
        var mapping = $$$"""{"system": "{{{_system}}}", "frameworks": [{"frameworkId": "{{{Guid.NewGuid()}}}", "level": "x"}]}""";
        byte[] calendar =
        [
            .. "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Caf"u8,
            0xE9,
            .. "\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"u8,
        ];
        var import = await Imports.Ended(register.Host, await Imports.Post(register.Host, calendar, "text/calendar", mapping, ""));
        var lines = await Imports.Ended(
            register.Host,
            await Imports.Post(register.Host, [.. "{}\n{\"command\":\""u8, 0xE9, .. "\"}"u8], "application/x-ndjson", "")
        );

        foreach (var answer in new[] { import, lines })
            (answer.Json.Text("encoding"), answer.Json.Text("encodingBasis")).ShouldBe(("utf-8", "format"), answer.Text);
        Counts(lines).Refused.ShouldBe(2);
    }

    [Fact]
    public async Task A_stray_byte_costs_its_row_and_says_where_it_is()
    {
        var import = await Kind(
            [.. "id;shortName;name\n"u8, .. Encoding.UTF8.GetBytes("o1;D;Łódź\no2;E;Caf"), 0xE9, .. "\n"u8],
            "text/csv"
        );

        (await Names(import)).ShouldBe(["Łódź"]);
        Refusals(import).ShouldBe([(3, "name")]);
    }

    [Fact]
    public async Task A_quote_that_swallows_the_rest_fails_the_import_and_keeps_what_came_before()
    {
        var lines = Enumerable.Range(1, 200).Select(i => i == 5 ? "o5;\"Alpha Board;B5" : $"o{i};Board {i};B{i}");
        var file = Encoding.UTF8.GetBytes($"id;name;shortName\n{string.Join('\n', lines)}\n");

        var partial = await Kind(file, "text/csv");
        var atomic = await Kind(file, "text/csv", "&mode=atomic", system: _system + "a");

        (partial.Json.Text("state"), Counts(partial)).ShouldBe(("failed", (5, 4, 1, 0, 4)), partial.Text);
        partial.Json.Text("reason").ShouldContain("lines 6 to 201");
        Refusals(partial).ShouldBe([(6, "name")]);
        (atomic.Json.Text("state"), Counts(atomic)).ShouldBe(("failed", (5, 0, 1, 0, 0)), atomic.Text);
    }

    [Fact]
    public async Task Empty_rows_are_skipped_also_where_all_or_nothing_is_recorded()
    {
        var import = await Kind("id;name;shortName\no1;Ferry Board;FB\n;;\n"u8.ToArray(), "text/csv", "&mode=atomic");

        (import.Json.Text("state"), Counts(import)).ShouldBe(("completed", (2, 1, 0, 1, 1)), import.Text);
    }

    [Fact]
    public async Task The_position_of_an_import_is_where_its_figures_are()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = Held(cooperation);
        var file = Encoding.UTF8.GetBytes("no,day\n" + string.Join('\n', Enumerable.Range(1, 40).Select(i => $"{i},{2013 + (i % 5)}")));

        var first = await Imports.Ended(register.Host, await Imports.Post(register.Host, file, "text/csv", mapping, ""));
        var again = await Imports.Ended(register.Host, await Imports.Post(register.Host, file, "text/csv", mapping, ""));
        var dryRun = await Imports.Ended(register.Host, await Imports.Post(register.Host, file, "text/csv", mapping, "dryRun=true"));

        var last = await register.Host.Database.Scalar<long>(
            "select max(seq_id) from register.mt_events where correlation_id = $1",
            first.Json.Text("id")
        );
        (first.Position, first.PositionHeader).ShouldBe((last, last));
        again.Position.ShouldBe(last);
        (dryRun.Json["position"], dryRun.Header("Cooperation-Position")).ShouldBe((null, null));
        var figures = await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", first.Position, "analyst");
        figures.Json["meetingsHeld"]!.GetValue<int>().ShouldBe(40);
    }

    [Fact]
    public async Task A_dry_run_of_all_or_nothing_says_that_nothing_would_be_recorded()
    {
        var import = await Kind(
            "id;name;shortName\no1;Ferry Board;FB\no2;Dock Board;\n"u8.ToArray(),
            "text/csv",
            "&mode=atomic&dryRun=true"
        );

        (import.Json.Text("state"), Counts(import)).ShouldBe(("refused", (2, 0, 1, 0, 0)), import.Text);
        import.Json.Text("reason").ShouldBe("1 of 2 rows was refused, so none would be recorded.");
    }

    [Fact]
    public async Task A_row_that_differs_from_what_is_recorded_says_what_differs()
    {
        var import = await Kind("id;name;shortName\no1;Ferry Board;FB\no1;Dock Board;FB\n"u8.ToArray(), "text/csv");

        var refusal = import.Json["refusals"]!.AsArray().Single()!;
        (refusal["row"]!.GetValue<int>(), refusal.Text("field"), refusal.Text("recorded"), refusal.Text("sent")).ShouldBe(
            (3, "name", "\"Ferry Board\"", "\"Dock Board\""),
            import.Text
        );
        refusal["record"]!.GetValue<Guid>().ShouldNotBe(Guid.Empty);
    }

    /// <summary>One table with all of it: its organisation, meeting and person stand in every row.</summary>
    [Fact]
    public async Task A_flat_table_is_imported_again_after_what_it_tells_of_was_corrected_here_and_there()
    {
        var cooperation = await Cooperation.Start(register.Host);
        string[] first = ["7,DG DEVCO,m1,Kick-of,2018-05-01,p1,Ana Sliva", "7,DG DEVCO,m1,Kick-of,2018-05-01,p2,Ben Okafor"];
        var imported = await Flat(first);
        Of(imported).ShouldBe((2, 0, 7), imported.Text);
        var (organisation, meeting, person) = (
            await Recorded("organisations", "7"),
            await Recorded("meetings", "m1"),
            await Recorded("people", "p1")
        );
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = organisation,
                party = "EU",
                joinedOn = "2012-07",
            }
        );
        await cooperation.Do(
            $"/v1/organisations/{organisation}/rename",
            new
            {
                name = "DG INTPA",
                shortName = "DG INTPA",
                on = "2021-01",
            }
        );
        await cooperation.Do($"/v1/meetings/{meeting}/correct", new { title = "Kick-off", reason = "Misspelt" });
        await cooperation.Do($"/v1/people/{person}/correct", new { name = "Ana Silva", reason = "Misspelt" });

        var same = await Flat(first);
        var now = await Flat(
            "7,DG INTPA,m1,Kick-off,2018-05-01,p1,Ana Silva",
            "7,DG INTPA,m1,Kick-off,2018-05-01,p2,Ben Okafor",
            "7,DG INTPA,m1,Kick-off,2018-05-01,p3,Cem Yilmaz",
            "7,DG INTPA,m2,Second meeting,2019-05-01,p1,Ana Silva"
        );
        var neither = await Flat("7,DG DEVCO,m1,Kick-offs,2018-05-01,p1,Ana Silva");

        Of(same).ShouldBe((2, 0, 0), same.Text);
        Of(now).ShouldBe((4, 0, 5), now.Text);
        var refusal = neither.Json["refusals"]!.AsArray().ShouldHaveSingleItem()!;
        (refusal.Text("field"), refusal.Text("recorded"), refusal.Text("sent")).ShouldBe(("title", "\"Kick-off\"", "\"Kick-offs\""));
        refusal["record"]!.GetValue<Guid>().ShouldBe(meeting);
        var figures = await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", now.Position, "analyst");
        (figures.Json["meetingsHeld"]!.GetValue<int>(), figures.Json["attendances"]!.GetValue<int>()).ShouldBe((2, 4));

        static (long Rows, long Refused, long Events) Of(Answer import)
        {
            var counts = Counts(import);
            return (counts.Rows, counts.Refused, counts.Events);
        }

        async Task<Answer> Flat(params string[] rows) =>
            await Imports.Ended(
                register.Host,
                await Imports.Post(
                    register.Host,
                    Encoding.UTF8.GetBytes("org,name,meeting,title,day,person,who\n" + string.Join('\n', rows) + "\n"),
                    "text/csv",
                    FlatMapping(cooperation),
                    ""
                )
            );

        async Task<Guid> Recorded(string list, string id)
        {
            var path = $"/v1/{list}?system={_system}&id={id}&minPosition={imported.Position}";
            var items = (await register.Host.Get(path, "secretariat")).ShouldBeRead()["items"]!.AsArray();
            return items.ShouldHaveSingleItem()!["id"]!.GetValue<Guid>();
        }
    }

    /// <summary>A meeting is scheduled, or recorded as held: what it was is said of the row, and not of a column that is right.</summary>
    [Fact]
    public async Task A_row_of_a_meeting_that_was_created_by_the_other_command_is_repeated_or_told_what_to_send()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (meeting, past) = (Guid.NewGuid(), Guid.NewGuid());
        (await Row(meeting, "meetings")).Json["accepted"]!.GetValue<int>().ShouldBe(1);
        (await Row(past, "held-meetings")).Json["accepted"]!.GetValue<int>().ShouldBe(1);

        var refusal = (await Row(meeting, "held-meetings")).Json["refusals"]!.AsArray().Single()!;
        refusal["field"].ShouldBeNull();
        refusal.Text("type").ShouldBe("/problems/id-in-use");
        refusal.Text("reason").ShouldContain("a meeting was scheduled");
        refusal["record"]!.GetValue<Guid>().ShouldBe(meeting);

        await cooperation.Do($"/v1/meetings/{meeting}/hold", new { });
        foreach (
            var (id, kind, words) in new[] { (meeting, "held-meetings", "a meeting was scheduled"), (past, "meetings", "had been held") }
        )
        {
            var same = await Row(id, kind);
            (same.Json["unchanged"]!.GetValue<int>(), same.Json["events"]!.GetValue<int>()).ShouldBe((1, 0), same.Text);
            var another = (await Row(id, kind, "Another")).Json["refusals"]!.AsArray();
            another.Select(r => r!["field"]?.GetValue<string>()).ShouldBe([null, "title"]);
            another[0]!.Text("reason").ShouldContain(words);
        }

        async Task<Answer> Row(Guid id, string kind, string title = "Fifth meeting")
        {
            var file = $"id;title;framework;level;start\n{id};{title};{cooperation.Framework};senior-officials;2018-04-04\n";
            return await Imports.Ended(
                register.Host,
                await Imports.Post(register.Host, Encoding.UTF8.GetBytes(file), "text/csv", $"kind={kind}")
            );
        }
    }

    [Fact]
    public async Task Topics_under_a_framework_without_areas_are_refused_in_words()
    {
        var body = Cooperation.Agreement();
        body.Remove("areas");
        var framework = (await register.Host.Post("/v1/frameworks", body)).ShouldBeAccepted(201).Id;
        var answer = await register.Host.Post(
            "/v1/meetings",
            new
            {
                title = "T",
                frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                start = "2018",
                topics = new[] { "fish" },
            }
        );

        answer.ShouldBeProblem(422, "unknown-area", "/topics/0");
        answer.Text.ShouldContain("There are no areas");
    }

    [Fact]
    public async Task Dates_are_never_guessed_between_two_forms()
    {
        var mapping =
            """{"command": "hold-meeting", "dates": ["dd/MM/yyyy", "MM/dd/yyyy"], "fields": {"/meetingId": "m", "/heldFrom": "day"}}""";

        (await Imports.Post(register.Host, "m,day\n"u8.ToArray(), "text/csv", mapping, "")).ShouldBeProblem(
            422,
            "invalid",
            "/mapping/dates"
        );
    }

    /// <summary>A table as spreadsheets save it as Unicode text: UTF-16 with its mark, and tabs.</summary>
    private static byte[] UnicodeText(string table) => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(table)];

    private static byte[] Windows(int codePage, string text)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding(codePage).GetBytes(text);
    }

    private static (long Rows, long Accepted, long Refused, long Skipped, long Events) Counts(Answer import)
    {
        return (Of("rows"), Of("accepted"), Of("refused"), Of("skipped"), Of("events"));

        long Of(string name) => import.Json[name]!.GetValue<long>();
    }

    private static IEnumerable<(long Row, string? Field)> Refusals(Answer import) =>
        import.Json["refusals"]!.AsArray().Select(r => (r!["row"]!.GetValue<long>(), r["field"]?.GetValue<string>()));

    private string Held(Cooperation cooperation) =>
        new JsonObject
        {
            ["command"] = "record-held-meeting",
            ["fields"] = new JsonObject
            {
                ["/title"] = new JsonObject { ["value"] = "Meeting {no}" },
                ["/externalReference"] = new JsonObject
                {
                    ["value"] = new JsonObject { ["system"] = _system, ["id"] = "{no}" },
                },
                ["/frameworks"] = new JsonObject { ["value"] = Cooperation.Under(cooperation.Framework, "senior-officials") },
                ["/start"] = "day",
            },
        }.ToJsonString();

    private string FlatMapping(Cooperation cooperation) =>
        $$$"""
            {"system": "{{{_system}}}", "commands": [
              {"command": "register-organisation", "fields": {"/name": "name", "/shortName": "name",
                "/externalReference": {"value": {"system": "{{{_system}}}", "id": "{org}" } } } },
              {"command": "record-held-meeting", "fields": {"/title": "title", "/start": "day",
                "/externalReference": {"value": {"system": "{{{_system}}}", "id": "{meeting}" } },
                "/frameworks/0/frameworkId": {"value": "{{{cooperation.Framework}}}" },
                "/frameworks/0/level": {"value": "senior-officials" } } },
              {"command": "register-person", "fields": {"/name": "who",
                "/externalReference": {"value": {"system": "{{{_system}}}", "id": "{person}" } } } },
              {"command": "record-attendance", "fields": {"/meetingId": "meeting", "/attendees/0/personId": "person",
                "/attendees/0/organisationId": "org", "/attendees/0/status": {"value": "attended" } } }] }
            """;

    private async Task<Answer> Kind(byte[] file, string type, string query = "", string? system = null) =>
        await Imports.Ended(
            register.Host,
            await Imports.Post(register.Host, file, type, $"kind=organisations&system={system ?? _system}{query}")
        );

    private async Task<IEnumerable<string>> Names(Answer import) =>
        (
            await register.Host.Database.Rows(
                "select data->>'name' from register.mt_events where correlation_id = $1 order by seq_id",
                import.Json.Text("id")
            )
        ).Select(row => (string)row[0]!);
}
