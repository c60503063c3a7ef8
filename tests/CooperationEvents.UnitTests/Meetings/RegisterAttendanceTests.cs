using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RegisterAttendanceTests
{
    private static readonly RegistrationFields Ana = new(Some.Ana, Some.DgHome);
    private static readonly RegistrationFields Ben = new(Some.Ben, Some.Iom, AttendeeRole.Speaker);

    private static readonly AttendanceRegistered AnaRegistered = new(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.Delegate);
    private static readonly AttendanceRegistered BenRegistered = new(Some.Meeting, Some.Ben, Some.Iom, AttendeeRole.Speaker);

    [Fact]
    public void People_register_once_as_delegates_where_no_role_is_given() =>
        AMeeting.With().When(Register(Ana, Ben)).Then(AnaRegistered, BenRegistered).AndNothingWhenRepeated();

    [Fact]
    public void Who_is_registered_already_is_left_out() =>
        AMeeting.With(AnaRegistered).When(Register(Ana, Ben)).Then(BenRegistered).AndNothingWhenRepeated();

    [Fact]
    public void Another_registration_replaces_the_first() =>
        AMeeting
            .With(AnaRegistered)
            .When(Register(Ana with { Role = AttendeeRole.Chair }))
            .Then(AnaRegistered with { Role = AttendeeRole.Chair })
            .AndNothingWhenRepeated();

    [Fact]
    public void Who_withdrew_may_register_again() =>
        AMeeting
            .With(AnaRegistered, new RegistrationWithdrawn(Some.Meeting, Some.Ana))
            .When(Register(Ana))
            .Then(AnaRegistered)
            .AndNothingWhenRepeated();

    [Fact]
    public void A_person_named_twice_alike_registers_once() => AMeeting.With().When(Register(Ana, Ana)).Then(AnaRegistered);

    [Fact]
    public void A_person_named_twice_differently_is_refused() =>
        AMeeting
            .With()
            .When(Register(Ana, Ben, Ana with { OrganisationId = Some.Eeas }))
            .ThenRefused(KernelProblems.Invalid, "/attendees/2");

    [Fact]
    public void An_intention_is_no_attendance() =>
        Given.Folded<Meeting>(AMeeting.WasScheduled, AnaRegistered, AMeeting.WasHeld).Attendances.ShouldBeEmpty();

    [Fact]
    public void Nobody_registers_for_what_is_over() => Register(Ana).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed);

    private static Func<Meeting, Decision> Register(params RegistrationFields[] attendees) =>
        meeting => RegisterAttendance.Decide(meeting, KnownIds.Own, new RegisterAttendance(Some.Meeting, [.. attendees]));
}
