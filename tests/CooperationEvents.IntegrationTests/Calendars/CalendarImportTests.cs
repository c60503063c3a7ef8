using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Calendars;

public sealed class CalendarImportTests(SharedRegister register)
{
    private readonly string _system = $"calendar-{Guid.NewGuid():n}";

    [Fact]
    public async Task Two_events_of_one_UID_are_one_however_often_they_are_imported()
    {
        var mapping = await Mapping();
        var file = Calendar(
            "UID:t\nSUMMARY:First\nDTSTART:20260204T080000Z",
            "UID:t\nSUMMARY:Second\nDTSTART:20260311T080000Z",
            "UID:s\nSUMMARY:Weekly\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=3",
            "UID:s\nSEQUENCE:1\nSUMMARY:Single\nDTSTART:20260420T080000Z"
        );

        var first = await Import(file, mapping);
        var again = await Import(file, mapping);

        first.Json["refusals"]!
            .AsArray()
            .Select(r => (r!["row"]!.GetValue<int>(), r.Text("field")))
            .ShouldBe([(2, "UID"), (4, "UID")], first.Text);
        first.Json["refusals"]![0]!.Text("reason").ShouldContain("UID t stands at line");
        (Count(first, "new"), Count(again, "events"), Count(again, "refused")).ShouldBe((4, 0, 2), again.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a UID that is too long for a reference ")]
    public async Task What_stands_under_another_spelling_of_a_UID_is_found_under_its_normal_form(string prefix)
    {
        prefix = string.Concat(Enumerable.Repeat(prefix, 6));
        var mapping = await Mapping(null, ("complete", true));
        var (normal, other) = ($"{prefix}m\u00FCller", $"{prefix}mu\u0308ller");
        await Import(Calendar($"UID:{normal}\nSEQUENCE:2\nSUMMARY:New\nDTSTART:20260204T080000Z"), mapping);
        await register.Host.Database.Rows(
            "update ingestion.calendar_entry set uid = $2, entry_id = $3 where system = $1 returning 1",
            _system,
            other,
            IdOf(other)
        );
        await register.Host.Database.Rows(
            "insert into ingestion.calendar_entry (system, entry_id, uid, sequence) values ($1, $2, $3, 1) returning 1",
            _system,
            IdOf($"{other}\u200b"),
            $"{other}\u200b"
        );

        var again = await Import(Calendar($"UID:{other}\nSEQUENCE:2\nSUMMARY:New\nDTSTART:20260204T080000Z"), mapping);
        var older = await Import(Calendar($"UID:{normal}\nSEQUENCE:1\nSUMMARY:Old\nDTSTART:20260204T080000Z"), mapping);

        (Count(again, "unchanged"), Count(again, "rows"), Count(again, "events")).ShouldBe((1, 1, 0), again.Text);
        (Count(older, "older"), Count(older, "rows"), Count(older, "events")).ShouldBe((1, 1, 0), older.Text);
        (await register.Host.Database.Rows("select uid from ingestion.calendar_entry where system = $1", _system))
            .ShouldHaveSingleItem()[0]
            .ShouldBe(normal);

        string IdOf(string uid) =>
            prefix.Length == 0 ? uid : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)))}";
    }

    [Fact]
    public async Task What_is_older_is_named_and_changes_nothing()
    {
        var mapping = await Mapping();
        await Import(Stamped("20250602T100000Z", "UID:d1\nSEQUENCE:0\nSUMMARY:New\nDTSTART:20260204T080000Z"), mapping);
        var older = await Import(Stamped("20250601T100000Z", "UID:d1\nSEQUENCE:0\nSUMMARY:Old\nDTSTART:20260204T080000Z"), mapping);

        (Count(older, "events"), Count(older, "older"), Count(older, "skipped")).ShouldBe((0, 1, 1), older.Text);
        var note = older.Json["notes"]!.AsArray().ShouldHaveSingleItem()!;
        (note.Text("kind"), note.Text("subject")).ShouldBe(("older", "d1"));

        await Import(Calendar("UID:s1\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=2"), mapping);
        Count(
                await Import(Calendar("UID:s1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=4"), mapping),
                "events"
            )
            .ShouldBe(0);

        var calledOff = await Import(Message("CANCEL", "UID:c\nSEQUENCE:2\nSUMMARY:x\nDTSTART:20260204T080000Z"), mapping);
        Count(calledOff, "passedOver").ShouldBe(1, calledOff.Text);
        Count(await Import(Message("REQUEST", "UID:c\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z"), mapping), "events").ShouldBe(0);
    }

    [Fact]
    public async Task What_one_event_comes_to_is_recorded_at_one_moment()
    {
        var people = string.Concat(Enumerable.Range(1, 5).Select(n => $"\nATTENDEE:mailto:p{n}@iom.int"));
        var import = await Import(Calendar($"UID:one\nSUMMARY:x\nDTSTART:20260204T080000Z{people}"), await Mapping());

        var times = await register.Host.Database.Scalar<long>(
            "select count(distinct timestamp) from register.mt_events where correlation_id = $1",
            import.Json.Text("id")
        );
        (times, Count(import, "new"), Count(import, "events")).ShouldBe((1, 1, 16), import.Text);
    }

    [Fact]
    public async Task A_cancellation_of_attendees_withdraws_these_alone()
    {
        var mapping = await Mapping();
        await Import(
            Message(
                "REQUEST",
                "UID:a1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:cy@iom.int"
            ),
            mapping
        );
        (
            await Types(
                await Import(Message("CANCEL", "UID:a1\nSEQUENCE:1\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int"), mapping)
            )
        ).ShouldBe(["registration_withdrawn"]);
        (
            await Types(
                await Import(
                    Message("REQUEST", "UID:a1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int"),
                    mapping
                )
            )
        ).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_was_called_off_before_the_request_came_is_registered_only_by_a_newer_one()
    {
        var mapping = await Mapping();
        const string Request = "SUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:cy@iom.int";
        const string Cancel = "UID:a2\nSEQUENCE:1\nDTSTART:20260204T080000Z\nATTENDEE:mailto:Ben@iom.int";
        var calledOff = await Import(Message("CANCEL", Cancel), mapping);
        (Count(calledOff, "events"), Count(calledOff, "passedOver"), Count(calledOff, "refused")).ShouldBe((0, 1, 0), calledOff.Text);

        var late = await Import(Message("REQUEST", $"UID:a2\nSEQUENCE:0\n{Request}"), mapping);
        (await Types(late)).ShouldBe(["meeting_scheduled", "person_registered", "affiliation_started", "attendance_registered"], late.Text);
        late.Json["notes"]!
            .AsArray()
            .Select(n => n!.Text("reason"))
            .ShouldContain(reason => reason.Contains("A newer revision called off 'ben@iom.int'.", StringComparison.Ordinal));
        (await Types(await Import(Message("REQUEST", $"UID:a2\nSEQUENCE:0\n{Request}"), mapping))).ShouldBeEmpty();

        var newer = await Import(Message("REQUEST", $"UID:a2\nSEQUENCE:2\n{Request}"), mapping);
        (await Types(newer)).ShouldBe(["person_registered", "affiliation_started", "attendance_registered"], newer.Text);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task A_calendar_in_UTF_16_that_says_so_is_read(string name)
    {
        var mapping = await Mapping();
        var encoding = Encoding.GetEncoding(name);
        var text = Encoding.UTF8.GetString(Calendar($"UID:{name}\nSUMMARY:Łódź\nDTSTART:20260204T080000Z"));

        var import = await Import([.. encoding.GetPreamble(), .. encoding.GetBytes(text)], mapping);
        var declared = await Import(encoding.GetBytes(text), mapping, $"text/calendar; charset={name}");

        (import.Json.Text("encoding"), import.Json.Text("encodingBasis"), Count(import, "new")).ShouldBe((name, "mark", 1), import.Text);
        (declared.Json.Text("encodingBasis"), Count(declared, "unchanged"), Count(declared, "refused")).ShouldBe(
            ("declared", 1, 0),
            declared.Text
        );
        var meeting = await Recorded(name);
        var read = await register.Host.Read($"/v1/meetings/{meeting}", declared.Json["position"]!.GetValue<long>(), "admin");
        read.ShouldBeRead().Text("title").ShouldBe("Łódź");
    }

    [Fact]
    public async Task Spellings_of_one_address_are_one_person_and_who_is_passed_over_is_named()
    {
        var mapping = await Mapping();
        var import = await Import(
            Calendar(
                "UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z\nATTENDEE;CN=Ana;EMAIL=\"mailto:ana@iom.int\":mailto:ana@iom.int\nATTENDEE:mailto:[",
                "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z\nATTENDEE;CN=Ana "
                    + "^'Nina^':MAILTO:Ana%40IOM.int\nATTENDEE:mailto:eve@elsewhere.example"
            ),
            mapping
        );

        (await Types(import)).Count(t => t == "person_registered").ShouldBe(1, import.Text);
        (Count(import, "new"), Count(import, "passedOver")).ShouldBe((2, 2), import.Text);
        import.Text.ShouldContain("eve@elsewhere.example");
    }

    [Fact]
    public async Task What_the_register_wrote_itself_records_nothing_however_it_is_mapped()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation);
        await cooperation.Schedule(("start", "2012-07"));
        await cooperation.Schedule(
            ("start", "2026-03-04T09:30"),
            ("end", "2026-03-05T00:00"),
            ("timeZone", "Europe/Brussels"),
            ("venue", "Berlaymont"),
            ("country", "BE")
        );
        var held = await cooperation.Schedule(("start", "2019-03-04"));
        await cooperation.Do($"/v1/meetings/{held.Id}/hold", new { heldFrom = "2019-03-05", heldTo = "2019-03-06" });
        var person = await cooperation.Person("Ana \"Nina\" Example");
        await cooperation.Do(
            $"/v1/meetings/{held.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "attended") } }
        );
        var cancelled = await cooperation.Schedule(("start", "2026-05-05"));
        var last = await cooperation.Do($"/v1/meetings/{cancelled.Id}/cancel", new { reason = "no quorum" });
        var calendar = Encoding.UTF8.GetBytes(
            (await register.Host.Read($"/v1/calendar.ics?framework={cooperation.Framework}", last.Position, "privacy")).Text
        );

        foreach (var _ in new[] { 1, 2 })
        {
            var import = await Import(calendar, mapping);
            (Count(import, "rows"), Count(import, "unchanged"), Count(import, "events")).ShouldBe((4, 4, 0), import.Text);
        }
    }

    [Theory]
    [InlineData("2026-03-29T01:45", "2026-03-29T02:30")]
    [InlineData("2026-03-29T02:30", "2026-03-29T03:30")]
    [InlineData("2026-03-29T02:30", "2026-03-29T04:00")]
    [InlineData("2026-03-29T03:15", "2026-03-29T02:30")]
    [InlineData("2026-10-25T02:15", "2026-10-25T02:30")]
    public async Task Times_that_the_clocks_leave_out_or_show_twice_come_back_as_they_went(string start, string end)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule(("start", start), ("end", end), ("timeZone", "Europe/Brussels"));
        var calendar = await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", meeting.Position);

        var import = await Import(Encoding.UTF8.GetBytes(calendar.Text), await Mapping(cooperation));

        (Count(import, "rows"), Count(import, "unchanged"), Count(import, "events")).ShouldBe((1, 1, 0), import.Text);
    }

    [Fact]
    public async Task A_meeting_and_an_event_that_end_before_they_begin_by_the_clocks_are_both_refused()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (start, end) = ("2026-03-29T02:30", "2026-03-29T03:15");
        (
            await register.Host.Post("/v1/meetings", cooperation.Meeting(("start", start), ("end", end), ("timeZone", "Europe/Brussels")))
        ).ShouldBeProblem(422, "invalid", "/end");

        var import = await Import(
            Calendar("UID:gap\nSUMMARY:G\nDTSTART;TZID=Europe/Brussels:20260329T023000\nDTEND;TZID=Europe/Brussels:20260329T031500"),
            await Mapping(cooperation)
        );

        Count(import, "refused").ShouldBe(1, import.Text);
    }

    [Fact]
    public async Task A_complete_file_cancels_what_it_lacks_and_never_what_was_held()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation);
        var complete = await Mapping(cooperation, ("complete", true));
        await Import(
            Calendar(
                "UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z",
                "UID:h\nSUMMARY:H\nDTSTART;VALUE=DATE:20250304",
                "UID:out\nSUMMARY:O\nDTSTART;VALUE=DATE:20300101"
            ),
            mapping
        );
        await cooperation.Do($"/v1/meetings/{await Recorded("h")}/hold", new { });
        var next = Calendar("UID:n\nSUMMARY:N\nDTSTART:20260304T080000Z");

        var named = await Import(next, mapping);
        (Count(named, "missing"), Count(named, "cancelled"), Count(named, "events")).ShouldBe((2, 0, 1), named.Text);
        var lacking = await Import(next, complete);
        (Count(lacking, "missing"), Count(lacking, "cancelled"), Count(lacking, "events")).ShouldBe((2, 1, 1), lacking.Text);
        (await Types(lacking)).ShouldBe(["meeting_cancelled"]);
        Count(await Import(next, complete), "missing").ShouldBe(0);
    }

    [Fact]
    public async Task What_a_calendar_moved_into_the_window_is_cancelled_once_its_series_ends_before()
    {
        var window = new JsonObject { ["from"] = "2026-03-01", ["to"] = "2026-03-15" };
        var mapping = await Mapping(null, ("window", window));
        const string Series = "UID:s\nSUMMARY:S\nDTSTART:20260304T080000Z\nRRULE:FREQ=WEEKLY;COUNT=";
        const string Moved = "UID:s\nSUMMARY:S\nRECURRENCE-ID:20260318T080000Z\nDTSTART:20260310T080000Z";
        Count(await Import(Calendar($"{Series}3", Moved), mapping), "new").ShouldBe(3);

        var shorter = await Import(Calendar($"{Series}2\nSEQUENCE:1"), mapping);

        (await Types(shorter)).ShouldBe(["meeting_cancelled"], shorter.Text);
        Count(await Import(Calendar($"{Series}2\nSEQUENCE:1"), mapping), "events").ShouldBe(0);
    }

    [Fact]
    public async Task A_complete_file_says_nothing_of_what_the_same_system_recorded_under_another_framework()
    {
        var (one, other) = (await Cooperation.Start(register.Host), await Cooperation.Start(register.Host));
        var mapping = await Mapping(one, ("complete", true));
        var ofOther = await Mapping(other, ("complete", true));
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z"), mapping);

        var import = await Import(Calendar("UID:o\nSUMMARY:O\nDTSTART:20260204T080000Z"), ofOther);
        (Count(import, "missing"), Count(import, "cancelled"), Count(import, "rows")).ShouldBe((0, 0, 1), import.Text);
        ofOther["complete"] = false;
        Count(await Import(Calendar("UID:o\nSUMMARY:O\nDTSTART:20260204T080000Z"), ofOther), "missing").ShouldBe(0);

        var lacking = await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z"), mapping);
        (Count(lacking, "missing"), Count(lacking, "cancelled")).ShouldBe((1, 1), lacking.Text);
    }

    [Theory]
    [InlineData("UID:b\r\nSUMMARY:B", "END:VEVENT")]
    [InlineData("UID:b\r\n", "END:VEVENT")]
    [InlineData("BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\nUID:b", "END:VCALENDAR")]
    public async Task A_file_that_is_cut_short_fails_wherever_that_is(string at, string awaited)
    {
        var mapping = await Mapping();
        var file = Encoding.UTF8.GetString(
            Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z")
        );
        var cut = file.IndexOf(at, StringComparison.Ordinal) + (awaited == "END:VEVENT" ? at.Length : 0);

        var import = await Import(Encoding.UTF8.GetBytes(file[..cut]), mapping);

        import.Json.Text("state").ShouldBe("failed", import.Text);
        import.Json.Text("reason").ShouldContain($"ends before {awaited}");
        import.Json.Text("reason").ShouldContain("cut short");
        Count(import, "new").ShouldBe(1, import.Text);
    }

    [Fact]
    public async Task By_the_mappings_word_words_cancel_empty_is_empty_and_late_changes_correct()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(
            cooperation,
            ("cancelledPrefixes", new JsonArray("ENTF\u00C4LLT")),
            ("emptyMeansEmpty", true),
            ("lateChanges", new JsonObject { ["reason"] = "The end was entered afterwards." })
        );
        await Import(
            Calendar(
                "UID:a\nSUMMARY:Sport\nLOCATION:Room 1\nDTSTART:20250204T080000Z\nDTEND:20250204T090000Z",
                "UID:b\nSUMMARY:Culture\nDTSTART:20260204T080000Z"
            ),
            mapping
        );
        await cooperation.Do($"/v1/meetings/{await Recorded("a")}/hold", new { });

        var late = Calendar(
            "UID:a\nSUMMARY:Sport\nDTSTART:20250204T080000Z\nDTEND:20250204T100000Z",
            "UID:b\nSUMMARY:ENTF\u00C4LLT - Culture\nDTSTART:20260204T080000Z"
        );
        var import = await Import(late, mapping);

        (await Types(import)).ShouldBe(["meeting_corrected", "meeting_cancelled"], import.Text);
        (Count(import, "changed"), Count(import, "cancelled")).ShouldBe((1, 1), import.Text);
        Count(await Import(late, mapping), "events").ShouldBe(0);
    }

    [Fact]
    public async Task Who_a_calendar_adds_to_a_meeting_that_was_held_is_named_until_it_is_recorded_whether_they_were_there()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation, ("lateChanges", new JsonObject { ["reason"] = "Entered afterwards." }));
        const string Event = "UID:a\nSUMMARY:Sport\nDTSTART:20250204T080000Z\nATTENDEE:mailto:ben@iom.int";
        await Import(Calendar(Event), mapping);
        var meeting = await Recorded("a");
        await cooperation.Do($"/v1/meetings/{meeting}/hold", new { });
        var more = Calendar($"{Event}\nSEQUENCE:1\nATTENDEE;CN=Cy:mailto:cy@iom.int");

        foreach (var _ in new[] { 1, 2 })
        {
            var import = await Import(more, mapping);
            (Count(import, "unchanged"), Count(import, "events"), Count(import, "passedOver")).ShouldBe((1, 0, 1), import.Text);
            import.Json["notes"]!.AsArray().Single()!.Text("reason").ShouldContain("'cy@iom.int' is not registered: the meeting was held.");
        }

        var person = (
            await register.Host.Post("/v1/people", new { name = "Cy", externalReference = new { system = _system, id = "cy@iom.int" } })
        )
            .ShouldBeAccepted(201)
            .Id;
        await cooperation.Do(
            $"/v1/meetings/{meeting}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "attended") } }
        );
        Count(await Import(more, mapping), "passedOver").ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_registered_for_another_organisation_than_the_calendar_says_stays_so_and_is_named()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation);
        var file = Calendar("UID:a\nSUMMARY:Sport\nDTSTART:20270204T080000Z\nATTENDEE:mailto:ben@iom.int");
        var first = await Import(file, mapping);
        Count(first, "passedOver").ShouldBe(0, first.Text);
        var meeting = await Recorded("a");
        mapping["attendees"]!["organisations"]![0]!["organisationId"] = cooperation.Home;

        foreach (var query in new[] { "?dryRun=true", "", "?mode=atomic" })
        {
            var import = await Import(file, mapping, query: query);
            (Count(import, "unchanged"), Count(import, "events"), Count(import, "passedOver")).ShouldBe((1, 0, 1), import.Text);
            var reason = import.Json["notes"]!.AsArray().ShouldHaveSingleItem()!.Text("reason");
            reason.ShouldContain($"'ben@iom.int' is registered for the organisation {cooperation.Iom}");
            reason.ShouldContain($"the mapping names {cooperation.Home}");
        }

        var person = await register.Host.Database.Scalar<Guid>(
            "select (data->>'personId')::uuid from register.mt_events where type = 'attendance_registered' and stream_id = $1",
            meeting
        );
        await cooperation.Do($"/v1/meetings/{meeting}/registrations", new { attendees = new[] { cooperation.Attendee(person) } });
        Count(await Import(file, mapping), "passedOver").ShouldBe(0);
    }

    [Theory]
    [InlineData("?dryRun=true", "completed")]
    [InlineData("?mode=atomic", "refused")]
    [InlineData("?mode=atomic&dryRun=true", "refused")]
    public async Task What_was_only_decided_is_said_as_what_would_be_and_counted(string query, string state)
    {
        var mapping = await Mapping(null, ("complete", true));
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z"), mapping);
        var file = Calendar(
            "UID:a\nSEQUENCE:1\nSUMMARY:A\nDTSTART:20260206T080000Z",
            "UID:c\nSUMMARY:C\nDTSTART:20260207T080000Z",
            "UID:d\nDTSTART:20260208T080000Z",
            "UID:e\nSTATUS:CANCELLED\nDTSTART:20260208T080000Z"
        );

        var import = await Import(file, mapping, query: query);

        import.Json.Text("state").ShouldBe(state, import.Text);
        var notes = import.Json["notes"]!.AsArray().ToLookup(n => n!.Text("kind"), n => n!.Text("reason"));
        notes["new"].ShouldHaveSingleItem().ShouldStartWith("Would be scheduled from ");
        notes["changed"].ShouldBe(["Would be brought in step with the calendar."]);
        notes["cancelled"].ShouldBe(["Would be cancelled as the calendar says."]);
        foreach (
            var (kind, number) in new[] { "new", "changed", "cancelled", "missing" }
                .Select(k => (k, k))
                .Append(("passed-over", "passedOver"))
        )
            Count(import, number).ShouldBe(notes[kind].Count(), $"{number}: {import.Text}");
        (await Types(import)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_moved_out_of_the_window_here_and_is_missing_from_a_complete_file_is_reported_and_stays()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation, ("complete", true));
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z"), mapping);
        var meeting = await Recorded("b");
        await cooperation.Do($"/v1/meetings/{meeting}/reschedule", new { start = "2031-02-05", reason = "No room." });
        var file = Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z");

        foreach (var _ in new[] { 1, 2 })
        {
            var import = await Import(file, mapping);
            (Count(import, "missing"), Count(import, "cancelled"), Count(import, "events")).ShouldBe((1, 0, 0), import.Text);
            var note = import.Json["notes"]!.AsArray().ShouldHaveSingleItem()!;
            (note.Text("kind"), note.Text("subject")).ShouldBe(("missing", "b"));
            note.Text("reason").ShouldContain("was moved out of the window here");
        }

        await cooperation.Do($"/v1/meetings/{meeting}/cancel", new { reason = "No room." });
        Count(await Import(file, mapping), "missing").ShouldBe(0);
    }

    [Fact]
    public async Task What_was_voided_is_named_once_where_a_complete_file_lacks_it_and_again_once_it_is_reinstated()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation, ("complete", true));
        const string B = "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z";
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", B), mapping);
        var meeting = await Recorded("a");
        await cooperation.Do($"/v1/meetings/{meeting}/void", new { reason = "Twice." });

        await IsNamed("It does not stand in this file, which is complete. The meeting was voided, and stays so.");
        Count(await Import(Calendar(B), mapping), "missing").ShouldBe(0);

        await cooperation.Do($"/v1/meetings/{meeting}/reinstate", new { reason = "Once." });
        foreach (var _ in new[] { 1, 2 })
            await IsNamed(
                "It does not stand in this file, nor in an earlier one, and is to come here again. It stays. Cancel it here if it does "
                    + "not take place."
            );

        await cooperation.Do($"/v1/meetings/{meeting}/cancel", new { reason = "No room." });
        Count(await Import(Calendar(B), mapping), "missing").ShouldBe(0);

        async Task IsNamed(string why)
        {
            var import = await Import(Calendar(B), mapping);
            (Count(import, "missing"), Count(import, "cancelled"), Count(import, "events")).ShouldBe((1, 0, 0), import.Text);
            var note = import.Json["notes"]!.AsArray().ShouldHaveSingleItem()!;
            (note.Text("kind"), note.Text("subject"), note.Text("reason")).ShouldBe(("missing", "a", why));
        }
    }

    [Fact]
    public async Task What_a_complete_file_cancelled_and_somebody_took_up_here_stays_and_is_named_with_each_import()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation, ("complete", true));
        const string B = "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z";
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", B), mapping);
        Count(await Import(Calendar(B), mapping), "cancelled").ShouldBe(1);
        await cooperation.Do($"/v1/meetings/{await Recorded("a")}/correct", new { undo = "cancellation", reason = "It takes place." });

        foreach (var _ in new[] { 1, 2 })
        {
            var import = await Import(Calendar(B), mapping);
            (Count(import, "missing"), Count(import, "cancelled"), Count(import, "events")).ShouldBe((1, 0, 0), import.Text);
        }
    }

    [Fact]
    public async Task Of_what_was_voided_and_is_missing_from_a_file_it_is_not_advised_to_cancel_it()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = await Mapping(cooperation);
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z"), mapping);
        await cooperation.Do($"/v1/meetings/{await Recorded("a")}/void", new { reason = "Twice." });

        var import = await Import(Calendar("UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z"), mapping);

        Notes(import, "missing")
            .ShouldBe([
                "It is recorded from earlier files, lies in the window, and does not stand in this one. The meeting was voided, and stays "
                    + "so.",
            ]);

        static IEnumerable<string> Notes(Answer answer, string kind) =>
            answer.Json["notes"]!.AsArray().Where(n => n!.Text("kind") == kind).Select(n => n!.Text("reason"));
    }

    [Fact]
    public async Task What_stays_since_an_event_of_a_complete_file_may_be_it_is_said_so()
    {
        var mapping = await Mapping(null, ("complete", true));
        await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260205T080000Z"), mapping);

        var import = await Import(Calendar("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "SUMMARY:B\nDTSTART:20260205T080000Z"), mapping);

        (Count(import, "missing"), Count(import, "cancelled"), Count(import, "refused")).ShouldBe((1, 0, 1), import.Text);
        var reason = import.Json["notes"]!.AsArray().ShouldHaveSingleItem()!.Text("reason");
        reason.ShouldContain("an event whose UID cannot be read");
        reason.ShouldNotContain("say in the mapping");
    }

    [Fact]
    public async Task A_calendar_that_still_invites_an_erased_person_costs_that_attendee_alone()
    {
        var mapping = await Mapping();
        var (ada, ben, cy) = ($"ada-{Guid.NewGuid():n}@iom.int", $"ben-{Guid.NewGuid():n}@iom.int", $"cy-{Guid.NewGuid():n}@iom.int");
        var first = await Import(Inviting(0, ada, ben), mapping);
        Count(first, "refused").ShouldBe(0);
        var people = await register.Host.Read($"/v1/people?email={ada}", first.Position, "privacy");
        var erased = people.ItemIds().ShouldHaveSingleItem();
        (await register.Host.Erase(erased)).ShouldBeAccepted();

        foreach (var query in new[] { "?dryRun=true", "?mode=atomic", "" })
        {
            var import = await Import(Inviting(1, ada, ben, cy), mapping, query: query);
            (Count(import, "refused"), Count(import, "passedOver")).ShouldBe((0, 1), import.Text);
            import.Text.ShouldContain("Attendees passed over: One was erased");
            import.Text.ShouldNotContain(ada);
        }

        Count(await Import(Inviting(0, ada), mapping), "older").ShouldBe(1);

        var meeting = await Recorded("e");
        var registered = await register.Host.Database.Rows(
            "select data->'attendees' from register.mt_events where type = 'attendance_registered' and stream_id = $1",
            meeting
        );
        registered.Count.ShouldBe(3);
        Count(await Import(Inviting(2, ben, cy), mapping), "refused").ShouldBe(0);
        (
            await register.Host.Database.Rows(
                "select 1 from register.mt_events where type = 'registration_withdrawn' and stream_id = $1",
                meeting
            )
        ).ShouldBeEmpty();
        mapping["complete"] = true;
        (await Types(await Import(Calendar("UID:other\nSUMMARY:x\nDTSTART:20260204T080000Z"), mapping))).ShouldContain("meeting_cancelled");

        static byte[] Inviting(int sequence, params string[] attendees)
        {
            var invited = string.Join('\n', attendees.Select(a => $"ATTENDEE:mailto:{a}"));
            return Calendar($"UID:e\nSEQUENCE:{sequence}\nSUMMARY:x\nDTSTART:20260204T080000Z\n{invited}");
        }
    }

    [Fact]
    public async Task An_organisation_that_is_not_recorded_costs_its_attendees_alone()
    {
        var mapping = await Mapping();
        mapping["attendees"]!["organisations"]!
            .AsArray()
            .Add(new JsonObject { ["domain"] = "nowhere.example", ["organisationId"] = Guid.NewGuid() });
        const string Attendees = "ATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:eve@nowhere.example";

        foreach (var events in new[] { 4, 0 })
        {
            var import = await Import(
                Calendar($"UID:o\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z\n{Attendees}"),
                mapping,
                query: "?mode=atomic"
            );
            (Count(import, "events"), Count(import, "refused"), Count(import, "passedOver")).ShouldBe((events, 0, 1), import.Text);
            import.Text.ShouldContain("eve@nowhere.example");
        }

        Count(await Import(Calendar("UID:o\nSUMMARY:Old\nDTSTART:20260204T080000Z"), mapping), "older").ShouldBe(1);
    }

    [Fact]
    public async Task Attendees_whom_the_caller_may_not_record_cost_no_meeting()
    {
        var mapping = await Mapping();
        await register.Host.AddKey(_system, "activity:write", "activity:read");
        await Import(Calendar("UID:o\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ada@iom.int"), mapping);
        var file = Calendar(
            "UID:p\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:ada@iom.int"
        );

        var import = await Import(file, mapping, role: _system);
        var older = await Import(Calendar("UID:p\nSUMMARY:Old\nDTSTART:20260204T080000Z"), mapping, role: _system);
        var allowed = await Import(file, mapping);

        (await Types(import)).ShouldBe(["meeting_scheduled", "attendance_registered"], import.Text);
        (Count(import, "new"), Count(import, "refused")).ShouldBe((1, 0), import.Text);
        import.Text.ShouldContain("people:write");
        (Count(older, "older"), Count(older, "events")).ShouldBe((1, 0), older.Text);
        (await Types(allowed)).ShouldBe(["person_registered", "affiliation_started", "attendance_registered"], allowed.Text);
    }

    [Fact]
    public async Task A_report_names_no_attendee_by_an_id_who_was_erased()
    {
        var (mapping, email) = (await Mapping(), $"{Guid.NewGuid():n}@iom.int");
        var known = (await register.Host.Post("/v1/people", new { name = "Ana", email })).ShouldBeAccepted(201).Id;
        var import = await Import(
            Calendar(
                $"UID:e1\nSUMMARY:One\nDTSTART:20260204T080000Z\nATTENDEE:mailto:{email}",
                "UID:e2\nSUMMARY:Two\nDTSTART:20260205T080000Z"
            ),
            mapping
        );
        import.Text.ShouldContain($"{known}");

        (await register.Host.Erase(known)).ShouldBeAccepted();

        var after = await register.Host.Get($"/v1/imports/{import.Json.Text("id")}");
        after.Text.ShouldNotContain($"{known}");
        after.Json["notes"]!.AsArray().Select(n => n!.Text("subject")).ShouldBe(["e2"], after.Text);
    }

    [Fact]
    public async Task A_report_that_says_nothing_more_is_looked_through_once_for_words_and_ids()
    {
        var (mapping, email) = (await Mapping(), $"{Guid.NewGuid():n}@iom.int");
        var known = (await register.Host.Post("/v1/people", new { name = "Ana", email })).ShouldBeAccepted(201).Id;
        var import = await Import(Calendar($"UID:e1\nSUMMARY:One\nDTSTART:20260204T080000Z\nATTENDEE:mailto:{email}"), mapping);
        var id = import.Json["id"]!.GetValue<Guid>();
        await register.Host.Database.Rows("update ingestion.import set finished_at = finished_at - interval '1 hour' where id = $1", id);
        IHoldOfPeople reports = register.Host.Services.GetServices<IHoldOfPeople>().OfType<ImportedPeople>().Single();

        await reports.Forget([known], DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);
        (await register.Host.Get($"/v1/imports/{id}")).Text.ShouldContain($"{known}");

        await reports.ForgetTexts([known], new PersonTexts([]), TestContext.Current.CancellationToken);
        (await register.Host.Get($"/v1/imports/{id}")).Text.ShouldNotContain($"{known}");
    }

    [Theory]
    [InlineData("complete", "true", "/mapping/window")]
    [InlineData("cancelledPrefixes", "[\" \"]", "/mapping/cancelledPrefixes/0")]
    [InlineData("lateChanges", "{}", "/mapping/lateChanges/reason")]
    public async Task A_mapping_that_cannot_be_meant_is_refused(string member, string value, string pointer)
    {
        var mapping = await Mapping();
        mapping[member] = JsonNode.Parse(value);
        if (member == "complete")
            mapping.Remove("window");
        using var form = Form(Calendar(), mapping);
        (await register.Host.Post("/v1/imports", form)).ShouldBeProblem(422, "invalid", pointer);
    }

    private async Task<JsonObject> Mapping(Cooperation? cooperation = null, params (string Name, JsonNode Value)[] more)
    {
        cooperation ??= await Cooperation.Start(register.Host);
        var mapping = new JsonObject
        {
            ["system"] = _system,
            ["frameworks"] = Cooperation.Under(cooperation.Framework, "technical-experts"),
            ["defaultTimeZone"] = "Europe/Brussels",
            ["window"] = new JsonObject { ["from"] = "2025-01-01", ["to"] = "2028-12-31" },
            ["attendees"] = new JsonObject
            {
                ["system"] = _system,
                ["organisations"] = new JsonArray(new JsonObject { ["domain"] = "iom.int", ["organisationId"] = cooperation.Iom }),
            },
        };
        foreach (var (name, value) in more)
            mapping[name] = value;
        return mapping;
    }

    private static byte[] Calendar(params string[] events) => Of(null, "20260101T000000Z", events);

    private static byte[] Stamped(string stamp, string only) => Of(null, stamp, [only]);

    private static byte[] Message(string method, string only) => Of(method, "20260101T000000Z", [only]);

    private static byte[] Of(string? method, string stamp, string[] events) =>
        Encoding.UTF8.GetBytes(
            $"BEGIN:VCALENDAR\nVERSION:2.0\n{(method is null ? "" : $"METHOD:{method}\n")}PRODID:-//test//EN\n{string.Concat(events.Select(e => $"BEGIN:VEVENT\nDTSTAMP:{stamp}\n{e}\nEND:VEVENT\n"))}END:VCALENDAR\n".ReplaceLineEndings(
                "\r\n"
            )
        );

    private static long Count(Answer import, string name) => import.Json[name]!.GetValue<long>();

    private async Task<IReadOnlyList<string>> Types(Answer import) =>
        [
            .. (
                await register.Host.Database.Rows(
                    "select type from register.mt_events where correlation_id = $1 order by seq_id",
                    import.Json.Text("id")
                )
            ).Select(row => (string)row[0]!),
        ];

    /// <summary>The meeting that was recorded from the event of that UID.</summary>
    private Task<Guid> Recorded(string uid) =>
        register.Host.Database.Scalar<Guid>(
            "select stream_id from register.mt_events where type = 'meeting_scheduled' and data->'externalReference'->>'system' = $1 and "
                + "data->'externalReference'->>'id' = $2",
            _system,
            uid
        );

    private static MultipartFormDataContent Form(byte[] file, JsonObject mapping, string type = "text/calendar")
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return new MultipartFormDataContent
        {
            { new StringContent(mapping.ToJsonString(), Encoding.UTF8, "application/json"), "mapping" },
            { content, "file", "meetings.ics" },
        };
    }

    private async Task<Answer> Import(
        byte[] file,
        JsonObject mapping,
        string type = "text/calendar",
        string query = "",
        string role = "recorder"
    )
    {
        using var form = Form(file, mapping, type);
        var posted = await register.Host.Post($"/v1/imports{query}", form, role);
        posted.Status.ShouldBe(202, posted.ToString());
        var import = posted;
        await Wait.Until("the import's end", async () =>
        {
            import = await register.Host.Get(posted.Header("Location")!, role);
            return import.Json.Text("state") is "completed" or "refused" or "cancelled" or "failed";
        });
        return import;
    }
}
