using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RecordDidNotTakePlaceTests
{
    private static readonly Func<Meeting, Decision> Record = meeting =>
        RecordDidNotTakePlace.Decide(meeting, new RecordDidNotTakePlace(Some.Meeting, "Nobody came"));

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    public void That_a_meeting_did_not_take_place_is_recorded_once(MeetingState state) =>
        AMeeting.In(state).When(Record).Then(AMeeting.DidNotTakePlace).AndNothingWhenRepeated();

    [Fact]
    public void A_held_or_cancelled_meeting_needs_a_correction_first() =>
        Record.ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.DidNotTakePlace);
}
