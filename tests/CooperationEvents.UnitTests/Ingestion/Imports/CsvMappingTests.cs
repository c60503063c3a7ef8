using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;
using CsCheck;

namespace CooperationEvents.UnitTests.Ingestion.Imports;

public sealed class CsvMappingTests
{
    private const string FirstOrganisation = "0192f0c0-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("dd/MM/yyyy", "MM/dd/yyyy")]
    [InlineData("d.M.yyyy", "M.d.yyyy")]
    [InlineData("yyyy-MM-dd", "yyyy-dd-MM")]
    [InlineData("dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm")]
    [InlineData("yyyyMMdd", "yyyyddMM")]
    [InlineData("dd/MM/yyyy HH:mm", "MM/dd/yyyy")]
    [InlineData("HH:mm:ss dd/MM/yyyy", "MM/dd/yyyy HH:mm")]
    public void Two_forms_that_read_one_date_differently_are_refused(string first, string second)
    {
        foreach (var forms in new[] { new[] { first, second }, [second, "yyyy.MM", first] })
        {
            var problem = Mapping(dates: forms).Problem;

            problem.ShouldNotBeNull();
            problem.Errors.Single().Pointer.ShouldBe("/dates");
            problem.Detail.ShouldContain("two different dates");
        }
    }

    [Theory]
    [InlineData("dd/MM/yy")]
    [InlineData("yy")]
    [InlineData("d.M.yyy")]
    public void A_year_of_fewer_than_four_digits_is_refused(string form)
    {
        var problem = Mapping(dates: [form]).Problem;

        problem!.Errors.Single().Pointer.ShouldBe("/dates");
        problem.Detail.ShouldContain("four digits");
    }

    [Theory]
    [InlineData("dd/MM/yyyy", "d/M/yyyy")]
    [InlineData("dd/MM/yyyy", "dd.MM.yyyy")]
    [InlineData("dd.MM.yyyy", "yyyy")]
    [InlineData("dd/MM/yyyy", "dd/MM/yyyy HH:mm")]
    [InlineData("MM/dd/yyyy HH:mm", "dd.MM.yyyy")]
    [InlineData("dd MMM yyyy", "dd MMMM yyyy")]
    [InlineData("yyyyMMdd", "yyyy")]
    public void Forms_that_never_differ_stand_beside_each_other(string first, string second) =>
        Mapping(dates: [first, second]).Problem.ShouldBeNull();

    [Fact]
    public void A_date_is_read_back_from_any_form_it_is_written_in() =>
        Gen.Select(
                Any("dd/MM/yyyy", "yyyy-dd-MM", "d.M.yyyy", "MM/dd/yyyy", "yyyyMMdd", "dd MMM yyyy"),
                Gen.DateTime[new DateTime(1950, 1, 1), new DateTime(2040, 1, 1)]
            )
            .Sample(
                (form, day) =>
                {
                    var row = Row(Mapping(dates: [form]), ("day", day.ToString(form, System.Globalization.CultureInfo.InvariantCulture)));

                    ((RecordHeldMeeting)row.Commands.Single().Command)
                        .Start.ToString()
                        .ShouldBe(day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                }
            );

    [Theory]
    [InlineData("31/02/2026")]
    [InlineData("12-01-2026")]
    [InlineData("soon")]
    public void A_cell_that_is_no_date_of_the_stated_form_is_told_about_that_form(string cell)
    {
        var error = Row(Mapping(dates: ["dd/MM/yyyy"]), ("day", cell)).Faults.Single().Errors.Single();

        error.Pointer.ShouldBe("day");
        error.Detail.ShouldContain("dd/MM/yyyy");
        error.Detail.ShouldNotContain("2018-04");
    }

    [Fact]
    public void Our_form_is_not_read_beside_one_that_reads_it_differently()
    {
        foreach (var form in new[] { "yyyy-dd-MM", "yyyy-dd-MM HH:mm" })
            Row(Mapping(dates: [form]), ("day", "2018-04-13")).Faults.Single().Errors.Single().Pointer.ShouldBe("day");
    }

    [Fact]
    public void Dates_within_a_constant_are_read_in_the_stated_form_too()
    {
        var mapping = Read(
            new JsonObject
            {
                ["command"] = "register-person",
                ["dates"] = "dd.MM.yyyy",
                ["system"] = "crm",
                ["fields"] = JsonNode.Parse(
                    """{"/name": "name", "/affiliation": {"value": {"organisationId": "{org}", "from": "{since}"}}}"""
                ),
            }
        );

        var person = (RegisterPerson)Row(mapping, ("name", "Ana"), ("org", "o1"), ("since", "03.05.2013")).Commands.Single().Command;

        person.Affiliation!.From.ToString().ShouldBe("2013-05-03");
        person.Affiliation.OrganisationId.External.ShouldBe(new ExternalReference("crm", "o1"));
        Row(mapping, ("name", "Ana"), ("org", "o1"), ("since", "2013-13")).Faults.Single().Errors.Single().Pointer.ShouldBe("since");
    }

    [Fact]
    public void A_text_that_is_too_long_is_blamed_on_all_the_columns_it_is_made_of()
    {
        var mapping = Meetings("""{"/externalReference": {"value": {"system": "desk", "id": "{day}-{title}"}}, "/title": "short"}""");

        var error = Row(mapping, ("day", "2018"), ("title", new string('x', 300)), ("short", "S")).Faults.Single().Errors.Single();

        error.Pointer.ShouldBe("/externalReference/id");
        error.Detail.ShouldContain("'day', 'title'");
    }

    [Fact]
    public void What_is_too_long_is_cut_or_hashed_by_the_mappings_word()
    {
        var mapping = Meetings(
            """{"/externalReference": {"value": {"system": "desk", "id": "{day}-{title}"}, "tooLong": "hash"}, "/title": {"column": "title", "tooLong": "cut"}}"""
        );
        RecordHeldMeeting Of(string title) => (RecordHeldMeeting)Row(mapping, ("day", "2018"), ("title", title)).Commands.Single().Command;

        var (first, second, again) = (Of(new string('x', 400) + "1"), Of(new string('x', 400) + "2"), Of(new string('x', 400) + "1"));

        first.ExternalReference!.Id.Length.ShouldBe(200);
        first.ExternalReference.ShouldBe(again.ExternalReference);
        first.ExternalReference.ShouldNotBe(second.ExternalReference);
        first.Title.Length.ShouldBeLessThanOrEqualTo(500);
        Of("Short").ExternalReference!.Id.ShouldBe("2018-Short");
    }

    [Fact]
    public void A_text_that_is_too_long_is_hashed_alike_however_its_letters_are_composed()
    {
        var mapping = Meetings(
            """
            {"/title": {"value": "Meeting"},
                "/externalReference": {"value": {"system": "desk", "id": "{title}"}, "tooLong": "hash"}}
            """
        );
        ExternalReference Of(string title) =>
            ((RecordHeldMeeting)Row(mapping, ("day", "2018"), ("title", title)).Commands.Single().Command).ExternalReference!;

        Of(string.Concat(Enumerable.Repeat("mu\u0308ller ", 40))).ShouldBe(Of(string.Concat(Enumerable.Repeat("m\u00fcller ", 40))));
        Of("A\r\n" + new string('b', 300)).ShouldBe(Of("A " + new string('b', 300)));
        Of("A\r\n" + new string('b', 198)).Id.ShouldBe("A " + new string('b', 198));
    }

    /// <summary>Whatever the order in which the mapping names them.</summary>
    [Theory]
    [InlineData("/hosts/0/organisationId", "/hosts/0/role", "/hosts/1/organisationId", "/hosts/1/role")]
    [InlineData("/hosts/0/organisationId", "/hosts/1/organisationId", "/hosts/0/role", "/hosts/1/role")]
    [InlineData("/hosts/1/role", "/hosts/0/role", "/hosts/1/organisationId", "/hosts/0/organisationId")]
    public void What_belongs_to_an_item_of_a_list_stays_with_it_where_another_is_left_empty(params string[] order)
    {
        var fields = new JsonObject(order.Select(pointer => KeyValuePair.Create(pointer, (JsonNode?)JsonValue.Create(pointer))));
        fields["/title"] = new JsonObject { ["value"] = "Meeting" };
        var mapping = Meetings(fields.ToJsonString());

        var only = (RecordHeldMeeting)
            Row(mapping, ("day", "2018"), ("/hosts/1/organisationId", FirstOrganisation), ("/hosts/1/role", "co-host"))
                .Commands.Single()
                .Command;
        var fault = Row(
            mapping,
            ("day", "2018"),
            ("/hosts/1/organisationId", FirstOrganisation),
            ("/hosts/1/role", "no role"),
            ("/hosts/0/organisationId", "")
        )
            .Faults.Single();

        only.Hosts!.Single().OrganisationId.Id.ShouldBe(Guid.Parse(FirstOrganisation));
        only.Hosts!.Single().Role.ShouldBe(HostRole.CoHost);
        fault.Errors.Single().Pointer.ShouldBe("/hosts/1/role");
    }

    /// <summary>The role of a host that is not named is of nobody, and not the next one's.</summary>
    [Fact]
    public void What_is_given_of_an_item_alone_is_refused_and_blamed_on_its_own_columns()
    {
        var mapping = Meetings(
            """
            {"/title": {"value": "Meeting"}, "/hosts/0/organisationId": "first", "/hosts/1/organisationId": "second", "/hosts/0/role": "as",
                "/hosts/1/role": "as too"}
            """
        );

        var error = Row(mapping, ("day", "2018"), ("second", FirstOrganisation), ("as", "chair")).Faults.Single().Errors.Single();

        error.Pointer.ShouldBe("first");
        error.Detail.ShouldBe("Must be filled where 'as' is.");
    }

    [Fact]
    public void A_constant_that_refers_to_a_record_of_the_system_is_read_so_inside_a_list_too()
    {
        var json = MeetingsJson(
            """
            {"/title": "title", "/attendees": {"column": "who", "split": ";",
                "each": {"personId": "{item}", "organisationId": "o1", "status": "attended"}}}
            """
        );
        json["system"] = "crm";

        var attendee = (
            (RecordHeldMeeting)Row(Read(json), ("day", "2018"), ("title", "T"), ("who", "p1")).Commands.Single().Command
        ).Attendees!.Single();

        attendee.OrganisationId.External.ShouldBe(new ExternalReference("crm", "o1"));
    }

    [Fact]
    public void An_id_is_never_cut() =>
        Read(
            JsonNode
                .Parse(
                    """
                    {"command": "register-person", "fields": {"/name": "name", "/externalReference": {"value": {"system": "s", "id": "{name}"}, "tooLong": "cut"}}}
                    """
                )!
                .AsObject()
        )
            .Problem!.Errors.Single()
            .Pointer.ShouldBe("/fields/~1externalReference");

    [Theory]
    [InlineData("SOM", "senior-officials")]
    [InlineData("", "technical-experts")]
    [InlineData("whatever", "technical-experts")]
    public void Values_have_a_default(string cell, string level)
    {
        var mapping = Meetings(
            """{"/title": "title"}""",
            """{"column": "who", "values": {"SOM": "senior-officials"}, "default": "technical-experts"}"""
        );

        ((RecordHeldMeeting)Row(mapping, ("day", "2018"), ("title", "T"), ("who", cell)).Commands.Single().Command)
            .Frameworks[0]
            .Level.ShouldBe(level);
    }

    [Fact]
    public void A_word_that_values_do_not_list_is_refused_with_those_they_list()
    {
        const string country = """{"/title": "title", "/country": {"column": "where", "values": {"Belgien": "BE", "Frankreich": "FR"}}}""";
        var mapping = Meetings(country);

        Fault("Narnia")
            .ShouldEndWith(
                " The word in the cell is none that 'values' lists, and was taken as it is. Listed are 'Belgien', 'Frankreich'."
            );
        Fault("Narnia").ShouldStartWith("Must be at most 2 characters; it is 6.");
        Row(mapping, ("day", "2018"), ("title", "T"), ("where", "DE")).Faults.ShouldBeEmpty();
        var level = Meetings("""{"/title": "title"}""", """{"column": "where", "values": {"SOM": "senior-officials"}}""");
        var unknown = new FieldError("/frameworks/0/level", "There is none.");
        Located(level, "SOM").ShouldBe("There is none.");
        Located(level, "Experts").ShouldStartWith("There is none. The word in the cell");

        string Fault(string where) =>
            Row(mapping, ("day", "2018"), ("title", "T"), ("where", where)).Faults.Single().Errors.Single(e => e.Pointer == "where").Detail;

        string Located((CsvMapping? Mapping, Problem? Problem) by, string where) =>
            Row(by, ("day", "2018"), ("title", "T"), ("where", where)).Commands.Single().Located(unknown).Detail;
    }

    [Theory]
    [InlineData("12,0")]
    [InlineData("1.234")]
    public void A_number_that_is_not_in_digits_alone_is_refused_with_how_to_write_it(string cell)
    {
        var mapping = Read(
            JsonNode
                .Parse(
                    """
                    {"system": "s", "command": "count-delegation", "fields": {"/meetingId": "m", "/organisationId": "o", "/count": "heads",
                      "/precision": {"value": "exact"}}}
                    """
                )!
                .AsObject()
        );

        var error = Row(mapping, ("m", "m1"), ("o", "o1"), ("heads", cell)).Faults.Single().Errors.Single();

        error.Pointer.ShouldBe("heads");
        error.Detail.ShouldBe(
            "Must be a whole number. Write it in digits alone, such as 1234: a comma or a point may be of thousands or of decimals."
        );
    }

    [Fact]
    public void One_row_makes_several_commands_and_people_of_a_list()
    {
        var mapping = Read(
            JsonNode
                .Parse(
                    """
                    {
                      "system": "s",
                      "commands": [
                        {"command": "register-organisation", "if": "org", "fields": {"/name": "org", "/shortName": "org", "/externalReference": {"value": {"system": "s", "id": "{org}"}}}},
                        {"command": "register-person", "each": {"column": "people", "split": ","}, "fields": {"/name": {"value": "{item}"}, "/externalReference": {"value": {"system": "s", "id": "{item}"}}}},
                        {"command": "record-attendance", "fields": {"/meetingId": "meeting",
                          "/attendees": {"column": "people", "split": ",", "each": {"personId": "{item}", "organisationId": "{org}", "status": "attended"}}}}
                      ]
                    }
                    """
                )!
                .AsObject()
        );

        var row = Row(mapping, ("org", "DG X"), ("people", "Ana, Ben,"), ("meeting", "m1"));

        row.Faults.ShouldBeEmpty();
        row.Commands.Select(c => c.Name).ShouldBe(["register-organisation", "register-person", "register-person", "record-attendance"]);
        row.Commands.Select(c => c.Command).OfType<RegisterPerson>().Select(p => p.Name).ShouldBe(["Ana", "Ben"]);
        var attendance = (RecordAttendance)row.Commands[^1].Command;
        attendance
            .Attendees.Select(a => a.PersonId.External)
            .ShouldBe([new ExternalReference("s", "Ana"), new ExternalReference("s", "Ben")]);
        attendance.Attendees.ShouldAllBe(a => a.OrganisationId.External == new ExternalReference("s", "DG X"));

        var faulty = Row(mapping, ("org", ""), ("people", new string('x', 201)), ("meeting", "m1"));
        faulty.Commands.ShouldBeEmpty();
        faulty
            .Faults.SelectMany(f => f.Errors)
            .ShouldContain(e => e.Pointer == "people" && e.Detail.StartsWith("register-person: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Public_text_that_looks_like_a_way_to_reach_somebody_is_noted_once_for_each_column_and_command()
    {
        var mapping = Read(
            JsonNode
                .Parse(
                    """
                    {
                      "system": "s",
                      "commands": [
                        {"command": "register-organisation", "fields": {"/name": "org", "/shortName": "org"}},
                        {"command": "register-person", "fields": {"/name": {"value": "Ada"}, "/email": "mail"}},
                        {"command": "set-agenda",
                         "fields": {"/meetingId": "meeting", "/items": {"column": "agenda", "split": ";", "each": {"title": "{item}"}}}}
                      ]
                    }
                    """
                )!
                .AsObject()
        );

        var row = Row(
            mapping,
            ("org", "DG X, +32 2 299 11 11"),
            ("mail", "ada@example.org"),
            ("meeting", "m1"),
            ("agenda", "a@b.org;c@d.org")
        );

        row.Faults.ShouldBeEmpty();
        row.Notes.Select(n => (n.Row, n.Kind, n.Field, n.Reason.Split(". ")[0]))
            .ShouldBe([
                (2, NoteKind.PublicText, "org", "register-organisation: This looks like a telephone number"),
                (2, NoteKind.PublicText, "agenda", "set-agenda: This looks like an e-mail address"),
            ]);
        Row(mapping, ("org", "DG X"), ("mail", "ada@example.org"), ("meeting", "m1"), ("agenda", "x")).Notes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"commands": []}""", "/commands")]
    [InlineData("""{"commands": [3]}""", "/commands/0")]
    [InlineData("""{"commands": [{"command": "paint", "fields": {}}]}""", "/commands/0/command")]
    [InlineData("""{"commands": [{"command": "hold-meeting", "fields": {"/x": "a"}}]}""", "/commands/0/fields/~1x")]
    [InlineData("""{"commands": [{"command": "hold-meeting", "fields": {"/meetingId": "a"}, "each": "a"}]}""", "/commands/0/each")]
    [InlineData("""{"commands": [{"command": "hold-meeting", "fields": {"/meetingId": "a"}, "dates": "yyyy"}]}""", "/commands/0/dates")]
    [InlineData("""{"command": "hold-meeting", "commands": [{"command": "hold-meeting", "fields": {"/meetingId": "a"}}]}""", "/command")]
    [InlineData("""{"command": "hold-meeting", "fields": {"/meetingId": {"column": "a", "tooLong": "drop"}}}""", "/fields/~1meetingId")]
    [InlineData("""{"command": "schedule-meeting", "fields": {"/frameworks/00/level": "a"}}""", "/fields/~1frameworks~100~1level")]
    [InlineData("""{"command": "schedule-meeting", "fields": {"/frameworks/1000/level": "a"}}""", "/fields/~1frameworks~11000~1level")]
    [InlineData("""{"command": "hold-meeting", "fields": {"/meetingId": {"column": "a", "default": 1}}}""", "/fields/~1meetingId")]
    public void What_is_wrong_in_a_mapping_is_said_by_its_place(string mapping, string pointer) =>
        Read(JsonNode.Parse(mapping)!.AsObject()).Problem!.Errors.Select(e => e.Pointer).ShouldContain(pointer);

    private static Gen<string> Any(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static (CsvMapping? Mapping, Problem? Problem) Mapping(string[] dates)
    {
        var json = MeetingsJson("""{"/title": {"value": "Meeting"}}""");
        json["dates"] = new JsonArray([.. dates.Select(d => JsonValue.Create(d))]);
        return Read(json);
    }

    private static (CsvMapping? Mapping, Problem? Problem) Meetings(string fields, string level = "{\"value\": \"experts\"}") =>
        Read(MeetingsJson(fields, level));

    private static JsonObject MeetingsJson(string fields, string level = "{\"value\": \"experts\"}")
    {
        var all = JsonNode.Parse(fields)!.AsObject();
        all["/start"] = "day";
        all["/frameworks/0/frameworkId"] = new JsonObject
        {
            ["value"] = new JsonObject { ["system"] = "s", ["id"] = "f" },
        };
        all["/frameworks/0/level"] = JsonNode.Parse(level);
        return new JsonObject { ["command"] = "record-held-meeting", ["fields"] = all };
    }

    private static (CsvMapping? Mapping, Problem? Problem) Read(JsonObject mapping) =>
        CsvMapping.Read(JsonSerializer.SerializeToElement(mapping));

    private static ImportRow Row((CsvMapping? Mapping, Problem? Problem) mapping, params (string Column, string Cell)[] cells)
    {
        mapping.Problem.ShouldBeNull();
        return mapping.Mapping!.Row(2, name => cells.FirstOrDefault(c => c.Column == name).Cell ?? "");
    }

    [Theory]
    [InlineData("Pr\u00e9sent", "Pre\u0301sent", false)]
    [InlineData("Online", "Online ", false)]
    [InlineData("Online", "On\u200bline", false)]
    [InlineData("Online", "ONLINE", true)]
    public void A_word_that_means_two_things_is_refused(string word, string other, bool areTwo)
    {
        foreach (var (first, second) in new[] { ("in-person", "online"), ("online", "online") })
        {
            var values = new JsonObject { [word] = first, [other] = second };
            var (_, problem) = CsvMapping.Read(
                JsonSerializer.SerializeToElement(
                    new JsonObject
                    {
                        ["command"] = "schedule-meeting",
                        ["fields"] = new JsonObject
                        {
                            ["/mode"] = new JsonObject { ["column"] = "mode", ["values"] = values },
                        },
                    }
                )
            );

            (problem is null).ShouldBe(areTwo || first == second);
            problem?.Errors.Single().Pointer.ShouldBe("/fields/~1mode");
        }
    }
}
