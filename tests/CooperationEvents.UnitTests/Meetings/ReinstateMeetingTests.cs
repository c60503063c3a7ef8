using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class ReinstateMeetingTests
{
    private static readonly Func<Meeting, Decision> Reinstate = meeting =>
        ReinstateMeeting.Decide(meeting, new ReinstateMeeting(Some.Meeting, "It was another one"));

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    [InlineData(MeetingState.Cancelled)]
    [InlineData(MeetingState.Held)]
    [InlineData(MeetingState.DidNotTakePlace)]
    public void A_voided_meeting_returns_to_the_state_it_had(MeetingState state)
    {
        var before = AMeeting.In(state);
        before.And(AMeeting.WasVoided).When(Reinstate).Then(AMeeting.WasReinstated).AndNothingWhenRepeated();

        var was = Given.Folded<Meeting>(before.Events);
        Given
            .Folded<Meeting>([.. before.Events, AMeeting.WasVoided, AMeeting.WasReinstated])
            .ShouldBe(was with { Details = was.Details with { Sequence = was.Details.Sequence + 2 } });
    }

    [Fact]
    public void A_meeting_that_was_not_voided_stands_already() => AMeeting.With().When(Reinstate).ThenNothing();
}
