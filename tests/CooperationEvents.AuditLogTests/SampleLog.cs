using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests;

/// <summary>
/// A log made from fixed inputs, the same at every run: entries of streams that grow side by side, and its checkpoints,
/// keys and tiles.
/// </summary>
internal sealed class SampleLog(string origin = "register.example/audit/log")
{
    private static readonly string[] MeetingEvents =
    [
        "meeting_scheduled",
        "agenda_set",
        "meeting_held",
        "attendance_recorded",
        "outcome_recorded",
    ];

    private readonly List<byte[]> _entries = [];
    private int _recovered;
    private CompactRange _range = new();
    private readonly Dictionary<Guid, long> _versions = [];

    public List<(long Size, string Note)> Checkpoints { get; } = [];

    public List<LogKey> Keys { get; } = [];

    public string Origin { get; private set; } = origin;

    public IReadOnlyList<byte[]> Entries => _entries;

    public long Size => _range.Size;

    public static SigningKey KeyOf(string name, byte number) => SigningKey.FromSeed(name, Enumerable.Repeat(number, 32).ToArray());

    /// <summary>An id that follows from a number.</summary>
    public static Guid Id(int kind, long number) => Guid.Parse($"{kind:x8}-0000-4000-8000-{number:x12}");

    public void Grow(int entries)
    {
        for (var i = 0; i < entries; i++)
            Append(Next(_entries.Count));
    }

    public void Append(byte[] entry)
    {
        _entries.Add(entry);
        _range.Append(MerkleTree.LeafHash(entry));
    }

    /// <summary>Signs what there is so far.</summary>
    public void Sign(params SigningKey[] keys) => Checkpoints.Add((Size, new Checkpoint(Origin, Size, _range.Root).Sign(keys).ToString()));

    /// <summary>Goes on under another origin, as a recovery does, with fewer entries than were promised.</summary>
    public void Succeed(string origin, int restored, Func<Entry, Entry>? alterFirst = null, Action<JsonObject>? tell = null)
    {
        var old = Checkpoints[^1].Note;
        var lost = Size - restored;
        List<byte[]> kept = [.. _entries.Take(restored)];
        if (alterFirst is not null)
            kept[0] = alterFirst(Entry.Parse(kept[0])).ToBytes();
        _entries.Clear();
        _versions.Clear();
        foreach (var entry in kept.Select(e => Entry.Parse(e)).Where(e => e.Type != StreamTypes.Tombstone))
            _versions[entry.Stream] = entry.Version;
        (Origin, _range) = (origin, new CompactRange());
        kept.ForEach(Append);
        var data =
            $$"""{"by": "an operator", "lost": {{lost}}, "logId": "{{Id(9, 1)}}", "origin": "{{origin}}", "reason": "restored from backup", "restoredSize": {{restored}}, "oldCheckpoint": "{{old.Replace("\n", "\\n", StringComparison.Ordinal)}}"}""";
        var told = JsonNode.Parse(data)!.AsObject();
        tell?.Invoke(told);
        _recovered = 20_000;
        Append(
            new Entry(
                10_000,
                Id(1, 10_000),
                Id(9, 1),
                "log",
                1,
                "log_succeeded",
                At(10_000),
                "an operator",
                null,
                null,
                null,
                null,
                Jsonb.Text(told)
            ).ToBytes()
        );
    }

    /// <summary>The files of an export.</summary>
    public Dictionary<string, byte[]> Files()
    {
        var files = Tiles();
        files["entries.ndjson"] = Lines(_entries);
        files["checkpoints.ndjson"] = Lines(
            Checkpoints.Select(c => Encoding.UTF8.GetBytes(new CheckpointLine(SignedNote.Parse(c.Note)).ToLine()))
        );
        files["keys"] = Lines(Keys.Select(k => Encoding.UTF8.GetBytes(k.ToLine())));
        return files;
    }

    public Dictionary<string, byte[]> Tiles() => TilesOf(_entries);

    public static Dictionary<string, byte[]> TilesOf(IEnumerable<byte[]> entries)
    {
        var files = new Dictionary<string, byte[]>();
        var tiles = new TileBuilder((tile, hashes) => files[tile.Path] = Digest.WriteAll(hashes.Span));
        foreach (var entry in entries)
            tiles.Append(MerkleTree.LeafHash(entry));
        foreach (var (tile, hashes) in tiles.Partial())
            files[tile.Path] = Digest.WriteAll(hashes.Span);
        return files;
    }

    public static byte[] Lines(IEnumerable<byte[]> lines)
    {
        using var bytes = new MemoryStream();
        foreach (var line in lines)
        {
            bytes.Write(line);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    public static Entry EntryAt(IReadOnlyList<byte[]> entries, int index) => Entry.Parse(entries[index]);

    private static DateTimeOffset At(long number) =>
        new DateTimeOffset(2025, 3, 1, 8, 0, 0, TimeSpan.Zero).AddMicroseconds(number * 1_234_567);

    /// <summary>The entry at an index: a tombstone now and then, else the next event of one of the streams.</summary>
    private byte[] Next(int index)
    {
        var seq = _recovered + index + 1 + index / 50;
        if (index % 97 == 96)
            return new Entry(
                seq,
                Id(1, _recovered + index),
                Id(8, 0),
                "tombstone",
                seq,
                "tombstone",
                At(index),
                null,
                null,
                null,
                null,
                null,
                "{}"
            ).ToBytes();
        var stream = index % 7 == 0 ? Id(3, _recovered + index) : Id(2, index % 11);
        var version = _versions[stream] = _versions.GetValueOrDefault(stream) + 1;
        var (streamType, type) =
            index % 7 == 0
                ? ("person", "person_registered")
                : ("meeting", version == 1 ? MeetingEvents[0] : MeetingEvents[1 + (int)(version % 4)]);
        return new Entry(
            seq,
            Id(1, _recovered + index),
            stream,
            streamType,
            version,
            type,
            At(index),
            Id(4, index % 3).ToString(),
            index % 5 == 0 ? Id(4, 9).ToString() : null,
            index % 4 == 0 ? null
                : index % 4 == 1 ? ""
                : "calendar \"north\"\\\t\u0007é",
            $"{index:x32}",
            Id(5, index).ToString(),
            $$"""{"id": "{{stream}}", "list": [1, null, true], "note": "entry {{index}} \u0001 €", "number": {{index}}}"""
        ).ToBytes();
    }
}
