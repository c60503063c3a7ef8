using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>
/// A line of the ledger: who was erased, and keyed digests of how others named them. Nothing of it can be read without the keys.
/// </summary>
public sealed record ErasureLine(DateTimeOffset At, Guid Person, IReadOnlyList<Guid> People, IReadOnlyList<string> Digests, Guid Actor);

/// <summary>A line of the ledger: which salts of a person were destroyed since the fields under them expired.</summary>
public sealed record ExpiryLine(DateTimeOffset At, Guid Person, ValueList<FieldSalt> Expired);

/// <summary>A line of the ledger: that a person is hidden from then on, or shown again.</summary>
public sealed record RestrictionLine(DateTimeOffset At, Guid Person, bool Restricted)
{
    /// <summary>By it a version that knows no restrictions takes the line for one of which nothing expired, and passes it over.</summary>
    public IReadOnlyList<FieldSalt> Expired => [];
}

/// <summary>
/// The erasures, what expired and who is restricted, outside the database: a file that all nodes share and that only grows, one line of
/// JSON each. What a restored backup brings back is destroyed or hidden again by it, before anything personal is read. Who appends holds a
/// lock file beside it, so that no node writes over the line of another.
/// </summary>
public sealed class ErasureLedger(string path)
{
    public const string FileName = "erasures.ndjson";

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(10);

    public string Path { get; } = path;

    public bool Exists => File.Exists(Path);

    /// <summary>Every erasure in it. A last line that was never finished is none: its erasure is written again.</summary>
    /// <exception cref="KeysRefusedException">A line is no erasure, no restriction, and nothing that expired.</exception>
    public IReadOnlyList<ErasureLine> Read() => [.. Lines().OfType<ErasureLine>()];

    /// <summary>Everything in it that expired.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public IReadOnlyList<ExpiryLine> ReadExpired() => [.. Lines().OfType<ExpiryLine>()];

    /// <summary>What it says last of each person whose restriction or lifting it holds.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public IReadOnlyDictionary<Guid, RestrictionLine> Restrictions() =>
        Lines().OfType<RestrictionLine>().GroupBy(line => line.Person).ToDictionary(lines => lines.Key, lines => lines.Last());

    /// <summary>Appends an erasure that is not in it as it is now, and returns once it is on the disk.</summary>
    public async Task Add(Erasure erasure, CancellationToken cancellation)
    {
        var line = new ErasureLine(
            erasure.AskedAt,
            erasure.PersonId,
            [.. erasure.People.Order()],
            [.. erasure.Digests.Select(Convert.ToBase64String).Order(StringComparer.Ordinal)],
            erasure.Actor
        );
        await using var alone = await Lock(cancellation);
        if (!Read().Any(l => l.Person == line.Person && l.People.SequenceEqual(line.People) && l.Digests.SequenceEqual(line.Digests)))
            Append([line]);
    }

    /// <summary>Appends what expired and is not in it, and returns once it is on the disk.</summary>
    public async Task Add(IEnumerable<ExpiryLine> lines, CancellationToken cancellation)
    {
        await using var alone = await Lock(cancellation);
        var known = ReadExpired().ToLookup(l => l.Person, l => l.Expired);
        Append([.. lines.Where(line => !known[line.Person].Any(expired => line.Expired.All(s => expired.Contains(s))))]);
    }

    /// <summary>Appends who is hidden, or shown again, where it does not say so last, and returns once it is on the disk.</summary>
    public async Task Add(IEnumerable<RestrictionLine> lines, CancellationToken cancellation)
    {
        await using var alone = await Lock(cancellation);
        var known = Restrictions();
        Append([.. lines.Where(line => known.GetValueOrDefault(line.Person)?.Restricted != line.Restricted)]);
    }

    /// <summary>Makes an empty one where there is none.</summary>
    public async Task Make(CancellationToken cancellation)
    {
        await using var alone = await Lock(cancellation);
        Append<ErasureLine>([]);
    }

    /// <summary>Waits until nobody else appends. A process that dies gives the lock back; its file stays.</summary>
    private async Task<FileStream> Lock(CancellationToken cancellation)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        for (var started = Stopwatch.GetTimestamp(); ; )
        {
            try
            {
                return Open(Path + ".lock", FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(started) < LockTimeout)
            {
                await Task.Delay(LockInterval, cancellation);
            }
        }
    }

    private void Append<TLine>(IReadOnlyCollection<TLine> lines)
    {
        using var file = Open(Path, FileShare.Read);
        file.Position = DataFiles.EndOfLastLine(file);
        file.SetLength(file.Position);
        file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => JsonSerializer.Serialize(line, Json.Options) + "\n"))));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Opens a file to write in, for its owner alone; one that is not there is made.</summary>
    private static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private IEnumerable<object> Lines()
    {
        if (!Exists)
            return [];
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[DataFiles.EndOfLastLine(file)];
        file.Position = 0;
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse);
    }

    private object Parse(string line, int index)
    {
        try
        {
            var read = JsonElement.Parse(line);
            return read.TryGetProperty("restricted", out _) ? read.Deserialize<RestrictionLine>(Json.Options)!
                : read.TryGetProperty("expired", out _) ? read.Deserialize<ExpiryLine>(Json.Options)!
                : read.Deserialize<ErasureLine>(Json.Options)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new KeysRefusedException($"Line {index + 1} of the ledger of erasures {Path} is none of its form: {e.Message}");
        }
    }
}
