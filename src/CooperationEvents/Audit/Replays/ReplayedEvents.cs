using System.Globalization;
using CooperationEvents.Audit.History;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.AuditLog;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds each event of the history against its leaf in the log: the same bytes, and neither without the other.</summary>
internal sealed class ReplayedEvents(NpgsqlDataSource database)
{
    /// <summary>Where the columns of the event begin.</summary>
    private const int FirstOfEvent = 9;

    /// <summary>
    /// The position of the last of the next <paramref name="most"/> events after <paramref name="after"/>, or <paramref name="to"/> where
    /// there are fewer.
    /// </summary>
    public async Task<long> PageEnd(long after, long to, int most, CancellationToken cancellation)
    {
        return await database.Scalar<long?>(
            "select seq_id from register.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id offset $3 limit 1",
            [after, to, most - 1],
            cancellation
        ) ?? to;
    }

    /// <summary>How many events there are up to a position; tombstones, of which more may come, are not counted.</summary>
    public Task<long> Count(long to, CancellationToken cancellation) =>
        database.Scalar<long>(
            $"select count(*) from register.mt_events where seq_id <= $1 and type <> '{StreamTypes.Tombstone}'",
            [to],
            cancellation
        );

    /// <summary>The position up to which every committed event has its leaf, unless somebody took it away.</summary>
    public async Task<long> CoveredByLog(CancellationToken cancellation) => (await LogHead.Read(database, cancellation)).WithoutGap;

    /// <summary>
    /// The events after one position, up to another: how many there are, and which of them, or of their leaves, are not as they were.
    /// </summary>
    /// <param name="covered">The position up to which an event without a leaf is one too many, unless it is noted as late.</param>
    public async Task<(long Events, IReadOnlyList<ReplayFinding> Damaged)> Check(
        long after,
        long to,
        long covered,
        CancellationToken cancellation
    )
    {
        // An event that was put in front of the first has a position of 0 or less.
        await using var command = database.Statement(
            $"""
            select l.index, l.seq, l.event_id, l.hash, concat_ws(', ', {UnloggedColumns.FaultsOfEvent},
                    case when s.id is null then 'its stream has no row' end,
                    case when l.event_id <> e.id then 'its leaf is said to be that of ' || l.event_id end),
                e.is_archived is not false or s.id is null,
                exists (select from {LogTables.LateEvent} n where n.seq = e.seq_id), e.copy, l.copy, {StoredEvent.Columns}
            from (
                select *, row_number() over (partition by seq_id) as copy from register.mt_events where seq_id > $1 and seq_id <= $2
            ) e
            full join (
                select *, row_number() over (partition by seq) as copy from audit.leaf where seq > $1 and seq <= $2
            ) l on l.seq = e.seq_id
            left join lateral (select id from register.mt_streams where id = e.stream_id limit 1) s on true
            order by coalesce(e.seq_id, l.seq)
            """,
            after == 0 ? long.MinValue : after,
            to
        );
        var (events, damaged) = (0L, new List<ReplayFinding>());
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            long? index = await row.IsDBNullAsync(0, cancellation) ? null : row.GetInt64(0);
            if (await row.IsDBNullAsync(FirstOfEvent, cancellation))
            {
                damaged.Add(
                    new ReplayFinding(
                        ReplayFindingKind.EventMissing,
                        Seq: row.GetInt64(1),
                        Id: row.GetGuid(2),
                        Index: index,
                        Detail: "The log has its leaf, the history does not have the event."
                    )
                );
                continue;
            }

            var isFirstLeaf = await row.IsDBNullAsync(8, cancellation) || row.GetInt64(8) == 1;
            events += row.GetString(FirstOfEvent + 4) == StreamTypes.Tombstone || !isFirstLeaf ? 0 : 1;
            if (row.GetInt64(7) > 1 && isFirstLeaf)
            {
                damaged.Add(
                    new ReplayFinding(
                        ReplayFindingKind.EventExtra,
                        Seq: row.GetInt64(FirstOfEvent),
                        Id: row.GetGuid(FirstOfEvent + 1),
                        Index: index,
                        Detail: "There is another row at its position."
                    )
                );
            }

            if (Fault(row, index, covered) is { } fault)
                damaged.Add(fault);
            if (row.GetString(4) is { Length: > 0 } beside)
            {
                damaged.Add(
                    new ReplayFinding(
                        row.GetBoolean(5) ? ReplayFindingKind.EventHidden : ReplayFindingKind.EventAside,
                        Seq: row.GetInt64(FirstOfEvent),
                        Id: row.GetGuid(FirstOfEvent + 1),
                        Index: index,
                        Detail: $"A column that no entry holds is not as it must be: {beside}."
                    )
                );
            }
        }

        return (events, damaged);
    }

    /// <summary>Finds the events at positions that were never given out. Neither the log nor a replay comes to them.</summary>
    public async Task<IReadOnlyList<ReplayFinding>> CheckBeyond(CancellationToken cancellation) =>
        await database.Query(
            $"""
            select seq_id, id from {StoredEvent.Table} where seq_id > {PositionsGivenOut.Newest} order by seq_id
            limit {Completeness.Named}
            """,
            [],
            row => new ReplayFinding(
                ReplayFindingKind.EventExtra,
                Seq: row.GetInt64(0),
                Id: row.GetGuid(1),
                Detail: "Its position was never given out."
            ),
            cancellation
        );

    /// <summary>The streams whose row is not what their events say, each by its id.</summary>
    public async Task<IReadOnlyList<ReplayFinding>> CheckStreams(CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select id, what from ({UnloggedColumns.FaultsOfStreams}) s where what <> '' order by id"
        );
        command.CommandTimeout = 0;
        var findings = new List<ReplayFinding>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            findings.Add(
                new ReplayFinding(
                    ReplayFindingKind.StreamDiffers,
                    "register.mt_streams",
                    new Dictionary<string, string> { ["id"] = row.GetGuid(0).ToString() },
                    Detail: $"Not what its events say: {row.GetString(1)}."
                )
            );
        }

        return findings;
    }

    /// <summary>The checkpoints and tiles of the log whose root is not what the leaves make.</summary>
    public async Task<IReadOnlyList<ReplayFinding>> CheckLog(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        return
        [
            .. (await Completeness.CheckTree(connection, cancellation)).Select(f => new ReplayFinding(
                ReplayFindingKind.LogDiffers,
                Detail: $"{f.Count} {f.What}: {f.First}"
            )),
        ];
    }

    /// <summary>What is wrong with an event that could not be applied.</summary>
    public async Task<ReplayFinding> NotApplied(NotReplayedException error, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            "select e.id, l.index from register.mt_events e left join audit.leaf l on l.seq = e.seq_id where e.seq_id = $1",
            error.Position
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = await row.ReadAsync(cancellation);
        return new ReplayFinding(
            ReplayFindingKind.EventUnreadable,
            Seq: error.Position,
            Id: found ? row.GetGuid(0) : null,
            Index: found && !await row.IsDBNullAsync(1, cancellation) ? row.GetInt64(1) : null,
            Detail: $"It cannot be replayed: {error.Why}"
        );
    }

    private static ReplayFinding? Fault(NpgsqlDataReader row, long? index, long covered)
    {
        var (seq, id) = (row.GetInt64(FirstOfEvent), row.GetGuid(FirstOfEvent + 1));
        if (index is null && seq <= covered && !row.GetBoolean(6))
            return new ReplayFinding(
                ReplayFindingKind.EventExtra,
                Seq: seq,
                Id: id,
                Detail: string.Create(CultureInfo.InvariantCulture, $"The log covers position {covered}, and does not know it.")
            );
        try
        {
            var leaf = index is null ? (Digest?)null : new Digest(row.GetFieldValue<byte[]>(3));
            var hash = (StoredEvent.Read(row, FirstOfEvent) with { Leaf = leaf }).LeafHash();
            return leaf is null || hash == leaf
                ? null
                : new ReplayFinding(
                    ReplayFindingKind.EventAltered,
                    Seq: seq,
                    Id: id,
                    Index: index,
                    Detail: $"Its entry has the hash {hash.ToBase64()}, its leaf {Convert.ToBase64String(row.GetFieldValue<byte[]>(3))}."
                );
        }
        catch (UnsequenceableException e) when (e.IsNewer && index is null)
        {
            // The log does not have it yet, so that there is nothing to hold it against. A node that knows its type makes the entry.
            return null;
        }
        catch (Exception e) when (e is UnsequenceableException or InvalidCastException)
        {
            return new ReplayFinding(
                ReplayFindingKind.EventUnreadable,
                Seq: seq,
                Id: id,
                Index: index,
                Detail: $"It is no entry of the log: {e.Message}"
            );
        }
    }
}
