using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>How far the read models have come: everything settled up to this position is in them.</summary>
public sealed class ReadPosition(NpgsqlDataSource database, Appends appends, TimeProvider clock)
{
    /// <summary>How long a read waits for the position it asks for.</summary>
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a read that waits pauses between two looks; at first, and later on.</summary>
    private static readonly (TimeSpan First, TimeSpan Then) PollInterval = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50));

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private Task<long> _look = Task.FromResult(0L);
    private long _lookedAt = long.MinValue;

    public Task<long> Current(CancellationToken cancellation) =>
        database.Scalar<long>("select last_seq_id from register.mt_event_progression where name = $1", [ReadModel.Shard], cancellation);

    /// <summary>The position of the newest event there is, be it in the read models yet or not.</summary>
    public Task<long> Recorded(CancellationToken cancellation) =>
        database.Scalar<long>($"select {PositionsGivenOut.NewestRecorded}", [], cancellation);

    /// <summary>The current position once it has reached <paramref name="wanted"/>; a problem where that takes too long.</summary>
    public async Task<(long Position, Problem? Problem)> Reach(long wanted, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var current = await Look(cancellation);
            if (current >= wanted)
                return (current, null);
            var waited = clock.GetElapsedTime(started);
            if (waited >= WaitTimeout)
                return (
                    current,
                    KernelProblems.Busy.Because($"The read models have come to position {current}, not yet to {wanted}. Ask again.") with
                    {
                        RetryAfter = 1,
                    }
                );
            appends.Hurry();
            await Task.Delay(waited < Soon ? PollInterval.First : PollInterval.Then, clock, cancellation);
        }
    }

    /// <summary>The position a moment ago: one query at a time serves all who wait.</summary>
    private Task<long> Look(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_look.IsCompleted && (_lookedAt == long.MinValue || clock.GetElapsedTime(_lookedAt) >= PollInterval.First))
                (_look, _lookedAt) = (Current(CancellationToken.None), clock.GetTimestamp());
            return _look.WaitAsync(cancellation);
        }
    }
}
