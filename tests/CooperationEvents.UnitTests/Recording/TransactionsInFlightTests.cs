using CooperationEvents.Recording;

namespace CooperationEvents.UnitTests.Recording;

public sealed class TransactionsInFlightTests
{
    private static readonly Guid Meeting = Guid.NewGuid(),
        Person = Guid.NewGuid();

    private readonly TransactionsInFlight _inFlight = new();

    [Fact]
    public void Those_that_touch_different_things_go_side_by_side()
    {
        _inFlight.Begin().Admit(None, Streams(Meeting)).ShouldBeNull();

        _inFlight.Begin().Admit(None, Streams(Person)).ShouldBeNull();
    }

    [Fact]
    public void Those_that_only_look_at_the_same_go_side_by_side()
    {
        _inFlight.Begin().Admit(Streams(Person), None).ShouldBeNull();

        _inFlight.Begin().Admit(Streams(Person), None).ShouldBeNull();
    }

    [Fact]
    public void Who_changes_the_same_waits_for_the_end_of_the_first()
    {
        var first = _inFlight.Begin();
        first.Admit(None, Streams(Meeting));

        var inTheWay = _inFlight.Begin().Admit(None, Streams(Meeting));

        inTheWay!.IsCompleted.ShouldBeFalse();
        first.Dispose();
        inTheWay.IsCompleted.ShouldBeTrue();
        _inFlight.Begin().Admit(None, Streams(Meeting)).ShouldBeNull();
    }

    [Fact]
    public void Who_read_what_another_changes_waits()
    {
        _inFlight.Begin().Admit(None, Streams(Meeting));

        _inFlight.Begin().Admit(Streams(Meeting), Streams(Person)).ShouldNotBeNull();
    }

    [Fact]
    public void Who_read_before_another_ended_that_changed_it_begins_anew()
    {
        var first = _inFlight.Begin();
        first.Admit(None, Streams(Meeting));
        using var second = _inFlight.Begin();
        first.Dispose();

        second.Admit(Streams(Meeting), Streams(Person))!.IsCompleted.ShouldBeTrue();
        second.Dispose();
        _inFlight.Begin().Admit(Streams(Meeting), Streams(Person)).ShouldBeNull();
    }

    [Fact]
    public void Who_changes_what_another_read_waits()
    {
        _inFlight.Begin().Admit(Streams(Meeting), Streams(Person));

        _inFlight.Begin().Admit(None, Streams(Meeting)).ShouldNotBeNull();
    }

    [Fact]
    public void One_that_changes_nothing_after_all_is_in_nobodys_way()
    {
        _inFlight.Begin().Dispose();

        _inFlight.Begin().Admit(Streams(Meeting), Streams(Meeting)).ShouldBeNull();
    }

    [Fact]
    public void Names_conflict_as_streams_do()
    {
        _inFlight.Begin().Admit(None, new AccessSet([], ["key"]));

        _inFlight.Begin().Admit(new AccessSet([], ["key"]), None).ShouldNotBeNull();
        _inFlight.Begin().Admit(new AccessSet([], ["other"]), None).ShouldBeNull();
    }

    private static AccessSet None => new([], []);

    private static AccessSet Streams(params Guid[] ids) => new([.. ids], []);
}
