using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class HoldMeetingTests
{
    private static readonly HoldMeeting Command = new(Some.Meeting);

    [Fact]
    public void A_meeting_is_held_once_on_the_days_it_was_planned_for() =>
        AMeeting.With().When(Hold(Command)).Then(AMeeting.WasHeld).AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_is_held_once_on_other_days_in_another_mode() =>
        AMeeting
            .With()
            .When(Hold(new HoldMeeting(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-07"), MeetingMode.Online)))
            .Then(new MeetingHeld(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-07"), MeetingMode.Online))
            .AndNothingWhenRepeated();

    [Theory]
    [InlineData("2018-04-06", null, "2018-04-06", "2018-04-06")]
    [InlineData(null, "2018-04-06", "2018-04-04", "2018-04-06")]
    [InlineData("2018-04-03", "2018-04-06", "2018-04-03", "2018-04-06")]
    [InlineData(null, null, "2018-04-04", "2018-04-05")]
    public void The_days_it_was_held_on_are_the_days_of_the_meeting(string? from, string? to, string firstDay, string lastDay)
    {
        var held = new MeetingHeld(Some.Meeting, Some.Date(firstDay), Some.Date(lastDay));
        AMeeting.With().When(Hold(new HoldMeeting(Some.Meeting, DateOf(from), DateOf(to)))).Then(held).AndNothingWhenRepeated();

        var meeting = Given.Folded<Meeting>(AMeeting.WasScheduled, held);
        meeting.State.ShouldBe(MeetingState.Held);
        meeting.Days.FirstDay.ShouldBe(Some.Day(firstDay));
        meeting.Days.LastDay.ShouldBe(Some.Day(lastDay));
    }

    [Fact]
    public void A_held_meeting_is_not_held_on_other_days() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-06") }))
            .ThenRefused(MeetingProblems.AlreadyHeld, "/heldFrom");

    [Fact]
    public void A_held_meeting_is_not_held_in_another_mode() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Hold(Command with { HeldTo = Some.Date("2018-04-06"), Mode = MeetingMode.Online }))
            .ThenRefused(MeetingProblems.AlreadyHeld, "/heldTo", "/mode");

    [Fact]
    public void A_hold_is_repeated_as_it_was_recorded_first_after_a_correction()
    {
        var first = new HoldMeeting(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-07"), MeetingMode.Online);
        var corrected = new MeetingCorrected(
            Some.Meeting,
            new MeetingFacts { End = Some.Date("2018-04-07"), Mode = MeetingMode.Online },
            new MeetingFacts { End = Some.Date("2018-04-08"), Mode = MeetingMode.Hybrid },
            "Misread"
        );
        var meeting = AMeeting.With(
            new MeetingHeld(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-07"), MeetingMode.Online),
            corrected
        );

        meeting.When(Hold(first)).ThenNothing();
        meeting.When(Hold(first with { HeldTo = Some.Date("2018-04-08"), Mode = MeetingMode.Hybrid })).ThenNothing();
        meeting
            .When(Hold(first with { HeldTo = Some.Date("2018-04-09"), Mode = null }))
            .ThenRefused(MeetingProblems.AlreadyHeld, "/heldTo");
        meeting.And(AMeeting.WasVoided).When(Hold(first)).ThenRefused(MeetingProblems.Voided);
    }

    [Fact]
    public void What_was_held_before_the_hold_was_undone_is_no_repeat() =>
        AMeeting
            .With(
                new MeetingHeld(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-06")),
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts
                    {
                        State = MeetingState.Held,
                        Start = Some.Date("2018-04-06"),
                        End = Some.Date("2018-04-06"),
                    },
                    new MeetingFacts
                    {
                        State = MeetingState.Scheduled,
                        Start = Some.Date("2018-04-04"),
                        End = Some.Date("2018-04-05"),
                    },
                    "Not yet"
                ),
                AMeeting.WasHeld
            )
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-06") }))
            .ThenRefused(MeetingProblems.AlreadyHeld, "/heldFrom");

    [Fact]
    public void Nobody_holds_a_meeting_before_its_first_day() =>
        AMeeting.With().When(Hold(Command, today: "2018-04-03")).ThenRefused(MeetingProblems.NotBegun, "/heldFrom");

    [Fact]
    public void A_meeting_may_be_held_on_its_first_day() => AMeeting.With().When(Hold(Command, today: "2018-04-04")).Then(AMeeting.WasHeld);

    [Fact]
    public void A_meeting_that_began_earlier_than_planned_may_be_held_earlier() =>
        AMeeting
            .With()
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-02") }, today: "2018-04-02"))
            .Then(new MeetingHeld(Some.Meeting, Some.Date("2018-04-02"), Some.Date("2018-04-02")))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_held_on_later_days_waits_for_them() =>
        AMeeting
            .With()
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-06") }, today: "2018-04-05"))
            .ThenRefused(MeetingProblems.NotBegun, "/heldFrom");

    [Theory]
    [InlineData("2018-04-05", true)]
    [InlineData("2018-04-06", false)]
    public void It_is_not_held_from_another_day_on_which_its_framework_had_ended(string from, bool held)
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-04-06") }];
        var when = AMeeting
            .With()
            .When(meeting =>
                HoldMeeting.Decide(meeting, ended, AMeeting.Today, TimeZones.Shown, Command with { HeldFrom = Some.Date(from) })
            );
        if (held)
            when.Then(new MeetingHeld(Some.Meeting, Some.Date(from), Some.Date(from)));
        else
            when.ThenRefused(MeetingProblems.FrameworkEnded, "/heldFrom");
    }

    [Fact]
    public void It_is_held_on_the_days_it_was_planned_for_though_its_framework_had_ended()
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-01-01") }];
        AMeeting
            .With()
            .When(meeting => HoldMeeting.Decide(meeting, ended, AMeeting.Today, TimeZones.Shown, Command))
            .Then(AMeeting.WasHeld);
    }

    [Theory]
    [InlineData("2018-04", "2018-04-29", false)]
    [InlineData("2018-04", "2018-04-30", true)]
    [InlineData("2018", "2018-12-30", false)]
    [InlineData("2018", "2018-12-31", true)]
    public void A_partial_date_begins_on_its_last_day(string start, string today, bool held)
    {
        var when = Given
            .Events<Meeting>(AMeeting.WasScheduled with { Start = Some.Date(start), End = Some.Date(start) })
            .When(Hold(Command, today));
        if (held)
            when.Then(new MeetingHeld(Some.Meeting, Some.Date(start), Some.Date(start)));
        else
            when.ThenRefused(MeetingProblems.NotBegun, "/heldFrom");
    }

    [Fact]
    public void It_is_not_held_until_before_it_began() =>
        AMeeting
            .With()
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-06"), HeldTo = Some.Date("2018-04-05") }))
            .ThenRefused(KernelProblems.Invalid, "/heldTo");

    [Fact]
    public void A_time_of_day_needs_its_time_zone() =>
        AMeeting
            .With()
            .When(Hold(Command with { HeldFrom = Some.Date("2018-04-04T09:30") }))
            .ThenRefused(KernelProblems.Invalid, "/timeZone");

    [Fact]
    public void Only_a_scheduled_meeting_is_held() => Hold(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Held);

    private static PartialDate? DateOf(string? text) => text is null ? null : Some.Date(text);

    [Fact]
    public void Days_that_were_planned_are_not_judged_again() =>
        Given
            .Events<Meeting>(
                AMeeting.WasScheduled with
                {
                    Start = Some.Date("2018-03-25T02:30"),
                    End = Some.Date("2018-03-25T03:15"),
                    TimeZone = "Europe/Brussels",
                }
            )
            .When(Hold(Command, "2018-04-10"))
            .Then(new MeetingHeld(Some.Meeting, Some.Date("2018-03-25T02:30"), Some.Date("2018-03-25T03:15")));

    private static Func<Meeting, Decision> Hold(HoldMeeting command, string today = "2018-04-10") =>
        meeting => HoldMeeting.Decide(meeting, [], Some.Day(today), TimeZones.Shown, command);
}
