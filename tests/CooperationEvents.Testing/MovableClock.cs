namespace CooperationEvents.Testing;

/// <summary>
/// A clock that tells another time of day, but runs: timers and durations are real, so that what waits in the service is
/// served, while the day can be chosen.
/// </summary>
public sealed class MovableClock : TimeProvider
{
    private long _ticksAhead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticksAhead));

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticksAhead, by.Ticks);

    public void MoveTo(DateTimeOffset now) => Interlocked.Exchange(ref _ticksAhead, (now - base.GetUtcNow()).Ticks);
}
