namespace CooperationEvents.Webhooks;

/// <summary>When an event that was not taken is sent again: each pause is four times the one before, up to <see cref="Longest"/>.</summary>
public sealed record Backoff(TimeSpan First, int Attempts)
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private const double Growth = 4;

    /// <summary>How much of a pause is left to chance, so that what failed together does not come back together.</summary>
    private const double Jitter = 0.2;

    /// <summary>The pause after so many attempts in vain, or null after the last.</summary>
    /// <param name="chance">From 0 to 1.</param>
    public TimeSpan? After(int attempts, double chance)
    {
        if (attempts >= Attempts)
            return null;
        var pause = First.TotalSeconds * Math.Pow(Growth, attempts - 1);
        return TimeSpan.FromSeconds(Math.Min(pause, Longest.TotalSeconds) * (1 - Jitter + (2 * Jitter * chance)));
    }
}
