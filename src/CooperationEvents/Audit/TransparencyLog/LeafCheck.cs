using System.Globalization;
using CooperationEvents.Kernel;

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

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        leaves.Unheld == 0 ? Task.CompletedTask : Loop.Run(Hold, e => Failed(logger, e), RetryDelay, clock, stoppingToken);

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

    private void End(string why)
    {
        leaves.HaveEndedNode = true;
        Ends(logger, why);
        try
        {
            anchor.Refuse(why);
        }
        finally
        {
            host.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: {Why} This node ends.")]
    private static partial void Ends(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leaves of the audit log could not be read; trying again")]
    private static partial void Failed(ILogger logger, Exception error);
}

/// <summary>
/// The leaves that a start holds to the anchor: of a small log before the node serves, of a large one while it serves. This node signs
/// nothing before all are held.
/// </summary>
/// <param name="mostBeforeServing">The size of log up to which they are held before the node serves.</param>
public sealed class LeavesAtStart(long mostBeforeServing = LeavesAtStart.HalfASecond)
{
    /// <summary>How many leaves are read and hashed in about half a second, of the three within which a node is to be ready.</summary>
    public const long HalfASecond = 500_000;

    private long _unheld;

    public long MostBeforeServing => mostBeforeServing;

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
