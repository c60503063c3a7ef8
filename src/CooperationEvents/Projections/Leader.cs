using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// What one node at a time does: the one whose session holds an advisory lock. PostgreSQL frees the lock the moment that session ends, by a
/// stop, a crash or a cut network, and another node takes over within <see cref="TakeoverInterval"/>.
/// </summary>
/// <param name="sessions">Its connections are sessions of their own.</param>
/// <param name="key">One of <see cref="Kernel.AdvisoryLocks"/>.</param>
public abstract class Leader(NpgsqlDataSource sessions, long key, TimeProvider clock) : BackgroundService
{
    /// <summary>How often a node that does not lead tries to.</summary>
    private static readonly TimeSpan TakeoverInterval = TimeSpan.FromSeconds(1);

    protected TimeProvider Clock => clock;

    /// <summary>Does what only the leader may, until it is cancelled or fails.</summary>
    /// <param name="session">Holds the lock. To notice its end, use it now and then (<see cref="LeaderLock.StillLeads"/>).</param>
    protected abstract Task Lead(NpgsqlConnection session, CancellationToken cancellation);

    /// <summary>Another node leads.</summary>
    protected virtual Task Follow(NpgsqlConnection session, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>It could not be led or tried; it is tried again.</summary>
    protected abstract void Lost(Exception error);

    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(Try, Lost, TakeoverInterval, clock, stoppingToken);

    private async Task Try(CancellationToken cancellation)
    {
        await using var session = await sessions.OpenConnectionAsync(cancellation);
        while (!await session.TryTake(key, cancellation))
        {
            await Follow(session, cancellation);
            await Task.Delay(TakeoverInterval, clock, cancellation);
        }

        await Lead(session, cancellation);
    }
}
