using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class MeetingTests
{
    [Fact]
    public void A_calendar_entry_changes_with_what_is_planned_and_not_with_who_was_there()
    {
        var attended = new AttendanceRecorded(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.Delegate, AttendanceStatus.Attended);
        Given
            .Folded<Meeting>(AMeeting.WasScheduled, AMeeting.WasPostponed)
            .Sequence.ShouldBe(1 + Given.Folded<Meeting>(AMeeting.WasScheduled).Sequence);
        Given.Folded<Meeting>(AMeeting.WasScheduled, attended).Sequence.ShouldBe(Given.Folded<Meeting>(AMeeting.WasScheduled).Sequence);
    }
}
