namespace CooperationEvents.Recording;

/// <summary>Forgets remembered answers once they are old enough.</summary>
public sealed partial class IdempotencyCleanup(IdempotencyStore answers, TimeProvider clock, ILogger<IdempotencyCleanup> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await hourly.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await answers.Forget(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old remembered answers could not be forgotten; trying again in an hour")]
    private static partial void Failed(ILogger logger, Exception error);
}
