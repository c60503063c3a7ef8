using System.Globalization;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Questions for cumulative figures: what they may ask, and what they are answered where they ask otherwise.</summary>
public sealed class CumulativeStatisticsTests(SharedRegister register)
{
    private const string Path = "/v1/statistics/cumulative";

    [Fact]
    public async Task The_answer_has_every_figure_and_echoes_the_question_with_its_defaults()
    {
        var (cooperation, last) = await OneMeeting();
        var before = DateTime.UtcNow.Date;

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last, "analyst")).ShouldBeRead().AsObject();

        answer
            .Select(m => m.Key)
            .ShouldBe([
                "framework",
                "since",
                "asOf",
                "knownAt",
                "position",
                "definition",
                "meetingsHeld",
                "meetingsWithoutAttendance",
                "attendances",
                "unnamed",
                "staff",
                "notCounted",
                "byFramework",
                "byLevel",
                "byYear",
                "byParty",
                "byOrganisation",
            ]);
        answer["framework"]!.GetValue<Guid>().ShouldBe(cooperation.Framework);
        DateTime.ParseExact(answer.Text("asOf"), "yyyy-MM-dd", CultureInfo.InvariantCulture).ShouldBeInRange(before, DateTime.UtcNow.Date);
        answer["position"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(last);
        answer.Text("knownAt").ShouldBe(answer["position"]!.ToString());
        answer["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
        answer["byLevel"]!.AsArray().Select(l => l!.Text("level")).ShouldBe(["senior-officials", "technical-experts"]);
        answer["byYear"]!.AsArray().Single()!["year"]!.GetValue<int>().ShouldBe(2018);
    }

    [Fact]
    public async Task What_was_before_the_framework_was_established_is_taken_and_counts_and_from_leaves_it_out()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var negotiator = await Cooperation.Organisation(register.Host, "Negotiators");
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = negotiator,
                party = "EU",
                joinedOn = "2011",
            }
        );
        var body = cooperation.Meeting(("start", "2011-05-02"));
        body["attendees"] = new JsonArray(
            Bodies.Of(
                new
                {
                    personId = await cooperation.Person(),
                    organisationId = negotiator,
                    status = "attended",
                }
            )
        );
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var all = await register.Host.Read($"{Path}?framework={cooperation.Framework}", held.Position, "analyst");
        var since = await register.Host.Read($"{Path}?framework={cooperation.Framework}&from=2012-07", held.Position, "analyst");
        var before = await register.Host.Read($"/v1/meetings?framework={cooperation.Framework}&to=2012-06", held.Position, "analyst");

        all.ShouldBeRead()["attendances"]!.GetValue<int>().ShouldBe(1);
        since.ShouldBeRead()["meetingsHeld"]!.GetValue<int>().ShouldBe(0);
        before.ItemIds().ShouldBe([held.Id]);
    }

    [Fact]
    public async Task Joining_on_the_first_day_counts_and_leaving_on_it_does_not()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var joins = await Cooperation.Organisation(register.Host, "Joins");
        var leaves = await Cooperation.Organisation(register.Host, "Leaves");
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = joins,
                party = "EU",
                joinedOn = "2018-04-04",
            }
        );
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = leaves,
                party = "EU",
                joinedOn = "2012",
            }
        );
        await cooperation.Do($"/v1/frameworks/{cooperation.Framework}/members/{leaves}/leave", new { leftOn = "2018-04-04" });
        var body = cooperation.Meeting(("start", "2018-04-04"), ("end", "2018-04-06"));
        body["delegations"] = new JsonArray(Delegation(joins, 3), Delegation(leaves, 4));
        var last = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last.Position, "analyst")).ShouldBeRead();
        answer["unnamed"]!.GetValue<int>().ShouldBe(3);
        answer["notCounted"]!["guestHeads"]!.GetValue<int>().ShouldBe(4);

        var before = (
            await register.Host.Read($"{Path}?framework={cooperation.Framework}&asOf=2018-04-05", last.Position, "analyst")
        ).ShouldBeRead();
        before["meetingsHeld"]!.GetValue<int>().ShouldBe(0, "The meeting counts from its last day on.");
    }

    [Fact]
    public async Task Of_two_memberships_taken_back_alike_a_correction_replaces_one()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var organisation = await Cooperation.Organisation(register.Host, "Twice");
        var members = $"/v1/frameworks/{cooperation.Framework}/members";
        for (var i = 0; i < 2; i++)
        {
            await cooperation.Do(
                members,
                new
                {
                    organisationId = organisation,
                    party = "EU",
                    joinedOn = "2018-01-01",
                }
            );
            await cooperation.Do($"{members}/{organisation}/correct", new { leftOn = "2018-01-01", reason = "It never joined." });
        }

        await cooperation.Do($"{members}/{organisation}/correct", new { leftOn = "2019", reason = "It did join." });
        var body = cooperation.Meeting(("start", "2018-04-04"));
        body["delegations"] = new JsonArray(Delegation(organisation, 3));
        var last = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last.Position, "analyst")).ShouldBeRead();
        answer["unnamed"]!.GetValue<int>().ShouldBe(3);
        var framework = (await register.Host.Read($"/v1/frameworks/{cooperation.Framework}", last.Position)).ShouldBeRead();
        framework["members"]!
            .AsArray()
            .Where(m => m!["organisationId"]!.GetValue<Guid>() == organisation)
            .Select(m => m!.Text("leftOn"))
            .ShouldBe(["2018-01-01", "2019"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_not_recorded_is_not_nobody()
    {
        var cooperation = await Cooperation.Start(register.Host);
        for (var i = 1; i <= 10; i++)
            await RecordHeld(cooperation, $"2018-04-{i:00}");
        var absent = cooperation.Meeting(("start", "2018-05-01"));
        absent["attendees"] = Bodies.Of(new { attendees = new[] { cooperation.Attendee(await cooperation.Person(), status: "absent") } })[
            "attendees"
        ]!.DeepClone();
        var none = (await register.Host.Post("/v1/meetings/record-held", absent)).ShouldBeAccepted(201);

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", none.Position, "analyst")).ShouldBeRead();
        answer["meetingsWithoutAttendance"]!.GetValue<int>().ShouldBe(10, "Of the eleventh it is recorded that nobody attended.");
        answer["staff"]!.ToJsonString().ShouldBe("""{"known":0,"atLeast":0,"atMost":null}""");
        var sheet = (await register.Host.Get($"/v1/statistics/factsheet?framework={cooperation.Framework}", "analyst")).ShouldBeRead();
        sheet
            .Text("sentence")
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 11 meetings have taken place at all levels. Of 10 meetings, no "
                    + "attendance is recorded."
            );
        var explained = (
            await register.Host.Get(
                $"/v1/statistics/explain?framework={cooperation.Framework}&measure=meetingsWithoutAttendance",
                "analyst"
            )
        ).ShouldBeRead();
        explained["items"]!.AsArray().Count.ShouldBe(10);

        var first = (await register.Host.Get($"{Path}?framework={cooperation.Framework}&definition=1", "analyst"))
            .ShouldBeRead()
            .AsObject();
        first.ContainsKey("meetingsWithoutAttendance").ShouldBeFalse();
        first["staff"]!.ToJsonString().ShouldBe("""{"known":0,"atLeast":0,"atMost":0}""");
    }

    [Fact]
    public async Task A_head_count_of_guests_is_recorded_too_and_one_that_is_withdrawn_is_not()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var guest = await Cooperation.Organisation(register.Host, "Guest");
        var held = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201);
        var counted = await cooperation.Do(
            $"/v1/meetings/{held.Id}/delegations",
            new
            {
                organisationId = guest,
                count = 4,
                precision = "exact",
            }
        );
        (await Without(counted.Position)).ShouldBe(0);
        var withdrawn = await cooperation.Do(
            $"/v1/meetings/{held.Id}/delegations",
            new
            {
                organisationId = guest,
                count = 0,
                precision = "exact",
                reason = "Another meeting",
            }
        );
        (await Without(withdrawn.Position)).ShouldBe(1);
        (await Without(counted.Position)).ShouldBe(0);

        async Task<int> Without(long position) =>
            (await register.Host.Read($"{Path}?framework={cooperation.Framework}&knownAt={position}", position, "analyst")).ShouldBeRead()[
                "meetingsWithoutAttendance"
            ]!.GetValue<int>();
    }

    [Theory]
    [InlineData("2025-12-31T20:00", "2026-01-01T00:00", 2025)]
    [InlineData("2024-12-31T17:00", "2025-01-01T00:00", 2024)]
    [InlineData("2025-12-31T20:00", "2026-01-01T00:01", 2026)]
    [InlineData("2026-01-01T00:00", "2026-01-01T00:00", 2026)]
    public async Task What_ends_with_the_last_day_of_a_year_is_of_that_year(string start, string end, int year)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = (
            await register.Host.Post(
                "/v1/meetings/record-held",
                cooperation.Meeting(("start", start), ("end", end), ("timeZone", "Europe/Brussels"))
            )
        ).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);
        var query = $"framework={cooperation.Framework}";

        (await Years($"{query}&asOf={year}-12-31")).ShouldBe([year]);
        (await Years($"{query}&asOf={year - 1}-12-31")).ShouldBeEmpty();
        (await register.Host.Get($"/v1/statistics/series?{query}&per=month&asOf={year}-12-31", "analyst")).ShouldBeRead()["items"]!
            .AsArray()
            .Single()!
            .Text("period")
            .ShouldStartWith($"{year}-");
        (await Years($"{query}&from={year}-01-01&asOf={year}-12-31")).ShouldBe([year]);
        (await register.Host.Get($"/v1/meetings?{query}&from={year}-12-31&to={year}-12-31")).ShouldBeRead()["items"]!
            .AsArray()
            .Count.ShouldBe(start.StartsWith($"{year}", StringComparison.Ordinal) && year != 2026 ? 1 : 0);
        (await Years($"{query}&definition=1&asOf=2026-12-31")).ShouldBe([int.Parse(end[..4], CultureInfo.InvariantCulture)]);

        async Task<IReadOnlyList<int>> Years(string asked) =>
            [
                .. (await register.Host.Get($"{Path}?{asked}", "analyst")).ShouldBeRead()["byYear"]!
                    .AsArray()
                    .Select(r => r!["year"]!.GetValue<int>()),
            ];
    }

    [Fact]
    public async Task From_a_day_on_only_the_meetings_since_count()
    {
        var cooperation = await Cooperation.Start(register.Host);
        foreach (var day in new[] { "2013-12-31", "2014-01-01", "2018-12-31" })
            await RecordHeld(cooperation, day);
        var last = await RecordHeld(cooperation, "2019-01-01");

        var answer = (
            await register.Host.Read($"{Path}?framework={cooperation.Framework}&from=2014-01-01&asOf=2018-12-31", last, "analyst")
        ).ShouldBeRead();

        answer.Text("from").ShouldBe("2014-01-01");
        answer["meetingsHeld"]!.GetValue<int>().ShouldBe(2);
        (await register.Host.Get($"/v1/statistics/factsheet?framework={cooperation.Framework}&from=2014-01-01&asOf=2018-12-31", "analyst"))
            .ShouldBeRead()
            .Text("sentence")
            .ShouldBe(
                "From 1 January 2014 to 31 December 2018, 2 meetings took place at all levels. Of 2 meetings, no attendance is recorded."
            );
    }

    [Theory]
    [InlineData("level", "senior-official", "senior-officials, technical-experts")]
    [InlineData("party", "eu", "EU, IOM")]
    [InlineData("area", "migrations", "health, migration")]
    [InlineData("country", "FR", "BE")]
    [InlineData("organisation", "00000000-0000-4000-8000-000000000001", " (DG HOME)")]
    [InlineData("host", "00000000-0000-4000-8000-000000000001", " (IOM)")]
    [InlineData("coHost", "00000000-0000-4000-8000-000000000001", "not-stated")]
    public async Task A_value_that_nothing_has_is_refused_with_those_there_are(string name, string value, string there)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting(("country", "BE")))).ShouldBeAccepted(201);
        await register.Host.Reaches(last.Position);

        foreach (var statistic in new[] { "cumulative", "breakdown", "series", "cadence", "explain" })
        {
            var answer = await register.Host.Get($"/v1/statistics/{statistic}?framework={cooperation.Framework}&{name}={value}", "analyst");
            answer.ShouldBeProblem(422, "invalid", $"/{name}");
            if (name is not ("organisation" or "host"))
                answer.Text.ShouldContain(there);
            (
                await register.Host.Get($"/v1/statistics/{statistic}?framework={cooperation.Framework}&{name}=not-stated", "analyst")
            ).Status.ShouldBe(200);
        }
    }

    [Fact]
    public async Task A_framework_that_lacks_the_level_asked_about_has_no_row_and_every_row_is_explained()
    {
        var (one, level) = (await Cooperation.Start(register.Host), $"level-{Guid.NewGuid():N}");
        await Cooperation.Start(register.Host);
        var last = (
            await register.Host.Post(
                $"/v1/frameworks/{one.Framework}/levels",
                new
                {
                    code = level,
                    name = "Added",
                    rank = 50,
                }
            )
        ).ShouldBeAccepted();

        var answer = (await register.Host.Read($"/v1/statistics/cumulative?level={level}", last.Position, "analyst")).ShouldBeRead();
        foreach (var rows in new[] { "byFramework", "byLevel", "byParty" })
            answer[rows]!.AsArray().Select(row => row!.Text("framework")).Distinct().ShouldBe([$"{one.Framework}"], rows);
        var cut = (await register.Host.Get($"/v1/statistics/breakdown?level={level}&by=framework", "analyst")).ShouldBeRead();
        cut["items"]!.AsArray().Select(row => row!.Text("framework")).ShouldBe([$"{one.Framework}"]);
        foreach (var party in answer["byParty"]!.AsArray().Select(row => row!.Text("party")))
        {
            var cell = $"framework={one.Framework}&level={level}&party={party}&measure=staff.known";
            (await register.Host.Get($"/v1/statistics/explain?{cell}", "analyst")).ShouldBeRead()["items"]!.AsArray().ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_list_of_meetings_refuses_a_level_and_a_topic_that_nothing_has()
    {
        var (cooperation, last) = await OneMeeting();
        await register.Host.Reaches(last);
        var list = $"/v1/meetings?framework={cooperation.Framework}";

        var refused = await register.Host.Get($"{list}&level=senior-official&topic=migrations");
        refused.ShouldBeProblem(422, "invalid", "/level", "/topic");
        refused.Text.ShouldContain("senior-officials, technical-experts");
        (await register.Host.Get($"{list}&level=senior-officials")).ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(1);
        (await register.Host.Get($"{list}&topic=migration")).ShouldBeRead()["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Guests_and_interpreters_answer_for_their_organisation()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var guest = await Cooperation.Organisation(register.Host, "Guest");
        var people = await cooperation.People(4);
        await Meeting("2018-04-04", Attendee(people[0], cooperation.Home, "delegate"), Attendee(people[1], guest, "delegate"));
        var last = await Meeting("2018-05-04", Attendee(people[2], guest, "delegate"), Attendee(people[3], cooperation.Iom, "interpreter"));
        var heads = await cooperation.Do(
            $"/v1/meetings/{last.Id}/delegations",
            new
            {
                organisationId = guest,
                count = 7,
                precision = "exact",
            }
        );
        await register.Host.Reaches(heads.Position);

        (await NotCounted("")).ShouldBe((2, 1, 7));
        (await NotCounted($"&organisation={guest}")).ShouldBe((2, 0, 7));
        (await NotCounted("&party=not-stated")).ShouldBe((2, 0, 7));
        (await NotCounted($"&organisation={cooperation.Iom}")).ShouldBe((0, 1, 0));
        (await NotCounted("&party=IOM")).ShouldBe((0, 1, 0));
        (await NotCounted("&party=EU")).ShouldBe((0, 0, 0));
        (await NotCounted("&role=delegate")).ShouldBe((2, 0, 0));
        var explained = await register.Host.Get(
            $"/v1/statistics/explain?framework={cooperation.Framework}&organisation={guest}&measure=notCounted.guests",
            "analyst"
        );
        explained.ShouldBeRead()["items"]!.AsArray().Select(i => i!["personId"]!.GetValue<Guid>()).ShouldBe([people[1], people[2]]);
        (await register.Host.Get($"{Path}?framework={cooperation.Framework}&organisation={guest}", "analyst")).ShouldBeRead()[
            "meetingsHeld"
        ]!
            .GetValue<int>()
            .ShouldBe(0);

        async Task<(int, int, int)> NotCounted(string part)
        {
            var of = (await register.Host.Get($"{Path}?framework={cooperation.Framework}{part}", "analyst")).ShouldBeRead()["notCounted"]!;
            return (of["guests"]!.GetValue<int>(), of["interpreters"]!.GetValue<int>(), of["guestHeads"]!.GetValue<int>());
        }

        async Task<Answer> Meeting(string day, params JsonNode[] attendees)
        {
            var body = cooperation.Meeting(("start", day));
            body["attendees"] = new JsonArray([.. attendees]);
            return (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        }

        static JsonNode Attendee(Guid person, Guid organisation, string role) =>
            new JsonObject
            {
                ["personId"] = person,
                ["organisationId"] = organisation,
                ["role"] = role,
                ["status"] = "attended",
            };
    }

    [Fact]
    public async Task The_events_behind_a_figure_are_opened_by_the_same_reader()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = (await register.Host.Post("/v1/people", new { name = "Ada Lovelace", email = "ada@example.org" })).ShouldBeAccepted(
            201
        );
        var body = cooperation.Meeting();
        body["attendees"] = Bodies.Of(new { attendees = new[] { cooperation.Attendee(person.Id, status: "attended") } })[
            "attendees"
        ]!.DeepClone();
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var explained = (
            await register.Host.Read(
                $"/v1/statistics/explain?framework={cooperation.Framework}&measure=attendances",
                held.Position,
                "analyst"
            )
        ).ShouldBeRead();
        explained.Text("eventAddress").ShouldBe("/v1/feed/events/{events}");
        var id = explained["items"]!.AsArray().Single()!["events"]!.AsArray().Single()!.GetValue<string>();
        var opened = (await register.Host.Get($"/v1/feed/events/{id}", "analyst")).ShouldBeRead();
        opened.Text("type").ShouldBe("attendance_recorded");
        opened["data"]!["personId"]!.GetValue<Guid>().ShouldBe(person.Id);

        var registered = (await register.Host.Get($"/v1/feed?stream={person.Id}&after={person.Position - 1}", "analyst")).ShouldBeRead()[
            "items"
        ]!
            .AsArray()
            .Single()!
            .Text("id");
        (await register.Host.Get($"/v1/feed/events/{registered}", "analyst")).Text.ShouldNotContain("Lovelace");
        (await register.Host.Get($"/v1/feed/events/{Guid.NewGuid()}", "analyst")).ShouldBeProblem(404, "not-found");
        (await register.Host.Get("/v1/feed/events/none", "analyst")).ShouldBeProblem(404, "not-found");
        (await register.Host.Get($"/v1/feed/events/{id}", role: null)).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("cumulative")]
    [InlineData("explain")]
    [InlineData("factsheet")]
    public async Task A_framework_nobody_established_is_refused(string endpoint) =>
        (await register.Host.Get($"/v1/statistics/{endpoint}?framework={Guid.NewGuid()}", "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/framework"
        );

    [Fact]
    public async Task A_framework_was_not_there_before_it_was_recorded()
    {
        var (cooperation, last) = await OneMeeting();
        (await register.Host.Read($"{Path}?framework={cooperation.Framework}&knownAt=0", last, "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/framework"
        );
    }

    [Theory]
    [InlineData("asOf=2018-02-30", "/asOf")]
    [InlineData("asOf=2018-04-04T09:30", "/asOf")]
    [InlineData("asOf=18", "/asOf")]
    [InlineData("asOf=yesterday", "/asOf")]
    [InlineData("asOf=2018-01-01&asOf=2018-01-02", "/asOf")]
    [InlineData("framework=EU-IOM", "/framework")]
    [InlineData("knownAt=lately", "/knownAt")]
    [InlineData("knownAt=-1", "/knownAt")]
    [InlineData("year=18", "/year")]
    [InlineData("asof=2018-01-01", "/asof")]
    [InlineData("measure=attendances", "/measure")]
    public async Task What_cannot_be_read_is_refused_by_name(string query, string pointer) =>
        (await register.Host.Get($"{Path}?{query}", "analyst")).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task The_future_cannot_be_known_yet() =>
        (
            await register.Host.Get($"{Path}?knownAt={Uri.EscapeDataString(DateTime.UtcNow.AddHours(1).ToString("O"))}", "analyst")
        ).ShouldBeProblem(422, "invalid", "/knownAt");

    [Theory]
    [InlineData("cumulative")]
    [InlineData("explain")]
    [InlineData("factsheet")]
    public async Task A_position_that_is_not_settled_is_to_be_asked_for_again(string statistic)
    {
        var answer = await register.Host.Get($"/v1/statistics/{statistic}?knownAt=999999999999", "analyst");
        answer.Status.ShouldBe(503, answer.ToString());
        answer.ShouldBeAnyProblem();
        answer.Header("Retry-After").ShouldNotBeNull();
    }

    [Fact]
    public async Task What_was_known_at_a_time_is_what_was_settled_by_then()
    {
        var (cooperation, first) = await OneMeeting();
        var before = await Noted(first);
        var second = await RecordHeld(cooperation, "2019-05-05");
        var after = await Noted(second);

        var query = $"{Path}?framework={cooperation.Framework}&asOf=2026-01-01";
        var then = (await register.Host.Get($"{query}&knownAt={Uri.EscapeDataString(before)}", "analyst")).ShouldBeRead();
        then["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
        then.Text("knownAt").ShouldBe(before);
        then["position"]!.GetValue<long>().ShouldBeInRange(first, second - 1);
        var now = (await register.Host.Get($"{query}&knownAt={Uri.EscapeDataString(after)}", "analyst")).ShouldBeRead();
        now["meetingsHeld"]!.GetValue<int>().ShouldBe(2);
        now["position"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(second);

        (await register.Host.Get($"{query}&knownAt=1999-12-31T23:59:59Z", "analyst")).ShouldBeProblem(422, "invalid", "/framework");
    }

    [Fact]
    public async Task It_takes_an_analyst()
    {
        (await register.Host.Get(Path, role: null)).Status.ShouldBe(401);
        (await register.Host.Get(Path, "recorder")).Status.ShouldBe(403);
        (await register.Host.Get(Path, "analyst")).Status.ShouldBe(200);
    }

    private async Task<(Cooperation Cooperation, long Position)> OneMeeting()
    {
        var cooperation = await Cooperation.Start(register.Host);
        return (cooperation, await RecordHeld(cooperation, "2018-04-04"));
    }

    private async Task<long> RecordHeld(Cooperation cooperation, string start) =>
        (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting(("start", start)))).ShouldBeAccepted(201).Position;

    /// <summary>The time, once the register has noted that this position is settled.</summary>
    private async Task<string> Noted(long position)
    {
        await Wait.Until($"position {position} to be noted as settled", async () =>
            await register.Host.Database.Scalar<long>("select coalesce(max(position), 0) from recording.settled_position") >= position
        );
        return await register.Host.Database.Scalar<string>("""select to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""");
    }

    private static JsonObject Delegation(Guid organisation, int count) =>
        new()
        {
            ["organisationId"] = organisation,
            ["count"] = count,
            ["precision"] = "exact",
        };
}
