using CooperationEvents.Webhooks;
using CsCheck;

namespace CooperationEvents.UnitTests.Webhooks;

public sealed class BackoffTests
{
    private static readonly Backoff Usual = new(TimeSpan.FromSeconds(5), 12);

    [Fact]
    public void Each_pause_is_four_times_the_one_before_up_to_twelve_hours() =>
        Enumerable
            .Range(1, 11)
            .Select(attempts => Usual.After(attempts, 0.5)!.Value.TotalSeconds)
            .ShouldBe([5, 20, 80, 320, 1_280, 5_120, 20_480, 43_200, 43_200, 43_200, 43_200], tolerance: 0.001);

    [Fact]
    public void After_the_last_attempt_there_is_no_other()
    {
        Usual.After(12, 0.5).ShouldBeNull();
        new Backoff(TimeSpan.FromSeconds(5), 1).After(1, 0.5).ShouldBeNull();
    }

    [Fact]
    public void Chance_moves_a_pause_by_a_fifth_and_no_more() =>
        Gen.Select(Gen.Int[1, 11], Gen.Double[0, 1])
            .Sample(
                (attempts, chance) =>
                {
                    var (pause, middle) = (Usual.After(attempts, chance)!.Value, Usual.After(attempts, 0.5)!.Value);
                    pause.ShouldBeInRange(0.799 * middle, 1.201 * middle);
                },
                iter: 200
            );

    [Fact]
    public void All_attempts_together_span_more_than_two_days() =>
        Enumerable.Range(1, 11).Sum(attempts => Usual.After(attempts, 0)!.Value.TotalHours).ShouldBeGreaterThan(44);
}
