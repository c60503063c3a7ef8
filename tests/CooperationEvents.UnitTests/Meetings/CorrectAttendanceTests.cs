using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CorrectAttendanceTests
{
    private static readonly AttendanceRecorded AnaAttended = new(
        Some.Meeting,
        Some.Ana,
        Some.DgHome,
        AttendeeRole.Delegate,
        AttendanceStatus.Attended
    );

    private static readonly Attendance Recorded = new(Some.DgHome, AttendeeRole.Delegate, AttendanceStatus.Attended);

    private static readonly CorrectAttendance Command = new(Some.Meeting, Some.Ana, "She chaired");

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Held)]
    public void An_attendance_is_corrected_once_with_what_it_replaces_and_why(MeetingState state) =>
        AMeeting
            .In(state)
            .And(AnaAttended)
            .When(Correct(Command with { Role = AttendeeRole.Chair }))
            .Then(Corrected(Recorded with { Role = AttendeeRole.Chair }))
            .AndNothingWhenRepeated();

    [Fact]
    public void Every_fact_of_an_attendance_can_be_corrected() =>
        AMeeting
            .With(AnaAttended)
            .When(
                Correct(
                    Command with
                    {
                        OrganisationId = Some.Eeas,
                        Role = AttendeeRole.Observer,
                        Status = AttendanceStatus.Excused,
                        Mode = MeetingMode.Online,
                    }
                )
            )
            .Then(Corrected(new Attendance(Some.Eeas, AttendeeRole.Observer, AttendanceStatus.Excused, MeetingMode.Online)))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_mode_stays_until_another_is_given()
    {
        var online = Recorded with { Mode = MeetingMode.Online };
        var chair = online with { Role = AttendeeRole.Chair };
        var hybrid = chair with { Mode = MeetingMode.Hybrid };
        AMeeting
            .With(AnaAttended with { Mode = MeetingMode.Online })
            .When(Correct(Command with { Role = AttendeeRole.Chair }))
            .Then(Corrected(chair) with { Replaced = online })
            .AndWhen(Correct(Command with { Mode = MeetingMode.Hybrid }))
            .Then(Corrected(hybrid) with { Replaced = chair });
    }

    [Fact]
    public void A_second_correction_replaces_the_first() =>
        AMeeting
            .With(AnaAttended, Corrected(Recorded with { Role = AttendeeRole.Chair }))
            .When(Correct(Command with { Role = AttendeeRole.Expert }))
            .Then(
                new AttendanceCorrected(
                    Some.Meeting,
                    Some.Ana,
                    Recorded with
                    {
                        Role = AttendeeRole.Chair,
                    },
                    Recorded with
                    {
                        Role = AttendeeRole.Expert,
                    },
                    Protected.Of("She chaired")
                )
            );

    [Fact]
    public void What_is_so_already_is_no_correction() =>
        AMeeting.With(AnaAttended).When(Correct(Command with { Status = AttendanceStatus.Attended })).ThenNothing();

    [Fact]
    public void A_reason_alone_corrects_nothing_and_is_refused() =>
        AMeeting.With(AnaAttended).When(Correct(Command)).ThenRefused(KernelProblems.Invalid);

    [Fact]
    public void Who_is_not_recorded_has_nothing_to_correct() =>
        AMeeting.With().When(Correct(Command)).ThenRefused(MeetingProblems.AttendanceNotFound, "/personId");

    [Theory]
    [InlineData(MeetingState.Postponed)]
    [InlineData(MeetingState.Cancelled)]
    [InlineData(MeetingState.DidNotTakePlace)]
    public void Only_a_scheduled_or_held_meeting_takes_corrections_of_attendance(MeetingState state)
    {
        var recorded = Given.Events<Meeting>([AMeeting.WasScheduled, AnaAttended, .. AMeeting.In(state).Events.Skip(1)]);
        var correction = Correct(Command with { Role = AttendeeRole.Chair });
        recorded.When(correction).ThenRefused(AMeeting.ReasonOf(state));
        recorded.And(AMeeting.WasVoided).When(correction).ThenRefused(MeetingProblems.Voided);
    }

    private static AttendanceCorrected Corrected(Attendance by) => new(Some.Meeting, Some.Ana, Recorded, by, Protected.Of("She chaired"));

    private static Func<Meeting, Decision> Correct(CorrectAttendance command) =>
        meeting => CorrectAttendance.Decide(meeting, KnownIds.Own, command);
}
