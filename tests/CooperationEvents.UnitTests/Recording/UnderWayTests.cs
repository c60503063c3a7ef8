using CooperationEvents.Recording;

namespace CooperationEvents.UnitTests.Recording;

public sealed class UnderWayTests
{
    private static readonly Guid Meeting = Guid.NewGuid(),
        Person = Guid.NewGuid();

    private readonly UnderWay _underWay = new();

    [Fact]
    public void Those_that_touch_different_things_go_side_by_side()
    {
        _underWay.Enter(None, Streams(Meeting)).InTheWay.ShouldBeNull();

        _underWay.Enter(None, Streams(Person)).InTheWay.ShouldBeNull();
    }

    [Fact]
    public void Those_that_only_look_at_the_same_go_side_by_side()
    {
        _underWay.Enter(Streams(Person), None).InTheWay.ShouldBeNull();

        _underWay.Enter(Streams(Person), None).InTheWay.ShouldBeNull();
    }

    [Fact]
    public void Who_changes_the_same_waits_for_the_end_of_the_first()
    {
        var first = _underWay.Enter(None, Streams(Meeting)).Place!;

        var (place, inTheWay) = _underWay.Enter(None, Streams(Meeting));

        place.ShouldBeNull();
        inTheWay!.IsCompleted.ShouldBeFalse();
        first.Dispose();
        inTheWay.IsCompleted.ShouldBeTrue();
        _underWay.Enter(None, Streams(Meeting)).InTheWay.ShouldBeNull();
    }

    [Fact]
    public void Who_looked_at_what_another_changes_waits()
    {
        _underWay.Enter(None, Streams(Meeting));

        _underWay.Enter(Streams(Meeting), Streams(Person)).InTheWay.ShouldNotBeNull();
    }

    [Fact]
    public void Who_changes_what_another_looked_at_waits()
    {
        _underWay.Enter(Streams(Meeting), Streams(Person));

        _underWay.Enter(None, Streams(Meeting)).InTheWay.ShouldNotBeNull();
    }

    [Fact]
    public void Names_meet_as_streams_do()
    {
        _underWay.Enter(None, new Touched([], ["key"]));

        _underWay.Enter(new Touched([], ["key"]), None).InTheWay.ShouldNotBeNull();
        _underWay.Enter(new Touched([], ["other"]), None).InTheWay.ShouldBeNull();
    }

    private static Touched None => new([], []);

    private static Touched Streams(params Guid[] ids) => new([.. ids], []);
}
