using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>
/// One reading of all entries: each in its form, the tree they make compared with checkpoints and tiles, the order of the
/// streams, and which log succeeded which.
/// </summary>
internal sealed class EntryPass(Export export, LogHistory history, Report report, Progress progress)
{
    private readonly long _size = history.Newest?.Size ?? 0;
    private readonly CompactRange _range = new();
    private readonly List<(Tile Tile, string Fault)> _tileFaults = [];
    private readonly HashSet<string> _unknownTypes = [];
    private readonly HashSet<long> _keptSizes = [.. history.Checkpoints.Where(c => c.IsKept).Select(c => c.Size)];
    private readonly List<(long Index, string Id)> _beyond = [];
    private int _next;

    /// <summary>How many entries there are.</summary>
    public long Count { get; private set; }

    /// <summary>For each checkpoint of the history whether the entries make its root.</summary>
    public bool[] Agrees { get; } = new bool[history.Checkpoints.Count];

    /// <summary>When the last entry under each kept checkpoint was recorded, by size.</summary>
    public Dictionary<long, DateTimeOffset> RecordedAt { get; } = [];

    /// <summary>The tiles that are not those the entries make.</summary>
    public IReadOnlyList<(Tile Tile, string Fault)> TileFaults => _tileFaults;

    /// <summary>The first of the entries that no checkpoint covers.</summary>
    public IReadOnlyList<(long Index, string Id)> Beyond => _beyond;

    /// <summary>The hashes of the partial tiles that the entries make, where there are enough.</summary>
    public IReadOnlyDictionary<Tile, Digest[]> Edge { get; private set; } = new Dictionary<Tile, Digest[]>();

    public List<(long Index, Succession Succession)> Successions { get; } = [];

    public void Run()
    {
        using var file = export.Read(Export.Entries);
        if (file is null)
        {
            report.Add(Kind.File, $"{Export.Entries} is missing");
            return;
        }

        using var order = new StreamOrder();
        using var lines = new LineReader(file);
        var tiles = new TileBuilder(Compare);
        CompareRoots();
        while (lines.TryRead(out var line))
        {
            var leaf = MerkleTree.LeafHash(line);
            _range.Append(leaf);
            if (Count < _size)
                tiles.Append(leaf);
            else
                KeepBeyond(line);
            Look(line, order);
            Count++;
            CompareRoots();
            progress.Tell("entries", Count, _size);
        }

        if (!lines.WasEnded)
            report.Add(Kind.File, $"{Export.Entries}: the last line does not end in a line feed: the file was cut off");
        if (tiles.Size == _size)
        {
            foreach (var (tile, hashes) in tiles.Partial())
                Compare(tile, hashes);
            Edge = tiles.Partial().ToDictionary(p => p.Tile, p => p.Hashes.ToArray());
        }

        order.Check(report);
        report.Say($"Entries:     {Report.Number(Count)} were read");
        foreach (var type in _unknownTypes.Order(StringComparer.Ordinal))
            report.Add(
                Kind.Entry,
                $"there are entries of type {type}, which this verifier does not know: take a newer one, or it was slipped in"
            );
    }

    private void KeepBeyond(ReadOnlySpan<byte> line)
    {
        if (_beyond.Count < Report.Kept)
            _beyond.Add((Count, IdIn(line)));
    }

    /// <summary>The id of the entry in a line, also where the line has faults.</summary>
    public static string IdIn(ReadOnlySpan<byte> line)
    {
        const int Length = 36;
        var at = line.IndexOf("\"id\":\""u8);
        return at >= 0 && at + 6 + Length <= line.Length && Guid.TryParse(Encoding.ASCII.GetString(line.Slice(at + 6, Length)), out var id)
            ? id.ToString()
            : "unreadable";
    }

    private void Look(ReadOnlySpan<byte> line, StreamOrder order)
    {
        if (line.IsEmpty)
        {
            report.Add(Kind.Entry, $"index {Count}: the entry is missing: its line is empty, as where an event is gone or has no form");
            return;
        }

        if (!Entry.TryParse(line, out var entry, out var fault))
        {
            report.Add(Kind.Entry, $"index {Count} (id {IdIn(line)}): the line has not the form of an entry: {fault}");
            return;
        }

        order.Add(entry, Count);
        if (_keptSizes.Contains(Count + 1))
            RecordedAt[Count + 1] = entry.At;
        if (StreamTypes.Of(entry.Type) is not { } streamType)
            _unknownTypes.Add(entry.Type);
        else if (streamType != entry.StreamType)
            report.Add(
                Kind.Entry,
                $"index {Count} (id {entry.Id}): {entry.Type} belongs to a stream of {streamType}, not of {entry.StreamType}"
            );
        if (entry.Type == StreamTypes.Tombstone && entry.Data != "{}")
            report.Add(Kind.Entry, $"index {Count} (id {entry.Id}): a tombstone holds data");
        LookAtOwn(entry);
    }

    /// <summary>The events of the log itself have all their members, each once, and no others: by them a verdict is made.</summary>
    private void LookAtOwn(Entry entry)
    {
        try
        {
            if (entry.Type is not (Succession.EventType or JournalSeal.EventType))
                return;
            var succession = entry.Type == Succession.EventType ? Succession.Parse(entry.Data) : null;
            var log = succession?.LogId ?? JournalSeal.Parse(entry.Data).LogId;
            if (log != $"{entry.Stream}")
                throw new FormatException($"It is of the log {log}, and stands in the stream {entry.Stream}.");
            if (succession is not null)
                Successions.Add((Count, succession));
        }
        catch (FormatException e)
        {
            report.Add(entry.Type == Succession.EventType ? Kind.Succession : Kind.Entry, $"index {Count} (id {entry.Id}): {e.Message}");
        }
    }

    private void CompareRoots()
    {
        for (; _next < Agrees.Length && history.Checkpoints[_next].Size == Count; _next++)
            Agrees[_next] = history.Checkpoints[_next].Root == _range.Root;
    }

    private void Compare(Tile tile, ReadOnlyMemory<Digest> hashes)
    {
        if (export.ReadAll(tile.Path) is not { } bytes)
            _tileFaults.Add((tile, "is missing"));
        else if (bytes.Length != tile.Bytes)
            _tileFaults.Add((tile, $"has {bytes.Length} bytes instead of {tile.Bytes}"));
        else if (Digest.ReadAll(bytes) is var stored && Differing(stored, hashes.Span) is { Count: > 0 } places)
            _tileFaults.Add((tile, $"holds another hash than the entries make, {Places(tile, places)}"));
    }

    private static List<int> Differing(Digest[] stored, ReadOnlySpan<Digest> made)
    {
        var places = new List<int>();
        for (var i = 0; i < stored.Length; i++)
        {
            if (stored[i] != made[i])
                places.Add(i);
        }

        return places;
    }

    private static string Places(Tile tile, List<int> places)
    {
        var nodes = places.Take(5).Select(tile.NodeAt).Select(n => n.Level == 0 ? $"{n.Start}" : $"{n.Start} to {n.End - 1}");
        return $"for the entries at index {string.Join(", ", nodes)}{(places.Count > 5 ? $" and {places.Count - 5} more" : "")}";
    }
}
