using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Runs imports on this node, one at a time and the oldest first, save those another node runs: each is held by an advisory
/// lock, which PostgreSQL frees the moment the node that holds it is gone.
/// </summary>
public sealed partial class ImportWorker(ImportStore store, ImportRun run, NpgsqlDataSource database, TimeProvider clock, ILogger<ImportWorker> logger) : BackgroundService
{
    private const int MostAttempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _called = new(0);
    private readonly Dictionary<Guid, int> _failures = [];

    /// <summary>Looks for work at once.</summary>
    public void Call() => _called.Release();

    public override void Dispose()
    {
        base.Dispose();
        _called.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var forgotten = long.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (forgotten == long.MinValue || clock.GetElapsedTime(forgotten) > TimeSpan.FromHours(1))
                {
                    await store.Forget(stoppingToken);
                    forgotten = clock.GetTimestamp();
                }

                foreach (var import in await store.Open(stoppingToken))
                    await RunIfFree(import, stoppingToken);
                await _called.WaitAsync(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(logger, e);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunIfFree(Import import, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var tryLock = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('import/' || $1, 0))", connection);
        tryLock.Parameters.Add(new NpgsqlParameter { Value = import.Id.ToString() });
        if (await tryLock.ExecuteScalarAsync(cancellation) is not true)
            return;
        try
        {
            // Read again: another node may have ended it since.
            if (await store.Find(import.Id, cancellation) is { IsFinal: false } current)
                await run.Run(current, cancellation);
            _failures.Remove(import.Id);
        }
        catch (Exception e) when (e is not OperationCanceledException and not NpgsqlException { IsTransient: true })
        {
            var failures = _failures[import.Id] = _failures.GetValueOrDefault(import.Id) + 1;
            RowFailed(logger, import.Id, failures, e);
            if (failures >= MostAttempts)
                await store.End(import.Id, ImportState.Failed, "The service failed at a row of this file; the operator finds why in the log. What was recorded before stays.", cancellation);
        }
        finally
        {
            await Unlock(connection, import.Id);
        }
    }

    private static async Task Unlock(NpgsqlConnection connection, Guid import)
    {
        if (connection.FullState != System.Data.ConnectionState.Open)
            return;
        await using var unlock = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended('import/' || $1, 0))", connection);
        unlock.Parameters.Add(new NpgsqlParameter { Value = import.ToString() });
        await unlock.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Imports cannot be looked for; trying again")]
    private static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The import {Import} failed, for the {Failures}. time")]
    private static partial void RowFailed(ILogger logger, Guid import, int failures, Exception error);
}
