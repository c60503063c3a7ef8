namespace CooperationEvents.Testing;

/// <summary>A clock by which more time can have gone by than did.</summary>
public class LeapingClock : TimeProvider
{
    private long _leapt;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _leapt);

    public void Leap(TimeSpan by) => Interlocked.Add(ref _leapt, (long)(by.TotalSeconds * TimestampFrequency));
}
