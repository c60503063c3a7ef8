using System.Collections.Concurrent;
using System.Data;
using CooperationEvents.Hosting;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Runs imports on this node, several side by side, save those another node runs: each is held by an advisory lock of one session, which
/// PostgreSQL frees the moment the node that holds it is gone. To begin a session for each would cost more than a small file.
/// </summary>
public sealed partial class ImportWorker(
    ImportStore store,
    ImportRun run,
    Attempts attempts,
    ClockCheck clocks,
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    TimeProvider clock,
    ILogger<ImportWorker> logger
) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    /// <summary>How often it tries again what another node may run: that node may have ended.</summary>
    private static readonly TimeSpan TakeoverInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _called = new(0);
    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentDictionary<Guid, Task> _running = [];
    private NpgsqlConnection? _session;

    /// <summary>Looks for work at once.</summary>
    public void Call() => _called.Release();

    public override void Dispose()
    {
        base.Dispose();
        _called.Dispose();
        _one.Dispose();
        _session?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Loop.Run(Next, e => Failed(logger, e), PollInterval, clock, stoppingToken);
        await Task.WhenAll(_running.Values);
    }

    private async Task Next(CancellationToken cancellation)
    {
        var open = clocks.Refusal is null ? await store.Open(cancellation) : [];
        var next = ImportSlots.Next(open, _running.Keys.ToHashSet());
        foreach (var import in next)
        {
            // It frees its place when it ends, so it must have it before it begins.
            var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running[import.Id] = RunInPlace(import, place.Task, cancellation);
            place.SetResult();
        }

        await _called.WaitAsync(next.Count > 0 ? TakeoverInterval : PollInterval, cancellation);
    }

    /// <summary>Runs an import and frees its place, whatever comes of it.</summary>
    private async Task RunInPlace(Import import, Task place, CancellationToken cancellation)
    {
        await place;
        var ran = false;
        try
        {
            ran = await RunIfFree(import, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The node stops; another goes on with it.
        }
        catch (Exception e)
        {
            Failed(logger, e);
        }
        finally
        {
            _running.TryRemove(import.Id, out _);
            if (ran && !cancellation.IsCancellationRequested)
                Call();
        }
    }

    /// <summary>False where another node runs it, or it was put aside for one.</summary>
    private async Task<bool> RunIfFree(Import import, CancellationToken cancellation)
    {
        if (!await Lock(import.Id, cancellation))
            return false;
        try
        {
            // Read again: another node may have ended it since.
            var ended = true;
            if (await store.Find(import.Id, cancellation) is { IsFinal: false } current)
                await attempts.Try(
                    ImportStore.Table,
                    current.Id,
                    async () => ended = await run.Run(current, cancellation),
                    () => run.GiveUp(current.Id, cancellation),
                    cancellation
                );
            return ended;
        }
        catch (Exception e) when (e is not OperationCanceledException and not NpgsqlException { IsTransient: true })
        {
            RowFailed(logger, import.Id, e);
            return false;
        }
        finally
        {
            await Unlock(import.Id);
        }
    }

    /// <summary>False where another node holds it.</summary>
    private async Task<bool> Lock(Guid import, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_session is { FullState: not ConnectionState.Open } lost)
            {
                _session = null;
                await lost.DisposeAsync();
            }

            _session ??= await sessions.OpenConnectionAsync(cancellation);
            return await Ask(_session, "pg_try_advisory_lock", import, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A session that is lost has lost its locks.</summary>
    private async Task Unlock(Guid import)
    {
        await _one.WaitAsync();
        try
        {
            if (_session is { FullState: ConnectionState.Open })
                await Ask(_session, "pg_advisory_unlock", import, CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            Failed(logger, e);
        }
        finally
        {
            _one.Release();
        }
    }

    private static Task<bool> Ask(NpgsqlConnection session, string function, Guid import, CancellationToken cancellation) =>
        session.Scalar<bool>($"select {function}(hashtextextended('import/' || $1, 0))", [import.ToString()], cancellation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Imports cannot be looked for or run; trying again")]
    private static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The import {Import} failed at a row")]
    private static partial void RowFailed(ILogger logger, Guid import, Exception error);
}
