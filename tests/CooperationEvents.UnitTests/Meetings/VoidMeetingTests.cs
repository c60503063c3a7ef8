using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class VoidMeetingTests
{
    private static readonly Func<Meeting, Decision> Void = meeting =>
        VoidMeeting.Decide(meeting, new VoidMeeting(Some.Meeting, "Recorded twice"));

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    [InlineData(MeetingState.Cancelled)]
    [InlineData(MeetingState.Held)]
    [InlineData(MeetingState.DidNotTakePlace)]
    public void A_meeting_is_voided_once_whatever_its_state(MeetingState state) =>
        AMeeting.In(state).When(Void).Then(AMeeting.WasVoided).AndNothingWhenRepeated();

    [Fact]
    public void A_reinstated_meeting_may_be_voided_again() =>
        AMeeting.With(AMeeting.WasVoided, AMeeting.WasReinstated).When(Void).Then(AMeeting.WasVoided);
}
