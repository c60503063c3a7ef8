using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

public sealed class HistoryTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task The_history_is_found_by_stream_type_actor_source_correlation_time_and_position()
    {
        var cooperation = await Cooperation.Start(Host);
        var correlation = $"case-{Guid.NewGuid()}";
        var meeting = (
            await Host.Post(
                "/v1/meetings",
                cooperation.Meeting(),
                "recorder",
                ("X-Correlation-Id", correlation),
                ("Cooperation-Source", "calendar")
            )
        ).ShouldBeAccepted(201);
        var cancelled = await cooperation.Do($"/v1/meetings/{meeting.Id}/cancel", new { reason = "Strike" });
        var stream = await Items($"/v1/audit/events?stream={meeting.Id}", cancelled.Position);

        stream.Select(e => (string)e["type"]!).ShouldBe(["meeting_scheduled", "meeting_cancelled"]);
        var first = stream[0];
        first
            .AsObject()
            .Select(m => m.Key)
            .Take(13)
            .ShouldBe([
                "seq",
                "id",
                "stream",
                "streamType",
                "version",
                "type",
                "at",
                "actor",
                "onBehalfOf",
                "source",
                "correlation",
                "causation",
                "data",
            ]);
        ((long)first["seq"]!, (string)first["streamType"]!, (string?)first["source"], (string)first["correlation"]!).ShouldBe(
            (meeting.Position, "meeting", "calendar", correlation)
        );
        ((string)first["at"]!).ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$");
        ((string?)stream[1]["source"]).ShouldBeNull();
        foreach (
            var filter in (string[])
                [
                    $"correlation={correlation}",
                    $"source=calendar&stream={meeting.Id}",
                    $"type=meeting_scheduled&stream={meeting.Id}",
                    $"stream={meeting.Id}&actor={first["actor"]}&to={stream[1]["at"]}&from={first["at"]}",
                    $"stream={meeting.Id}&after={meeting.Position - 1}&limit=1",
                ]
        )
            (await Items($"/v1/audit/events?{filter}", cancelled.Position))
                .Select(e => (string)e["id"]!)
                .ShouldBe([(string)first["id"]!], filter);
        (await Items($"/v1/audit/streams/{meeting.Id}", cancelled.Position)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Pages_go_on_after_a_position_until_the_end()
    {
        var cooperation = await Cooperation.Start(Host);
        var last = await cooperation.Schedule();
        var all = await Items($"/v1/audit/events?after={last.Position - 5}", last.Position);
        var read = new List<string>();
        string? next = $"/v1/audit/events?after={last.Position - 5}&limit=2";
        while (next is not null && read.Count < all.Count)
        {
            var page = await Host.Get(next, "auditor");
            read.AddRange(page.ShouldBeRead()["items"]!.AsArray().Select(e => (string)e!["id"]!));
            next = page.Header("Link")?.Split('>')[0].TrimStart('<');
        }

        read.Take(all.Count).ShouldBe(all.Select(e => (string)e["id"]!));
    }

    /// <summary>As in the feed: a page without events would say that nothing was recorded after a position that there is not yet.</summary>
    [Fact]
    public async Task What_is_asked_after_a_position_that_is_not_settled_is_not_answered_yet()
    {
        var organisation = (await Host.Post("/v1/organisations", new { name = "After", shortName = "AFTER" })).ShouldBeAccepted(201);
        await Host.Reaches(organisation.Position);

        foreach (
            var path in new[] { "/v1/audit/events", $"/v1/audit/events?stream={organisation.Id}", $"/v1/audit/streams/{organisation.Id}" }
        )
        {
            var query = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
            var beyond = await Host.Get($"{path}{query}after=999999999999", "auditor");
            beyond.ShouldBeProblem(503, "busy");
            beyond.Header("Retry-After").ShouldNotBeNull();
        }

        var last = await Host.Get($"/v1/audit/streams/{organisation.Id}?after={organisation.Position}", "auditor");
        last.ShouldBeRead()["items"]!.AsArray().ShouldBeEmpty();
        (await Host.Get($"/v1/audit/streams/{Guid.NewGuid()}?after={organisation.Position}", "auditor")).ShouldBeProblem(404, "not-found");
    }

    /// <summary>By the day of the moment that is asked for, as the organisation is read on it.</summary>
    [Fact]
    public async Task A_name_of_a_day_to_come_is_not_the_name_in_a_state()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock();
        await using var host = await RegisterHost.Start(database, clock: clock);
        var organisation = (await host.Post("/v1/organisations", new { name = "Present", shortName = "NOW" })).ShouldBeAccepted(201);
        var on = $"{DateTime.UtcNow.AddDays(2):yyyy-MM-dd}";
        object body = new
        {
            name = "Coming",
            shortName = "SOON",
            on,
        };
        var renamed = (await host.Post($"/v1/organisations/{organisation.Id}/rename", body)).ShouldBeAccepted();
        await host.Reaches(renamed.Position);
        await Wait.Until("the rename to be noted as settled", async () =>
            await host.Database.Scalar<bool>("select exists(select from recording.settled_position where position >= $1)", renamed.Position)
        );
        var then = $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff}Z";
        var path = $"/v1/audit/streams/{organisation.Id}";

        foreach (var moment in new[] { "", "?version=2", $"?position={renamed.Position}", $"?at={then}" })
        {
            var state = (await host.Get($"{path}/state{moment}", "auditor")).ShouldBeRead()["state"]!;
            state.Text("name").ShouldBe("Present", moment);
            state["comingNames"]!.AsArray().Single()!.Text("from").ShouldBe(on);
            state["formerNames"]!.AsArray().ShouldBeEmpty();
        }

        (await host.Get($"{path}/difference?from=1", "auditor")).ShouldBeRead()["changes"]!
            .AsArray()
            .Select(change => change!.Text("member").Split('/')[1])
            .ShouldBe(["comingNames"]);
        clock.MoveTo(DateTimeOffset.UtcNow.AddDays(3));
        foreach (var (moment, name) in new[] { ("", "Coming"), ("?version=2", "Coming"), ($"?at={then}", "Present") })
            (await host.Get($"{path}/state{moment}", "auditor")).ShouldBeRead()["state"]!.Text("name").ShouldBe(name, moment);
        (await host.Get($"/v1/organisations/{organisation.Id}")).ShouldBeRead().Text("name").ShouldBe("Coming");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Names_are_opened_only_for_who_may_read_them()
    {
        var person = (await Host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201);

        var auditor = (await Items($"/v1/audit/streams/{person.Id}", person.Position)).ShouldHaveSingleItem();
        auditor["personal"].ShouldBeNull();
        auditor.ToJsonString().ShouldNotContain("Lovelace");
        var both = (await Items($"/v1/audit/streams/{person.Id}", person.Position, "admin")).ShouldHaveSingleItem();
        ((string)both["personal"]!["name"]!).ShouldBe("Ada Lovelace");

        var sealed_ = (await Host.Read($"/v1/audit/streams/{person.Id}/state", person.Position, "auditor")).ShouldBeRead()["state"]![
            "name"
        ]!;
        ((bool)sealed_["sealed"]!, (Guid)sealed_["event"]!).ShouldBe((true, (Guid)auditor["id"]!));
        (
            (string)(await Host.Read($"/v1/audit/streams/{person.Id}/state", person.Position, "admin")).ShouldBeRead()["state"]!["name"]!
        ).ShouldBe("Ada Lovelace");
    }

    [Fact]
    public async Task A_state_is_read_at_a_version_a_position_and_a_time()
    {
        var cooperation = await Cooperation.Start(Host);
        var scheduled = await cooperation.Schedule();
        (await Host.Read($"/v1/meetings/{scheduled.Id}", scheduled.Position)).ShouldBeRead();
        var between = await Noted(scheduled.Position);
        var moved = await cooperation.Do($"/v1/meetings/{scheduled.Id}/reschedule", new { start = "2018-06-01" });
        var held = await cooperation.Do($"/v1/meetings/{scheduled.Id}/hold", new { });
        var path = $"/v1/audit/streams/{scheduled.Id}/state";

        foreach (
            var (query, version, start) in ((string, int, string)[])
                [
                    ("", 3, "2018-06-01"),
                    ("version=1", 1, "2018-04-04"),
                    ($"position={moved.Position - 1}", 1, "2018-04-04"),
                    ($"position={moved.Position}", 2, "2018-06-01"),
                    ($"at={between}", 1, "2018-04-04"),
                ]
        )
        {
            var state = (await Host.Read($"{path}?{query}", held.Position, "auditor")).ShouldBeRead();
            ((int)state["version"]!, (string)state["state"]!["start"]!).ShouldBe((version, start), query);
        }

        (await Host.Get($"{path}?version=9", "auditor")).ShouldBeProblem(404, "not-found");
        (await Host.Get($"{path}?version=1&position=1", "auditor")).ShouldBeProblem(422, "invalid", "/version");
        (await Host.Get($"{path}?at=2999-01-01", "auditor")).ShouldBeProblem(422, "invalid", "/at");
        (await Host.Get($"/v1/audit/streams/{Guid.NewGuid()}/state", "auditor")).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("state?version=0", "/version")]
    [InlineData("state?version=00", "/version")]
    [InlineData("state?version=-1", "/version")]
    [InlineData("state?version=99999999999999999999", "/version")]
    [InlineData("difference?from=0&to=1", "/from")]
    [InlineData("difference?from=1&to=0", "/to")]
    [InlineData("difference?from=99999999999999999999", "/from")]
    public async Task Versions_begin_at_1(string query, string pointer)
    {
        var meeting = await (await Cooperation.Start(Host)).Schedule();

        var refused = await Host.Get($"/v1/audit/streams/{meeting.Id}/{query}", "auditor");

        refused.ShouldBeProblem(422, "invalid", pointer);
        refused.Json.Text("detail").ShouldContain("begin at 1");
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("Meeting_held")]
    public async Task A_type_that_no_event_has_is_refused_with_those_there_are(string type)
    {
        var refused = await Host.Get($"/v1/audit/events?type={type}", "auditor");

        refused.ShouldBeProblem(422, "invalid", "/type").Json.Text("detail").ShouldContain("meeting_held, ");
        (await Host.Get("/v1/audit/events?type=tombstone", "auditor")).ShouldBeRead();
    }

    [Fact]
    public async Task A_difference_is_told_in_words_with_the_members_that_changed_and_the_events_behind()
    {
        var cooperation = await Cooperation.Start(Host);
        var (ada, ben) = (await cooperation.Person(), await cooperation.Person("Ben"));
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/registrations", new { attendees = new[] { cooperation.Attendee(ada) } });
        await cooperation.Do($"/v1/meetings/{meeting.Id}/reschedule", new { start = "2018-06-01" });
        var last = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { cooperation.Attendee(ben) } }
        );

        var answer = (await Host.Read($"/v1/audit/streams/{meeting.Id}/difference?from=2", last.Position, "auditor")).ShouldBeRead();

        ((int)answer["fromVersion"]!, (int)answer["toVersion"]!).ShouldBe((2, 4));
        answer["events"]!.AsArray().Select(e => (string)e!["type"]!).ShouldBe(["meeting_rescheduled", "attendance_registered"]);
        var changes = answer["changes"]!.AsArray().ToDictionary(c => (string)c!["member"]!, c => c!);
        ((string)changes["/start"]["words"]!).ShouldBe("Start: was \"2018-04-04\", is now \"2018-06-01\".");
        changes.Keys.ShouldContain($"/registrations/{ben}");
        changes.Keys.ShouldNotContain($"/registrations/{ada}");
        ((string)answer["words"]!).ShouldStartWith("Between version 2 and position");
        (await Host.Get($"/v1/audit/streams/{meeting.Id}/difference?from=3&to=2", "auditor")).ShouldBeProblem(422, "invalid", "/from");
        (await Host.Get($"/v1/audit/streams/{meeting.Id}/difference", "auditor")).ShouldBeProblem(422, "invalid", "/from");
        (
            (string)(await Host.Get($"/v1/audit/streams/{meeting.Id}/difference?from=2&to=2", "auditor")).ShouldBeRead()["words"]!
        ).ShouldContain("nothing changed");
    }

    private async Task<IReadOnlyList<JsonNode>> Items(string path, long position, string role = "auditor") =>
        [.. (await Host.Read(path, position, role)).ShouldBeRead()["items"]!.AsArray().Select(item => item!)];

    /// <summary>A time by which the position was noted as settled, and nothing after it was recorded.</summary>
    private async Task<string> Noted(long position)
    {
        await Wait.Until($"position {position} to be noted", async () =>
            await Host.Database.Scalar<bool>("select exists(select from recording.settled_position where position >= $1)", position)
        );
        return await Host.Database.Scalar<string>(
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        );
    }
}
