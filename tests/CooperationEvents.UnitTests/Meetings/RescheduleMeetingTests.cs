using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RescheduleMeetingTests
{
    private static readonly RescheduleMeeting Command = new(Some.Meeting, Some.Date("2018-06"), Reason: "Elections");

    [Fact]
    public void A_scheduled_meeting_is_moved_once() =>
        AMeeting
            .With()
            .When(Reschedule(Command))
            .Then(new MeetingRescheduled(Some.Meeting, Some.Date("2018-06"), Some.Date("2018-06"), null, "Elections"))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_postponed_meeting_is_scheduled_again()
    {
        var moved = new MeetingRescheduled(Some.Meeting, Some.Date("2018-06"), Some.Date("2018-06"), null, "Elections");
        AMeeting.With(AMeeting.WasPostponed).When(Reschedule(Command)).Then(moved).AndNothingWhenRepeated();
        Given.Folded<Meeting>(AMeeting.WasScheduled, AMeeting.WasPostponed, moved).State.ShouldBe(MeetingState.Scheduled);
    }

    [Fact]
    public void A_postponed_meeting_may_be_scheduled_again_for_the_same_days() =>
        AMeeting
            .With(AMeeting.WasPostponed)
            .When(Reschedule(new RescheduleMeeting(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"))))
            .Then(new MeetingRescheduled(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"), null, null))
            .AndNothingWhenRepeated();

    [Fact]
    public void The_days_it_has_already_are_no_move() =>
        AMeeting
            .With()
            .When(Reschedule(new RescheduleMeeting(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"))))
            .ThenNothing();

    [Fact]
    public void A_time_zone_that_is_absent_stays() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { TimeZone = "Europe/Brussels" })
            .When(Reschedule(new RescheduleMeeting(Some.Meeting, Some.Date("2018-04-04T09:30"), Some.Date("2018-04-05T17:00"))))
            .Then(
                new MeetingRescheduled(Some.Meeting, Some.Date("2018-04-04T09:30"), Some.Date("2018-04-05T17:00"), "Europe/Brussels", null)
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void It_does_not_end_before_it_starts() =>
        AMeeting.With().When(Reschedule(Command with { End = Some.Date("2018-05") })).ThenRefused(KernelProblems.Invalid, "/end");

    [Fact]
    public void A_time_of_day_needs_its_time_zone() =>
        AMeeting
            .With()
            .When(Reschedule(Command with { Start = Some.Date("2018-06-01T09:30") }))
            .ThenRefused(KernelProblems.Invalid, "/timeZone");

    [Fact]
    public void Only_a_scheduled_or_postponed_meeting_is_moved() =>
        Reschedule(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed);

    private static Func<Meeting, Decision> Reschedule(RescheduleMeeting command) =>
        meeting => RescheduleMeeting.Decide(meeting, [], command);
}
