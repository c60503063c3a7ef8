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
        _underWay.Begin().Enter(None, Streams(Meeting)).ShouldBeNull();

        _underWay.Begin().Enter(None, Streams(Person)).ShouldBeNull();
    }

    [Fact]
    public void Those_that_only_look_at_the_same_go_side_by_side()
    {
        _underWay.Begin().Enter(Streams(Person), None).ShouldBeNull();

        _underWay.Begin().Enter(Streams(Person), None).ShouldBeNull();
    }

    [Fact]
    public void Who_changes_the_same_waits_for_the_end_of_the_first()
    {
        var first = _underWay.Begin();
        first.Enter(None, Streams(Meeting));

        var inTheWay = _underWay.Begin().Enter(None, Streams(Meeting));

        inTheWay!.IsCompleted.ShouldBeFalse();
        first.Dispose();
        inTheWay.IsCompleted.ShouldBeTrue();
        _underWay.Begin().Enter(None, Streams(Meeting)).ShouldBeNull();
    }

    [Fact]
    public void Who_looked_at_what_another_changes_waits()
    {
        _underWay.Begin().Enter(None, Streams(Meeting));

        _underWay.Begin().Enter(Streams(Meeting), Streams(Person)).ShouldNotBeNull();
    }

    [Fact]
    public void Who_looked_before_another_ended_that_changed_it_begins_anew()
    {
        var first = _underWay.Begin();
        first.Enter(None, Streams(Meeting));
        using var second = _underWay.Begin();
        first.Dispose();

        second.Enter(Streams(Meeting), Streams(Person))!.IsCompleted.ShouldBeTrue();
        second.Dispose();
        _underWay.Begin().Enter(Streams(Meeting), Streams(Person)).ShouldBeNull();
    }

    [Fact]
    public void Who_changes_what_another_looked_at_waits()
    {
        _underWay.Begin().Enter(Streams(Meeting), Streams(Person));

        _underWay.Begin().Enter(None, Streams(Meeting)).ShouldNotBeNull();
    }

    [Fact]
    public void One_that_changes_nothing_after_all_is_in_nobodys_way()
    {
        _underWay.Begin().Dispose();

        _underWay.Begin().Enter(Streams(Meeting), Streams(Meeting)).ShouldBeNull();
    }

    [Fact]
    public void Names_meet_as_streams_do()
    {
        _underWay.Begin().Enter(None, new Touched([], ["key"]));

        _underWay.Begin().Enter(new Touched([], ["key"]), None).ShouldNotBeNull();
        _underWay.Begin().Enter(new Touched([], ["other"]), None).ShouldBeNull();
    }

    private static Touched None => new([], []);

    private static Touched Streams(params Guid[] ids) => new([.. ids], []);
}
