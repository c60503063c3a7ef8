using Npgsql;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Reads the facts once the node has started, so that nobody waits for it with the first question. The start itself does not share the
/// processors with it.
/// </summary>
internal sealed partial class FactWarmUp(FactStore facts, IHostApplicationLifetime host, ILogger<FactWarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var started = new TaskCompletionSource();
            await using var registration = host.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            await facts.At(0, stoppingToken);
        }
        catch (NpgsqlException e)
        {
            Failed(logger, e);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The facts could not be read yet; the first question will read them")]
    private static partial void Failed(ILogger logger, Exception error);
}
