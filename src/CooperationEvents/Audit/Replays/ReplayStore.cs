using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Replays and what they found. While one has not ended there is no other.</summary>
internal sealed class ReplayStore(NpgsqlDataSource database)
{
    /// <summary>How many findings of a replay are kept; all are counted.</summary>
    public const long MostFindings = 1_000_000;

    public const string Table = "audit.replay";

    private const string Columns = """
        id, number, state, position, actor, requested_at, started_at, finished_at, reason, replayed, events, per_second, checked_to,
        compared_from, compared_to, differences, damaged_events, tables::text
        """;

    private const string Unfinished = "finished_at is null";

    /// <summary>Queues a replay; false where another has not ended, or the key was used before.</summary>
    public async Task<bool> Create(Guid id, long position, Guid actor, IdempotentRequest? under, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            with made as (
                insert into audit.replay (id, state, position, actor, requested_at) values ($3, $4, $5, $6, now())
                on conflict do nothing returning id),
            {IdempotentRequests.Noted}
            select exists (select from made)
            """,
            [.. IdempotentRequests.Parameters(under), id, Json.Word(ReplayState.Queued), position, actor]
        );
        return await IdempotentRequests.IsMade(command, cancellation);
    }

    public async Task<Replay?> Find(Guid id, CancellationToken cancellation) =>
        await One(database.Statement($"select {Columns} from audit.replay where id = $1", id), cancellation);

    /// <summary>The one that has not ended.</summary>
    public async Task<Replay?> Open(CancellationToken cancellation) =>
        await One(database.Statement($"select {Columns} from audit.replay where {Unfinished}"), cancellation);

    /// <summary>A page of replays, newest first, after that number.</summary>
    public Task<IReadOnlyList<Replay>> List(long before, int limit, CancellationToken cancellation) =>
        Read(
            database.Statement($"select {Columns} from audit.replay where number < $1 order by number desc limit $2", before, limit),
            cancellation
        );

    /// <summary>A page of findings after that number, in the order they were found.</summary>
    public async Task<IReadOnlyList<(long Number, ReplayFinding Finding)>> Findings(
        Guid id,
        long after,
        int limit,
        CancellationToken cancellation
    ) =>
        await database.Query(
            "select number, finding::text from audit.replay_finding where replay_id = $1 and number > $2 order by number limit $3",
            [id, after, limit],
            rows => (rows.GetInt64(0), JsonSerializer.Deserialize<ReplayFinding>(rows.GetString(1), Json.Options)!),
            cancellation
        );

    /// <summary>
    /// Continues a replay where its scratch schema stands. Findings of events after that, and of rows, are deleted: they are found again.
    /// </summary>
    public Task<bool> TakeUp(Guid id, long position, long replayed, long? events, CancellationToken cancellation) =>
        Change(
            $"""
            with emptied as (delete from audit.replay_finding where replay_id = $1 and (seq is null or seq > $3) returning seq)
            update audit.replay set state = $2, started_at = coalesce(started_at, now()), replayed = $4, events = $5, checked_to = $3,
                per_second = 0,
                compared_from = null, compared_to = null, tables = '[]', differences = 0,
                damaged_events = damaged_events - (select count(*) from emptied where seq is not null)
            where id = $1 and {Unfinished}
            """,
            cancellation,
            id,
            Json.Word(ReplayState.Running),
            position,
            replayed,
            events
        );

    /// <summary>Notes how far it is; false where it was ended meanwhile.</summary>
    public Task<bool> Progress(Guid id, long replayed, long perSecond, long checkedTo, CancellationToken cancellation) =>
        Change(
            $"""
            update audit.replay set replayed = $2, per_second = $3, checked_to = $4,
                attempts = case when replayed < $2 then 0 else attempts end
            where id = $1 and {Unfinished}
            """,
            cancellation,
            id,
            replayed,
            perSecond,
            checkedTo
        );

    /// <inheritdoc cref="Progress"/>
    public Task<bool> Compared(Guid id, long from, long to, IReadOnlyList<ReplayedTable> tables, CancellationToken cancellation) =>
        Change(
            $"update audit.replay set state = $2, compared_from = $3, compared_to = $4, tables = $5::jsonb where id = $1 and {Unfinished}",
            cancellation,
            id,
            Json.Word(ReplayState.Comparing),
            from,
            to,
            JsonSerializer.Serialize(tables, Json.Options)
        );

    /// <summary>Adds to the report; what is beyond <see cref="MostFindings"/> is only counted.</summary>
    public async Task Found(Replay replay, IReadOnlyList<ReplayFinding> findings, CancellationToken cancellation)
    {
        if (findings.Count == 0)
            return;
        var events = findings.Count(f => f.Seq is not null);
        await using var command = database.Statement(
            $"""
            with counted as (
                update audit.replay set differences = differences + $2, damaged_events = damaged_events + $3
                where id = $1 and {Unfinished} returning differences + damaged_events - $2 - $3 as before
            )
            insert into audit.replay_finding (replay_id, seq, finding)
            select $1, f.seq, f.finding::jsonb from unnest($4, $5) with ordinality f (seq, finding, place), counted
            where counted.before + f.place <= {MostFindings} order by f.place
            """,
            replay.Id,
            (long)(findings.Count - events),
            (long)events,
            findings.Select(f => f.Seq).ToArray(),
            findings.Select(f => JsonSerializer.Serialize(f, Json.Options)).ToArray()
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Ends a replay, unless it has ended already.</summary>
    public Task<bool> End(Guid id, ReplayState state, string? reason, CancellationToken cancellation) =>
        Change(
            $"update audit.replay set state = $2, reason = $3, finished_at = now() where id = $1 and {Unfinished}",
            cancellation,
            id,
            Json.Word(state),
            reason
        );

    private async Task<bool> Change(string sql, CancellationToken cancellation, params object?[] parameters) =>
        await database.Execute(sql, parameters, cancellation) == 1;

    private static async Task<Replay?> One(NpgsqlCommand command, CancellationToken cancellation) =>
        (await Read(command, cancellation)) is [var replay] ? replay : null;

    private static async Task<IReadOnlyList<Replay>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var _ = command;
        var replays = new List<Replay>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            replays.Add(
                new Replay(
                    row.GetGuid(0),
                    row.GetInt64(1),
                    Enum.Parse<ReplayState>(row.GetString(2), ignoreCase: true),
                    row.GetInt64(3),
                    row.GetGuid(4),
                    row.GetFieldValue<DateTimeOffset>(5),
                    Time(6),
                    Time(7),
                    row.IsDBNull(8) ? null : row.GetString(8),
                    row.GetInt64(9),
                    Number(10),
                    row.GetInt64(11),
                    row.GetInt64(12),
                    Number(13),
                    Number(14),
                    row.GetInt64(15),
                    row.GetInt64(16),
                    JsonSerializer.Deserialize<ReplayedTable[]>(row.GetString(17), Json.Options)!
                )
            );

            DateTimeOffset? Time(int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

            long? Number(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
        }

        return replays;
    }
}
