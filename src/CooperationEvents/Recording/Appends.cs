using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using JasperFx.Events.Daemon.HighWater;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Tells whoever follows the history, on every node, that events were appended, so that nobody has to ask for them while
/// there are none. What is told comes after the commit and from outside it: PostgreSQL lets no two transactions that notify
/// commit at the same time. It may be lost; who follows looks again by itself after <see cref="Idle"/>.
/// </summary>
public sealed partial class Appends(
    [FromKeyedServices(DataSources.Notes)] NpgsqlDataSource notes,
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    TimeProvider clock,
    ILogger<Appends> logger
) : BackgroundService, IDaemonWakeup
{
    private const string Channel = "cooperation_appended";

    /// <summary>How long who follows waits at most for something to be told.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    /// <summary>How long after an event who follows looks for more by itself.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2.5);

    /// <summary>What is appended in that time is told together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(5);

    /// <summary>How long other nodes are told nothing after they were told something.</summary>
    private static readonly TimeSpan BetweenNotices = TimeSpan.FromMilliseconds(20);

    /// <summary>How often read models follow while events come one after another: many at once cost little more than one.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly string _node = Guid.NewGuid().ToString();
    private readonly SemaphoreSlim _untold = new(0);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private long _followed;
    private long _told;
    private long _heard;
    private int _isUntold;

    /// <summary>Tells that events were committed here.</summary>
    public void Tell()
    {
        Told();
        if (Interlocked.Exchange(ref _isUntold, 1) == 0)
            _untold.Release();
    }

    /// <summary>
    /// For who follows: waits one interval while something was appended lately, else until something is, and in any case not longer than
    /// <see cref="Idle"/>.
    /// </summary>
    public async Task WaitForMore(TimeSpan interval, CancellationToken cancellation)
    {
        var next = Volatile.Read(ref _next).Task;
        if (clock.GetElapsedTime(Volatile.Read(ref _last)) < Lately)
            await Task.Delay(interval, clock, cancellation);
        else
            await Wait(next, Idle, cancellation);
    }

    /// <summary>For who waits for the read models: they follow at once, and not at their <see cref="Pace"/>.</summary>
    public void Hurry() => Renew(ref _hurry);

    /// <summary>
    /// For the read models: waits until something is appended that they were not told of before, for the time given at most. What comes
    /// alone is followed at once; what comes after it, at their <see cref="Pace"/>, or as soon as somebody waits for it.
    /// </summary>
    public async Task WaitAsync(TimeSpan timeout, CancellationToken token)
    {
        var next = Volatile.Read(ref _next).Task;
        if (Volatile.Read(ref _told) == _heard)
            await Wait(next, timeout, token);
        await Task.Delay(Together, clock, token);
        var hurry = Volatile.Read(ref _hurry).Task;
        if (Pace - clock.GetElapsedTime(_followed) is var left && left > TimeSpan.Zero)
            await Wait(hurry, left, token);
        (_heard, _followed) = (Volatile.Read(ref _told), clock.GetTimestamp());
    }

    public override void Dispose()
    {
        _untold.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Repeat(Listen, stoppingToken), Repeat(TellOthers, stoppingToken));

    private async Task Wait(Task next, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(timeout, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // Nothing was appended, or nobody could tell; or nobody was in a hurry.
        }
    }

    private void Told()
    {
        Volatile.Write(ref _last, clock.GetTimestamp());
        Interlocked.Increment(ref _told);
        Renew(ref _next);
    }

    private static void Renew(ref TaskCompletionSource signal) =>
        Interlocked.Exchange(ref signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Hears what other nodes tell.</summary>
    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await sessions.OpenConnectionAsync(cancellation);
        connection.Notification += (_, told) =>
        {
            if (told.Payload != _node)
                Told();
        };
        await connection.Execute($"listen {Channel}", [], cancellation);
        while (true)
            await connection.WaitAsync(cancellation);
    }

    private async Task TellOthers(CancellationToken cancellation)
    {
        while (true)
        {
            await _untold.WaitAsync(cancellation);
            await Task.Delay(Together, clock, cancellation);
            Volatile.Write(ref _isUntold, 0);
            await notes.Execute("select pg_notify($1, $2)", [Channel, _node], cancellation);
            await Task.Delay(BetweenNotices, clock, cancellation);
        }
    }

    private Task Repeat(Func<CancellationToken, Task> work, CancellationToken stopping) =>
        Loop.Run(work, e => Failed(logger, e), RetryDelay, clock, stopping);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nodes cannot tell each other what was appended; each looks by itself meanwhile")]
    private static partial void Failed(ILogger logger, Exception error);
}
