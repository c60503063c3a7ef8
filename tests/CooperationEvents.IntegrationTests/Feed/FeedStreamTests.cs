using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Feed;

public sealed class FeedStreamTests(SharedRegister register)
{
    private static readonly (string, string) AsStream = ("Accept", "text/event-stream");

    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_stream_gives_what_is_there_and_goes_on_with_what_is_recorded()
    {
        var before = await Host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        await Host.Reaches(before);
        var cooperation = await Cooperation.Start(Host);
        var there = await Host.Database.History(before);
        using var stream = await Host.Open($"/v1/feed?after={before}", "analyst", AsStream);
        stream.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        await using var events = stream.Events().GetAsyncEnumerator();
        there.Count.ShouldBeGreaterThanOrEqualTo(5);
        foreach (var (position, _) in there)
            (await Next()).ShouldBe(position);

        // Before the meeting may come what the register of all tests records by itself.
        var meeting = await cooperation.Schedule();
        long read;
        while ((read = await Next()) < meeting.Position) { }

        read.ShouldBe(meeting.Position);
        events.Current.EventType.ShouldBe("meeting_scheduled");
        events.Current.Data.ShouldNotContain("\n");
        var page = await Host.Read($"/v1/feed?after={meeting.Position - 1}&limit=1", meeting.Position, "analyst");
        JsonNode.DeepEquals(JsonNode.Parse(events.Current.Data), page.ShouldBeRead()["items"]![0]).ShouldBeTrue();

        async Task<long> Next()
        {
            (await events.MoveNextAsync()).ShouldBeTrue();
            return long.Parse(events.Current.EventId!, CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task A_reader_that_was_cut_off_goes_on_after_the_last_event_it_saw()
    {
        var before = await Host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        await Host.Reaches(before);
        await Cooperation.Start(Host);
        var read = new List<long>();
        var path = $"/v1/feed?after={before}";
        (string, string)[] headers = [AsStream];
        for (var connection = 0; connection < 5; connection++)
        {
            using var stream = await Host.Open(path, "analyst", headers);
            var item = (await stream.Take(1)).Single();
            read.Add(long.Parse(item.EventId!, CultureInfo.InvariantCulture));

            // As a browser does it: to the same URL, with the id of the last event.
            headers = [AsStream, ("Last-Event-ID", item.EventId!)];
        }

        read.ShouldBe((await Host.Database.History(before)).Select(e => e.Position).Take(read.Count));
    }

    [Fact]
    public async Task A_stream_is_filtered_as_a_page_is()
    {
        var cooperation = await Cooperation.Start(Host);
        var before = await Host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        await Host.Reaches(before);
        using var held = await Host.Open($"/v1/feed?after={before}&type=meeting_held", "analyst", AsStream);
        using var people = await Host.Open($"/v1/feed?after={before}&streamType=person", "analyst", AsStream);
        var meeting = await cooperation.Schedule();
        var person = await cooperation.Person();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });

        (await Own(held)).EventType.ShouldBe("meeting_held");
        Stream(await Own(people)).ShouldBe(person);

        async Task<SseItem<string>> Own(HttpResponseMessage stream)
        {
            using var patience = new CancellationTokenSource(Wait.Patience);
            return await stream.Events().FirstAsync(item => Stream(item) == meeting.Id || Stream(item) == person, patience.Token);
        }

        static Guid Stream(SseItem<string> item) => JsonNode.Parse(item.Data)!["stream"]!.GetValue<Guid>();
    }

    [Fact]
    public async Task What_cannot_be_streamed_is_refused_as_a_problem()
    {
        (await Host.Get("/v1/feed?limit=5", "analyst", AsStream)).ShouldBeProblem(422, "invalid", "/limit");
        (await Host.Get("/v1/feed?typ=meeting_held", "analyst", AsStream)).ShouldBeProblem(422, "invalid", "/typ");
        (await Host.Get("/v1/feed", "analyst", AsStream, ("Last-Event-ID", "soon"))).ShouldBeProblem(400, "invalid-header");
        (await Host.Get("/v1/feed", "analyst", AsStream, ("Last-Event-ID", "-1"))).ShouldBeProblem(400, "invalid-header");
        (await Host.Get("/v1/feed", null, AsStream)).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task A_silent_stream_has_heart_beats_that_say_how_far_it_has_come()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Feed:HeartBeat", "00:00:00.2"));
        using var stream = await host.Open("/v1/feed?streamType=person", "analyst", AsStream);
        var posted = await Cooperation.Organisation(host, "Not a person");
        var position = await database.Scalar<long>("select seq_id from register.mt_events where stream_id = $1", posted);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());

        var lines = new List<string>();
        using var patience = new CancellationTokenSource(Wait.Patience);
        while (lines.LastOrDefault() != $"id: {position}")
            lines.Add((await reader.ReadLineAsync(patience.Token)).ShouldNotBeNull());

        lines[0].ShouldStartWith("retry: ");
        lines[1].ShouldBe("id: 0");
        lines.ShouldContain(": heart-beat");
        lines.ShouldNotContain(line =>
            line.StartsWith("event:", StringComparison.Ordinal) || line.StartsWith("data:", StringComparison.Ordinal)
        );
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_stream_ends_with_its_principal_within_a_minute()
    {
        var clock = new LeapingClock();
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, null, clock, ("Feed:HeartBeat", "00:00:00.1"));
        await host.AddKey("leaver", [.. Scopes.Roles["analyst"]]);
        var digest = ApiKeys.DigestOf(host.Keys["leaver"]);
        var leaver = await host.Services.GetRequiredService<ApiKeys>().Find(digest, CancellationToken.None);
        using var stream = await host.Open("/v1/feed", "leaver", AsStream);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        clock.Leap(TimeSpan.FromMinutes(2));
        for (var line = 0; line < 20; line++)
            (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull("Its key stands.");

        (await host.Post($"/v1/access/principals/{leaver!.PrincipalId()}/end", new { }, "admin")).Status.ShouldBe(204);
        clock.Leap(TimeSpan.FromMinutes(1));

        using var patience = new CancellationTokenSource(Wait.Patience);
        while (await reader.ReadLineAsync(patience.Token) is not null) { }
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_node_keeps_so_many_streams_open_and_a_reader_that_has_gone_makes_room()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Feed:MostStreams", "2"));
        var first = await host.Open("/v1/feed", "analyst", AsStream);
        using var second = await host.Open("/v1/feed", "analyst", AsStream);

        (await host.Get("/v1/feed", "analyst", AsStream)).ShouldBeProblem(503, "busy").Header("Retry-After").ShouldNotBeNull();
        (await host.Get("/v1/feed", "analyst")).ShouldBeRead();

        first.Dispose();
        await Wait.Until("room for another stream", async () =>
        {
            using var third = await host.Open("/v1/feed", "analyst", AsStream);
            return third.IsSuccessStatusCode;
        });
        host.Errors.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_for_a_while_ends_no_stream_and_hides_no_event()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        using var stream = await host.Open("/v1/feed", "analyst", AsStream);
        await using var events = stream.Events().GetAsyncEnumerator();
        await Cooperation.Organisation(host, "Before");
        (await events.MoveNextAsync()).ShouldBeTrue();

        await database.Rows("alter table register.mt_event_progression rename to out_of_reach");
        await Wait.Until("the reading to fail", () => host.Errors.Any(e => e.Contains("newest events", StringComparison.Ordinal)));
        await database.Rows("alter table register.out_of_reach rename to mt_event_progression");
        await Cooperation.Organisation(host, "After");

        (await events.MoveNextAsync()).ShouldBeTrue();
        JsonNode.Parse(events.Current.Data)!["data"]!.Text("name").ShouldBe("After");
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
