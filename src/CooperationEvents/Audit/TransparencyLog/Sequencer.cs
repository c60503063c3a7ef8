using System.Data;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Gives every committed event the next index of the log, in the order it is seen. One node does it at a time: it raises the epoch when it
/// takes over, and a node of an older epoch is refused. An event at a position that was never given out gets no index. With one, the
/// positions below it would count as given up, and their events would never be taken.
/// </summary>
internal sealed class Sequencer
{
    /// <summary>How many events one transaction takes at most.</summary>
    public const int Batch = 2_000;

    private readonly NpgsqlConnection _connection;
    private readonly Gaps _gaps = new();

    private Sequencer(NpgsqlConnection connection, long epoch, long seq) => (_connection, Epoch, Seq) = (connection, epoch, seq);

    public long Epoch { get; }

    /// <summary>The highest position it has seen.</summary>
    public long Seq { get; private set; }

    public int OpenGaps => _gaps.Count;

    /// <summary>The highest position of an event that was never given out, as of the last look; null where there is none.</summary>
    public long? Beyond { get; private set; }

    /// <summary>Takes over from whoever was the sequencer before.</summary>
    public static async Task<Sequencer> TakeOver(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.Execute($"update {LogTables.Head} set epoch = epoch + 1", [], cancellation);
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var sequencer = new Sequencer(connection, head.Epoch, head.Seq);
        var seen = await connection.Query(
            $"select seq from {LogTables.Leaf} where seq > $1 order by seq",
            [head.WithoutGap],
            row => row.GetInt64(0),
            cancellation
        );
        if (Gaps.AnyMissing(head.WithoutGap, seen))
            sequencer._gaps.Open(head.WithoutGap, seen, await Gaps.Alive(connection, cancellation));
        return sequencer;
    }

    /// <summary>Gives indexes to the next events, and says how many.</summary>
    /// <exception cref="UnsequenceableException">An event cannot be an entry. Nothing is done.</exception>
    /// <exception cref="LogRefusedException">Positions are given out anew that the log has passed. Nothing is done.</exception>
    /// <exception cref="FencedException">Another sequencer has taken over.</exception>
    public async Task<int> Next(CancellationToken cancellation)
    {
        if (!await AnyNew(cancellation) && _gaps.Count == 0)
            return 0;

        // A transaction that has ended before the look is seen by it, or left nothing.
        var alive = _gaps.Count == 0 ? [] : await Gaps.Alive(_connection, cancellation);
        await using var transaction = await _connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var head = await LogHead.Read(_connection, lockIt: true, cancellation);
        if (head.Epoch != Epoch)
            throw new FencedException();
        var late = _gaps.Count == 0 ? [] : await InGaps(cancellation);
        late.AddRange(await Noted(late, cancellation));
        var next = await AfterAll(cancellation);
        var newSeq = next.Count == 0 ? Seq : next[^1].Seq;
        using var trace = late.Count + next.Count > 0 ? Traces.Begin("log: give indexes") : null;
        if (late.Count + next.Count > 0)
        {
            await Insert(head.Size, [.. late, .. next], cancellation);
            await CloseTiles(head.Size, head.Size + late.Count + next.Count, cancellation);
        }

        // From here on what is known of the gaps runs ahead of the database: where the commit fails, this sequencer is given up.
        _gaps.Close([.. late.Select(e => e.Seq)], alive);
        if (Gaps.AnyMissing(Seq, next.Select(e => e.Seq)))
            _gaps.Open(Seq, next.Select(e => e.Seq), await Gaps.Alive(_connection, cancellation));
        await _connection.Execute(
            $"update {LogTables.Head} set size = $1, seq = $2, without_gap = $3",
            [head.Size + late.Count + next.Count, newSeq, (_gaps.First - 1) ?? newSeq],
            cancellation
        );

        await transaction.CommitAsync(cancellation);
        Seq = newSeq;
        return late.Count + next.Count;
    }

    /// <summary>Looks how far positions were given out, and whether there is an event to take.</summary>
    private async Task<bool> AnyNew(CancellationToken cancellation)
    {
        await using var command = _connection.Statement(
            $"""
            select given.newest, (select max(seq_id) from {StoredEvent.Table}) as last,
                coalesce((select max(seq_id) from {StoredEvent.Table} where seq_id <= given.newest) > $1, false)
                    or exists (select from {LogTables.LateEvent})
            from (select {PositionsGivenOut.Newest} as newest offset 0) given
            """,
            Seq
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var (newest, last) = (row.GetInt64(0), await row.IsDBNullAsync(1, cancellation) ? 0 : row.GetInt64(1));
        Beyond = last > newest ? last : null;
        return newest >= Seq
            ? row.GetBoolean(2)
            : throw new LogRefusedException(
                $"Positions were given out up to {newest}, and the log has come to {Seq}: the sequence of positions was set back, or an "
                    + $"event was put beyond it. New events would get no entry. Its owner sets it forward: docs/operators.md."
            );
    }

    /// <summary>One bound stands inside the limit: with both there the planner may sort all that is behind, for each batch.</summary>
    private Task<List<StoredEvent>> AfterAll(CancellationToken cancellation) =>
        Read(
            $"""
            select {StoredEvent.Columns} from (select * from {StoredEvent.Table} where seq_id > $1 order by seq_id limit {Batch}) e
            where e.seq_id <= {PositionsGivenOut.Newest} order by e.seq_id
            """,
            cancellation,
            Seq
        );

    /// <summary>The limit takes nothing away: it keeps the planner from reading the whole history for a few gaps.</summary>
    private Task<List<StoredEvent>> InGaps(CancellationToken cancellation) =>
        Read(
            $"""
            select {StoredEvent.Columns} from unnest($1::bigint[], $2::bigint[]) gap (starts, ends)
            cross join lateral (
                select * from {StoredEvent.Table} where seq_id between gap.starts and gap.ends
                    order by seq_id limit gap.ends - gap.starts + 1
            ) e
            order by e.seq_id
            """,
            cancellation,
            _gaps.Starts,
            _gaps.Ends
        );

    /// <summary>
    /// The events that were noted as late and are in no gap any more. All notes are deleted: an event beyond the
    /// highest position that was read needs none, since it is still to be read.
    /// </summary>
    private async Task<List<StoredEvent>> Noted(IReadOnlyCollection<StoredEvent> inGaps, CancellationToken cancellation)
    {
        var noted = await _connection.Query($"delete from {LogTables.LateEvent} returning seq", [], row => row.GetInt64(0), cancellation);
        noted.RemoveAll(seq => seq > Seq || inGaps.Any(e => e.Seq == seq));
        return noted.Count == 0
            ? []
            : await Read(
                $"""
                select {StoredEvent.Columns} from {StoredEvent.Table} e
                where e.seq_id = any ($1) and not exists (select from {LogTables.Leaf} l where l.seq = e.seq_id) order by e.seq_id
                """,
                cancellation,
                noted.ToArray()
            );
    }

    private async Task<List<StoredEvent>> Read(string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = _connection.Statement(sql, parameters);
        var events = new List<StoredEvent>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            try
            {
                events.Add(StoredEvent.Read(rows));
            }
            catch (InvalidCastException)
            {
                throw new UnsequenceableException(rows.GetInt64(0), rows.GetGuid(1), "it lacks what every event has");
            }
        }

        return events;
    }

    private Task Insert(long size, IReadOnlyList<StoredEvent> events, CancellationToken cancellation) =>
        _connection.Execute(
            $"""
            insert into {LogTables.Leaf} (index, seq, event_id, hash)
            select $1 + place - 1, seq, event_id, hash from unnest($2::bigint[], $3::uuid[], $4::bytea[])
                with ordinality leaf (seq, event_id, hash, place)
            """,
            [
                size,
                events.Select(e => e.Seq).ToArray(),
                events.Select(e => e.Id).ToArray(),
                events.Select(e => e.LeafHash().ToArray()).ToArray(),
            ],
            cancellation
        );

    /// <summary>Stores the root of every tile that has become full.</summary>
    private async Task CloseTiles(long before, long after, CancellationToken cancellation)
    {
        for (var level = 0; after >> ((level + 1) * Tile.Height) > 0; level++)
        {
            var shift = (level + 1) * Tile.Height;
            for (var index = before >> shift; index < after >> shift; index++)
            {
                var tile = new Tile(level, index, Tile.FullWidth);
                var hashes = await LogTiles.Read(_connection, tile, cancellation);
                if (hashes.Length != tile.Width)
                    throw new LogDamagedException($"{tile} has {hashes.Length} hashes in the database");
                await _connection.Execute(
                    $"insert into {LogTables.Node} (level, index, hash) values ($1, $2, $3)",
                    [(short)(level + 1), index, MerkleTree.RootOfFull(hashes).ToArray()],
                    cancellation
                );
            }
        }
    }
}

/// <summary>Another node has become the sequencer.</summary>
internal sealed class FencedException() : Exception("Another node has taken over the log.");

/// <summary>The log in the database is not what was signed.</summary>
internal sealed class LogDamagedException(string what)
    : Exception($"The log in the database is damaged: {what}. Nothing is signed; see docs/auditors.md.");
