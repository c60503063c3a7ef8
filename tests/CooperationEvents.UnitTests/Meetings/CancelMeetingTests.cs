using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CancelMeetingTests
{
    private static readonly Func<Meeting, Decision> Cancel = meeting =>
        CancelMeeting.Decide(meeting, new CancelMeeting(Some.Meeting, "Strike"));

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    public void A_meeting_is_cancelled_once(MeetingState state) =>
        AMeeting.In(state).When(Cancel).Then(AMeeting.WasCancelled).AndNothingWhenRepeated();

    [Fact]
    public void A_held_meeting_and_one_that_did_not_take_place_are_not_cancelled() =>
        Cancel.ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Cancelled);
}
