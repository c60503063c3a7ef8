using System.Threading.RateLimiting;

namespace CooperationEvents.Http;

/// <summary>
/// A limiter for each key. It is made when the key is first seen, and dropped when it is idle, since a new one is the same. .NET's own
/// <see cref="PartitionedRateLimiter"/> looks after its limiters ten times a second, which costs 1 % of a processor while nobody asks; this
/// one does nothing until somebody does.
/// </summary>
/// <param name="create">Makes a limiter that needs no timer: it is asked to replenish before each use.</param>
public sealed class LimiterByKey<TKey>(Func<RateLimiter> create, TimeProvider clock) : IAsyncDisposable
    where TKey : notnull
{
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(10);

    private readonly Lock _one = new();
    private readonly Dictionary<TKey, RateLimiter> _limiters = [];
    private long _swept = clock.GetTimestamp();

    /// <summary>How many keys have a limiter.</summary>
    public int Count
    {
        get
        {
            lock (_one)
                return _limiters.Count;
        }
    }

    /// <summary>Takes permits of the key, where it has so many; the lease says whether it had.</summary>
    public RateLimitLease AttemptAcquire(TKey key, int permits = 1)
    {
        lock (_one)
        {
            if (clock.GetElapsedTime(_swept) > BetweenSweeps)
                Sweep();
            if (!_limiters.TryGetValue(key, out var limiter))
                _limiters.Add(key, limiter = create());
            Replenish(limiter);
            return limiter.AttemptAcquire(permits);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var limiter in _limiters.Values)
            await limiter.DisposeAsync();
    }

    private void Sweep()
    {
        _swept = clock.GetTimestamp();
        foreach (var (key, limiter) in _limiters)
        {
            Replenish(limiter);
            if (limiter.IdleDuration is null)
                continue;
            limiter.Dispose();
            _limiters.Remove(key);
        }
    }

    private static void Replenish(RateLimiter limiter) => (limiter as ReplenishingRateLimiter)?.TryReplenish();
}
