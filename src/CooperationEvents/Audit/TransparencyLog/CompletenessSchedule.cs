using CooperationEvents.Kernel;
using CooperationEvents.Storage;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>Checks on a schedule that the log has everything, and alarms where it has not.</summary>
internal sealed partial class CompletenessSchedule(
    Completeness completeness,
    AuditOptions options,
    LogMetrics metrics,
    DatabaseClock databaseClock,
    TimeProvider clock,
    ILogger<CompletenessSchedule> logger
) : BackgroundService
{
    /// <summary>What the last check found; null before the first.</summary>
    public CompletenessAnswer? Last { get; private set; }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(CheckLater, e => Failed(logger, e), TimeSpan.Zero, clock, stoppingToken);

    private async Task CheckLater(CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromMinutes(options.CompletenessMinutes), clock, cancellation);
        await CheckNow(cancellation);
    }

    public async Task<CompletenessAnswer> CheckNow(CancellationToken cancellation)
    {
        var faults = await completeness.Check(cancellation);
        metrics.Faults = faults.Count;
        foreach (var fault in faults)
            Found(logger, fault.Count, fault.What, fault.First);
        return Last = new CompletenessAnswer(await databaseClock.Now(cancellation), [.. faults]);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: the audit log is not complete: {Count} {What}, among them {First}")]
    private static partial void Found(ILogger logger, long count, string what, string first);

    [LoggerMessage(Level = LogLevel.Error, Message = "The completeness of the audit log could not be checked")]
    private static partial void Failed(ILogger logger, Exception error);
}
