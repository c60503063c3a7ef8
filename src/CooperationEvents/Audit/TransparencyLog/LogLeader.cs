using System.Diagnostics.Metrics;
using CooperationEvents.Audit.History;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Runs the log on one node. It gives events their indexes as they come, and signs at most once in
/// <see cref="AuditOptions.CheckpointMilliseconds"/>.
/// </summary>
internal sealed partial class LogLeader(
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    Appends appends,
    AnchorCheck check,
    LogKeys keys,
    Anchor anchor,
    AuditOptions options,
    LogMetrics metrics,
    TimeProvider clock,
    ILogger<LogLeader> logger
) : Leader(sessions, AdvisoryLocks.Log, clock)
{
    /// <summary>How often it looks for events while some came lately.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a node that does not lead looks whether it shares the anchor of the one that does.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>How long that takes at most where there is such a node.</summary>
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(30);

    /// <summary>What was said last: an alarm is repeated only where it changes.</summary>
    private string? _alarm;

    private long? _looked;

    /// <summary>Since when a node of a newer version is to take over, as a timestamp; null while this one can do it.</summary>
    private long? _handedOver;

    /// <summary>The position of the event that this node could not take into the log.</summary>
    private long? _untaken;

    /// <summary>The position beyond those given out that an alarm was about.</summary>
    private long? _beyond;

    protected override void Lost(Exception error)
    {
        if (error is not (UnsequenceableException or LogDamagedException or LogRefusedException))
        {
            Lost(logger, error);
            return;
        }

        if (error is UnsequenceableException unsequenceable)
        {
            _untaken = unsequenceable.Seq;
            if (unsequenceable.IsNewer && IsHandedOver(error.Message))
                return;
        }

        metrics.Stopped = true;
        if (error.Message != _alarm)
            Stopped(logger, error);
        _alarm = error.Message;
    }

    /// <summary>Whether a node of a newer version still has time to take over what this one cannot do.</summary>
    private bool IsHandedOver(string why)
    {
        if (_handedOver is not { } since)
        {
            _handedOver = Clock.GetTimestamp();
            HandsOver(logger, why);
            return true;
        }

        return Clock.GetElapsedTime(since) < HandOver;
    }

    protected override async Task Follow(NpgsqlConnection session, CancellationToken cancellation)
    {
        if (_looked is { } looked && Clock.GetElapsedTime(looked) < Look)
            return;
        _looked = Clock.GetTimestamp();
        await check.IsShared(session, cancellation);

        // Who holds the lock may be another node that cannot take the event either.
        if (_untaken is null || (await LogHead.Read(session, lockIt: false, cancellation)).Seq >= _untaken)
            TakesAll();
        (metrics.IsBeyond, _beyond) = (false, null);
    }

    protected override async Task Lead(NpgsqlConnection session, CancellationToken cancellation)
    {
        await check.AtTakeover(session, cancellation);
        var sequencer = await Sequencer.TakeOver(session, cancellation);
        var writer = new CheckpointWriter(session, check, keys, anchor, sequencer.Epoch);
        await writer.Sign(cancellation);
        Leading(logger, sequencer.Epoch);
        var signed = Clock.GetTimestamp();
        var unsigned = 0L;
        while (true)
        {
            var taken = await sequencer.Next(cancellation);
            unsigned += taken;
            metrics.Took(taken, sequencer.OpenGaps);
            TakesAll();
            Tell(sequencer.Beyond);
            if (unsigned > 0 && Clock.GetElapsedTime(signed).TotalMilliseconds >= options.CheckpointMilliseconds)
            {
                using (Traces.Begin("log: sign"))
                    metrics.Published = await writer.Sign(cancellation);
                (signed, unsigned) = (Clock.GetTimestamp(), 0);
            }

            // After a full batch there are more: the log is behind.
            if (taken >= Sequencer.Batch)
                continue;
            if (unsigned > 0 || sequencer.OpenGaps > 0)
                await Task.Delay(PollInterval, Clock, cancellation);
            else
                await appends.WaitForMore(PollInterval, cancellation);
        }
    }

    private void TakesAll() => (metrics.Stopped, _alarm, _handedOver, _untaken) = (false, null, null, null);

    private void Tell(long? beyond)
    {
        metrics.IsBeyond = beyond is not null;
        if (beyond is { } position && position != _beyond)
            FoundBeyond(logger, position);
        _beyond = beyond;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: the history has an event at position {Position}, which was never given out. It gets no entry in the audit log, "
            + "and others do; see docs/operators.md"
    )]
    private static partial void FoundBeyond(ILogger logger, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node runs the audit log, under epoch {Epoch}")]
    private static partial void Leading(ILogger logger, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node gives the audit log to a node of a newer version. {Why}")]
    private static partial void HandsOver(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: the audit log is not signed any further")]
    private static partial void Stopped(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit log does not run here; trying again")]
    private static partial void Lost(ILogger logger, Exception error);
}

/// <summary>What the log tells whoever watches the service.</summary>
internal sealed class LogMetrics : IDisposable
{
    public const string Name = "CooperationEvents.Audit";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _sequenced;
    private long _openGaps;

    public LogMetrics(LeavesAtStart atStart)
    {
        _sequenced = _meter.CreateCounter<long>(
            "audit.log.sequenced",
            "{event}",
            "Events that were given an index in the log by this node"
        );
        _meter.CreateObservableGauge("audit.log.stopped", () => Stopped ? 1 : 0, null, "1 while the log cannot be sequenced or signed");
        _meter.CreateObservableGauge(
            "audit.log.published",
            () => Published,
            "{entry}",
            "The size of the newest checkpoint this node has published"
        );
        _meter.CreateObservableGauge(
            "audit.log.open_gaps",
            () => Volatile.Read(ref _openGaps),
            null,
            "Ranges of positions that may still be filled"
        );
        _meter.CreateObservableGauge(
            "audit.log.witness_ahead",
            () => WitnessAhead ? 1 : 0,
            null,
            "1 while a witness has seen a larger log than this one"
        );
        _meter.CreateObservableGauge(
            "audit.log.beyond",
            () => IsBeyond ? 1 : 0,
            null,
            "1 while an event stands at a position that was never given out"
        );
        _meter.CreateObservableGauge(
            "audit.log.unheld",
            () => atStart.Unheld,
            "{entry}",
            "Leaves of a large log that this node still holds to the anchor after its start; it signs nothing before"
        );
        _meter.CreateObservableGauge("audit.log.faults", () => Faults, null, "What the last completeness check found wrong");
    }

    public bool Stopped { get; set; }

    public long Published { get; set; }

    public bool WitnessAhead { get; set; }

    public bool IsBeyond { get; set; }

    public int Faults { get; set; }

    public void Took(int events, int openGaps)
    {
        Volatile.Write(ref _openGaps, openGaps);
        if (events > 0)
            _sequenced.Add(events);
    }

    public void Dispose() => _meter.Dispose();
}
