using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>What auditors read where events were removed from the history behind the triggers.</summary>
public sealed class MissingEventTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private RegisterHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _host = await RegisterHost.Start(_database, settings: ("Audit:CheckpointMilliseconds", "50"));
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_host.DataDirectory, recursive: true);
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_event_that_is_gone_is_missed_in_history_state_and_difference()
    {
        var cooperation = await Cooperation.Start(_host);
        var streams = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var meeting = await cooperation.Schedule();
            foreach (var venue in new[] { "Geneva", "Brussels" })
                await cooperation.Do($"/v1/meetings/{meeting.Id}/relocate", new { venue });
            streams.Add($"{meeting.Id}");
        }

        await Log.CoversAll(_host);
        var newest = await _database.Scalar<long>("select max(seq_id) from register.mt_events");
        (await _host.Read("/v1/audit/events?limit=1", newest, "auditor")).ShouldBeRead();
        var (first, middle, last, whole) = (streams[0], streams[1], streams[2], streams[3]);
        var gone = (await Remove(first, 1), await Remove(middle, 2), await Remove(last, 3));

        (await Missing($"/v1/audit/streams/{first}")).ShouldBe(["1"]);
        (await Missing($"/v1/audit/streams/{middle}")).ShouldBe(["2"]);
        (await Missing($"/v1/audit/streams/{last}")).ShouldBe(["3"]);
        (await Missing($"/v1/audit/streams/{whole}")).ShouldBeEmpty();
        (await Missing("/v1/audit/events?limit=500", "id")).ShouldBe([gone.Item1, gone.Item2, gone.Item3]);
        (await Missing("/v1/audit/events?limit=1", "id")).ShouldBeEmpty();

        (await Refused($"/v1/audit/streams/{first}/state")).ShouldContain("version 1");
        (await Refused($"/v1/audit/streams/{middle}/state?version=2")).ShouldContain("version 2");
        (await Refused($"/v1/audit/streams/{last}/difference?from=1&to=3")).ShouldContain("version 3");
        foreach (var (stream, version) in new[] { (middle, "2"), (last, "3") })
        {
            (await Missing($"/v1/audit/streams/{stream}/state")).ShouldBe([version]);
            (await Missing($"/v1/audit/streams/{stream}/difference?from=1")).ShouldBe([version]);
            (await Missing($"/v1/audit/streams/{stream}/state?version=1")).ShouldBeEmpty();
        }

        (await Missing($"/v1/audit/streams/{whole}/state")).ShouldBeEmpty();
        foreach (var part in new[] { "", "/state?version=3", "/difference?from=1&to=3" })
            (await _host.Get($"/v1/audit/streams/{Guid.NewGuid()}{part}", "auditor")).ShouldBeProblem(404, "not-found");
    }

    private async Task<string> Remove(string stream, long version)
    {
        var id = await _database.Scalar<string>(
            "select id::text from register.mt_events where stream_id = $1 and version = $2",
            Guid.Parse(stream),
            version
        );
        await Tamper.Do(_database, $"delete from register.mt_events where id = '{id}'");
        return id;
    }

    private async Task<IEnumerable<string>> Missing(string path, string member = "version") =>
        (await _host.Get(path, "auditor")).ShouldBeRead()["missing"] is JsonArray missing
            ? missing.Select(one => $"{(one is JsonObject o ? o[member] : one)}")
            : [];

    private async Task<string> Refused(string path) =>
        (await _host.Get(path, "auditor")).ShouldBeProblem(409, "event-altered").Json.Text("detail");
}
