using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>Somebody outside who cosigns checkpoints that grow out of those it has seen (C2SP tlog-witness).</summary>
/// <param name="Url">Where its <c>add-checkpoint</c> is.</param>
internal sealed record Witness(Uri Url, VerifierKey Key)
{
    /// <summary>From <c>Audit:Witnesses:0:Url</c>, <c>Audit:Witnesses:0:Key</c>, and so on.</summary>
    /// <exception cref="InvalidOperationException">Says which is no witness, and why.</exception>
    public static IReadOnlyList<Witness> From(AuditOptions options) =>
        Faults(options).FirstOrDefault() is { } fault
            ? throw new InvalidOperationException(fault)
            :
            [
                .. options.Witnesses.Select(witness => new Witness(
                    new Uri($"{witness.Url!.TrimEnd('/')}/add-checkpoint"),
                    VerifierKey.Parse(witness.Key!)
                )),
            ];

    /// <summary>Says of each that is no witness, why.</summary>
    public static IEnumerable<string> Faults(AuditOptions options) =>
        options.Witnesses.SelectMany(
            (witness, i) =>
                new[] { FaultOfUrl(witness.Url), FaultOfKey(witness.Key) }.OfType<string>().Select(fault => $"Audit:Witnesses:{i}:{fault}")
        );

    private static string? FaultOfUrl(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))
            ? null
            : "Url must be the https URL of a witness, without add-checkpoint.";

    private static string? FaultOfKey(string? key)
    {
        try
        {
            return VerifierKey.Parse(key ?? "").Type == SignatureType.Cosignature
                ? null
                : "Key signs notes; the key of a witness is one for cosignatures (type 4).";
        }
        catch (FormatException e)
        {
            return $"Key must be the verifier key of the witness, name+hash+base64: {e.Message}";
        }
    }
}

/// <summary>
/// Sends the newest checkpoint to every witness, from one node, and keeps the cosignatures. It never holds up the log, and no witness holds
/// up another: one that does not answer is asked again.
/// </summary>
internal sealed partial class Witnesses(
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    NpgsqlDataSource database,
    PublishedLog log,
    IReadOnlyList<Witness> witnesses,
    AuditOptions options,
    LogMetrics metrics,
    DatabaseClock databaseClock,
    TimeProvider clock,
    ILogger<Witnesses> logger
) : BackgroundService
{
    public const string Table = "audit.cosignature";

    private const int LongestAnswer = 64 * 1024;
    private static readonly MediaTypeHeaderValue SizeMediaType = new("text/x.tlog.size");

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(options.WitnessSeconds);

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <summary>The witnesses that have seen a larger log than this one.</summary>
    private readonly ConcurrentDictionary<Witness, long> _ahead = new();

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        witnesses.Count == 0 ? Task.CompletedTask : Loop.Run(AskAll, e => Failed(logger, e), _interval, clock, stoppingToken);

    /// <summary>Asks each witness in its own time, for as long as this node is the one that does.</summary>
    private async Task AskAll(CancellationToken cancellation)
    {
        await using var session = await sessions.OpenConnectionAsync(cancellation);
        while (!await session.TryTake(AdvisoryLocks.Witnesses, cancellation))
            await Task.Delay(_interval, clock, cancellation);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var asking = witnesses.Select(w => Loop.Run(c => Ask(w, c), e => Failed(logger, e), _interval, clock, ends.Token)).ToList();
        try
        {
            while (true)
            {
                await Task.Delay(_interval, clock, cancellation);
                await session.StillLeads(cancellation);
            }
        }
        finally
        {
            await ends.CancelAsync();
            await Task.WhenAll(asking);
            _ahead.Clear();
            metrics.WitnessAhead = false;
        }
    }

    private async Task Ask(Witness witness, CancellationToken cancellation)
    {
        if (await log.Newest(cancellation) is { } newest)
        {
            try
            {
                var seen = await Seen(newest.Checkpoint.Origin, witness, cancellation);
                if (seen < newest.Checkpoint.Size)
                    await Send(witness, newest, Math.Max(0, seen), cancellation);
                _ahead.TryRemove(witness, out _);
            }
            catch (WitnessAheadException e)
            {
                _ahead[witness] = e.Size;
                Ahead(logger, witness.Key.Name, e.Size, newest.Checkpoint.Size);
            }
            catch (Exception e)
                when (e is HttpRequestException or SocketException or FormatException or InvalidDataException
                    || (e is OperationCanceledException && !cancellation.IsCancellationRequested)
                )
            {
                _ahead.TryRemove(witness, out _);
                NotCosigned(logger, witness.Key.Name, newest.Checkpoint.Size, e.Message);
            }

            metrics.WitnessAhead = !_ahead.IsEmpty;
        }

        await Task.Delay(_interval, clock, cancellation);
    }

    /// <summary>
    /// Sends the checkpoint with the proof from the size that the witness is known to have; where it says that it has another, once more
    /// from that.
    /// </summary>
    private async Task Send(Witness witness, CheckpointLine newest, long seen, CancellationToken cancellation)
    {
        var (status, answer) = await Post(witness, newest, seen, cancellation);
        if (status == HttpStatusCode.Conflict)
        {
            if (!long.TryParse(answer.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var other))
                throw new InvalidDataException($"it answers 409 and says no size: {answer}");
            if (other > newest.Checkpoint.Size)
                throw new WitnessAheadException(other);
            (status, answer) = await Post(witness, newest, other, cancellation);
        }

        if (status != HttpStatusCode.OK)
            throw new InvalidDataException($"it answers {(int)status}: {answer}");
        var cosigned = WitnessRequest.Cosigned(newest.Note, answer, witness.Key, await databaseClock.Now(cancellation));
        await Keep(newest.Checkpoint, witness, cosigned.Signatures.First(s => s.IsBy(witness.Key)), cancellation);
        Cosigned(logger, witness.Key.Name, newest.Checkpoint.Size);
    }

    private async Task<(HttpStatusCode Status, string Answer)> Post(
        Witness witness,
        CheckpointLine newest,
        long from,
        CancellationToken cancellation
    )
    {
        var proof =
            from == 0
                ? new ConsistencyProof(0, newest.Checkpoint.Size, [])
                : await log.Consistency(from, newest.Checkpoint.Size, cancellation);
        using var body = new StringContent(WitnessRequest.Body(proof, newest.Note), Encoding.UTF8, "text/plain");
        using var answer = await _client.PostAsync(witness.Url, body, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.StatusCode == HttpStatusCode.Conflict && !SizeMediaType.Equals(answer.Content.Headers.ContentType)
            ? throw new InvalidDataException($"it answers 409: {text}")
            : (answer.StatusCode, text);
    }

    /// <summary>The largest size the witness has cosigned; -1 where it has cosigned none.</summary>
    private Task<long> Seen(string origin, Witness witness, CancellationToken cancellation) =>
        database.Scalar<long>(
            $"select coalesce(max(size), -1) from {Table} where origin = $1 and witness = $2",
            [origin, witness.Key.ToString()],
            cancellation
        );

    private Task Keep(Checkpoint checkpoint, Witness witness, NoteSignature signature, CancellationToken cancellation) =>
        database.Execute(
            $"insert into {Table} (origin, size, witness, line) values ($1, $2, $3, $4) on conflict do nothing",
            [checkpoint.Origin, checkpoint.Size, witness.Key.ToString(), signature.ToString()],
            cancellation
        );

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Witness} cosigned the checkpoint of size {Size}")]
    private static partial void Cosigned(ILogger logger, string witness, long size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Witness} did not cosign the checkpoint of size {Size}: {Reason}")]
    private static partial void NotCosigned(ILogger logger, string witness, long size, string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: {Witness} has seen a checkpoint of this log of size {Seen}, and the log has {Size} entries: the database was "
            + "restored to an older point, or somebody else signs for this log"
    )]
    private static partial void Ahead(ILogger logger, string witness, long seen, long size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No checkpoint could be sent to the witnesses; trying again")]
    private static partial void Failed(ILogger logger, Exception error);

    private sealed class WitnessAheadException(long size) : Exception
    {
        public long Size { get; } = size;
    }
}
