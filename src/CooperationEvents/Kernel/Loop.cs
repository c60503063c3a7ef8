namespace CooperationEvents.Kernel;

/// <summary>What a node does in the background as long as it runs.</summary>
public static class Loop
{
    /// <summary>
    /// Does the work again and again until the node stops. The work itself waits until it is due again. Where it fails that is told, and it
    /// is done again after the delay.
    /// </summary>
    public static async Task Run(
        Func<CancellationToken, Task> work,
        Action<Exception> failed,
        TimeSpan retryDelay,
        TimeProvider clock,
        CancellationToken stopping
    )
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failed(e);
                await Task.Delay(retryDelay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
