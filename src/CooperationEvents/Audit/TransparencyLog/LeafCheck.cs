using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Reads the leaves of a large log once the node has started, and holds them to the anchor. Where they are not what was signed, the node
/// ends, as a start does that finds it.
/// </summary>
internal sealed partial class LeafCheck(
    AnchorCheck check,
    Anchor anchor,
    LeavesAtStart leaves,
    IHostApplicationLifetime host,
    TimeProvider clock,
    ILogger<LeafCheck> logger
) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>What was said last: an alarm is repeated only where it changes.</summary>
    private string? _alarm;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        leaves.Unheld == 0 ? Task.CompletedTask : Loop.Run(Hold, Tell, RetryDelay, clock, stoppingToken);

    private async Task Hold(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource();
        await using var registration = host.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
        try
        {
            await check.HoldLeaves(cancellation);
        }
        catch (LogRefusedException refused)
        {
            End(refused.Message);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellation);
    }

    /// <summary>A database that is away comes back. With another error nothing is signed until somebody has seen to it.</summary>
    private void Tell(Exception error)
    {
        if (Outage.Is(error))
        {
            Failed(logger, error);
            return;
        }

        if (error.Message != _alarm)
            Unreadable(logger, error);
        _alarm = error.Message;
    }

    private void End(string why)
    {
        leaves.HaveEndedNode = true;
        Ends(logger, why);
        try
        {
            anchor.Refuse(why);
        }
        catch (LogRefusedException e)
        {
            NotNoted(logger, e.Message);
        }

        host.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: {Why} This node ends.")]
    private static partial void Ends(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The next start will serve again before it has read the leaves. {Why}")]
    private static partial void NotNoted(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: the leaves of the audit log cannot be read, and this node signs nothing")]
    private static partial void Unreadable(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leaves of the audit log could not be read; trying again")]
    private static partial void Failed(ILogger logger, Exception error);
}

/// <summary>
/// The leaves that a start holds to the anchor: of a small log before the node serves, of a large one while it serves. This node signs
/// nothing before all are held.
/// </summary>
/// <param name="mostBeforeServing">The size of log up to which they are held before the node serves.</param>
/// <param name="tilesAtOnce">How many tiles one statement reads: a longer one would keep gaps of the history open.</param>
public sealed class LeavesAtStart(long mostBeforeServing = LeavesAtStart.HalfASecond, int tilesAtOnce = 512)
{
    /// <summary>How many leaves are read and hashed in about half a second, of the three within which a node is to be ready.</summary>
    public const long HalfASecond = 500_000;

    private long _unheld;

    public long MostBeforeServing => mostBeforeServing;

    internal int TilesAtOnce => tilesAtOnce;

    /// <summary>How many are to be held while the node serves; 0 once they are.</summary>
    public long Unheld
    {
        get => Volatile.Read(ref _unheld);
        internal set => Volatile.Write(ref _unheld, value);
    }

    /// <summary>Whether the node was ended because they are not what was signed.</summary>
    public bool HaveEndedNode { get; internal set; }

    /// <summary>What is worth saying while the node serves; null once all are held.</summary>
    public string? Warning =>
        Unheld is > 0 and var unheld
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the audit log is still read (leaves: {unheld}), and this node signs nothing before"
            )
            : null;
}
