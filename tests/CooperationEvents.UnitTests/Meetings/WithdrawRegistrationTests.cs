using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class WithdrawRegistrationTests
{
    private static readonly AttendanceRegistered AnaRegistered = new(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.Delegate);

    [Fact]
    public void A_registration_is_withdrawn_once_and_the_reason_is_personal_data() =>
        AMeeting
            .With(AnaRegistered)
            .When(Withdraw("Ill"))
            .Then(new RegistrationWithdrawn(Some.Meeting, Some.Ana, Protected.Of("Ill")))
            .AndNothingWhenRepeated();

    [Fact]
    public void Nobody_has_to_say_why() =>
        AMeeting.With(AnaRegistered).When(Withdraw(null)).Then(new RegistrationWithdrawn(Some.Meeting, Some.Ana)).AndNothingWhenRepeated();

    [Fact]
    public void Who_never_registered_cannot_withdraw() =>
        AMeeting.With().When(Withdraw(null)).ThenRefused(MeetingProblems.RegistrationNotFound, "/personId");

    [Theory]
    [InlineData(MeetingState.Scheduled, true)]
    [InlineData(MeetingState.Postponed, true)]
    [InlineData(MeetingState.Cancelled, false)]
    [InlineData(MeetingState.Held, false)]
    [InlineData(MeetingState.DidNotTakePlace, false)]
    public void Nobody_withdraws_from_what_is_over(MeetingState state, bool accepted)
    {
        var registered = Given.Events<Meeting>([AMeeting.WasScheduled, AnaRegistered, .. AMeeting.In(state).Events.Skip(1)]);
        if (accepted)
            registered.When(Withdraw(null)).Then(new RegistrationWithdrawn(Some.Meeting, Some.Ana));
        else
            registered.When(Withdraw(null)).ThenRefused(AMeeting.ReasonOf(state));
        registered.And(AMeeting.WasVoided).When(Withdraw(null)).ThenRefused(MeetingProblems.Voided);
    }

    private static Func<Meeting, Decision> Withdraw(string? reason) =>
        meeting => WithdrawRegistration.Decide(meeting, Some.Ana, new WithdrawRegistration(Some.Meeting, Some.Ana, reason));
}
