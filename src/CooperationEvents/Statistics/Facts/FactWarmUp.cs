using Npgsql;

namespace CooperationEvents.Statistics.Facts;

/// <summary>Reads the facts when the node starts, so that nobody waits for it with the first question.</summary>
internal sealed partial class FactWarmUp(FactStore facts, ILogger<FactWarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
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
