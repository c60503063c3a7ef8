using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RecordAttendanceTests
{
    private static readonly AttendeeFields Ana = new(Some.Ana, Some.DgHome, AttendanceStatus.Attended);
    private static readonly AttendeeFields Ben = new(Some.Ben, Some.Iom, AttendanceStatus.Absent, AttendeeRole.Expert, MeetingMode.Online);

    private static readonly AttendanceRecorded AnaAttended = new(
        Some.Meeting,
        Some.Ana,
        Some.DgHome,
        AttendeeRole.Delegate,
        AttendanceStatus.Attended
    );

    private static readonly AttendanceRecorded BenWasAbsent = new(
        Some.Meeting,
        Some.Ben,
        Some.Iom,
        AttendeeRole.Expert,
        AttendanceStatus.Absent,
        MeetingMode.Online
    );

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Held)]
    public void Attendance_is_recorded_once_and_a_role_that_is_absent_is_delegate(MeetingState state) =>
        AMeeting.In(state).When(Record(Ana, Ben)).Then(AnaAttended, BenWasAbsent).AndNothingWhenRepeated();

    [Fact]
    public void Who_is_recorded_already_is_left_out() =>
        AMeeting.With(AMeeting.WasHeld, AnaAttended).When(Record(Ana, Ben)).Then(BenWasAbsent).AndNothingWhenRepeated();

    [Fact]
    public void Another_attendance_of_the_same_person_needs_a_correction_and_none_is_recorded() =>
        AMeeting
            .With(AMeeting.WasHeld, AnaAttended)
            .When(Record(Ben, Ana with { Role = AttendeeRole.Chair }))
            .ThenRefused(MeetingProblems.AttendanceAlreadyRecorded, "/attendees/1/role");

    [Fact]
    public void An_attendance_is_repeated_as_it_was_recorded_first_however_often_it_was_corrected()
    {
        var (first, second, third) = (
            new Attendance(Some.DgHome, AttendeeRole.Delegate, AttendanceStatus.Attended),
            new Attendance(Some.DgHome, AttendeeRole.Expert, AttendanceStatus.Attended),
            new Attendance(Some.DgHome, AttendeeRole.Chair, AttendanceStatus.Attended)
        );
        var meeting = AMeeting.With(AMeeting.WasHeld, AnaAttended, Corrected(first, second), Corrected(second, third));

        meeting.When(Record(Ana)).ThenNothing();
        meeting.When(Record(Ana with { Role = AttendeeRole.Chair })).ThenNothing();
        meeting
            .When(Record(Ana with { Role = AttendeeRole.Expert }))
            .ThenRefused(MeetingProblems.AttendanceAlreadyRecorded, "/attendees/0/role");

        static AttendanceCorrected Corrected(Attendance from, Attendance to) =>
            new(Some.Meeting, Some.Ana, from, to, Protected.Of("Misheard"));
    }

    [Fact]
    public void A_person_named_twice_alike_is_recorded_once() =>
        AMeeting.With(AMeeting.WasHeld).When(Record(Ana, Ana)).Then(AnaAttended).AndNothingWhenRepeated();

    [Fact]
    public void A_person_named_twice_differently_is_refused() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Record(Ana, Ana with { Status = AttendanceStatus.Absent }))
            .ThenRefused(KernelProblems.Invalid, "/attendees/1");

    [Fact]
    public void A_cancelled_meeting_takes_no_attendance() =>
        AMeeting.With(AMeeting.WasCancelled).When(Record(Ana)).ThenRefused(MeetingProblems.Cancelled);

    [Fact]
    public void Only_a_scheduled_or_held_meeting_takes_attendance() => Record(Ana).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Held);

    private static Func<Meeting, Decision> Record(params AttendeeFields[] attendees) =>
        meeting => RecordAttendance.Decide(meeting, KnownIds.Own, new RecordAttendance(Some.Meeting, [.. attendees]));
}
