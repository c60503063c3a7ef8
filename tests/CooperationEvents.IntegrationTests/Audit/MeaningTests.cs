using System.Text.Json.Nodes;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Testing;
using Marten;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>What an event means follows from what its entry holds, and every other column is held to that.</summary>
public sealed class MeaningTests(TamperedRegister register) : IClassFixture<TamperedRegister>
{
    /// <summary>The data of an event of each type.</summary>
    private static readonly Dictionary<string, string> Examples = JsonNode
        .Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "events.json")))!
        .AsObject()
        .SelectMany(stream => stream.Value!.AsObject())
        .ToDictionary(example => example.Key, example => example.Value!.ToJsonString(null));

    /// <summary>
    /// One event of each type in a stream of its own; then each is said to be of every other type by the column that Marten keeps beside.
    /// </summary>
    [Fact]
    public async Task An_event_is_read_as_what_its_type_says_and_whoever_says_otherwise_is_named()
    {
        await using var database = await TestDatabase.Create();
        await using var store = DocumentStore.For(options =>
        {
            options.Connection(database.Source);
            EventStore.Configure(options, ReadModelSchemas.Live, []);
        });
        var types = EventType.All;
        var streams = new Dictionary<Guid, string>();
        foreach (var name in types.Select(t => t.Name))
        {
            var stream = Guid.NewGuid();
            streams.Add(stream, name);
            await database.Rows(
                """
                with stream as (insert into register.mt_streams (id, type, version) values ($1, $2, 1))
                insert into register.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
                values (nextval('register.mt_events_sequence'), gen_random_uuid(), $1, 1, $3::text::jsonb, $4, '*DEFAULT*')
                """,
                stream,
                AuditLog.StreamTypes.Of(name)!,
                Examples[name],
                name
            );
        }

        (await new Completeness(database.Source).Check(CancellationToken.None)).ShouldBeEmpty();
        foreach (var (name, _, type) in types)
        {
            await Tamper.Do(database, $"update register.mt_events set mt_dotnet_type = '{type.FullName}, {type.Assembly.GetName().Name}'");

            await using var session = store.QuerySession();
            foreach (var (stream, own) in streams)
                (await session.Events.FetchStreamAsync(stream))
                    .ShouldHaveSingleItem()
                    .EventType.ShouldBe(types.Single(t => t.Name == own).Type, $"{own}, said to be {name}");
            var fault = (await new Completeness(database.Source).Check(CancellationToken.None)).ShouldHaveSingleItem();
            fault.Count.ShouldBe(types.Count - 1);
            fault.Which.ShouldAllBe(w => w.EndsWith("(mt_dotnet_type names another type)", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("is_archived = true", "is_archived hides it")]
    [InlineData("is_archived = null", "is_archived hides it")]
    [InlineData("tenant_id = 'other'", "tenant_id is not the one there is")]
    [InlineData("bdata = '\\x00'", "bdata holds something")]
    [InlineData("headers = '{\"note\": 1}'", "headers hold what is not ours")]
    [InlineData("headers = '{\"source\": 1}'", "headers hold what is not ours")]
    [InlineData("headers = '[]'", "headers hold what is not ours")]
    [InlineData("mt_dotnet_type = 'x'", "mt_dotnet_type names another type")]
    public async Task A_column_of_an_event_that_no_entry_holds_is_named_with_its_event(string change, string what)
    {
        var seq = await register.Database.Scalar<long>("select seq from audit.leaf where index = 3");
        await Named(
            $"update register.mt_events set {change} where seq_id = {seq}",
            $"{seq} ({what})",
            "event-",
            seq.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    [Theory]
    [InlineData("type = 'meeting'", "type is not that of its events")]
    [InlineData("type = null", "type is not that of its events")]
    [InlineData("version = version + 1", "version is not that of its last event")]
    [InlineData("created = created - interval '1 day'", "created is not the time of its first event")]
    [InlineData("timestamp = timestamp + interval '1 microsecond'", "timestamp is not that of its last event")]
    [InlineData("tenant_id = 'other'", "tenant_id is not the one there is")]
    [InlineData("compacted_version = 1", "compacted_version is not 0")]
    [InlineData("is_archived = true", "is_archived hides it")]
    [InlineData("is_archived = null", "is_archived hides it")]
    [InlineData(null, "its row is missing")]
    public async Task A_row_of_a_stream_that_is_not_what_its_events_say_is_named(string? change, string what)
    {
        var stream = (Guid)
            (
                await register.Database.Rows(
                    "select stream_id from register.mt_events where type = 'organisation_registered' order by seq_id limit 1"
                )
            ).Single()[0]!;
        await Named(
            change is null
                ? $"delete from register.mt_streams where id = '{stream}'"
                : $"update register.mt_streams set {change} where id = '{stream}'",
            $"{stream} ({what})",
            "stream-differs",
            stream.ToString()
        );
    }

    [Fact]
    public async Task A_leaf_that_is_said_to_be_of_another_event_is_named_and_the_proof_is_that_of_the_event()
    {
        var rows = await register.Database.Rows("select event_id, seq from audit.leaf where index in (3, 4) order by index");
        var (own, other, seq) = ((Guid)rows[0][0]!, (Guid)rows[1][0]!, (long)rows[0][1]!);
        try
        {
            await Tamper.Do(
                register.Database,
                $"""
                update audit.leaf set event_id = gen_random_uuid() where index = 3;
                update audit.leaf set event_id = '{own}' where index = 4;
                update audit.leaf set event_id = '{other}' where index = 3
                """
            );

            (await register.Host.Get($"/v1/audit/events/{own}/proof", "auditor")).Text.ShouldContain("index 3\n");
            (await Replays.Run(register.Host))["findings"]!
                .AsArray()
                .ShouldContain(f => (string)f!["kind"]! == "event-aside" && (long)f["seq"]! == seq);
        }
        finally
        {
            await register.Restore();
        }
    }

    /// <summary>Tampers, and expects the row to be named by the completeness check and by a replay.</summary>
    private async Task Named(string sql, string which, string kind, string row)
    {
        try
        {
            await Tamper.Do(register.Database, sql);
            (await new Completeness(register.Database.Source).Check(CancellationToken.None)).SelectMany(f => f.Which).ShouldContain(which);
            var findings = (await Replays.Run(register.Host))["findings"]!.AsArray().Select(f => f!).ToList();
            findings.ShouldContain(f =>
                ((string)f["kind"]!).StartsWith(kind, StringComparison.Ordinal)
                && f.ToJsonString(null).Contains(row, StringComparison.Ordinal)
            );
        }
        finally
        {
            await register.Restore();
        }
    }
}

/// <summary>Replays asked for over HTTP, to their end.</summary>
internal static class Replays
{
    public static async Task<JsonNode> Run(RegisterHost host)
    {
        var started = await host.Post("/v1/audit/replays", new { }, "auditor");
        started.Status.ShouldBe(202, started.ToString());
        JsonNode? replay = null;
        await Wait.Until("the replay to end", async () =>
            (replay = (await host.Get($"/v1/audit/replays/{started.Json["id"]}", "auditor")).Json)["finishedAt"] is not null
        );
        host.Errors.ShouldNotContain(e => e.Contains("Replays do not run here", StringComparison.Ordinal));
        return replay!;
    }
}
