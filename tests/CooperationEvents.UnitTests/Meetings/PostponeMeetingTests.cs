using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class PostponeMeetingTests
{
    private static readonly Func<Meeting, Decision> Postpone = meeting =>
        PostponeMeeting.Decide(meeting, new PostponeMeeting(Some.Meeting, "Elections"));

    [Fact]
    public void A_scheduled_meeting_is_postponed_once() =>
        AMeeting.With().When(Postpone).Then(AMeeting.WasPostponed).AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_scheduled_again_is_postponed_again() =>
        AMeeting
            .With(AMeeting.WasPostponed, new MeetingRescheduled(Some.Meeting, Some.Date("2018-06"), Some.Date("2018-06"), null, null))
            .When(Postpone)
            .Then(AMeeting.WasPostponed);

    [Fact]
    public void What_is_over_is_not_postponed() => Postpone.ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed);
}
