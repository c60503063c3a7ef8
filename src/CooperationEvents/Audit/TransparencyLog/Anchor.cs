using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Storage;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// The checkpoints outside the database, one line each as <c>checkpoints.ndjson</c> has them: a file that all nodes share and that only
/// grows. By it is found out that a database was restored to an older point.
/// </summary>
public sealed class Anchor(string path)
{
    public const string FileName = "checkpoints.ndjson";

    private const int TailBytes = 64 * 1024;

    public string Path { get; } = path;

    public bool Exists => File.Exists(Path);

    /// <summary>Says why a node that served already was refused, until a node has held the log to the anchor.</summary>
    public string RefusalPath => Path + ".refused";

    /// <summary>Whether the last node that held the log to the anchor refused it while it served.</summary>
    public bool WasRefused => File.Exists(RefusalPath);

    /// <summary>Every checkpoint in it, as they were appended. A last line that was never finished is none.</summary>
    /// <exception cref="LogRefusedException">A line is no checkpoint.</exception>
    private IEnumerable<CheckpointLine> Read()
    {
        if (!Exists)
            yield break;
        using var file = Open();
        foreach (var (place, line) in Lines(file, 0, DataFiles.EndOfLastLine(file)).Index())
        {
            if (line.Length > 0)
                yield return Parse(line, place + 1);
        }
    }

    /// <summary>All of it at once.</summary>
    /// <exception cref="LogRefusedException">It cannot be read.</exception>
    public IReadOnlyList<CheckpointLine> Whole() => Readable(() => Read().ToList());

    /// <summary>The largest checkpoint of an origin; null where there is none.</summary>
    /// <exception cref="LogRefusedException">It cannot be read.</exception>
    public CheckpointLine? Newest(string origin) => Readable(() => NewestOf(Tail(), origin) ?? NewestOf(Read(), origin));

    /// <summary>Appends a checkpoint, and returns once it is on the disk.</summary>
    /// <param name="isFirst">Whether the log has none in it yet: only then a file that is missing is made.</param>
    /// <exception cref="LogRefusedException">It cannot be written, or is gone.</exception>
    public void Add(CheckpointLine line, bool isFirst) =>
        Readable(() =>
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            using var file = new FileStream(Path, isFirst ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            file.Position = DataFiles.EndOfLastLine(file);
            file.SetLength(file.Position);
            file.Write(Encoding.UTF8.GetBytes(line.ToLine() + "\n"));
            file.Flush(flushToDisk: true);
            return line;
        });

    /// <summary>Notes that the log was refused, so that no start serves again before it has held all of it.</summary>
    /// <exception cref="LogRefusedException">It cannot be noted.</exception>
    public void Refuse(string why) =>
        Readable(() =>
        {
            File.WriteAllText(RefusalPath, why + "\n");
            return true;
        });

    /// <summary>The log was held to the anchor.</summary>
    /// <exception cref="LogRefusedException">An earlier refusal cannot be taken back.</exception>
    public void IsHeld() =>
        Readable(() =>
        {
            if (WasRefused)
                File.Delete(RefusalPath);
            return true;
        });

    /// <summary>Opens the file as if a checkpoint were to be appended.</summary>
    /// <exception cref="LogRefusedException">It cannot be written.</exception>
    public void CheckWritable() =>
        Readable(() =>
        {
            using var file = Exists ? new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite) : null;
            return true;
        });

    private T Readable<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AnchorCheck.Refused($"The anchor {Path} cannot be used: {e.Message.TrimEnd('.')}.");
        }
    }

    private static CheckpointLine? NewestOf(IEnumerable<CheckpointLine> lines, string origin) =>
        lines.Where(l => l.Checkpoint.Origin == origin).MaxBy(l => l.Checkpoint.Size);

    private CheckpointLine Parse(string line, long? number)
    {
        try
        {
            return CheckpointLine.Parse(line);
        }
        catch (FormatException e)
        {
            throw AnchorCheck.Refused(
                $"{(number is null ? "One of the last lines" : $"Line {number}")} of the anchor {Path} is no checkpoint: {e.Message}"
            );
        }
    }

    private FileStream Open() => new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>
    /// The last complete lines. What a sequencer appends late, since it was slow to learn that another has taken over, is among them.
    /// </summary>
    private IReadOnlyList<CheckpointLine> Tail()
    {
        if (!Exists)
            return [];
        using var file = Open();
        var end = DataFiles.EndOfLastLine(file);
        var start = Math.Max(0, end - TailBytes);
        return [.. Lines(file, start, end).Skip(start > 0 ? 1 : 0).Where(l => l.Length > 0).Select(l => Parse(l, null))];
    }

    /// <summary>
    /// The lines of a part of the file. An editor may have put a byte order mark before the first, and a CR at the end of each.
    /// </summary>
    private static IEnumerable<string> Lines(FileStream file, long start, long end)
    {
        file.Position = start;
        var (block, line, isFirst) = (new byte[TailBytes], new MemoryStream(), start == 0);
        for (var left = end - start; left > 0; )
        {
            var read = file.Read(block.AsSpan(0, (int)Math.Min(block.Length, left)));
            if (read == 0)
                yield break;
            for (int at = 0, next; at < read; at = next)
            {
                var feed = Array.IndexOf(block, (byte)'\n', at, read - at);
                next = feed < 0 ? read : feed + 1;
                line.Write(block, at, next - at);
                if (feed < 0)
                    continue;
                var text = Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\n', '\r');
                yield return isFirst ? text.TrimStart('\uFEFF') : text;
                (line.Position, isFirst) = (0, false);
                line.SetLength(0);
            }

            left -= read;
        }
    }
}
