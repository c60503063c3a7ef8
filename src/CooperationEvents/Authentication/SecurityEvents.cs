using System.Collections.Concurrent;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>What happened at the door within one minute: how often, from where, and by whom as far as that is known.</summary>
/// <param name="Kind">One of the words of <see cref="SecurityEvents"/>.</param>
/// <param name="Principal">Who was known by then, or who did it.</param>
/// <param name="Detail">The operation that was asked for, or the id of what was changed.</param>
public sealed record SecurityEvent(DateTime Minute, string Kind, string? Address, Guid? Principal, string? Detail, long Count);

/// <summary>
/// What happened at the door, for auditors. Equal events of a minute are one row with a count. A node writes only so many rows of
/// refusals a minute: who wants to flood it only counts something up, and hides nothing that was done. Kept for
/// <c>Access:SecurityEventDays</c> (180).
/// </summary>
public sealed partial class SecurityEvents(
    NpgsqlDataSource database,
    TimeProvider clock,
    SecurityEventOptions options,
    ILogger<SecurityEvents> logger
) : BackgroundService
{
    public const string WrongKey = "wrong-key";
    public const string WrongToken = "wrong-token";
    public const string TooManyKeys = "too-many-keys";
    public const string SignedIn = "signed-in";
    public const string SignInRefused = "sign-in-refused";
    public const string SignedOut = "signed-out";
    public const string CrossSite = "cross-site";
    public const string Forbidden = "forbidden";
    public const string TooManyRequests = "too-many-requests";
    public const string KeyMade = "key-made";
    public const string KeyRotated = "key-rotated";
    public const string KeyRevoked = "key-revoked";
    public const string PrincipalEnded = "principal-ended";

    /// <summary>Different refusals a minute of one node; what is beyond is counted by its kind alone.</summary>
    private const int MostDifferent = 200;

    /// <summary>What was done by somebody who may do it: always written whole.</summary>
    private static readonly string[] Done = [SignedIn, SignedOut, KeyMade, KeyRotated, KeyRevoked, PrincipalEnded];

    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<
        (DateTimeOffset Minute, string Kind, string Address, Guid Principal, string Detail),
        long
    > _counts = new();

    /// <summary>Who reads the list waits for what is being written.</summary>
    private readonly SemaphoreSlim _flushing = new(1);
    private (DateTimeOffset Minute, int Different) _written;

    /// <summary>Notes what a request did or wanted.</summary>
    public void Note(string kind, HttpContext http, string? detail = null) =>
        Note(
            kind,
            KeyAttempts.Address(http),
            http.User.Identity is { IsAuthenticated: true } ? http.User.PrincipalId() : Guid.Empty,
            detail ?? (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? ""
        );

    public void Note(string kind, string address, Guid principal, string detail)
    {
        var now = clock.GetUtcNow();
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        var whole = (minute, kind, address, principal, detail);
        var key =
            Done.Contains(kind) || _counts.Count < MostDifferent || _counts.ContainsKey(whole) ? whole : (minute, kind, "", Guid.Empty, "");
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    /// <summary>Writes what was noted since; what cannot be written is kept and tried again.</summary>
    public async Task Flush(CancellationToken cancellation)
    {
        await _flushing.WaitAsync(cancellation);
        try
        {
            await Write(cancellation);
        }
        finally
        {
            _flushing.Release();
        }
    }

    private async Task Write(CancellationToken cancellation)
    {
        foreach (var key in _counts.Keys.ToList())
        {
            if (!_counts.TryRemove(key, out var count))
                continue;
            var isDone = Done.Contains(key.Kind);
            if (!isDone)
                _written = _written.Minute == key.Minute ? (key.Minute, _written.Different + 1) : (key.Minute, 1);
            var (minute, kind, address, principal, detail) =
                isDone || _written.Different <= MostDifferent ? key : (key.Minute, key.Kind, "", Guid.Empty, "");
            try
            {
                // The node says how long ago its minute began, and the database what minute that was: the nearest one.
                await database.Execute(
                    """
                    insert into access.security_event (minute, kind, address, principal_id, detail, count)
                        values (date_trunc('minute', now() - $1 + interval '30 seconds'), $2, $3, $4, $5, $6)
                    on conflict (minute, kind, address, principal_id, detail)
                        do update set count = access.security_event.count + excluded.count
                    """,
                    [clock.GetUtcNow() - minute, kind, address, principal, detail, count],
                    cancellation
                );
            }
            catch (Exception)
            {
                _counts.AddOrUpdate(key, count, (_, more) => more + count);
                throw;
            }
        }
    }

    /// <summary>Events in the order they were first noted, each with its number.</summary>
    public async Task<IReadOnlyList<(long Number, SecurityEvent Event)>> List(long after, int limit, CancellationToken cancellation) =>
        await database.Query(
            "select number, minute, kind, address, principal_id, detail, count from access.security_event where number > $1 order by "
                + "number limit $2",
            [after, limit],
            row =>
                (
                    row.GetInt64(0),
                    new SecurityEvent(
                        row.GetDateTime(1),
                        row.GetString(2),
                        row.GetString(3) is { Length: > 0 } address ? address : null,
                        row.GetGuid(4) is var principal && principal != Guid.Empty ? principal : null,
                        row.GetString(5) is { Length: > 0 } detail ? detail : null,
                        row.GetInt64(6)
                    )
                ),
            cancellation
        );

    internal Task Forget(CancellationToken cancellation) =>
        database.Execute(
            "delete from access.security_event where minute < now() - $1",
            [TimeSpan.FromDays(options.SecurityEventDays)],
            cancellation
        );

    public override void Dispose()
    {
        base.Dispose();
        _flushing.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(FlushLater, e => NotWritten(logger, e), TimeSpan.Zero, clock, stoppingToken);

    private async Task FlushLater(CancellationToken cancellation)
    {
        // What was noted while the service stops is written too.
        await Task.Delay(WriteInterval, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Flush(CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Security events could not be written; trying again")]
    private static partial void NotWritten(ILogger logger, Exception error);
}

/// <summary>Forgets security events once they are old enough.</summary>
public sealed record ForgetSecurityEvents;

public static class ForgetSecurityEventsHandler
{
    public static Task Handle(ForgetSecurityEvents message, SecurityEvents events, CancellationToken cancellation) =>
        events.Forget(cancellation);
}
