using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>The log as far as it is published: its newest checkpoint, and what can be proved against it.</summary>
internal sealed class PublishedLog(NpgsqlDataSource database, LogTiles tiles)
{
    /// <summary>The origin the log has now.</summary>
    private const string CurrentOrigin = $"(select origin from {LogTables.Origin} order by number desc limit 1)";

    /// <summary>The note of a checkpoint, with the cosignatures it has by now.</summary>
    private const string Note =
        $"c.note || coalesce((select string_agg(s.line || E'\n', '' order by s.witness) from {Witnesses.Table} s where s.origin = c.origin "
        + $"and s.size = c.size), '')";

    private const string NewestNote =
        $"select {Note} from {LogTables.Checkpoint} c join {LogTables.Head} h on c.size = h.published where c.origin = {CurrentOrigin}";

    /// <summary>The notes from a size on.</summary>
    private const string Notes = $"""
        select {Note} from {LogTables.Checkpoint} c join {LogTables.Origin} o using (origin), {LogTables.Head} h
        where c.size >= $1 and (o.origin <> {CurrentOrigin} or c.size <= h.published) order by o.number, c.size
        """;

    private const int PerRead = 2_048;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<CheckpointLine?> Newest(CancellationToken cancellation)
    {
        var note = await database.Scalar<string>(NewestNote, [], cancellation);
        return note is null ? null : new CheckpointLine(SignedNote.Parse(note));
    }

    /// <summary>
    /// The newest checkpoint that a witness cosigned and that has more than so many entries; the newest of all where there is none.
    /// </summary>
    public async Task<CheckpointLine?> NewestCosigned(long above, CancellationToken cancellation)
    {
        var note = await database.Scalar<string>(
            $"""
            select {Note} from {LogTables.Checkpoint} c, {LogTables.Head} h
            where c.origin = {CurrentOrigin} and c.size > $1 and c.size <= h.published and exists (select from {Witnesses.Table} s
                where s.origin = c.origin and s.size = c.size)
            order by c.size desc limit 1
            """,
            [above],
            cancellation
        );
        return note is null ? await Newest(cancellation) : new CheckpointLine(SignedNote.Parse(note));
    }

    /// <summary>
    /// What proves entries, for whoever has no export: a line with the checkpoint, and one for each entry with its index, the hashes that
    /// lead to the root, and its text. Null where the log does not cover one of them yet.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ProveAll(IReadOnlyList<Guid> events, CancellationToken cancellation)
    {
        var indexes = new List<long>(events.Count);
        foreach (var e in events)
        {
            if (await IndexOf(e, cancellation) is not { } index)
                return null;
            indexes.Add(index);
        }

        if (await NewestCosigned(indexes.Max(), cancellation) is not { } newest || newest.Checkpoint.Size <= indexes.Max())
            return null;
        var reader = Reader(newest.Checkpoint.Size);
        var lines = new List<string>(events.Count + 1) { JsonSerializer.Serialize(new { checkpoint = newest.Note.ToString() }, Plain) };
        foreach (var index in indexes)
        {
            var proof = await reader.InclusionAsync(index, newest.Checkpoint.Size, cancellation);
            byte[]? leaf = null;
            await foreach (var one in Leaves(index, index + 1, cancellation))
                leaf = one;
            lines.Add(
                JsonSerializer.Serialize(
                    new
                    {
                        index,
                        hashes = proof.Hashes.Select(h => h.ToBase64()),
                        entry = Encoding.UTF8.GetString(leaf ?? []),
                    },
                    Plain
                )
            );
        }

        return lines;
    }

    /// <summary>
    /// Every published checkpoint from a size on: those of earlier origins first, each origin's in the order of their sizes.
    /// </summary>
    public async IAsyncEnumerable<string> Checkpoints(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.Statement(Notes, from);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            yield return Line(rows);
    }

    public async Task<string> Keys(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return Lines((await StoredCheckpoints.Keys(connection, cancellation)).Select(k => k.ToLine()));
    }

    /// <summary>
    /// What the log states of itself at one moment, so that a checkpoint that is signed meanwhile is in no part of it; null where nothing
    /// is published yet.
    /// </summary>
    public async Task<LogStatement?> State(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        if (await connection.Scalar<string>(NewestNote, [], cancellation) is not { } newest)
            return null;
        var keys = await StoredCheckpoints.Keys(connection, cancellation);
        return new LogStatement(
            new CheckpointLine(SignedNote.Parse(newest)).Checkpoint.Size,
            Lines(keys.Select(k => k.ToLine())),
            Lines(await connection.Query(Notes, [0L], Line, cancellation))
        );
    }

    /// <summary>
    /// The index of an event; null where it has none yet. It is that of the event's position. What a leaf says of ids is in no hash, and
    /// counts only where the history has no event of that id any more.
    /// </summary>
    public Task<long?> IndexOf(Guid eventId, CancellationToken cancellation) =>
        database.Scalar<long?>(
            $"""
            select coalesce(
                (select index from {LogTables.Leaf} l join {StoredEvent.Table} e on e.seq_id = l.seq where e.id = $1),
                (select index from {LogTables.Leaf} where event_id = $1 and not exists (select from {StoredEvent.Table} where id = $1)))
            """,
            [eventId],
            cancellation
        );

    /// <summary>The index of the event at a position; null where it has none yet.</summary>
    public Task<long?> IndexOf(long position, CancellationToken cancellation) =>
        database.Scalar<long?>($"select index from {LogTables.Leaf} where seq = $1", [position], cancellation);

    public async Task<TlogProof> Prove(long index, CheckpointLine checkpoint, CancellationToken cancellation)
    {
        var size = checkpoint.Checkpoint.Size;
        var proof = await Reader(size).InclusionAsync(index, size, cancellation);
        return new TlogProof(index, proof.Hashes, checkpoint.Note);
    }

    public async Task<ConsistencyProof> Consistency(long from, long to, CancellationToken cancellation) =>
        await Reader(to).ConsistencyAsync(from, to, cancellation);

    public ValueTask<ReadOnlyMemory<Digest>> Tile(Tile tile, CancellationToken cancellation) => tiles.ReadAsync(tile, cancellation);

    /// <summary>
    /// The leaves from one index to before another, made anew from the events as the database holds them now. A leaf whose
    /// event is gone, or can be no entry any more, is null.
    /// </summary>
    public async IAsyncEnumerable<byte[]?> Leaves(long from, long to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        for (var next = from; next < to; next += PerRead)
        {
            await using var command = connection.Statement(
                $"""
                select l.seq is not null, {StoredEvent.Columns}, l.hash from generate_series($1::bigint, $2::bigint - 1) place (index)
                left join {LogTables.Leaf} l using (index) left join {StoredEvent.Table} e on e.seq_id = l.seq order by place.index
                """,
                next,
                Math.Min(to, next + PerRead)
            );
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
                yield return Leaf(rows);
        }
    }

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    private static string Line(NpgsqlDataReader note) => new CheckpointLine(SignedNote.Parse(note.GetString(0))).ToLine();

    private static byte[]? Leaf(NpgsqlDataReader row)
    {
        try
        {
            if (row.IsDBNull(1))
                return null;
            var hash = new Digest(row.GetFieldValue<byte[]>(1 + StoredEvent.Count));
            return (StoredEvent.Read(row, first: 1) with { Leaf = hash }).ToLeaf();
        }
        catch (Exception e) when (e is UnsequenceableException or InvalidCastException)
        {
            return null;
        }
    }

    private TileReader Reader(long size) => new(tiles, size);
}

/// <summary>The size of the newest checkpoint, and the files of an export that hold the keys and all checkpoints up to it.</summary>
internal sealed record LogStatement(long Size, string Keys, string Checkpoints);
