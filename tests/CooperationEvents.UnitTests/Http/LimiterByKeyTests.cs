using System.Threading.RateLimiting;
using CooperationEvents.Http;

namespace CooperationEvents.UnitTests.Http;

public sealed class LimiterByKeyTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Each_key_has_permits_of_its_own_and_has_them_again_once_they_are_given_back()
    {
        var limiter = new LimiterByKey<string>(() => new ConcurrencyLimiter(new() { PermitLimit = 1 }), _clock);

        var first = limiter.AttemptAcquire("a");

        first.IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire("a").IsAcquired.ShouldBeFalse();
        limiter.AttemptAcquire("b").IsAcquired.ShouldBeTrue();
        first.Dispose();
        limiter.AttemptAcquire("a").IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public void A_key_that_is_idle_is_forgotten_and_one_in_use_is_not()
    {
        var limiter = new LimiterByKey<string>(() => new ConcurrencyLimiter(new() { PermitLimit = 1 }), _clock);
        using var held = limiter.AttemptAcquire("held");
        for (var i = 0; i < 100; i++)
            limiter.AttemptAcquire($"idle {i}").Dispose();

        limiter.Count.ShouldBe(101);
        _clock.Now += TimeSpan.FromSeconds(11).Ticks;
        limiter.AttemptAcquire("held").IsAcquired.ShouldBeFalse();

        limiter.Count.ShouldBe(1);
    }

    [Fact]
    public void A_bucket_that_was_emptied_is_not_forgotten_before_it_is_full_again()
    {
        var limiter = new LimiterByKey<string>(
            () =>
                new TokenBucketRateLimiter(
                    new()
                    {
                        TokenLimit = 2,
                        TokensPerPeriod = 1,
                        ReplenishmentPeriod = TimeSpan.FromDays(1),
                        AutoReplenishment = false,
                    }
                ),
            _clock
        );
        limiter.AttemptAcquire("a", 2).IsAcquired.ShouldBeTrue();

        _clock.Now += TimeSpan.FromSeconds(11).Ticks;
        limiter.AttemptAcquire("b").IsAcquired.ShouldBeTrue();

        limiter.AttemptAcquire("a").IsAcquired.ShouldBeFalse();
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
