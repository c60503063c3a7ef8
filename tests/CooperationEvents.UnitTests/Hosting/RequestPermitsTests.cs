using CooperationEvents.Hosting;

namespace CooperationEvents.UnitTests.Hosting;

/// <summary>Eight permits, of which one caller may hold six, and two beside others; ten requests may wait, and six of one caller.</summary>
public sealed class RequestPermitsTests
{
    private readonly Seconds _clock = new();
    private readonly RequestPermits _permits;

    public RequestPermitsTests() =>
        _permits = new RequestPermits(total: 8, ofOne: 6, besideOthers: 2, waiting: 10, waitingOfOne: 6, _clock);

    [Fact]
    public void Alone_a_caller_holds_as_many_as_one_may() => Taken("busy", 8).Count(t => t.IsCompleted).ShouldBe(6);

    [Fact]
    public async Task Beside_another_a_caller_is_given_no_place_until_it_holds_fewer_than_two()
    {
        var busy = Taken("busy", 8);
        using var other = await RequestPermit("other");

        for (var released = 0; released < 4; released++)
            (await busy[released]).RequestPermit!.Dispose();
        busy[6].IsCompleted.ShouldBeFalse();
        (await busy[4]).RequestPermit!.Dispose();
        (await busy[6]).Refusal.ShouldBe(RequestPermits.Refusal.None);
        busy[7].IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_crowd_of_callers_of_one_origin_holds_beside_another_origin_what_one_caller_may()
    {
        var crowd = Enumerable.Range(0, 4).Select(i => _permits.Acquire($"one of a crowd {i}", "here", 1, CancellationToken.None)).ToList();
        crowd.Count(t => t.IsCompleted).ShouldBe(4);
        using var other = (await _permits.Acquire("other", "there", 1, CancellationToken.None)).RequestPermit!;

        var more = _permits.Acquire("one more", "here", 1, CancellationToken.None);
        foreach (var one in crowd.Take(2))
            (await one).RequestPermit!.Dispose();
        more.IsCompleted.ShouldBeFalse();
        (await crowd[2]).RequestPermit!.Dispose();
        (await more).Refusal.ShouldBe(RequestPermits.Refusal.None);
        _permits.OthersAsk("other").ShouldBeTrue();
    }

    [Fact]
    public async Task Others_count_for_ten_seconds_after_they_asked()
    {
        (await RequestPermit("other")).Dispose();
        using (await RequestPermit("busy"))
        {
            _clock.Pass(9);
            Taken("busy", 2).Count(t => t.IsCompleted).ShouldBe(1);
        }

        _clock.Pass(2);
        Taken("busy", 2).Count(t => t.IsCompleted).ShouldBe(2);
    }

    [Fact]
    public async Task Beside_another_what_costs_much_leaves_room_for_what_costs_little()
    {
        using var other = await RequestPermit("other");
        var (costly, refusal) = await _permits.Acquire("busy", 5, CancellationToken.None);
        refusal.ShouldBe(RequestPermits.Refusal.None);

        using (costly)
        using (await RequestPermit("busy"))
            _permits.Acquire("busy", 1, CancellationToken.None).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task More_than_may_wait_are_refused()
    {
        (await Taken("busy", 13)[12]).Refusal.ShouldBe(RequestPermits.Refusal.OfOne);
        Taken("other", 2).ShouldAllBe(t => t.IsCompleted);
    }

    private List<Task<(RequestPermit? RequestPermit, RequestPermits.Refusal Refusal)>> Taken(string caller, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => _permits.Acquire(caller, 1, CancellationToken.None))];

    private async Task<RequestPermit> RequestPermit(string caller) =>
        (await _permits.Acquire(caller, 1, CancellationToken.None)).RequestPermit!;

    /// <summary>A clock whose seconds pass when they are told to.</summary>
    private sealed class Seconds : TimeProvider
    {
        private long _passed;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _passed;

        public void Pass(long seconds) => _passed += seconds;
    }
}
