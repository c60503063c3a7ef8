using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>What rehearsals keep aside of persons; it goes with each, and at an erasure.</summary>
public sealed class RehearsedPeople(NpgsqlDataSource database) : IHoldOfPeople
{
    public string Holds => "sealed events of dry runs that are under way, and digests of their references";

    public async Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        foreach (var table in new[] { "rehearsed_event", "rehearsed_reference" })
        {
            await using var command = database.CreateCommand($"delete from recording.{table} where stream_id = any($1)");
            command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    public async Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select count(*) from recording.rehearsed_event where stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>
/// Says what commands would come to, without appending anything: each is decided on the history and on what those before
/// it came to, which is kept aside, in the database rather than in memory, until <see cref="Clear"/>.
/// </summary>
public sealed class Rehearsal
{
    internal const string Schema = """
        create table if not exists recording.rehearsed_event (
            rehearsal_id uuid not null,
            stream_id uuid not null,
            version bigint not null,
            kind text not null,
            event_id uuid not null,
            type text not null,
            causation text not null,
            data text not null,
            primary key (rehearsal_id, stream_id, version)
        );
        create table if not exists recording.rehearsed_reference (
            rehearsal_id uuid not null,
            digest bytea not null,
            stream_id uuid not null,
            primary key (rehearsal_id, digest)
        );
        """;

    internal const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert, delete on recording.rehearsed_event, recording.rehearsed_reference to cooperation_service;
        """;

    private static readonly Dictionary<string, Type> Types =
        StoredAttribute.In(typeof(Rehearsal).Assembly).ToDictionary(e => e.Stored.Name, e => e.Type);

    private readonly Guid _id;
    private readonly NpgsqlDataSource _database;
    private readonly KeyStore _keys;
    private readonly ExternalReferences _externalReferences;

    internal Rehearsal(Guid id, NpgsqlDataSource database, KeyStore keys, ExternalReferences externalReferences) =>
        (_id, _database, _keys, _externalReferences) = (id, database, keys, externalReferences);

    private string KeyName => $"rehearsal/{_id}";

    /// <summary>Forgets everything; a rehearsal of the same id then begins anew.</summary>
    public async Task Clear(CancellationToken cancellation)
    {
        foreach (var table in new[] { "rehearsed_event", "rehearsed_reference" })
            await Command($"delete from recording.{table} where rehearsal_id = $1").ExecuteNonQueryAsync(cancellation);
        await _keys.DestroyService(KeyName, cancellation);
    }

    internal async Task<IPersonKeys> Keys(CancellationToken cancellation) => new RehearsedKeys(_keys, await _keys.Service(KeyName, cancellation));

    /// <summary>What the stream would have after its committed events.</summary>
    internal async Task<IReadOnlyList<StreamEvent>> Events(Guid stream, CancellationToken cancellation)
    {
        await using var command = Command(
            "select event_id, type, causation, data from recording.rehearsed_event where rehearsal_id = $1 and stream_id = $2 order by version", stream);
        var events = new List<StreamEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var type = reader.GetString(1);
            events.Add(new StreamEvent(
                new Recorded(reader.GetGuid(0), type, JsonSerializer.Deserialize(reader.GetString(3), Types[type], Json.Options)!), reader.GetString(2)));
        }

        return events;
    }

    internal async Task<IReadOnlyDictionary<Guid, string>> Kinds(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        await using var command = Command(
            "select distinct stream_id, kind from recording.rehearsed_event where rehearsal_id = $1 and stream_id = any($2)", ids.ToArray());
        var kinds = new Dictionary<Guid, string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            kinds[reader.GetGuid(0)] = reader.GetString(1);
        return kinds;
    }

    internal async Task<Guid?> Find(string stream, ExternalReference reference, CancellationToken cancellation)
    {
        await using var command = Command(
            "select stream_id from recording.rehearsed_reference where rehearsal_id = $1 and digest = $2",
            await _externalReferences.Digest(stream, reference, cancellation));
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    internal async Task Keep(Uncommitted pending, CancellationToken cancellation)
    {
        if (pending.Events.Count == 0)
            return;
        var kinds = pending.Streams.ToDictionary(stream => stream.After.Id, stream => stream.Kind);
        var digests = new List<byte[]>();
        foreach (var (stream, reference) in pending.Claims.Keys)
            digests.Add(await _externalReferences.Digest(stream, reference, cancellation));
        await using var insert = Command(
            """
            with reference as (
                insert into recording.rehearsed_reference select $1, * from unnest($9, $10)
            )
            insert into recording.rehearsed_event select $1, * from unnest($2, $3, $4, $5, $6, $7, $8)
            """,
            pending.Events.Select(e => e.Stream).ToArray(),
            pending.Events.Select(e => e.Version).ToArray(),
            pending.Events.Select(e => kinds[e.Stream]).ToArray(),
            pending.Events.Select(e => e.Recorded.Id).ToArray(),
            pending.Events.Select(e => e.Recorded.Type).ToArray(),
            pending.Events.Select(e => e.Causation).ToArray(),
            pending.Events.Select(e => Encoding.UTF8.GetString(e.Json)).ToArray(),
            digests.ToArray(),
            pending.Claims.Values.ToArray());
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> parameters)
    {
        var command = _database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = _id });
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}
