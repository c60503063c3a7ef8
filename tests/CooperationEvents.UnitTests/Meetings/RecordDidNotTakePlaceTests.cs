using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RecordDidNotTakePlaceTests
{
    private static readonly Func<Meeting, Decision> Record = meeting =>
        RecordDidNotTakePlace.Decide(meeting, AMeeting.Today, new RecordDidNotTakePlace(Some.Meeting, "Nobody came"));

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    public void That_a_meeting_did_not_take_place_is_recorded_once(MeetingState state) =>
        AMeeting.In(state).When(Record).Then(AMeeting.DidNotTakePlace).AndNothingWhenRepeated();

    [Theory]
    [InlineData("2018-04-11")]
    [InlineData("2018-04")]
    [InlineData("2018")]
    public void A_meeting_that_is_still_to_come_is_cancelled_instead(string start)
    {
        var planned = Given.Events<Meeting>(AMeeting.WasScheduled with { Start = Some.Date(start), End = Some.Date(start) });

        planned.When(Record).ThenRefused(MeetingProblems.NotBegun);
        planned.And(AMeeting.WasPostponed).When(Record).ThenRefused(MeetingProblems.NotBegun);
        planned.And(AMeeting.DidNotTakePlace).When(Record).ThenNothing();
    }

    [Theory]
    [InlineData("2018-04-10", "2018-04-12")]
    [InlineData("2018-04-10", "2018-04")]
    [InlineData("2018-03", "2018-03")]
    public void It_is_recorded_from_the_first_day_on(string start, string end) =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { Start = Some.Date(start), End = Some.Date(end) })
            .When(Record)
            .Then(AMeeting.DidNotTakePlace);

    [Fact]
    public void A_held_or_cancelled_meeting_needs_a_correction_first() =>
        Record.ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.DidNotTakePlace);
}
