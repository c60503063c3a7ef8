using CooperationEvents.Http;
using CooperationEvents.Kernel;
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
            .Details.Sequence.ShouldBe(1 + Given.Folded<Meeting>(AMeeting.WasScheduled).Details.Sequence);
        Given
            .Folded<Meeting>(AMeeting.WasScheduled, attended)
            .Details.Sequence.ShouldBe(Given.Folded<Meeting>(AMeeting.WasScheduled).Details.Sequence);
    }

    /// <summary>What was recorded while it was scheduled stays so, whatever became of it later. Of a voided one nothing is so.</summary>
    [Fact]
    public void What_is_already_so_is_no_change_in_a_state_in_which_a_change_is_refused()
    {
        Func<Meeting, Decision>[] rules =
        [
            meeting => RelocateMeeting.Decide(meeting, new(Some.Meeting, Venue: "Charlemagne")),
            meeting => ChangeHosts.Decide(meeting, KnownIds.Own, new(Some.Meeting, [new HostFields(Some.Iom)])),
            meeting => SetAgenda.Decide(meeting, AMeeting.Facts, new(Some.Meeting, [new AgendaItem("Visa", "visa")])),
            meeting => RegisterAttendance.Decide(meeting, KnownIds.Own, new(Some.Meeting, [new RegistrationFields(Some.Ana, Some.DgHome)])),
            meeting =>
                RecordAttendance.Decide(
                    meeting,
                    KnownIds.Own,
                    new(Some.Meeting, [new AttendeeFields(Some.Ana, Some.DgHome, AttendanceStatus.Attended)])
                ),
            meeting => CountDelegation.Decide(meeting, Some.Iom, new(Some.Meeting, Some.Iom, 3, CountPrecision.Exact)),
            meeting =>
                RecordOutcome.Decide(
                    meeting,
                    Some.Outcome,
                    new(Some.Meeting, OutcomeKind.Decision, new Dictionary<string, string> { ["en"] = "Agreed" }, Some.Outcome)
                ),
            meeting => LinkDocument.Decide(meeting, new(Some.Meeting, "Minutes", "https://example.eu/1", DocumentStatus.Adopted)),
        ];
        foreach (var rule in rules)
        {
            var recorded = rule(Given.Folded<Meeting>(AMeeting.WasScheduled)).ShouldBeOfType<Decision.Accepted>().Events;
            recorded.ShouldNotBeEmpty();
            object[] later = [AMeeting.WasPostponed, AMeeting.WasCancelled, AMeeting.WasHeld, AMeeting.DidNotTakePlace];
            foreach (var became in later)
                AMeeting.With(recorded).And(became).When(rule).ThenNothing();
            AMeeting.With(recorded).And(AMeeting.WasVoided).When(rule).ThenRefused(MeetingProblems.Voided);
        }
    }

    [Fact]
    public void A_meeting_that_was_held_on_its_days_is_not_moved_by_them_again()
    {
        var moved = new RescheduleMeeting(Some.Meeting, AMeeting.WasHeld.HeldFrom, AMeeting.WasHeld.HeldTo);
        AMeeting
            .With(AMeeting.WasHeld)
            .When(meeting => RescheduleMeeting.Decide(meeting, AMeeting.Facts, TimeZones.Shown, moved))
            .ThenNothing();
        AMeeting
            .With(AMeeting.WasCancelled)
            .When(meeting => RescheduleMeeting.Decide(meeting, AMeeting.Facts, TimeZones.Shown, moved))
            .ThenRefused(MeetingProblems.Cancelled);
    }
}
