using CooperationEvents.Http;
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
    public void The_days_it_has_already_are_no_move_though_its_framework_has_ended_since()
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-01-01") }];
        var command = new RescheduleMeeting(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"));
        AMeeting.With().When(meeting => RescheduleMeeting.Decide(meeting, ended, TimeZones.Shown, command)).ThenNothing();
    }

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
    public void Another_time_zone_replaces_the_one_before() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { TimeZone = "Europe/Brussels" })
            .When(Reschedule(Command with { TimeZone = "Europe/Zurich" }))
            .Then(new MeetingRescheduled(Some.Meeting, Some.Date("2018-06"), Some.Date("2018-06"), "Europe/Zurich", "Elections"))
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
    public void It_is_moved_to_a_day_before_the_end_of_its_framework_and_not_to_that_day()
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-06-01") }];
        AMeeting.With().When(MovedTo("2018-06-01")).ThenRefused(MeetingProblems.FrameworkEnded, "/start");
        AMeeting
            .With()
            .When(MovedTo("2018-05-31"))
            .Then(new MeetingRescheduled(Some.Meeting, Some.Date("2018-05-31"), Some.Date("2018-05-31"), null, "Elections"));

        Func<Meeting, Decision> MovedTo(string start) =>
            meeting => RescheduleMeeting.Decide(meeting, ended, TimeZones.Shown, Command with { Start = Some.Date(start) });
    }

    [Fact]
    public void Only_a_scheduled_or_postponed_meeting_is_moved() =>
        Reschedule(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed);

    private static Func<Meeting, Decision> Reschedule(RescheduleMeeting command) =>
        meeting => RescheduleMeeting.Decide(meeting, [], TimeZones.Shown, command);
}
