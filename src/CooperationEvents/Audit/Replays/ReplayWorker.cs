using System.Diagnostics.Metrics;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// Runs the replay that was asked for on one node: the one that holds an advisory lock. Where that node ends in the middle,
/// another goes on from where the scratch schema stands. Scratch schemas of replays that have ended are dropped.
/// </summary>
internal sealed partial class ReplayWorker(
    ReplayStore store,
    Attempts attempts,
    NpgsqlDataSource database,
    ReplayDatabase scratch,
    RegisteredReadModels readModels,
    SideTables sideTables,
    ReplayOptions options,
    ReplayMetrics metrics,
    TimeProvider clock,
    ILogger<ReplayWorker> logger
) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _called = new(0);
    private bool _clean;

    /// <summary>Looks for work at once.</summary>
    public void Call() => _called.Release();

    public override void Dispose()
    {
        base.Dispose();
        _called.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(Next, e => Lost(logger, e), PollInterval, clock, stoppingToken);

    private async Task Next(CancellationToken cancellation)
    {
        var replay = await store.Open(cancellation);
        if (replay is not null || !_clean)
            await Lead(replay, cancellation);
        await _called.WaitAsync(PollInterval, cancellation);
    }

    private async Task Lead(Replay? replay, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await connection.TryTake(AdvisoryLocks.Replay, cancellation))
            return;
        try
        {
            await Drop(replay?.Id, cancellation);
            if (replay is null)
            {
                _clean = true;
                return;
            }

            // Read again: another node may have ended it since.
            _clean = false;
            if ((await store.Open(cancellation))?.Id == replay.Id)
                await attempts.Try(
                    ReplayStore.Table,
                    replay.Id,
                    () => Run(replay, connection, cancellation),
                    () => GiveUp(replay.Id, cancellation),
                    cancellation
                );
            await Drop((await store.Open(cancellation))?.Id, cancellation);
        }
        finally
        {
            await Unlock(connection);
        }
    }

    /// <returns>True: it has ended.</returns>
    private async Task<bool> Run(Replay replay, NpgsqlConnection leading, CancellationToken cancellation)
    {
        await using var source = scratch.Open();
        var run = new ReplayRun(replay, store, source, readModels, sideTables, options, metrics, clock, () =>
            leading.StillLeads(cancellation)
        );
        try
        {
            Running(logger, replay.Id, replay.Position);
            await run.Run(cancellation);
            if (await store.End(replay.Id, ReplayState.Completed, null, cancellation))
                await Tell(replay.Id, cancellation);
        }
        catch (ReplayFailedException e)
        {
            await Fail(replay.Id, e.Message, cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DiskFull)
        {
            // It would be tried again with the disk as full as it left it.
            await Drop(butOf: null, cancellation);
            await Fail(replay.Id, $"The disk of the database has no room for it: {e.MessageText}.", cancellation);
        }
        catch (NewerVersionException e)
        {
            var why = $"{e.Message} Ask for a replay once every node is of that version.";
            if (await store.End(replay.Id, ReplayState.Failed, why, cancellation))
                NeedsNewer(logger, replay.Id, why);
            await Tell(replay.Id, cancellation);
        }
        catch (ReplayEndedException)
        {
            Cancelled(logger, replay.Id);
        }
        finally
        {
            metrics.Ended();
        }

        return true;
    }

    /// <summary>Ends a replay that was begun <see cref="Attempts.Most"/> times and came no further.</summary>
    private async Task GiveUp(Guid id, CancellationToken cancellation)
    {
        if (await store.Find(id, cancellation) is not { } replay)
            return;
        var why =
            $"The service tried {Attempts.Most} times to go on after {replay.Replayed} events; each time it failed, or its node ended. The "
            + "operator finds why in the log.";
        await Fail(id, why, cancellation);
    }

    private async Task Fail(Guid id, string why, CancellationToken cancellation)
    {
        if (!await store.End(id, ReplayState.Failed, why, cancellation))
            return;
        Failed(logger, id, why);
        await Tell(id, cancellation);
    }

    private async Task Tell(Guid id, CancellationToken cancellation)
    {
        var ended = (await store.Find(id, cancellation))!;
        metrics.Found(ended);
        if (ended.Differences > 0 || ended.DamagedEvents > 0)
            Differs(logger, id, ended.Position, ended.Differences, ended.DamagedEvents);
        else if (ended.State == ReplayState.Completed)
            Same(logger, id, ended.Position, ended.Tables.Sum(t => t.Live));
    }

    private async Task Drop(Guid? butOf, CancellationToken cancellation)
    {
        await using var source = scratch.Open();
        await ReplayScratch.DropOthers(butOf, source, cancellation);
    }

    private static async Task Unlock(NpgsqlConnection connection)
    {
        if (connection.FullState != System.Data.ConnectionState.Open)
            return;
        await connection.Execute($"select pg_advisory_unlock({AdvisoryLocks.Replay})", [], CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node runs the replay {Replay} up to position {Position}")]
    private static partial void Running(ILogger logger, Guid replay, long position);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The replay {Replay} up to position {Position} found the live read models as they must be: {Rows} rows"
    )]
    private static partial void Same(ILogger logger, Guid replay, long position, long rows);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: the replay {Replay} up to position {Position} found {Differences} rows that differ and {Damaged} damaged events"
    )]
    private static partial void Differs(ILogger logger, Guid replay, long position, long differences, long damaged);

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: the replay {Replay} could not be ended: {Why}")]
    private static partial void Failed(ILogger logger, Guid replay, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The replay {Replay} needs a node of a newer version. {Why}")]
    private static partial void NeedsNewer(ILogger logger, Guid replay, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The replay {Replay} was cancelled")]
    private static partial void Cancelled(ILogger logger, Guid replay);

    [LoggerMessage(Level = LogLevel.Error, Message = "Replays do not run here; trying again")]
    private static partial void Lost(ILogger logger, Exception error);
}

/// <summary>
/// The database as replays reach it: by <c>ConnectionStrings:replay</c>, whose role reads everything and may write in schemas of its
/// own alone; as the service does where that is absent.
/// </summary>
internal sealed class ReplayDatabase(IConfiguration configuration)
{
    /// <summary>Connections of one run, closed with it.</summary>
    public NpgsqlDataSource Open() => DataSources.Of(configuration, DataSources.Replay, pooling: true);
}

/// <summary>What replays tell whoever watches the service.</summary>
internal sealed class ReplayMetrics : IDisposable
{
    private readonly Meter _meter = new(LogMetrics.Name);
    private readonly Counter<long> _replayed;
    private readonly Counter<long> _compared;
    private double _progress;
    private long _found;

    public ReplayMetrics()
    {
        _replayed = _meter.CreateCounter<long>("audit.replay.events", "{event}", "Events that replays on this node have read again");
        _compared = _meter.CreateCounter<long>("audit.replay.rows", "{row}", "Live rows that replays on this node have compared");
        _meter.CreateObservableGauge(
            "audit.replay.progress",
            () => Volatile.Read(ref _progress),
            null,
            "How much of the events the running replay has read: 0 to 1"
        );
        _meter.CreateObservableGauge(
            "audit.replay.differences",
            () => Volatile.Read(ref _found),
            null,
            "Rows and events that the last replay on this node found wrong"
        );
    }

    public void Replayed(long events, double progress)
    {
        Volatile.Write(ref _progress, progress);
        _replayed.Add(events);
    }

    public void Compared(long rows) => _compared.Add(rows);

    public void Ended() => Volatile.Write(ref _progress, 0);

    public void Found(Replay replay) => Volatile.Write(ref _found, replay.Differences + replay.DamagedEvents);

    public void Dispose() => _meter.Dispose();
}
