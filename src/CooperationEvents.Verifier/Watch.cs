using System.Globalization;
using System.Net.Sockets;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>
/// <c>watch</c>: follows the checkpoints of a running register and keeps the last one that fitted. What does not fit is evidence: it
/// is written to a file and printed, and the watch ends with an error. A service manager sees that.
/// </summary>
/// <param name="register">Where the register answers, as <c>https://register.example</c>.</param>
/// <param name="state">The directory with <c>checkpoint</c>, the last note that fitted, and <c>checkpoints.ndjson</c>, all of them.</param>
public sealed class Watch(
    HttpClient http,
    Uri register,
    DirectoryInfo state,
    IReadOnlyList<LogKey> trusted,
    TextWriter output,
    TimeProvider clock
)
{
    private readonly LogKeys _keys = new(trusted);

    private string Last => Path.Combine(state.FullName, "checkpoint");

    /// <summary>Looks again and again; ends with what does not fit, or when it is told to.</summary>
    public async Task<string?> Run(TimeSpan every, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (await Look(cancellation) is { } alarm)
                return alarm;
            await Task.Delay(every, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    /// <summary>Looks once, and says what does not fit; null where everything does, or the register does not answer.</summary>
    public async Task<string?> Look(CancellationToken cancellation)
    {
        string text;
        try
        {
            text = await http.GetStringAsync(new Uri(register, "/v1/audit/log/checkpoint"), cancellation);
        }
        catch (Exception e)
            when (e is HttpRequestException or SocketException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            Say($"no answer: {e.Message}");
            return null;
        }

        try
        {
            return await Hold(text, cancellation) is { } alarm ? Keep(alarm, text) : null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or ArgumentException)
        {
            return Keep($"the checkpoint or its tiles have not their form: {e.Message}", text);
        }
        catch (Exception e)
            when (e is HttpRequestException or SocketException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            Say($"no tiles: {e.Message}");
            return null;
        }
    }

    /// <summary>Holds a checkpoint to the one before it, by the tiles that the register publishes.</summary>
    private async Task<string?> Hold(string text, CancellationToken cancellation)
    {
        var next = new CheckpointLine(SignedNote.Parse(text));
        var checkpoint = next.Checkpoint;
        if (next.Note.SignedBy(_keys.Of(checkpoint.Origin).Where(k => k.Covers(checkpoint.Size)).Select(k => k.Key)).Count == 0)
            return $"the checkpoint of {checkpoint.Origin}, size {Number(checkpoint.Size)}, is signed by no key you gave";
        var last = File.Exists(Last)
            ? new CheckpointLine(SignedNote.Parse(await File.ReadAllTextAsync(Last, cancellation))).Checkpoint
            : null;
        if (last is not null && last.Origin != checkpoint.Origin)
            return $"{last.Origin} has ended, and the log goes on as {checkpoint.Origin}: ask why, have an export verified, and begin "
                + $"again with another directory";
        if (checkpoint.Size < last?.Size)
            return $"the log has {Number(checkpoint.Size)} entries, and had {Number(last.Size)}: it went back";
        if (checkpoint.Size == last?.Size)
            return checkpoint.Root == last.Root
                ? null
                : $"there are two checkpoints of {Number(checkpoint.Size)} entries with other roots: the log told two stories";
        var tiles = new TileReader(new PublishedTiles(http, register), checkpoint.Size);
        if (await tiles.RootAsync(checkpoint.Size, cancellation) != checkpoint.Root)
            return $"the tiles do not make the root of the checkpoint of {Number(checkpoint.Size)} entries";
        if (last is not null && await tiles.RootAsync(last.Size, cancellation) != last.Root)
            return $"the log of {Number(checkpoint.Size)} entries does not begin with the one of {Number(last.Size)}: it was rewritten";
        await Accept(next, cancellation);
        return null;
    }

    private async Task Accept(CheckpointLine next, CancellationToken cancellation)
    {
        state.Create();
        await File.AppendAllTextAsync(Path.Combine(state.FullName, Export.Checkpoints), next.ToLine() + "\n", cancellation);
        var draft = Last + ".new";
        await File.WriteAllTextAsync(draft, next.Note.ToString(), cancellation);
        File.Move(draft, Last, overwrite: true);
        Say($"{next.Checkpoint.Origin} has {Number(next.Checkpoint.Size)} entries, and begins with what was there before");
    }

    private string Keep(string alarm, string text)
    {
        state.Create();
        var file = Path.Combine(state.FullName, $"does-not-fit-{clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}");
        File.WriteAllText(file, $"{alarm}\n\n{text}");
        return $"{alarm} ({file})";
    }

    private void Say(string text)
    {
        var now = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        output.WriteLine($"{now} {text}");
    }

    private static string Number(long number) => Report.Number(number);

    /// <summary>The hash tiles that anybody may read.</summary>
    private sealed class PublishedTiles(HttpClient http, Uri register) : ITileSource
    {
        public async ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation)
        {
            var bytes = await http.GetByteArrayAsync(new Uri(register, $"/v1/audit/log/{tile.Path}"), cancellation);
            return bytes.Length == tile.Bytes
                ? Digest.ReadAll(bytes)
                : throw new InvalidDataException($"{tile} has {bytes.Length} bytes instead of {tile.Bytes}");
        }
    }
}
