using System.Collections.Concurrent;
using CooperationEvents.Recording;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CooperationEvents.UnitTests.Recording;

public sealed class AppendsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_comes_alone_is_followed_at_once()
    {
        var clock = new StandingClock();
        using var appends = Appends(clock);

        appends.Tell();
        await appends.WaitAsync(Long, TestContext.Current.CancellationToken);

        clock.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_after_it_is_followed_at_a_pace_or_as_soon_as_somebody_waits_for_it()
    {
        var clock = new StandingClock();
        using var appends = Appends(clock);
        appends.Tell();
        await appends.WaitAsync(Long, TestContext.Current.CancellationToken);

        appends.Tell();
        var followed = appends.WaitAsync(Long, TestContext.Current.CancellationToken);
        (await clock.NextWait).ShouldBe(CooperationEvents.Recording.Appends.Pace);
        followed.IsCompleted.ShouldBeFalse();
        appends.Hurry();

        await followed;
    }

    private static Appends Appends(TimeProvider clock)
    {
        var nowhere = NpgsqlDataSource.Create("Host=nowhere.invalid");
        return new Appends(nowhere, nowhere, clock, NullLogger<Appends>.Instance);
    }

    /// <summary>No time passes on it. A short wait is over at once; a long one never ends, and is noted.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

        private readonly TaskCompletionSource<TimeSpan> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<TimeSpan> Waits { get; } = new();

        public Task<TimeSpan> NextWait => _next.Task;

        public override long GetTimestamp() => TimestampFrequency * 1_000_000;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime <= Short)
                return base.CreateTimer(callback, state, dueTime, period);
            Waits.Enqueue(dueTime);
            _next.TrySetResult(dueTime);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }
    }
}
