using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

public sealed class ImportTests(SharedRegister register)
{
    private readonly string _system = $"desk-{Guid.NewGuid():n}";

    [Fact]
    public async Task Lines_of_commands_are_recorded_in_their_order()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var file = Lines(
            ("register-person", new { name = "Grace Hopper", externalReference = Named("p1") }),
            ("record-held-meeting", Meeting(cooperation, "m1")),
            (
                "record-attendance",
                new
                {
                    meetingId = Named("m1"),
                    attendees = new[]
                    {
                        new
                        {
                            personId = Named("p1"),
                            organisationId = cooperation.Home,
                            status = "attended",
                        },
                    },
                }
            )
        );

        var import = await Import(file, "application/x-ndjson");

        import.Json.Text("state").ShouldBe("completed");
        Counts(import).ShouldBe((3, 3, 0, 0, 0, 4));
        var events = await register.Host.Database.Rows(
            "select type from register.mt_events where correlation_id = $1 order by seq_id",
            import.Json.Text("id")
        );
        events.Select(e => e[0]).ShouldBe(["person_registered", "meeting_scheduled", "meeting_held", "attendance_recorded"]);
    }

    [Fact]
    public async Task The_same_file_again_records_nothing()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var file = Lines(("record-held-meeting", Meeting(cooperation, "m1")), ("record-held-meeting", Meeting(cooperation, "m2")));
        Counts(await Import(file, "application/x-ndjson")).ShouldBe((2, 2, 0, 0, 0, 4));

        Counts(await Import(file, "application/x-ndjson")).ShouldBe((2, 2, 2, 0, 0, 0));
    }

    [Fact]
    public async Task A_file_whose_later_lines_correct_its_earlier_ones_is_repeated_whole()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (meetingId, personId, organisationId) = (Named("m1"), Named("p1"), cooperation.Home);
        var file = Lines(
            ("register-person", new { name = "Grace Hopper", externalReference = personId }),
            ("schedule-meeting", Meeting(cooperation, "m1")),
            (
                "hold-meeting",
                new
                {
                    meetingId,
                    heldFrom = "2018-04-04",
                    heldTo = "2018-04-06",
                    mode = "online",
                }
            ),
            (
                "record-attendance",
                new
                {
                    meetingId,
                    attendees = new[]
                    {
                        new
                        {
                            personId,
                            organisationId,
                            status = "attended",
                        },
                    },
                }
            ),
            (
                "count-delegation",
                new
                {
                    meetingId,
                    organisationId,
                    count = 7,
                    precision = "exact",
                }
            ),
            (
                "correct-meeting",
                new
                {
                    meetingId,
                    title = "Fifth meeting",
                    end = "2018-04-05",
                    mode = "hybrid",
                    reason = "Misread",
                }
            ),
            (
                "correct-attendance",
                new
                {
                    meetingId,
                    personId,
                    role = "expert",
                    reason = "Misheard",
                }
            ),
            (
                "count-delegation",
                new
                {
                    meetingId,
                    organisationId,
                    count = 9,
                    precision = "exact",
                    reason = "Badges",
                }
            )
        );
        Counts(await Import(file, "application/x-ndjson")).ShouldBe((8, 8, 0, 0, 0, 8));

        var again = await Import(file, "application/x-ndjson");

        Counts(again).ShouldBe((8, 8, 8, 0, 0, 0), again.Text);
    }

    [Fact]
    public async Task A_partial_import_records_what_it_can_and_reports_each_refused_row()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var good = Lines(("record-held-meeting", Meeting(cooperation, "m1")));
        var file = string.Join(
            '\n',
            good,
            "not json",
            "{\"command\":\"paint\",\"data\":{}}",
            Line("hold-meeting", new { meetingId = Named("m9") }),
            "",
            good.Replace("m1", "m2", StringComparison.Ordinal)
        );

        var import = await Import(file, "application/x-ndjson");

        import.Json.Text("state").ShouldBe("completed");
        Counts(import).ShouldBe((6, 2, 0, 3, 1, 4));
        Refusals(import).ShouldBe([(2, null), (3, "/command"), (4, "/data/meetingId")]);
        import.Json["refusals"]![2]!.Text("type").ShouldBe("/problems/not-found");
    }

    [Fact]
    public async Task An_atomic_import_with_a_refused_row_records_nothing_and_reports_it()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var file = Lines(
            ("register-person", new { name = "Grace Hopper", externalReference = Named("p1") }),
            ("record-held-meeting", Meeting(cooperation, "m1")),
            ("record-held-meeting", Meeting(cooperation, "m2", start: "2999")),
            (
                "record-attendance",
                new
                {
                    meetingId = Named("m1"),
                    attendees = new[]
                    {
                        new
                        {
                            personId = Named("p1"),
                            organisationId = cooperation.Home,
                            status = "attended",
                        },
                    },
                }
            )
        );

        var import = await Import(file, "application/x-ndjson", "mode=atomic");

        import.Json.Text("state").ShouldBe("refused");
        Counts(import).ShouldBe((4, 0, 0, 1, 0, 0));
        Refusals(import).ShouldBe([(3, "/data/start")]);
        (await Recorded(import)).ShouldBe(0);
        await Imports.LeaveNone(register.Host, "recording.rehearsed_event");
    }

    [Theory]
    [InlineData("mode=partial")]
    [InlineData("mode=atomic")]
    [InlineData("dryRun=true")]
    [InlineData("dryRun=true&mode=atomic")]
    public async Task Rows_say_what_they_record_that_may_be_recorded_already(string query)
    {
        var (known, twice, renamed, after) = ($"Ada {Letters()}", $"Ben {Letters()}", $"Board {Letters()}", $"Renamed {Letters()}");
        var first = (await register.Host.Post("/v1/people", new { name = known })).ShouldBeAccepted(201).Id;
        var board = (await register.Host.Post("/v1/organisations", new { name = renamed, shortName = "B" })).ShouldBeAccepted(201).Id;
        var file = Lines(
            ("register-person", new { name = known, externalReference = Named("p1") }),
            ("register-person", new { name = twice, externalReference = Named("p2") }),
            ("register-person", new { name = twice, externalReference = Named("p3") }),
            (
                "rename-organisation",
                new
                {
                    organisationId = board,
                    name = after,
                    on = "2020",
                }
            ),
            (
                "register-organisation",
                new
                {
                    name = renamed,
                    shortName = "B2",
                    externalReference = Named("o1"),
                }
            )
        );

        var import = await Import(file, "application/x-ndjson", query);

        import.Json.Text("state").ShouldBe("completed", import.ToString());
        import.Json["possibleDuplicates"]!.GetValue<long>().ShouldBe(2);
        var notes = import.Json["notes"]!.AsArray();
        notes
            .Select(n => (n!["row"]!.GetValue<long>(), n!.Text("kind")))
            .ShouldBe([(1L, "possible-duplicate"), (3L, "possible-duplicate")]);
        var one = notes[0]!["possibleDuplicates"]!.AsArray().ShouldHaveSingleItem()!;
        var other = notes[1]!["possibleDuplicates"]!.AsArray().ShouldHaveSingleItem()!;
        (one["id"]!.GetValue<Guid>(), one.Text("why")).ShouldBe((first, "same name"));
        other.Text("why").ShouldBe("same name");
        if (query.StartsWith("dryRun", StringComparison.Ordinal))
        {
            (notes[0]!["record"] ?? notes[1]!["record"] ?? other["id"]).ShouldBeNull();
            await Imports.LeaveNone(register.Host, "recording.rehearsed_likeness");
            return;
        }

        var recorded = await register.Host.Read($"/v1/people?system={_system}&id=p2", import.Json["position"]!.GetValue<long>(), "admin");
        recorded.ItemIds().ShouldBe([other["id"]!.GetValue<Guid>()]);
        recorded = await register.Host.Get($"/v1/people?system={_system}&id=p3", "admin");
        recorded.ItemIds().ShouldBe([notes[1]!["record"]!.GetValue<Guid>()]);
        var person = new { name = known, externalReference = Named("p1") };
        var repeated = (await register.Host.Post("/v1/people", person)).ShouldBeAccepted(201);
        repeated.Json["possibleDuplicates"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<Guid>().ShouldBe(first);
        (await Import(file, "application/x-ndjson")).Json["possibleDuplicates"]!.GetValue<long>().ShouldBe(0);
    }

    [Fact]
    public async Task A_line_or_a_row_names_the_member_or_column_of_a_record_that_is_unknown()
    {
        var unknown = Guid.NewGuid();
        var lines = await Import(Lines(("cancel-meeting", new { meetingId = unknown, reason = "no quorum" })), "application/x-ndjson");
        var table = await Import(
            Encoding.UTF8.GetBytes($"Which,Why\n{unknown},no quorum\n"),
            """{"command": "cancel-meeting", "fields": {"/meetingId": "Which", "/reason": "Why"}}""",
            "unknown.csv"
        );

        lines.Json["refusals"]![0]!.Text("field").ShouldBe("/data/meetingId", lines.ToString());
        table.Json["refusals"]![0]!.Text("field").ShouldBe("Which", table.ToString());
    }

    [Fact]
    public async Task An_atomic_import_without_a_refused_row_records_all()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var file = Lines([.. Enumerable.Range(1, 1200).Select(i => ("record-held-meeting", (object)Meeting(cooperation, $"m{i}")))]);

        var import = await Import(file, "application/x-ndjson", "mode=atomic");

        import.Json.Text("state").ShouldBe("completed");
        Counts(import).ShouldBe((1200, 1200, 0, 0, 0, 2400));
        var transactions = await register.Host.Database.Rows(
            "select count(*) from register.mt_events where correlation_id = $1 group by xmin",
            import.Json.Text("id")
        );
        transactions.ShouldAllBe(t => (long)t[0]! <= 1_000);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_become_of_each_row_and_records_nothing()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var file = Lines(
            (
                "register-person",
                new
                {
                    name = "Grace Hopper",
                    email = "grace@example.org",
                    externalReference = Named("p1"),
                }
            ),
            (
                "register-person",
                new
                {
                    name = "Grace Hopper",
                    email = "grace@example.org",
                    externalReference = Named("p1"),
                }
            ),
            ("register-person", new { name = "Other", externalReference = Named("p1") }),
            (
                "correct-person",
                new
                {
                    personId = Named("p1"),
                    name = "Grace B. Hopper",
                    reason = "full name",
                }
            ),
            ("record-held-meeting", Meeting(cooperation, "m1")),
            ("hold-meeting", new { meetingId = Named("m7") })
        );

        var import = await Import(file, "application/x-ndjson", "dryRun=true");

        import.Json.Text("state").ShouldBe("completed");
        Counts(import).ShouldBe((6, 4, 1, 2, 0, 4));
        Refusals(import).ShouldBe([(3, "/data/name"), (3, "/data/email"), (6, "/data/meetingId")]);
        (await Recorded(import)).ShouldBe(0);
        await Imports.LeaveNone(register.Host, "keys.person_key where person_id not in (select id from register.mt_streams)");
    }

    /// <summary>A transaction takes a thousand events. The next one finds what came before it, recorded or of a dry run alone.</summary>
    [Fact]
    public async Task A_file_of_more_than_one_transaction_holds_is_recorded_in_several_and_tried_so()
    {
        const int people = 100;
        const int meetings = 11;
        var cooperation = await Cooperation.Start(register.Host);
        var all = Enumerable.Range(1, people).Select(p => Named($"p{p}")).ToList();
        var attendees = all.Select(person => new
        {
            personId = person,
            organisationId = cooperation.Home,
            status = "attended",
        });
        var file = Lines([
            .. all.Select((person, i) => ("register-person", (object)new { name = $"Guest {i}", externalReference = person })),
            .. Enumerable.Range(1, meetings).Select(m => ("record-held-meeting", (object)Meeting(cooperation, $"m{m}", $"2018-05-{m:00}"))),
            .. Enumerable.Range(1, meetings).Select(m => ("record-attendance", (object)new { meetingId = Named($"m{m}"), attendees })),
        ]);
        const int rows = people + 2 * meetings;
        const int events = people + meetings * (2 + people);

        var dryRun = await Import(file, "application/x-ndjson", "dryRun=true");
        var import = await Import(file, "application/x-ndjson");

        Counts(dryRun).ShouldBe((rows, rows, 0, 0, 0, events));
        Counts(import).ShouldBe((rows, rows, 0, 0, 0, events));
        (
            await register.Host.Database.Scalar<long>(
                "select count(distinct xmin::text) from register.mt_events where correlation_id = $1",
                import.Json.Text("id")
            )
        ).ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_table_of_a_kind_needs_no_mapping()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var framework = await Referenced(cooperation);
        var organisations = await Import(
            "id;name;shortName\no1;European Border and Coast Guard Agency;FRONTEX\no2;\"Europol; The Hague\";EUROPOL\n",
            "text/csv",
            $"kind=organisations&system={_system}"
        );
        var people = await Import(
            "id,name,email,organisation,function,from\np1,Zoë Example,zoe@example.org,o1,Director,2015-03\np2,Ben Example,,o2,,\n",
            "text/csv",
            $"kind=people&system={_system}"
        );
        var meetings = await Import(
            $"id,title,framework,level,edition,start,mode\nm1,First,{framework},senior-officials,1,2018-04-04,in-person\nm2,Second,{framework},senior-officials,2,2019,online\n",
            "text/csv",
            $"kind=held-meetings&system={_system}"
        );
        var attendance = await Import(
            "meeting\tperson\torganisation\tstatus\trole\nm1\tp1\to1\tattended\tchair\nm1\tp2\to2\tabsent\t\n",
            "text/tab-separated-values",
            $"kind=attendance&system={_system}"
        );
        var commitments = await Import(
            $"id,framework,meeting,text,owner,dueOn\nc1,{framework},m1,Share data,o1,2019\nc2,{framework},,Train staff,o2,\n",
            "text/csv",
            $"kind=commitments&system={_system}"
        );

        foreach (var import in new[] { organisations, people, meetings, attendance, commitments })
            (import.Json.Text("state"), Counts(import).Accepted, Counts(import).Refused).ShouldBe(("completed", 2, 0), import.Text);
        var recorded = await register.Host.Database.Rows(
            "select type, data->>'role' from register.mt_events where correlation_id = $1 order by seq_id",
            attendance.Json.Text("id")
        );
        recorded.ShouldBe([
            ["attendance_recorded", "chair"],
            ["attendance_recorded", "delegate"],
        ]);
    }

    [Fact]
    public async Task A_mapping_says_how_any_table_becomes_commands()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = $$$"""
            {
              "command": "record-held-meeting",
              "system": "{{{_system}}}",
              "dates": ["dd.MM.yyyy", "yyyy"],
              "skip": {"state": ["planned"]},
              "fields": {
                "/title": {"value": "Meeting No {no}"},
                "/externalReference": {"value": {"system": "{{{_system}}}", "id": "{no}"}},
                "/frameworks/0/frameworkId": {"value": "{{{cooperation.Framework}}}"},
                "/frameworks/0/level": {"column": "who", "values": {"SOM": "senior-officials", "TEM": "technical-experts"}},
                "/frameworks/0/edition": "no",
                "/start": "day",
                "/topics": {"column": "topics", "split": "/", "each": "{item}"},
                "/venue": "place"
              }
            }
            """;
        mapping = mapping.Replace(
            $"\"value\": \"{cooperation.Framework}\"",
            $"\"value\": {{\"system\": \"{_system}\", \"id\": \"{await Referenced(cooperation)}\"}}",
            StringComparison.Ordinal
        );
        var table =
            "no;who;day;topics;place;state\r\n1;SOM;03.05.2013;migration/health;Bruxelles, "
            + "b\u00e2timent;held\r\n2;TEM;2014;;\"Gen\u00e8ve; "
            + "\"\"Palais\"\"\";held\r\n3;TEM;;;;held\r\n4;XYZ;2015;;;held\r\n5;SOM;2030;;;planned\r\n";

        // Written by an older program: not in UTF-8.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var import = await Import(Encoding.GetEncoding(1252).GetBytes(table), mapping, "meetings.csv");

        import.Json.Text("encoding").ShouldBe("windows-1252");
        Counts(import).ShouldBe((5, 2, 0, 2, 1, 4), import.Text);
        Refusals(import).ShouldBe([(4, "day"), (5, "who")]);
        var recorded = await register.Host.Database.Rows(
            "select data->>'title', data->>'start', data->>'venue', jsonb_array_length(data->'topics') from register.mt_events where "
                + "correlation_id = $1 and type = 'meeting_scheduled' order by seq_id",
            import.Json.Text("id")
        );
        recorded.ShouldBe([
            ["Meeting No 1", "2013-05-03", "Bruxelles, bâtiment", 2],
            ["Meeting No 2", "2014", "Genève; \"Palais\"", 0],
        ]);
    }

    [Fact]
    public async Task A_calendar_becomes_meetings_and_again_only_what_changed()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = new JsonObject
        {
            ["system"] = _system,
            ["frameworks"] = Cooperation.Under(cooperation.Framework, "technical-experts"),
            ["defaultTimeZone"] = "Europe/Brussels",
            ["window"] = new JsonObject { ["from"] = "2026-01-01", ["to"] = "2026-12-31" },
            ["attendees"] = new JsonObject
            {
                ["system"] = _system,
                ["organisations"] = new JsonArray(new JsonObject { ["domain"] = "iom.int", ["organisationId"] = cooperation.Iom }),
            },
        }.ToJsonString();
        string[] first =
        [
            "UID:a\r\nSEQUENCE:0\r\nSUMMARY:Visas\r\nDTSTART;TZID=Romance Standard Time:20260504T090000\r\nDTEND;TZID=Romance Standard "
                + "Time:20260504T110000\r\nATTENDEE;CN=Ana:mailto:ana@iom.int",
            "UID:b\r\nSUMMARY:Returns\r\nDTSTART;VALUE=DATE:20260601\r\nRRULE:FREQ=MONTHLY;COUNT=3",
        ];
        string[] second =
        [
            "UID:a\r\nSEQUENCE:1\r\nSUMMARY:Visas\r\nDTSTART;TZID=Romance Standard Time:20260505T090000\r\nDTEND;TZID=Romance Standard "
                + "Time:20260505T110000\r\nATTENDEE;CN=Ana;PARTSTAT=DECLINED:mailto:ana@iom.int",
            "UID:b\r\nSEQUENCE:1\r\nSUMMARY:Returns\r\nDTSTART;VALUE=DATE:20260601\r\nRRULE:FREQ=MONTHLY;COUNT=3\r\nEXDATE;VALUE=DATE:20260701",
        ];

        var imported = await Import(Calendar(first), mapping, "meetings.ics");
        var repeated = await Import(Calendar(first), mapping, "meetings.ics");
        var changed = await Import(Calendar(second), mapping, "meetings.ics");
        var stale = await Import(Calendar(first), mapping, "meetings.ics");

        (await Types(imported)).ShouldBe(
            [
                "meeting_scheduled",
                "person_registered",
                "affiliation_started",
                "attendance_registered",
                "meeting_scheduled",
                "meeting_scheduled",
                "meeting_scheduled",
            ],
            imported.Text
        );
        Counts(repeated).ShouldBe((4, 4, 4, 0, 0, 0), repeated.Text);
        (await Types(changed)).ShouldBe(["meeting_rescheduled", "registration_withdrawn", "meeting_cancelled"], changed.Text);
        Counts(stale).Events.ShouldBe(0, stale.Text);
        Notes(imported).ShouldBe((4, 0, 0, 0, 0, 0), imported.Text);
        Notes(repeated).ShouldBe((0, 0, 0, 0, 0, 0), repeated.Text);
        Notes(changed).ShouldBe((0, 1, 1, 0, 0, 0), changed.Text);
        stale.Json["older"]!.GetValue<long>().ShouldBe(2, stale.Text);
        stale.Json["notes"]!.AsArray().Select(n => n!.Text("kind")).ShouldBe(["older", "older"]);
        changed.Json["notes"]!.AsArray().Select(n => n!.Text("subject")).ShouldBe(["a", "b/20260701"]);
        imported.Json.Text("encoding").ShouldBe("utf-8");
        var moved = await register.Host.Database.Rows(
            "select data->>'start', data->>'timeZone' from register.mt_events where correlation_id = $1 and type = 'meeting_rescheduled'",
            changed.Json.Text("id")
        );
        moved.Single().ShouldBe(["2026-05-05T09:00", "Europe/Paris"]);
    }

    [Theory]
    [InlineData("{\"command\":\"paint\",\"fields\":{}}", "/mapping/command")]
    [InlineData("{\"command\":\"hold-meeting\",\"fields\":{\"/title\":\"x\"}}", "/mapping/fields/~1title")]
    [InlineData("{\"command\":\"hold-meeting\",\"fields\":{\"/meetingId\":{\"colum\":\"x\"}}}", "/mapping/fields/~1meetingId")]
    [InlineData("{\"command\":\"hold-meeting\",\"fields\":{\"/meetingId\":\"x\"},\"feilds\":1}", "/mapping/feilds")]
    [InlineData("{\"command\":\"hold-meeting\",\"dates\":\"tomorrow\",\"fields\":{\"/meetingId\":\"x\"}}", "/mapping/dates")]
    [InlineData("{\"command\":\"schedule-meeting\",\"dates\":\"dd/MM\",\"fields\":{\"/start\":\"a\"}}", "/mapping/dates")]
    [InlineData("{\"command\":\"schedule-meeting\",\"dates\":\"yyyy dd\",\"fields\":{\"/start\":\"a\"}}", "/mapping/dates")]
    [InlineData("{\"command\":\"schedule-meeting\",\"dates\":\"d\",\"fields\":{\"/start\":\"a\"}}", "/mapping/dates")]
    [InlineData("{\"command\":\"hold-meeting\",\"delimiter\":\"\\n\",\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/delimiter")]
    [InlineData("{\"command\":\"hold-meeting\",\"delimiter\":\"\\\"\",\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/delimiter")]
    [InlineData("{\"command\":\"hold-meeting\",\"system\":3,\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/system")]
    [InlineData("{\"command\":\"hold-meeting\",\"system\":\" \",\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/system")]
    [InlineData("{\"command\":\"hold-meeting\",\"system\":\"\\u200b\",\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/system")]
    [InlineData("{\"command\":\"hold-meeting\",\"system\":\"a\\u0000\",\"fields\":{\"/meetingId\":\"a\"}}", "/mapping/system")]
    [InlineData(
        "{\"command\":\"hold-meeting\",\"system\":\"01234567890123456789012345678901234567890123456789"
            + "012345678901234567890123456789012345678901234567890\",\"fields\":{\"/meetingId\":\"a\"}}",
        "/mapping/system"
    )]
    [InlineData(
        "{\"command\":\"schedule-meeting\",\"fields\":{\"/frameworks/-1/level\":\"a\"}}",
        "/mapping/fields/~1frameworks~1-1~1level"
    )]
    [InlineData(
        "{\"command\":\"schedule-meeting\",\"fields\":{\"/frameworks\":\"a\",\"/frameworks/0/level\":\"b\"}}",
        "/mapping/fields/~1frameworks~10~1level"
    )]
    [InlineData(
        "{\"command\":\"schedule-meeting\",\"fields\":{\"/externalReference/id\":\"a\",\"/externalReference\":\"b\"}}",
        "/mapping/fields/~1externalReference"
    )]
    public async Task A_mapping_that_is_wrong_is_refused_by_its_place(string mapping, string pointer)
    {
        using var form = Form("a,b\n1,2\n"u8.ToArray(), mapping, "x.csv");
        (await register.Host.Post("/v1/imports", form)).ShouldBeProblem(422, "invalid", pointer);
    }

    [Fact]
    public async Task A_table_without_a_column_of_its_mapping_fails_and_says_which()
    {
        var import = await Import(
            "a,b\n1,2\n"u8.ToArray(),
            "{\"command\":\"hold-meeting\",\"fields\":{\"/meetingId\":\"meeting\"}}",
            "x.csv"
        );

        import.Json.Text("state").ShouldBe("failed");
        import.Json.Text("reason").ShouldContain("'meeting'");
    }

    [Theory]
    [InlineData("%20")]
    [InlineData("%0A")]
    [InlineData("%E2%80%8B")]
    [InlineData("a%07")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    public async Task A_system_that_can_be_none_is_refused_when_the_file_is_posted(string system)
    {
        using var content = Content("id,name,shortName\no1,Ferry Board,FB\n"u8.ToArray(), "text/csv");
        (await register.Host.Post($"/v1/imports?kind=organisations&dryRun=true&system={system}", content)).ShouldBeProblem(
            422,
            "invalid",
            "/system"
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task An_empty_table_fails_and_says_so(string file)
    {
        var import = await Import(file, "text/csv", "kind=organisations");

        import.Json.Text("state").ShouldBe("failed");
        import.Json.Text("reason").ShouldBe("The file is empty: it holds no header row.");
    }

    /// <summary>A system that exports each night may have nothing to say.</summary>
    [Theory]
    [InlineData("application/x-ndjson", "")]
    [InlineData("text/csv", "id,name,shortName\n")]
    public async Task A_file_without_a_row_records_nothing_and_is_completed(string type, string file)
    {
        var import = await Import(file, type, type == "text/csv" ? "kind=organisations" : "");

        (import.Json.Text("state"), import.Json["rows"]!.GetValue<int>()).ShouldBe(("completed", 0));
    }

    [Theory]
    [InlineData("organisations.csv", 202)]
    [InlineData("ORGANISATIONS.CSV", 202)]
    [InlineData("organisations.xls", 202)]
    [InlineData("organisations.xlsx", 415)]
    public async Task A_table_that_a_browser_takes_for_one_of_Excel_is_told_by_its_name(string name, int status)
    {
        using var form = new MultipartFormDataContent
        {
            { Content("id,name,shortName\n"u8.ToArray(), "application/vnd.ms-excel"), "file", name },
        };
        (await register.Host.Post("/v1/imports?kind=organisations&dryRun=true", form)).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("text/csv", "", "before the part 'file'")]
    [InlineData("text/calendar", "", "before the part 'file'")]
    [InlineData("text/csv", "kind=people", "not both")]
    [InlineData("text/calendar", "kind=people", "no kind and no system")]
    public async Task A_mapping_that_is_not_used_is_told_where_it_belongs(string type, string query, string words)
    {
        using var mapping = Text("{}", "application/json");
        using var file = Content("a,b\n1,2\n"u8.ToArray(), type);
        using var form = new MultipartFormDataContent();
        if (query.Length > 0)
            form.Add(mapping, "mapping");
        form.Add(file, "file");
        if (query.Length == 0)
            form.Add(mapping, "mapping");

        var problem = await register.Host.Post($"/v1/imports?{query}", form);

        problem.ShouldBeAnyProblem().Status.ShouldBe(422);
        problem.Text.ShouldContain(words);
    }

    [Fact]
    public async Task A_mapping_with_half_of_a_surrogate_pair_is_refused()
    {
        using var form = Form("a,b\n1,2\n"u8.ToArray(), "{\"command\":\"hold-meeting\",\"fields\":{\"/meetingId\":\"\\ud800\"}}", "x.csv");
        (await register.Host.Post("/v1/imports", form)).ShouldBeProblem(400, "unreadable");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    [InlineData(-20)]
    [InlineData(-6)]
    public async Task A_form_that_breaks_off_is_refused_wherever_it_does(int length)
    {
        using var form = Form("a,b\n1,2\n"u8.ToArray(), "{\"command\":\"hold-meeting\",\"fields\":{\"/meetingId\":\"a\"}}", "x.csv");
        var whole = await form.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var half = Content(length < 0 ? whole[..^-length] : whole[..length], form.Headers.ContentType!.ToString());
        (await register.Host.Post("/v1/imports", half)).ShouldBeProblem(400, "unreadable");
    }

    [Fact]
    public async Task A_table_whose_header_holds_anything_fails_and_says_so()
    {
        using var content = Content("id,na\0me\nz1,a\n"u8.ToArray(), "text/csv");
        var import = await Ended(await register.Host.Post("/v1/imports?kind=people", content));

        import.Json.Text("state").ShouldBe("failed");
        import.Json.Text("reason").ShouldContain("'na\uFFFDme'");
    }

    [Theory]
    [InlineData("text/csv", "", 422)]
    [InlineData("text/csv", "kind=planets", 422)]
    [InlineData("application/x-ndjson", "kind=people", 422)]
    [InlineData("application/x-ndjson", "mode=some", 422)]
    [InlineData("application/x-ndjson", "dryrun=true", 422)]
    [InlineData("application/zip", "", 415)]
    public async Task What_cannot_be_imported_is_refused_at_once(string type, string query, int status)
    {
        using var content = Content("x"u8.ToArray(), type);
        (await register.Host.Post($"/v1/imports?{query}", content)).ShouldBeAnyProblem().Status.ShouldBe(status);
    }

    [Fact]
    public async Task An_import_is_shown_to_who_posted_it_and_to_administrators()
    {
        var import = await Import("", "application/x-ndjson");
        var path = $"/v1/imports/{import.Json.Text("id")}";

        (await register.Host.Get(path)).Status.ShouldBe(200);
        (await register.Host.Get(path, "admin")).Status.ShouldBe(200);
        (await register.Host.Get(path, "analyst")).ShouldBeProblem(403, "forbidden");
        (await register.Host.Get($"/v1/imports/{Guid.NewGuid()}")).ShouldBeProblem(404, "not-found");
        (await register.Host.Post($"{path}/cancel")).ShouldBeProblem(409, "import-ended");
    }

    [Fact]
    public async Task A_cancelled_import_keeps_what_it_recorded_and_records_no_more()
    {
        var cooperation = await Cooperation.Start(register.Host);
        const int Rows = 2_000;
        var file = Lines([.. Enumerable.Range(1, Rows).Select(i => ("record-held-meeting", (object)Meeting(cooperation, $"m{i}")))]);
        using var content = Content(Encoding.UTF8.GetBytes(file), "application/x-ndjson");
        string path;
        await using (var held = await HeldAppends.Of(register.Host.Database))
        {
            var posted = await register.Host.Post("/v1/imports", content);
            path = $"/v1/imports/{posted.Json.Text("id")}";
            await held.LetPassUntil(async () => (await register.Host.Get(path)).Json["rows"]!.GetValue<long>() > 0);

            // What is under way is recorded still.
            var cancelling = register.Host.Post($"{path}/cancel");
            await held.Awaited();
            await held.LetPass();
            (await cancelling).Json.Text("state").ShouldBe("cancelled");
        }

        var ended = await register.Host.Get(path);
        ended.Json["rows"]!.GetValue<long>().ShouldBeInRange(1, Rows - 1);
        (await Recorded(ended)).ShouldBe(ended.Json["events"]!.GetValue<long>());
        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from ingestion.import_piece where import_id = $1",
                Guid.Parse(ended.Json.Text("id"))
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task Refused_rows_are_read_page_by_page()
    {
        var import = await Import(string.Join('\n', Enumerable.Repeat("{}", 25)), "application/x-ndjson");
        var rows = new List<long>();
        var path = $"/v1/imports/{import.Json.Text("id")}?limit=10";
        for (var page = 0; page < 4 && path.Length > 0; page++)
        {
            var answer = await register.Host.Get(path);
            rows.AddRange(answer.Json["refusals"]!.AsArray().Select(r => r!["row"]!.GetValue<long>()));
            path = answer.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : "";
        }

        rows.ShouldBe(Enumerable.Range(1, 25).Select(i => (long)i));
    }

    [Fact]
    public async Task Nothing_personal_of_a_file_stands_in_a_table()
    {
        var secret = $"Secret{Guid.NewGuid():n}";
        await Import(
            Lines(
                (
                    "register-person",
                    new
                    {
                        name = secret,
                        email = $"{secret}@example.org",
                        externalReference = Named(secret),
                    }
                ),
                ("register-person", new { name = "Other", externalReference = Named(secret) }),
                ("withdraw-registration", new { meetingId = Guid.NewGuid(), personId = Named(secret + "x") })
            ),
            "application/x-ndjson",
            "dryRun=true"
        );
        var withoutHeader = await Import($"{secret},{secret}@example.org\n", "text/csv", "kind=people");

        withoutHeader.Json.Text("reason").ShouldContain(secret);
        (await register.Host.Database.Holding([secret])).ShouldBeEmpty();
    }

    /// <summary>A word that nothing else has; digits might look like a telephone number.</summary>
    private static string Letters() =>
        string.Concat(Guid.NewGuid().ToByteArray().Select(b => $"{(char)('a' + b / 16)}{(char)('a' + b % 16)}"));

    private static byte[] Calendar(params string[] events) =>
        Encoding.UTF8.GetBytes(
            $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{string.Concat(events.Select(e => $"BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n{e}\r\nEND:VEVENT\r\n"))}END:VCALENDAR\r\n"
        );

    private async Task<IEnumerable<string>> Types(Answer import) =>
        (
            await register.Host.Database.Rows(
                "select type from register.mt_events where correlation_id = $1 order by seq_id",
                import.Json.Text("id")
            )
        ).Select(row => (string)row[0]!);

    [Theory]
    [InlineData("file")]
    [InlineData("mapping")]
    [InlineData("notes")]
    public async Task Nothing_follows_the_file(string part)
    {
        var name = $"Once {Guid.NewGuid()}";
        var line = Line("register-organisation", new { name, shortName = "ONCE" });
        using var form = new MultipartFormDataContent
        {
            { Text(line, "application/x-ndjson"), "file", "history.ndjson" },
            {
                Text(Line("register-organisation", new { name = "Twice", shortName = "TWICE" }), "application/x-ndjson"),
                part,
                "more.ndjson"
            },
        };

        (await register.Host.Post("/v1/imports", form)).ShouldBeProblem(422, "invalid", "/" + part);

        (
            await register.Host.Database.Scalar<long>("select count(*) from register.mt_events where data::text like $1", $"%{name}%")
        ).ShouldBe(0);
        await Imports.LeaveNone(register.Host, "ingestion.import where state = 'uploading'");
    }

    private static StringContent Text(string text, string type) => new(text, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));

    private static ByteArrayContent Content(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private static MultipartFormDataContent Form(byte[] file, string mapping, string name) =>
        new() { { Text(mapping, "application/json"), "mapping" }, { Content(file, "application/octet-stream"), "file", name } };

    private static string Line(string command, object data) =>
        new JsonObject { ["command"] = command, ["data"] = data as JsonObject ?? Bodies.Of(data) }.ToJsonString();

    private static string Lines(params (string Command, object Data)[] rows) =>
        string.Join('\n', rows.Select(r => Line(r.Command, r.Data)));

    private static (long Rows, long Accepted, long Unchanged, long Refused, long Skipped, long Events) Counts(Answer import)
    {
        return (Of("rows"), Of("accepted"), Of("unchanged"), Of("refused"), Of("skipped"), Of("events"));

        long Of(string name) => import.Json[name]!.GetValue<long>();
    }

    private static (long New, long Changed, long Cancelled, long Older, long Missing, long PassedOver) Notes(Answer import)
    {
        return (Of("new"), Of("changed"), Of("cancelled"), Of("older"), Of("missing"), Of("passedOver"));

        long Of(string name) => import.Json[name]!.GetValue<long>();
    }

    private static IEnumerable<(long Row, string? Field)> Refusals(Answer import) =>
        import.Json["refusals"]!.AsArray().Select(r => (r!["row"]!.GetValue<long>(), r["field"]?.GetValue<string>()));

    private object Named(string id) => new { system = _system, id };

    private JsonObject Meeting(Cooperation cooperation, string id, string start = "2018-04-04") =>
        cooperation.Meeting(("externalReference", JsonSerializer.SerializeToNode(Named(id))), ("start", start));

    /// <summary>The external reference, in the system of this test, of a framework like that of the cooperation.</summary>
    private async Task<string> Referenced(Cooperation cooperation)
    {
        var body = Cooperation.Agreement();
        body["externalReference"] = JsonSerializer.SerializeToNode(Named("f1"));
        (await cooperation.Host.Post("/v1/frameworks", body)).ShouldBeAccepted(201);
        return "f1";
    }

    private Task<long> Recorded(Answer import) =>
        register.Host.Database.Scalar<long>("select count(*) from register.mt_events where correlation_id = $1", import.Json.Text("id"));

    private async Task<Answer> Import(string file, string type, string query = "")
    {
        using var content = Content(Encoding.UTF8.GetBytes(file), type);
        return await Ended(await register.Host.Post($"/v1/imports?{query}", content));
    }

    private async Task<Answer> Import(byte[] file, string mapping, string name)
    {
        using var form = Form(file, mapping, name);
        return await Ended(await register.Host.Post("/v1/imports", form));
    }

    private async Task<Answer> Ended(Answer posted)
    {
        posted.Status.ShouldBe(202, posted.ToString());
        posted.Header("Location").ShouldBe($"/v1/imports/{posted.Json.Text("id")}");
        Answer import = posted;
        await Wait.Until("the import's end", async () =>
        {
            import = await register.Host.Get(posted.Header("Location")!);
            return import.Json.Text("state") is "completed" or "refused" or "cancelled" or "failed";
        });
        return import;
    }
}
