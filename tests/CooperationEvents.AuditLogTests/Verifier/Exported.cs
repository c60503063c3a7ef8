using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>
/// An export to tamper with, in a copy of its own: 1,337 entries, six checkpoints, and two keys of which one took over from the other at
/// 700.
/// </summary>
internal sealed class Exported
{
    public const int Size = 1_337;
    public const int ChangeOver = 700;

    public static readonly int[] Sizes = [0, 1, 300, ChangeOver, 1_000, Size];

    public static readonly SigningKey First = SampleLog.KeyOf("register.example/audit/log", 1);
    public static readonly SigningKey Second = SampleLog.KeyOf("register.example/audit/log", 2);

    private static readonly SampleLog Log = Make();
    private static readonly Dictionary<string, byte[]> Made = Log.Files();

    public Exported()
    {
        Files = Made.ToDictionary(f => f.Key, f => f.Value.ToArray());
        Entries = [.. Log.Entries];
    }

    public Dictionary<string, byte[]> Files { get; }

    /// <summary>Its entries, to be altered and written with <see cref="WriteEntries"/>.</summary>
    public List<byte[]> Entries { get; }

    public IReadOnlyList<LogKey> Trusted { get; set; } = [LogKey.Always(First.Verifier), LogKey.Always(Second.Verifier)];

    public List<string> Kept { get; } = [];

    public static string IdAt(int index) => SampleLog.EntryAt(Log.Entries, index).Id.ToString();

    public void WriteEntries() => Files[Export.Entries] = SampleLog.Lines(Entries);

    public void RewriteTiles()
    {
        foreach (var path in Files.Keys.Where(p => p.StartsWith("tile/", StringComparison.Ordinal)).ToList())
            Files.Remove(path);
        foreach (var (path, bytes) in SampleLog.TilesOf(Entries))
            Files[path] = bytes;
    }

    public string[] LinesOf(string path) => Encoding.UTF8.GetString(Files[path]).TrimEnd('\n').Split('\n');

    public void WriteLines(string path, IEnumerable<string> lines) => Files[path] = SampleLog.Lines(lines.Select(Encoding.UTF8.GetBytes));

    /// <summary>Replaces text inside the entry at an index by text of the same form.</summary>
    public void Alter(int index, Func<Entry, Entry> alter)
    {
        Entries[index] = alter(Entry.Parse(Entries[index])).ToBytes();
        WriteEntries();
    }

    public Report Verify() => Verification.Run(new ExportInMemory(Files), Trusted, Kept);

    /// <summary>The findings in words.</summary>
    public string[] Findings() => [.. Verify().Findings.Select(f => f.Text)];

    private static SampleLog Make()
    {
        var log = new SampleLog();
        foreach (var size in Sizes)
        {
            log.Grow(size - (int)log.Size);
            log.Sign(
                size < ChangeOver ? [First]
                : size == ChangeOver ? [First, Second]
                : [Second]
            );
        }

        log.Keys.Add(new LogKey(First.Verifier, 0, ChangeOver));
        log.Keys.Add(new LogKey(Second.Verifier, ChangeOver, null));
        return log;
    }
}
