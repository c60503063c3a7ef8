using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using IcalCalendar = Ical.Net.Calendar;

namespace CooperationEvents.IntegrationTests.Calendars;

public sealed class MeetingCalendarTests(SharedRegister register)
{
    [Fact]
    public async Task A_meeting_is_an_entry_with_its_zone_and_a_sequence_that_rises_with_each_change()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var title = string.Concat(Enumerable.Repeat("Réunion 😀, with; all \\ of it ", 8)).Trim();
        var meeting = await cooperation.Schedule(
            ("title", title),
            ("start", "2026-03-28T09:30"),
            ("end", "2026-03-29T12:00"),
            ("timeZone", "Europe/Brussels"),
            ("venue", "Berlaymont, room 4"),
            ("country", "BE"),
            ("topics", new JsonArray("migration", "health")),
            ("mode", "hybrid")
        );

        var (calendar, scheduled) = Single(await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", meeting.Position));
        var moved = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/reschedule",
            new { start = "2026-03-30T09:30", end = "2026-03-30T12:00" }
        );
        var (_, rescheduled) = Single(await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", moved.Position));

        calendar.Method.ShouldBe("PUBLISH");
        calendar.TimeZones.ShouldHaveSingleItem().TzId.ShouldBe("Europe/Brussels");
        scheduled.Uid.ShouldBe(meeting.Id.ToString());
        scheduled.Summary.ShouldBe(title);
        scheduled.Location.ShouldBe("Berlaymont, room 4, BE");
        scheduled.Categories.ShouldBe(["migration", "health"]);
        scheduled.Status.ShouldBe("CONFIRMED");
        (scheduled.DtStart, scheduled.DtEnd).ShouldBe((Brussels(28, 9, 30), Brussels(29, 12, 0)));
        (scheduled.Sequence, rescheduled.Sequence).ShouldBe((0, 1));
        rescheduled.DtStart.ShouldBe(Brussels(30, 9, 30));
        rescheduled.LastModified!.AsUtc.ShouldBeGreaterThanOrEqualTo(scheduled.LastModified!.AsUtc);
        rescheduled.Attendees.ShouldBeEmpty();

        static CalDateTime Brussels(int day, int hour, int minute) => new(2026, 3, day, hour, minute, 0, "Europe/Brussels");
    }

    [Theory]
    [InlineData("2018-04-04", "2018-04-05", "2018-04-04", "2018-04-06", "OPAQUE")]
    [InlineData("2018-04-04", null, "2018-04-04", "2018-04-05", "OPAQUE")]
    [InlineData("2012-07", "2012-08", "2012-07-01", "2012-09-01", "TRANSPARENT")]
    [InlineData("2021", null, "2021-01-01", "2022-01-01", "TRANSPARENT")]
    [InlineData("2018-04-04T09:00", "2018-04-05", "2018-04-04", "2018-04-06", "OPAQUE")]
    public async Task Days_end_on_the_day_after_the_last_and_what_is_known_no_better_says_so(
        string start,
        string? end,
        string from,
        string until,
        string transparency
    )
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule(
            ("start", start),
            ("end", end),
            ("timeZone", start.Contains('T', StringComparison.Ordinal) ? "Europe/Brussels" : null)
        );

        var (calendar, entry) = Single(await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", meeting.Position));

        (entry.DtStart, entry.DtEnd).ShouldBe((new CalDateTime(DateOnly.Parse(from)), new CalDateTime(DateOnly.Parse(until))));
        entry.Transparency.ShouldBe(transparency);
        calendar.TimeZones.ShouldBeEmpty();
        if (transparency == "TRANSPARENT" || start.Length == 16)
            entry.Description!.ShouldContain(start);
    }

    [Theory]
    [InlineData("postpone", "TENTATIVE")]
    [InlineData("cancel", "CANCELLED")]
    [InlineData("did-not-take-place", "CANCELLED")]
    [InlineData("void", "CANCELLED")]
    [InlineData("hold", "CONFIRMED")]
    public async Task The_state_is_the_status(string command, string status)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var done = await cooperation.Do($"/v1/meetings/{meeting.Id}/{command}", command == "hold" ? new { } : new { reason = "so it was" });

        var (_, entry) = Single(await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", done.Position));

        (entry.Status, entry.Sequence).ShouldBe((status, 1));
    }

    [Fact]
    public async Task A_calendar_holds_the_meetings_that_were_asked_for_and_no_voided_one()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var other = await Cooperation.Start(register.Host);
        await other.Schedule();
        var early = await cooperation.Schedule(("start", "2017-01-01"));
        var late = await cooperation.Schedule(("start", "2019-01-01T10:00"), ("timeZone", "Asia/Tokyo"));
        var voided = await cooperation.Schedule(("start", "2018-01-01"));
        var last = await cooperation.Do($"/v1/meetings/{voided.Id}/void", new { reason = "entered twice" });

        await Holds("", early.Id, late.Id);
        await Holds("&from=2018-01-01", late.Id);
        await Holds("&state=voided", voided.Id);
        await Holds("&state=held");
        await Holds("&level=technical-experts");
        (await register.Host.Get("/v1/calendar.ics?framework=iom&size=1")).ShouldBeProblem(422, "invalid", "/framework", "/size");

        async Task Holds(string filter, params Guid[] meetings)
        {
            var calendar = Parsed(await register.Host.Read($"/v1/calendar.ics?framework={cooperation.Framework}{filter}", last.Position));
            calendar.Events.Select(e => Guid.Parse(e.Uid!)).ShouldBe(meetings, ignoreOrder: true);
            calendar.TimeZones.Select(z => z.TzId).ShouldBe(meetings.Contains(late.Id) ? ["Asia/Tokyo"] : []);
        }
    }

    [Fact]
    public async Task A_calendar_of_many_meetings_is_whole()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meetings = new List<Answer>();
        foreach (var some in Enumerable.Range(0, 230).Chunk(10))
            meetings.AddRange(await Task.WhenAll(some.Select(_ => cooperation.Schedule())));

        var calendar = Parsed(
            await register.Host.Read($"/v1/calendar.ics?framework={cooperation.Framework}", meetings.Max(m => m.Position))
        );

        calendar.Events.Select(e => Guid.Parse(e.Uid!)).ShouldBe(meetings.Select(m => m.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task People_are_named_to_those_alone_who_may_read_names()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var chair = (await register.Host.Post("/v1/people", new { name = "Zoë \"Z\"\r\nEND:VEVENT; Ü", email = "zoe@example.org" }))
            .ShouldBeAccepted(201)
            .Id;
        var expert = await cooperation.Person("Ben Maes");
        var meeting = await cooperation.Schedule();
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { cooperation.Attendee(chair, "chair"), cooperation.Attendee(expert, "expert") } }
        );
        var last = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(expert, "expert", "absent") } }
        );

        var without = await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", last.Position);
        var with = await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", last.Position, "privacy");
        var all = await register.Host.Read($"/v1/calendar.ics?framework={cooperation.Framework}", last.Position, "privacy");

        without.Text.ShouldNotContain("ATTENDEE");
        foreach (var secret in new[] { "zoe", "Zo", "Maes", chair.ToString(), expert.ToString() })
            without.Text.ShouldNotContain(secret);
        var (calendar, entry) = Single(with);
        calendar.Method.ShouldBeNull();
        entry.Organizer!.Value.ShouldBe(new Uri("mailto:zoe@example.org"));

        // The library reads no attendee whose address is a urn.
        foreach (
            var attendee in new[]
            {
                $"ATTENDEE;CN=Ben Maes;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED:urn:uuid:{expert}",
                "ATTENDEE;CN=\"Zoë ^'Z^' END:VEVENT; Ü\";ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:zoe@example.org",
            }
        )
        {
            Unfolded(with).ShouldContain(attendee);
            Unfolded(all).ShouldContain(attendee);
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        foreach (
            var (path, role) in new[]
            {
                ($"/v1/meetings/{meeting.Id}.ics", "recorder"),
                ($"/v1/calendar.ics?framework={cooperation.Framework}", "recorder"),
            }
        )
        {
            var first = await register.Host.Read(path, meeting.Position, role);
            var again = await register.Host.Get(path, role, ("If-None-Match", $"\"other\", {first.ETag}"));
            var moved = await cooperation.Do($"/v1/meetings/{meeting.Id}/relocate", new { venue = path });
            await register.Host.Read(path, moved.Position, role);
            var changed = await register.Host.Get(path, role, ("If-None-Match", first.ETag!));

            (again.Status, again.Text, again.ETag).ShouldBe((304, "", first.ETag));
            again.PositionHeader.ShouldBeGreaterThanOrEqualTo(meeting.Position);
            changed.Status.ShouldBe(200);
            changed.ETag.ShouldNotBe(first.ETag);
            (await register.Host.Get(path, "privacy", ("If-None-Match", changed.ETag!))).Status.ShouldBe(200);
        }
    }

    [Fact]
    public async Task A_calendar_with_names_is_sent_again_where_a_name_in_it_is_another_and_not_with_whatever_happens()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (chair, guest, other) = (await cooperation.Person("Ada"), await cooperation.Person("Ben"), await cooperation.Person("Cy"));
        var meeting = await cooperation.Schedule(
            (
                "hosts",
                new JsonArray(
                    new JsonObject
                    {
                        ["organisationId"] = cooperation.Home,
                        ["personId"] = chair,
                        ["role"] = "chair",
                    }
                )
            )
        );
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { cooperation.Attendee(guest, "delegate") } }
        );
        string[] paths = [$"/v1/meetings/{meeting.Id}.ics", $"/v1/calendar.ics?framework={cooperation.Framework}"];
        foreach (var path in paths)
        {
            var elsewhere = await cooperation.Do($"/v1/people/{other}/correct", new { reason = "spelling", name = $"Cy {path}" });
            var first = await register.Host.Read(path, elsewhere.Position, "privacy");
            var beside = await cooperation.Do($"/v1/people/{other}/correct", new { reason = "spelling", name = $"Cyd {path}" });
            await register.Host.Reaches(beside.Position);
            await Unchanged(path, first);

            foreach (var (person, name) in new[] { (chair, $"Ada {paths.Length}"), (guest, "Ben Maes") })
            {
                var before = await register.Host.Get(path, "privacy");
                var named = await cooperation.Do(
                    $"/v1/people/{person}/correct",
                    new { reason = "married", name = $"{name} {Guid.NewGuid():n}" }
                );
                await register.Host.Reaches(named.Position);
                var after = await register.Host.Get(path, "privacy", ("If-None-Match", before.ETag!));
                (after.Status, after.ETag == before.ETag).ShouldBe((200, false));
                Unfolded(after).Except(Unfolded(before)).ShouldHaveSingleItem();
                await Unchanged(path, after);
            }
        }

        async Task Unchanged(string path, Answer was)
        {
            var again = await register.Host.Get(path, "privacy", ("If-None-Match", was.ETag!));
            (again.Status, again.ETag).ShouldBe((304, was.ETag), path);
        }
    }

    [Fact]
    public async Task Whose_name_is_hidden_leaves_a_calendar_at_once_and_comes_back()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var guest = await cooperation.Person("Ben Maes");
        var meeting = await cooperation.Schedule();
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { cooperation.Attendee(guest, "delegate") } }
        );
        var path = $"/v1/calendar.ics?framework={cooperation.Framework}";
        var last = await register.Host.Read(path, meeting.Position, "privacy");
        foreach (var restricted in new[] { true, false })
        {
            var done = (
                await register.Host.Post($"/v1/people/{guest}/restrict", new { reason = "asked", restricted }, "privacy")
            ).ShouldBeAccepted();
            await register.Host.Reaches(done.Position);

            var now = await register.Host.Get(path, "privacy", ("If-None-Match", last.ETag!));
            now.Status.ShouldBe(200);
            now.Text.Contains("Ben Maes", StringComparison.Ordinal).ShouldBe(!restricted);
            last = now;
        }
    }

    [Fact]
    public async Task What_a_meeting_stands_under_and_who_hosts_it_are_named()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule(
            (
                "frameworks",
                new JsonArray(
                    new JsonObject
                    {
                        ["frameworkId"] = cooperation.Framework,
                        ["level"] = "senior-officials",
                        ["edition"] = 5,
                    }
                )
            )
        );
        var hosted = await cooperation.Schedule(
            (
                "hosts",
                new JsonArray(
                    new JsonObject { ["organisationId"] = cooperation.Home },
                    new JsonObject { ["organisationId"] = cooperation.Iom }
                )
            )
        );

        var (_, entry) = Single(await register.Host.Read($"/v1/meetings/{meeting.Id}.ics", hosted.Position));
        var one = await register.Host.Read($"/v1/meetings/{hosted.Id}.ics", hosted.Position);
        var all = await register.Host.Read($"/v1/calendar.ics?framework={cooperation.Framework}", hosted.Position);

        entry.Description.ShouldBe("State: scheduled\nFramework: EU-IOM cooperation\nLevel: Senior officials, edition 5");
        Unfolded(all).ShouldContain($"ORGANIZER;CN=EU-IOM cooperation:urn:uuid:{cooperation.Framework}");
        foreach (var answer in new[] { one, all })
            Unfolded(answer).ShouldContain($"ORGANIZER;CN=DG HOME:urn:uuid:{cooperation.Home}");
        Parsed(all).Events.Count.ShouldBe(2);
    }

    /// <summary>Programs that compare SEQUENCE or DTSTAMP would take a new name for a change of the meeting.</summary>
    [Fact]
    public async Task A_new_name_is_sent_again_and_is_no_change_of_the_meeting()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule(("hosts", new JsonArray(new JsonObject { ["organisationId"] = cooperation.Home })));
        string[] paths = [$"/v1/meetings/{meeting.Id}.ics", $"/v1/calendar.ics?framework={cooperation.Framework}"];
        var before = new List<Answer>();
        foreach (var path in paths)
            before.Add(await register.Host.Read(path, meeting.Position));
        var renamed = await cooperation.Do($"/v1/organisations/{cooperation.Home}/rename", new { name = "DG Home Affairs", on = "2020" });
        await register.Host.Reaches(renamed.Position);

        foreach (var (path, was) in paths.Zip(before))
        {
            var now = await register.Host.Get(path, "recorder", ("If-None-Match", was.ETag!));
            now.Status.ShouldBe(200);
            Unfolded(now).ShouldContain($"ORGANIZER;CN=DG Home Affairs:urn:uuid:{cooperation.Home}");
            Unfolded(now).Except(Unfolded(was)).ShouldHaveSingleItem();
            (await register.Host.Get(path, "recorder", ("If-None-Match", now.ETag!))).Status.ShouldBe(304);
        }
    }

    [Fact]
    public async Task A_meeting_has_another_tag_as_a_calendar_than_as_an_answer()
    {
        var meeting = await (await Cooperation.Start(register.Host)).Schedule();
        var answer = await register.Host.Read($"/v1/meetings/{meeting.Id}", meeting.Position);
        var path = $"/v1/meetings/{meeting.Id}.ics";

        var calendar = await register.Host.Get(path, "recorder", ("If-None-Match", answer.ETag!));

        answer.ETag.ShouldBe("\"1\"");
        calendar.Status.ShouldBe(200);
        (await register.Host.Get($"/v1/meetings/{meeting.Id}", "recorder", ("If-None-Match", calendar.ETag!))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_calendar_program_may_send_the_key_as_its_password_and_to_calendars_alone()
    {
        var meeting = await (await Cooperation.Start(register.Host)).Schedule();
        (string, string) basic = (
            "Authorization",
            "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("anybody:" + register.Host.Keys["analyst"]))
        );

        await register.Host.Reaches(meeting.Position);
        (await register.Host.Get("/v1/calendar.ics", null, basic)).Status.ShouldBe(200);
        (await register.Host.Get($"/v1/meetings/{meeting.Id}.ics", null, basic)).Status.ShouldBe(200);
        (await register.Host.Get("/v1/meetings", null, basic)).ShouldBeProblem(401, "unauthenticated");
        foreach (var wrong in new[] { "Basic", "Basic !", "Basic eA==", "Basic eDp5", "Bearer x" })
        {
            (await register.Host.Get("/v1/calendar.ics", null, ("Authorization", wrong)))
                .ShouldBeProblem(401, "unauthenticated")
                .Header("WWW-Authenticate")!
                .ShouldContain("Basic realm=");
        }
    }

    [Fact]
    public async Task The_calendar_of_a_meeting_stands_beside_its_answer()
    {
        var meeting = await (await Cooperation.Start(register.Host)).Schedule();

        (await register.Host.Read($"/v1/meetings/{meeting.Id}", meeting.Position))
            .ShouldBeRead()
            .Text("id")
            .ShouldBe(meeting.Id.ToString());
        (await register.Host.Get($"/v1/meetings/{Guid.NewGuid()}.ics")).ShouldBeProblem(404, "not-found");
        (await register.Host.Get("/v1/meetings/fifth.ics")).ShouldBeProblem(404, "not-found");
    }

    private static string[] Unfolded(Answer answer) => answer.Text.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n");

    private static (IcalCalendar Calendar, CalendarEvent Entry) Single(Answer answer)
    {
        var calendar = Parsed(answer);
        return (calendar, calendar.Events.ShouldHaveSingleItem());
    }

    /// <summary>What RFC 5545 asks of the octets, before Ical.Net reads them.</summary>
    private static IcalCalendar Parsed(Answer answer)
    {
        (answer.Status, answer.ContentType).ShouldBe((200, "text/calendar; charset=utf-8"), answer.ToString());
        answer.Text.ShouldEndWith("\r\n");
        answer.Text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\n");
        answer.Text.ShouldNotContain("\uFFFD");
        var lines = answer.Text.Split("\r\n");
        lines.ShouldAllBe(line => Encoding.UTF8.GetByteCount(line) <= 75);
        lines.ShouldAllBe(line => !line.Any(char.IsControl));
        foreach (var required in new[] { "VERSION:2.0", "CALSCALE:GREGORIAN" })
            lines.Count(line => line == required).ShouldBe(1);
        lines.Count(line => line.StartsWith("PRODID:", StringComparison.Ordinal)).ShouldBe(1);
        var calendar = IcalCalendar.Load(answer.Text)!;
        calendar.Events.Count.ShouldBe(lines.Count(line => line == "BEGIN:VEVENT"));
        foreach (var name in new[] { "UID:", "DTSTAMP:", "LAST-MODIFIED:", "SEQUENCE:", "ORGANIZER", "STATUS:" })
            lines.Count(line => line.StartsWith(name, StringComparison.Ordinal)).ShouldBe(calendar.Events.Count, name);
        return calendar;
    }
}
