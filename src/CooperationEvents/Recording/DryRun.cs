using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>What dry runs keep aside of persons; it goes with each, and at an erasure.</summary>
public sealed class DryRunPeople(NpgsqlDataSource database) : IHoldOfPeople
{
    public string Holds => "sealed events of dry runs that are under way, and digests of their references, names and addresses";

    public async Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        foreach (var table in DryRun.Tables)
        {
            await database.Execute($"delete from recording.{table} where stream_id = any($1)", [people.ToArray()], cancellation);
        }
    }

    public Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) =>
        database.Scalar<long>("select count(*) from recording.rehearsed_event where stream_id = any($1)", [people.ToArray()], cancellation);
}

/// <summary>
/// Says what commands would come to, without appending anything: each is decided on the history and on what those before
/// it came to, which is kept aside, in the database rather than in memory, until <see cref="Clear"/>.
/// </summary>
public sealed class DryRun
{
    internal static readonly string[] Tables = ["rehearsed_event", "rehearsed_reference", "rehearsed_likeness"];

    private readonly Guid _id;
    private readonly NpgsqlDataSource _database;
    private readonly KeyStore _keys;

    internal DryRun(Guid id, NpgsqlDataSource database, KeyStore keys) => (_id, _database, _keys) = (id, database, keys);

    internal Guid Id => _id;

    /// <summary>The name of the service key by which what the dry run of that id keeps is sealed.</summary>
    internal static string KeyName(Guid id) => $"rehearsal/{id}";

    /// <summary>Forgets everything; a dry run of the same id then begins anew.</summary>
    public async Task Clear(CancellationToken cancellation)
    {
        foreach (var table in Tables)
            await _database.Statement($"delete from recording.{table} where rehearsal_id = $1", _id).ExecuteNonQueryAsync(cancellation);
        await _keys.DestroyService(KeyName(_id), cancellation);
    }

    /// <param name="isNew">Whether the person is registered by this very transaction.</param>
    internal async Task<IPersonKeys> Keys(Func<Guid, bool> isNew, CancellationToken cancellation) =>
        new DryRunKeys(_keys, await _keys.Service(KeyName(_id), cancellation), async (person, asked) =>
            !isNew(person) && await _database.Scalar<bool>("select exists (select from register.mt_streams where id = $1)", [person], asked)
        );

    /// <summary>Asks for what the references of these digests would name.</summary>
    internal NpgsqlBatchCommand FindCommand(IEnumerable<byte[]> digests) =>
        Statement(
            "select digest, stream_id from recording.rehearsed_reference where rehearsal_id = $1 and digest = any($2)",
            (object)digests.ToArray()
        );

    /// <summary>Asks for the kinds of those of the streams that there would be.</summary>
    internal NpgsqlBatchCommand KindsCommand(IEnumerable<Guid> ids) =>
        Statement(
            "select distinct stream_id, kind from recording.rehearsed_event where rehearsal_id = $1 and stream_id = any($2)",
            ids.ToArray()
        );

    /// <summary>Asks for what the streams would have after their committed events.</summary>
    internal NpgsqlBatchCommand EventsCommand(Guid[] streams) =>
        Statement(
            """
            select stream_id, event_id, type, causation, data from recording.rehearsed_event
            where rehearsal_id = $1 and stream_id = any($2) order by stream_id, version
            """,
            streams
        );

    /// <summary>What <see cref="EventsCommand"/> found.</summary>
    internal static async Task<IReadOnlyList<(Guid Stream, StreamEvent Event)>> Events(
        NpgsqlDataReader rows,
        CancellationToken cancellation
    )
    {
        var events = new List<(Guid, StreamEvent)>();
        while (await rows.ReadAsync(cancellation))
        {
            var type = rows.GetString(2);
            events.Add(
                (
                    rows.GetGuid(0),
                    new StreamEvent(new Recorded(rows.GetGuid(1), type, EventType.Read(type, rows.GetString(4))), rows.GetString(3))
                )
            );
        }

        return events;
    }

    internal async Task Keep(Transaction transaction, Likenesses.Changes likenesses, CancellationToken cancellation)
    {
        if (transaction.Events.Count == 0)
            return;
        var kinds = transaction.Streams.ToDictionary(stream => stream.After.Id, stream => stream.Kind);
        var taken = await transaction.Taken(cancellation);
        await using var batch = _database.CreateBatch();
        batch.BatchCommands.Add(
            Statement(
                """
                with reference as (
                    insert into recording.rehearsed_reference select $1, * from unnest($9::bytea[], $10::uuid[])
                )
                insert into recording.rehearsed_event
                select $1, * from unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[])
                """,
                transaction.Events.Select(e => e.Stream).ToArray(),
                transaction.Events.Select(e => e.Version).ToArray(),
                transaction.Events.Select(e => kinds[e.Stream].ToString()).ToArray(),
                transaction.Events.Select(e => e.Recorded.Id).ToArray(),
                transaction.Events.Select(e => e.Recorded.Type).ToArray(),
                transaction.Events.Select(e => e.Causation).ToArray(),
                transaction.Events.Select(e => Encoding.UTF8.GetString(e.Json)).ToArray(),
                taken.Select(t => t.Digest).ToArray(),
                taken.Select(t => t.Id).ToArray()
            )
        );
        foreach (var statement in KeepCommands(likenesses))
            batch.BatchCommands.Add(statement);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Keeps which streams would have which traits, and which would have them no more.</summary>
    private IEnumerable<NpgsqlBatchCommand> KeepCommands(Likenesses.Changes likenesses)
    {
        if (likenesses.Emptied.Count > 0)
        {
            var emptied = likenesses.Emptied.ToArray();
            yield return Statement("delete from recording.rehearsed_likeness where rehearsal_id = $1 and stream_id = any($2)", emptied);
            yield return Statement(
                """
                insert into recording.rehearsed_likeness
                select $1, digest, stream_id, true from recording.likeness where stream_id = any($2) and why is not null
                """,
                emptied
            );
        }

        var changed = likenesses
            .Gone.Select(row => (row, Gone: true))
            .Concat(likenesses.Come.Select(row => (row, Gone: false)))
            .Where(c => c.row.Why is not null)
            .ToList();
        if (changed.Count == 0)
            yield break;
        var (digests, streams) = (changed.Select(c => c.row.Digest).ToArray(), changed.Select(c => c.row.Stream).ToArray());
        yield return Statement(
            """
            delete from recording.rehearsed_likeness l using unnest($2::bytea[], $3::uuid[]) c (digest, stream_id)
            where l.rehearsal_id = $1 and l.digest = c.digest and l.stream_id = c.stream_id
            """,
            digests,
            streams
        );
        yield return Statement(
            "insert into recording.rehearsed_likeness select $1, * from unnest($2::bytea[], $3::uuid[], $4::boolean[])",
            digests,
            streams,
            changed.Select(c => c.Gone).ToArray()
        );
    }

    /// <summary>A statement of this dry run, whose id is <c>$1</c>.</summary>
    private NpgsqlBatchCommand Statement(string sql, params ReadOnlySpan<object?> parameters) =>
        Statements.InBatch(sql, [_id, .. parameters]);
}
