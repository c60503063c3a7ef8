using CooperationEvents.Recording;

namespace CooperationEvents.UnitTests.Recording;

public sealed class RecentlyUsedTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void What_is_kept_never_takes_more_than_the_room()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock);

        for (var key = 0; key < 1_000; key++)
            cache.Keep(key, key, size: 1 + (key % 7));

        Enumerable.Range(0, 1_000).Reverse().Where(key => Finds(cache, key)).Sum(key => 1 + (key % 7)).ShouldBeInRange(50, 100);
    }

    [Fact]
    public void The_newest_that_take_half_of_the_room_are_found()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock);

        for (var key = 0; key < 1_000; key++)
            cache.Keep(key, key);

        Enumerable.Range(950, 50).ShouldAllBe(key => Finds(cache, key));
        Finds(cache, 0).ShouldBeFalse();
    }

    [Fact]
    public void What_is_used_again_and_again_is_not_forgotten()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock);
        cache.Keep(-1, 1);

        for (var key = 0; key < 1_000; key++)
        {
            cache.Keep(key, key);
            Finds(cache, -1).ShouldBeTrue();
        }
    }

    [Fact]
    public void What_is_kept_again_is_the_last_and_counts_once()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock);
        cache.Keep(-1, -1, size: 40);

        for (var value = 0; value < 1_000; value++)
            cache.Keep(1, value, size: 10);

        Finds(cache, -1).ShouldBeTrue();
        cache.TryFind(1, out var last).ShouldBeTrue();
        last.ShouldBe(999);
    }

    [Fact]
    public void What_is_too_large_takes_the_place_of_nothing_but_itself()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock);
        cache.Keep(1, 1);
        cache.Keep(2, 2);

        cache.Keep(1, 1, size: 51);

        (Finds(cache, 1), Finds(cache, 2)).ShouldBe((false, true));
    }

    [Fact]
    public void It_is_found_as_long_as_it_lives_whether_it_is_used_or_not()
    {
        var cache = new RecentlyUsed<int, int>(room: 100, _clock, TimeSpan.FromSeconds(60));
        cache.Keep(1, 1);
        _clock.Now += TimeSpan.FromSeconds(40).Ticks;
        cache.Keep(2, 2);

        (Finds(cache, 1), Finds(cache, 2)).ShouldBe((true, true));
        _clock.Now += TimeSpan.FromSeconds(30).Ticks;
        (Finds(cache, 1), Finds(cache, 2)).ShouldBe((false, true));
        _clock.Now += TimeSpan.FromSeconds(60).Ticks;
        (Finds(cache, 1), Finds(cache, 2)).ShouldBe((false, false));
    }

    [Fact]
    public void All_is_forgotten_at_once()
    {
        var cache = new RecentlyUsed<int, int>(room: 4, _clock);
        for (var key = 0; key < 4; key++)
            cache.Keep(key, key);

        cache.Clear();

        Enumerable.Range(0, 4).ShouldAllBe(key => !Finds(cache, key));
    }

    private static bool Finds(RecentlyUsed<int, int> cache, int key) => cache.TryFind(key, out _);

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
