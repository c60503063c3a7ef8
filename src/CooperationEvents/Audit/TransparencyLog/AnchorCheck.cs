using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Holds the log in the database to the anchor, which has the last word: whoever can change the database can change everything in it.
/// Where they do not agree nothing is signed, and each refusal says what to do.
/// </summary>
internal sealed class AnchorCheck(NpgsqlDataSource database, LogKeys keys, Anchor anchor, LeavesAtStart atStart, TimeProvider clock)
{
    public const string Remedy =
        "Put back what was changed; where that cannot be, stop every node and run the command 'audit recover' of the service "
        + "(docs/operators.md).";

    /// <summary>A node takes over the log within this time of its start where no other runs it.</summary>
    private static readonly TimeSpan StartIsFresh = TimeSpan.FromSeconds(10);

    /// <summary>How many tiles may wait for those before them to be hashed: 8 KB of each.</summary>
    private const int TilesAhead = 64;

    /// <summary>Of each tile the first index, and the hashes of its leaves one after the other: one row where there were 256.</summary>
    private static readonly string LeavesByTile = $"""
        select greatest(first, $1), (
            select string_agg(hash, ''::bytea) from (
                select hash from {LogTables.Leaf}
                where index >= greatest(first, $1) and index < least(first + {Tile.FullWidth}, $2) order by index
            ) leaf
        )
        from generate_series($1 - $1 % {Tile.FullWidth}, $2 - 1, {Tile.FullWidth}) first
        """;

    /// <summary>Of every origin before this one: how many leaves its succession took over.</summary>
    private const string Taken = $"""
        select o.origin, (e.data ->> 'restoredSize')::bigint from {LogTables.Origin} o
        join {LogTables.Origin} next on next.number = o.number + 1
        left join {StoredEvent.Table} e on e.stream_id = $1 and e.type = '{Succession.EventType}' and e.data ->> 'origin' = next.origin
        order by o.number desc
        """;

    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The lines that the leaves of a large log are held to after the start.</summary>
    private IReadOnlyList<CheckpointLine> _toHold = [];

    /// <summary>The leaves that the start held to the anchor, and when; until the first takeover.</summary>
    private HeldLeaves? _ofStart;

    /// <summary>
    /// At a start: every line of the anchor is a checkpoint of this log, and has its row in the database. The leaves of a large log are
    /// left to <see cref="HoldLeaves"/>, and the newest line is held to the nodes of the tree.
    /// </summary>
    /// <returns>What is odd about the lines before the newest. The log holds all the same.</returns>
    /// <exception cref="LogRefusedException">Says what does not agree, and what to do.</exception>
    public async Task<IReadOnlyList<string>> AtStart(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var leaves = new CompactRange();
        var most = anchor.WasRefused ? long.MaxValue : atStart.MostBeforeServing;
        var (lines, stored, toHold) = await Everything(connection, leaves, most, cancellation);
        (_toHold, atStart.Unheld) = (toHold, toHold.Select(l => l.Checkpoint.Size).DefaultIfEmpty().Max());
        if (toHold.Count == 0)
            AreHeld(leaves);
        return [.. OutOfOrder(lines), .. Absent(lines, stored.Select(row => row.Key))];
    }

    /// <summary>
    /// Holds the leaves to the lines of the anchor that the start has read. Leaves after these lines are not looked at.
    /// </summary>
    /// <inheritdoc cref="AtStart" path="/exception"/>
    public async Task HoldLeaves(CancellationToken cancellation)
    {
        var leaves = new CompactRange();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await CheckRoots(connection, leaves, _toHold, cancellation);
        AreHeld(leaves);
    }

    /// <summary>
    /// At a takeover: as at a start, and all leaves. The takeover that a start leads to waits for the leaves that the start holds, and
    /// reads those after them.
    /// </summary>
    /// <inheritdoc cref="AtStart" path="/exception"/>
    public async Task AtTakeover(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await _held.Task.WaitAsync(cancellation);
        var ofStart = Interlocked.Exchange(ref _ofStart, null);
        var isFresh = ofStart is not null && clock.GetElapsedTime(ofStart.At) < StartIsFresh;
        await Everything(connection, isFresh ? ofStart!.Leaves : new CompactRange(), long.MaxValue, cancellation);
    }

    private void AreHeld(CompactRange leaves)
    {
        _ofStart = new HeldLeaves(leaves, clock.GetTimestamp());
        (_toHold, atStart.Unheld) = ([], 0);
        anchor.IsHeld();
        _held.TrySetResult();
    }

    /// <param name="leaves">Those that were held already; the others are appended.</param>
    /// <param name="most">The size of log up to which leaves are read.</param>
    /// <returns>
    /// The lines of the anchor; the roots that the database has, by size; and the lines that leaves are still to be held to.
    /// </returns>
    private async Task<(
        IReadOnlyList<CheckpointLine> Lines,
        ILookup<long, Digest> Stored,
        IReadOnlyList<CheckpointLine> ToHold
    )> Everything(NpgsqlConnection connection, CompactRange leaves, long most, CancellationToken cancellation)
    {
        // In this order: whoever signs meanwhile commits leaves and checkpoint, then anchors, then publishes.
        var published = (await LogHead.Read(connection, lockIt: false, cancellation)).Published;
        var lines = anchor.Whole();
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var own = lines.Where(l => l.Checkpoint.Origin == keys.Origin).ToList();
        var newest = own.MaxBy(l => l.Checkpoint.Size);
        if (newest is null)
        {
            if (head.Size > 0 || WasAnchored(published, await StoredCheckpoints.Newest(connection, keys.Origin, cancellation)))
                throw Missing(head);
        }
        else
        {
            await CheckSigned(connection, newest, cancellation);
            Compare(newest, head.Size, published);
        }

        var shared = await Shared(connection, cancellation);
        if (lines.FirstOrDefault(l => l.Checkpoint.Origin != keys.Origin && !shared.ContainsKey(l.Checkpoint.Origin)) is { } strange)
            throw Refused(
                $"The anchor {anchor.Path} holds checkpoints of {strange.Checkpoint.Origin}, a log that this one knows nothing of."
            );
        IReadOnlyList<CheckpointLine> promised =
        [
            .. own,
            .. lines.Where(l => shared.TryGetValue(l.Checkpoint.Origin, out var size) && l.Checkpoint.Size <= size),
        ];
        var isLarge = promised.Any(l => l.Checkpoint.Size > most);
        if (!isLarge)
            await CheckRoots(connection, leaves, promised, cancellation);
        else if (newest is not null && await Root(head.Size, newest.Checkpoint.Size, cancellation) != newest.Checkpoint.Root)
            throw OtherRoot(newest);
        var stored = await StoredCheckpoints.Roots(connection, keys.Origin, cancellation);
        CheckRows(own, stored);
        return (lines, stored, isLarge ? promised : []);
    }

    /// <summary>
    /// Lines behind newer ones. One that stands there a second time is none: a sequencer that is slow to learn of a takeover appends what
    /// the next one has appended already.
    /// </summary>
    private IEnumerable<string> OutOfOrder(IReadOnlyList<CheckpointLine> lines)
    {
        var (seen, newest, odd) = (new HashSet<Checkpoint>(), new Dictionary<string, long>(), new List<long>());
        string? origin = null;
        foreach (var (place, (checkpoint, _)) in lines.Index())
        {
            if (!seen.Add(checkpoint))
                continue;
            var isKnown = newest.TryGetValue(checkpoint.Origin, out var before);
            if (isKnown && (checkpoint.Size <= before || checkpoint.Origin != origin))
                odd.Add(place + 1);
            newest[checkpoint.Origin] = Math.Max(before, checkpoint.Size);
            origin = isKnown ? origin : checkpoint.Origin;
        }

        if (odd.Count > 0)
            yield return $"In the anchor {anchor.Path} {odd.Count} lines stand behind newer ones, among them line {Few(odd)}: it was "
                + $"written by something else than the service.";
    }

    /// <summary>
    /// Checkpoints of this log that the database has and the anchor lacks, though it has newer ones. A killed node leaves no such hole: the
    /// next one puts the last checkpoint into the anchor before it signs another.
    /// </summary>
    private IEnumerable<string> Absent(IReadOnlyList<CheckpointLine> lines, IEnumerable<long> stored)
    {
        var anchored = lines.Where(l => l.Checkpoint.Origin == keys.Origin).Select(l => l.Checkpoint.Size).ToHashSet();
        var newest = anchored.DefaultIfEmpty().Max();
        var absent = stored.Where(size => !anchored.Contains(size) && size < newest).Order().ToList();
        return absent.Count == 0
            ? []
            :
            [
                $"The anchor {anchor.Path} lacks {absent.Count} older checkpoints that the database has, among them that of size "
                    + $"{Few(absent)}: lines were taken away.",
            ];
    }

    private static string Few(IEnumerable<long> numbers) => string.Join(", ", numbers.Take(5));

    /// <summary>
    /// Before every signature: the newest checkpoint of the anchor, which the log contains, or null where nothing was ever signed.
    /// </summary>
    /// <param name="known">The size that this leader has anchored itself, -1 where it has not.</param>
    /// <param name="stored">The newest checkpoint in the database.</param>
    /// <exception cref="LogRefusedException">Says what does not agree, and what to do.</exception>
    public async Task<CheckpointLine?> Newest(LogHead head, CheckpointLine? stored, long known, CancellationToken cancellation)
    {
        if (anchor.Newest(keys.Origin) is not { } newest)
            return WasAnchored(Math.Max(head.Published, known), stored) ? throw Missing(head) : null;
        Compare(newest, head.Size, Math.Max(head.Published, known));
        if (stored is null || stored.Checkpoint.Size < newest.Checkpoint.Size)
            throw NoRow(newest);
        if (await Root(head.Size, newest.Checkpoint.Size, cancellation) != newest.Checkpoint.Root)
            throw OtherRoot(newest);
        return newest;
    }

    /// <summary>Where another node signs: what it published is in the anchor of this one too.</summary>
    /// <exception cref="LogRefusedException">The nodes do not share one anchor.</exception>
    public async Task IsShared(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        if (head.Published >= 0 && (anchor.Newest(keys.Origin)?.Checkpoint.Size ?? -1) is var newest && newest < head.Published)
            throw Refused(
                $"The newest checkpoint in the anchor {anchor.Path} of this node has {newest} entries, and another node has published "
                    + $"{head.Published}: all nodes must share one anchor."
            );
    }

    /// <summary>The root of the first leaves of the log; a database that lacks some of them is refused.</summary>
    public async Task<Digest> Root(long logSize, long size, CancellationToken cancellation)
    {
        try
        {
            return await new TileReader(new LogTiles(database), logSize).RootAsync(size, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw Refused($"The log in the database is damaged: {e.Message.TrimEnd('.')}.");
        }
    }

    public static LogRefusedException Refused(string why) => new($"{why} {Remedy}");

    /// <summary>
    /// Whether the anchor has ever had a checkpoint of this log. The first checkpoint is of no entries. Where it is in the database alone,
    /// the node was killed before it reached the anchor, and it was never published.
    /// </summary>
    private static bool WasAnchored(long published, CheckpointLine? stored) => published >= 0 || stored is { Checkpoint.Size: > 0 };

    private LogRefusedException Missing(LogHead head) =>
        Refused($"The log has {head.Size} entries, and the anchor {anchor.Path} holds no checkpoint of it.");

    private LogRefusedException NoRow(CheckpointLine line) =>
        Refused($"The checkpoint of {line.Checkpoint.Size} entries is in the anchor {anchor.Path} and not in the database.");

    private LogRefusedException OtherRoot(CheckpointLine line) =>
        Refused(
            $"The checkpoint of {line.Checkpoint.Size} entries in the anchor {anchor.Path} is not one of this log: the database is not the "
                + $"one that was published."
        );

    private void Compare(CheckpointLine newest, long size, long published)
    {
        if (newest.Checkpoint.Size > size)
            throw Refused(
                $"The newest checkpoint in the anchor {anchor.Path} has {newest.Checkpoint.Size} entries, and the log only {size}: the "
                    + $"database is older than what was published."
            );
        if (newest.Checkpoint.Size < published)
            throw Refused(
                $"The newest checkpoint in the anchor {anchor.Path} has {newest.Checkpoint.Size} entries, and {published} were published: "
                    + $"the anchor was cut or rolled back, or is not the one of the other nodes."
            );
    }

    private async Task CheckSigned(NpgsqlConnection connection, CheckpointLine newest, CancellationToken cancellation)
    {
        try
        {
            if (newest.Note.SignedBy([keys.Current.Verifier, .. await StoredCheckpoints.KnownKeys(connection, cancellation)]).Count > 0)
                return;
        }
        catch (FormatException)
        {
            // A false signature of one of the keys counts as none.
        }

        throw Refused($"The newest checkpoint in the anchor {anchor.Path} is signed by no key of this log.");
    }

    private static async Task<Dictionary<string, long>> Shared(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.Statement(Taken, Log.StreamId);
        var (shared, least) = (new Dictionary<string, long>(), long.MaxValue);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            least = Math.Min(least, await rows.IsDBNullAsync(1, cancellation) ? 0 : rows.GetInt64(1));
            shared[rows.GetString(0)] = least;
        }

        return shared;
    }

    /// <summary>
    /// Reads the leaves once, by tiles, and compares the root at each size that somebody was told of. Tiles are hashed while the next
    /// ones are read.
    /// </summary>
    /// <param name="leaves">Those that were compared already; the others are appended.</param>
    private async Task CheckRoots(
        NpgsqlConnection connection,
        CompactRange leaves,
        IReadOnlyList<CheckpointLine> lines,
        CancellationToken cancellation
    )
    {
        var promised = new Queue<CheckpointLine>(lines.Where(l => l.Checkpoint.Size >= leaves.Size).OrderBy(l => l.Checkpoint.Size));
        var sizes = promised.Select(l => l.Checkpoint.Size).ToArray();
        CompareRoots();
        if (promised.Count == 0)
            return;
        var hashed = new Queue<Task<Subtrees>>();
        var (first, largest) = (leaves.Size, sizes[^1]);
        while (first < largest)
            await Read(Math.Min(first - first % Tile.FullWidth + atStart.TilesAtOnce * Tile.FullWidth, largest));
        while (hashed.TryDequeue(out var tile))
            Append(await tile);

        async Task Read(long to)
        {
            await using var command = connection.Statement(LeavesByTile, first, to);
            command.CommandTimeout = 0;
            await using var tiles = await command.ExecuteReaderAsync(cancellation);
            while (await tiles.ReadAsync(cancellation))
            {
                var end = Math.Min(first - first % Tile.FullWidth + Tile.FullWidth, to);
                var hashes = tiles.IsDBNull(1) ? [] : tiles.GetFieldValue<byte[]>(1);
                if (tiles.GetInt64(0) != first || hashes.Length != (end - first) * Digest.Length)
                    throw Refused(
                        $"The log in the database does not hold all leaves from {first} to {end - 1}, and the anchor "
                            + $"{anchor.Path} holds a checkpoint over them."
                    );
                var whole = end - first == Tile.FullWidth && !IsPromisedWithin(first, end);
                hashed.Enqueue(Task.Run(() => Subtrees.OfTile(hashes, whole), cancellation));
                if (hashed.Count > TilesAhead)
                    Append(await hashed.Dequeue());
                first = end;
            }
        }

        bool IsPromisedWithin(long from, long end)
        {
            var next = Array.BinarySearch(sizes, from + 1);
            next = next < 0 ? ~next : next;
            return next < sizes.Length && sizes[next] < end;
        }

        void Append(Subtrees subtrees)
        {
            foreach (var root in subtrees.Roots)
            {
                leaves.AppendFull(root, subtrees.Level);
                CompareRoots();
            }
        }

        void CompareRoots()
        {
            while (promised.TryPeek(out var next) && next.Checkpoint.Size == leaves.Size)
            {
                if (promised.Dequeue().Checkpoint.Root != leaves.Root)
                    throw OtherRoot(next);
            }
        }
    }

    private sealed record HeldLeaves(CompactRange Leaves, long At);

    /// <summary>Roots of full subtrees of <c>2^Level</c> leaves each, side by side.</summary>
    private readonly record struct Subtrees(Digest[] Roots, int Level)
    {
        /// <summary>The tile as one subtree where it is wanted whole, else its leaves.</summary>
        public static Subtrees OfTile(byte[] hashes, bool whole)
        {
            var leaves = Digest.ReadAll(hashes);
            return whole ? new([MerkleTree.RootOfFull(leaves)], Tile.Height) : new(leaves, 0);
        }
    }

    private void CheckRows(IReadOnlyList<CheckpointLine> own, ILookup<long, Digest> stored)
    {
        foreach (var line in own)
        {
            if (!stored.Contains(line.Checkpoint.Size))
                throw NoRow(line);
            if (stored[line.Checkpoint.Size].Any(root => root != line.Checkpoint.Root))
                throw Refused(
                    $"The checkpoint of {line.Checkpoint.Size} entries has another root in the database than in the anchor {anchor.Path}."
                );
        }
    }
}
