using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>
/// A clock that tells another time of day, but runs: timers are real, so that what waits in the service is served, while the day can be
/// chosen.
/// </summary>
public sealed class MovableClock : LeapingClock
{
    private long _ticksAhead;

    /// <summary>
    /// Whether the clock of the node alone is moved, as where it is wrong. Else time has passed: the service is told the same by the
    /// database where it asks for the day on which it destroys something.
    /// </summary>
    public bool IsWrong { get; init; }

    /// <summary>How far it was moved.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _ticksAhead));

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticksAhead, by.Ticks);

    public void MoveTo(DateTimeOffset now) => Interlocked.Exchange(ref _ticksAhead, (now - base.GetUtcNow()).Ticks);
}

/// <summary>The database's clock after so much time as the other was moved by.</summary>
internal sealed class MovedDatabaseClock(NpgsqlDataSource database, MovableClock clock) : DatabaseClock(database)
{
    public override async Task<DateTimeOffset> Now(CancellationToken cancellation) => await base.Now(cancellation) + clock.Ahead;
}
