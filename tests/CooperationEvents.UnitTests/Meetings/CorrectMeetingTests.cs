using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CorrectMeetingTests
{
    private static readonly Guid Summit = new("c0000000-0000-4000-8000-000000000003");

    private static readonly CorrectMeeting Command = new(Some.Meeting, "Minutes");

    [Fact]
    public void What_is_absent_stays_and_what_is_replaced_is_named() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Correct(Command with { Title = "Fifth meeting", Venue = "Charlemagne" }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Title = "Fifth Senior Officials' Meeting", Venue = "Berlaymont" },
                    new MeetingFacts { Title = "Fifth meeting", Venue = "Charlemagne" },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void Every_fact_is_corrected_once()
    {
        var command = Command with
        {
            Title = "Sixth meeting",
            Frameworks = [new PlacementFields(Some.Framework, "heads-of-unit", 6)],
            Start = Some.Date("2018-04-03T09:30"),
            End = Some.Date("2018-04-06T17:00"),
            TimeZone = "Europe/Brussels",
            Mode = MeetingMode.Hybrid,
            Venue = "Palais des Nations",
            Country = "CH",
            Hosts = [new HostFields(Some.Iom, Some.Ben, HostRole.Chair)],
            Topics = ["visa"],
            InMarginsOf = Some.OtherMeeting,
        };
        var corrected = new MeetingFacts
        {
            Title = "Sixth meeting",
            Frameworks = [new Placement(Some.Framework, "heads-of-unit", 6)],
            Start = Some.Date("2018-04-03T09:30"),
            End = Some.Date("2018-04-06T17:00"),
            TimeZone = "Europe/Brussels",
            Mode = MeetingMode.Hybrid,
            Venue = "Palais des Nations",
            Country = "CH",
            Hosts = [new Host(Some.Iom, Some.Ben, HostRole.Chair)],
            Topics = ["visa"],
            InMarginsOf = Some.OtherMeeting,
        };
        var replaced = new MeetingFacts
        {
            Title = AMeeting.WasScheduled.Title,
            Frameworks = AMeeting.WasScheduled.Frameworks,
            Start = AMeeting.WasScheduled.Start,
            End = AMeeting.WasScheduled.End,
            Mode = AMeeting.WasScheduled.Mode,
            Venue = AMeeting.WasScheduled.Venue,
            Country = AMeeting.WasScheduled.Country,
            Hosts = AMeeting.WasScheduled.Hosts,
            Topics = AMeeting.WasScheduled.Topics,
        };

        AMeeting
            .With(AMeeting.WasHeld)
            .When(Correct(command))
            .Then(new MeetingCorrected(Some.Meeting, replaced, corrected, "Minutes"))
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_zone_and_the_meeting_in_whose_margins_it_takes_place_are_replaced() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { TimeZone = "Europe/Brussels", InMarginsOf = Some.OtherMeeting })
            .When(Correct(Command with { TimeZone = "Europe/Zurich", InMarginsOf = Summit }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { TimeZone = "Europe/Brussels", InMarginsOf = Some.OtherMeeting },
                    new MeetingFacts { TimeZone = "Europe/Zurich", InMarginsOf = Summit },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_is_not_in_its_own_margins() =>
        AMeeting.With().When(Correct(Command with { InMarginsOf = Some.Meeting })).ThenRefused(KernelProblems.Invalid, "/inMarginsOf");

    [Fact]
    public void Two_meetings_are_not_in_the_margins_of_each_other()
    {
        IReadOnlySet<Guid> around = new HashSet<Guid> { Some.OtherMeeting, Some.Meeting };
        var command = Command with { InMarginsOf = Some.OtherMeeting };
        AMeeting.With().When(Correct(command, around)).ThenRefused(KernelProblems.Invalid, "/inMarginsOf");
        Given.Events<Meeting>(AMeeting.WasScheduled with { InMarginsOf = Some.OtherMeeting }).When(Correct(command, around)).ThenNothing();
    }

    [Fact]
    public void A_new_list_of_hosts_names_none_twice_in_a_role() =>
        AMeeting
            .With()
            .When(Correct(Command with { Hosts = [new HostFields(Some.Iom), new HostFields(Some.Iom)] }))
            .ThenRefused(KernelProblems.Invalid, "/hosts/1");

    [Fact]
    public void A_reason_alone_corrects_nothing_and_is_refused()
    {
        AMeeting.With().When(Correct(Command)).ThenRefused(KernelProblems.Invalid);
        AMeeting.With().When(Correct(Command with { Remove = [] })).ThenRefused(KernelProblems.Invalid);
    }

    [Fact]
    public void What_is_so_already_is_no_correction() =>
        AMeeting.With().When(Correct(Command with { Title = AMeeting.WasScheduled.Title, Country = "BE" })).ThenNothing();

    [Fact]
    public void Another_order_is_no_correction() =>
        AMeeting
            .With(new HostsChanged(Some.Meeting, [new Host(Some.Iom), new Host(Some.Eeas)]))
            .When(Correct(Command with { Hosts = [new HostFields(Some.Eeas), new HostFields(Some.Iom)] }))
            .ThenNothing();

    [Theory]
    [InlineData(Removable.TimeZone)]
    [InlineData(Removable.Mode)]
    [InlineData(Removable.Venue)]
    [InlineData(Removable.Country)]
    [InlineData(Removable.InMarginsOf)]
    public void What_was_stated_and_is_not_known_is_removed_alone(Removable field) =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { TimeZone = "Europe/Brussels", InMarginsOf = Some.OtherMeeting })
            .When(Correct(Command with { Remove = [field] }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    field switch
                    {
                        Removable.TimeZone => new MeetingFacts { TimeZone = "Europe/Brussels" },
                        Removable.Mode => new MeetingFacts { Mode = MeetingMode.InPerson },
                        Removable.Venue => new MeetingFacts { Venue = "Berlaymont" },
                        Removable.Country => new MeetingFacts { Country = "BE" },
                        _ => new MeetingFacts { InMarginsOf = Some.OtherMeeting },
                    },
                    new MeetingFacts(),
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Theory]
    [InlineData(Removable.TimeZone)]
    [InlineData(Removable.Mode)]
    [InlineData(Removable.Venue)]
    [InlineData(Removable.Country)]
    [InlineData(Removable.InMarginsOf)]
    public void A_member_is_given_or_removed_and_not_both(Removable field)
    {
        var given = field switch
        {
            Removable.TimeZone => Command with { TimeZone = "Europe/Brussels" },
            Removable.Mode => Command with { Mode = MeetingMode.Hybrid },
            Removable.Venue => Command with { Venue = "Charlemagne" },
            Removable.Country => Command with { Country = "CH" },
            _ => Command with { InMarginsOf = Some.OtherMeeting },
        };
        var meeting = AMeeting.With();
        meeting.When(Correct(given with { Remove = [field] })).ThenRefused(KernelProblems.Invalid, "/remove");
        Correct(given with { Remove = [.. Enum.GetValues<Removable>().Except([field])] })(Given.Folded<Meeting>(meeting.Events))
            .ShouldBeOfType<Decision.Accepted>();
    }

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    [InlineData(MeetingState.Cancelled)]
    [InlineData(MeetingState.Held)]
    [InlineData(MeetingState.DidNotTakePlace)]
    public void A_meeting_is_corrected_in_every_state_but_not_once_voided(MeetingState state)
    {
        AMeeting
            .In(state)
            .When(Correct(Command with { Venue = "Charlemagne" }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Venue = "Berlaymont" },
                    new MeetingFacts { Venue = "Charlemagne" },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();
        AMeeting
            .In(state)
            .And(AMeeting.WasVoided)
            .When(Correct(Command with { Venue = "Charlemagne" }))
            .ThenRefused(MeetingProblems.Voided);
    }

    [Theory]
    [InlineData(MeetingState.Held, MeetingState.Scheduled, Undoing.Hold)]
    [InlineData(MeetingState.Cancelled, MeetingState.Scheduled, Undoing.Cancellation)]
    [InlineData(MeetingState.DidNotTakePlace, MeetingState.Scheduled, Undoing.DidNotTakePlace)]
    public void What_was_recorded_in_error_is_undone(MeetingState from, MeetingState to, Undoing undo)
    {
        var undone = Undone(from, to);
        AMeeting.In(from).When(Correct(Command with { Undo = undo })).Then(undone);
        Given.Folded<Meeting>([.. AMeeting.In(from).Events, undone]).State.ShouldBe(to);
    }

    [Theory]
    [InlineData(MeetingState.Cancelled, Undoing.Cancellation)]
    [InlineData(MeetingState.DidNotTakePlace, Undoing.DidNotTakePlace)]
    public void A_postponed_meeting_is_postponed_again_after_the_undoing(MeetingState state, Undoing undo) =>
        AMeeting
            .With([AMeeting.WasPostponed, .. AMeeting.In(state).Events.Skip(1)])
            .When(Correct(Command with { Undo = undo }))
            .Then(Undone(state, MeetingState.Postponed));

    [Fact]
    public void A_meeting_whose_hold_was_undone_returns_to_its_planned_days()
    {
        var held = new MeetingHeld(Some.Meeting, Some.Date("2018-04-06"), Some.Date("2018-04-07"), null);
        AMeeting
            .With(held)
            .When(Correct(Command with { Undo = Undoing.Hold }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts
                    {
                        State = MeetingState.Held,
                        Start = Some.Date("2018-04-06"),
                        End = Some.Date("2018-04-07"),
                    },
                    new MeetingFacts
                    {
                        State = MeetingState.Scheduled,
                        Start = Some.Date("2018-04-04"),
                        End = Some.Date("2018-04-05"),
                    },
                    "Minutes"
                )
            );
    }

    [Fact]
    public void A_meeting_whose_hold_was_undone_returns_to_its_planned_mode()
    {
        AMeeting
            .With(AMeeting.WasHeld with { Mode = MeetingMode.Online })
            .When(Correct(Command with { Undo = Undoing.Hold }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { State = MeetingState.Held, Mode = MeetingMode.Online },
                    new MeetingFacts { State = MeetingState.Scheduled, Mode = MeetingMode.InPerson },
                    "Minutes"
                )
            );
    }

    [Fact]
    public void What_was_corrected_before_the_hold_was_planned_and_what_is_corrected_after_it_was_not()
    {
        var planned = Corrected("2018-04-04", "2018-04-03", MeetingMode.InPerson, MeetingMode.Hybrid);
        var held = AMeeting.WasHeld with
        {
            HeldFrom = Some.Date("2018-04-06"),
            HeldTo = Some.Date("2018-04-06"),
            Mode = MeetingMode.Online,
        };
        var corrected = Corrected("2018-04-06", "2018-04-05", MeetingMode.Online, MeetingMode.InPerson);
        var meeting = Given.Folded<Meeting>(AMeeting.WasScheduled, planned, held, corrected);

        (meeting.Details.Start, meeting.Details.Mode).ShouldBe((Some.Date("2018-04-05"), MeetingMode.InPerson));
        (meeting.Planned.Start, meeting.Planned.Mode).ShouldBe((Some.Date("2018-04-03"), MeetingMode.Hybrid));

        static MeetingCorrected Corrected(string from, string to, MeetingMode? before, MeetingMode? after) =>
            new(
                Some.Meeting,
                new MeetingFacts { Start = Some.Date(from), Mode = before },
                new MeetingFacts { Start = Some.Date(to), Mode = after },
                "Minutes"
            );
    }

    [Fact]
    public void Days_that_are_given_with_the_undoing_of_a_hold_are_planned() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Correct(Command with { Undo = Undoing.Hold, Start = Some.Date("2018-04-03") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { State = MeetingState.Held, Start = Some.Date("2018-04-04") },
                    new MeetingFacts { State = MeetingState.Scheduled, Start = Some.Date("2018-04-03") },
                    "Minutes"
                )
            )
            .AndWhen(meeting =>
                HoldMeeting.Decide(meeting, [], AMeeting.Today, TimeZones.Shown, new HoldMeeting(Some.Meeting, Some.Date("2018-04-05")))
            )
            .Then(new MeetingHeld(Some.Meeting, Some.Date("2018-04-05"), Some.Date("2018-04-05")))
            .AndWhen(Correct(Command with { Undo = Undoing.Hold }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { State = MeetingState.Held, Start = Some.Date("2018-04-05") },
                    new MeetingFacts { State = MeetingState.Scheduled, Start = Some.Date("2018-04-03") },
                    "Minutes"
                )
            );

    [Theory]
    [InlineData(MeetingState.Held, Undoing.Hold)]
    [InlineData(MeetingState.Cancelled, Undoing.Cancellation)]
    [InlineData(MeetingState.DidNotTakePlace, Undoing.DidNotTakePlace)]
    public void An_undoing_is_recorded_once(MeetingState state, Undoing undo) =>
        AMeeting.In(state).When(Correct(Command with { Undo = undo })).Then(Undone(state, MeetingState.Scheduled)).AndNothingWhenRepeated();

    [Theory]
    [InlineData(MeetingState.Cancelled, Undoing.Hold)]
    [InlineData(MeetingState.DidNotTakePlace, Undoing.Hold)]
    [InlineData(MeetingState.Held, Undoing.Cancellation)]
    [InlineData(MeetingState.DidNotTakePlace, Undoing.Cancellation)]
    [InlineData(MeetingState.Held, Undoing.DidNotTakePlace)]
    [InlineData(MeetingState.Cancelled, Undoing.DidNotTakePlace)]
    public void What_is_otherwise_cannot_be_undone(MeetingState state, Undoing undo) =>
        AMeeting.In(state).When(Correct(Command with { Undo = undo })).ThenRefused(MeetingProblems.NothingToUndo, "/undo");

    [Fact]
    public void A_held_meeting_whose_hold_was_undone_may_be_held_again() =>
        AMeeting
            .With(AMeeting.WasHeld, Undone(MeetingState.Held, MeetingState.Scheduled))
            .When(meeting => HoldMeeting.Decide(meeting, [], AMeeting.Today, TimeZones.Shown, new HoldMeeting(Some.Meeting)))
            .Then(AMeeting.WasHeld);

    [Fact]
    public void A_later_start_takes_the_end_along() =>
        AMeeting
            .With()
            .When(Correct(Command with { Start = Some.Date("2018-04-09") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Start = Some.Date("2018-04-04"), End = Some.Date("2018-04-05") },
                    new MeetingFacts { Start = Some.Date("2018-04-09"), End = Some.Date("2018-04-09") },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void A_start_before_the_end_leaves_the_end() =>
        AMeeting
            .With()
            .When(Correct(Command with { Start = Some.Date("2018-04-05") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Start = Some.Date("2018-04-04") },
                    new MeetingFacts { Start = Some.Date("2018-04-05") },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void A_start_on_the_last_day_of_the_end_leaves_the_end() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { End = Some.Date("2018-04") })
            .When(Correct(Command with { Start = Some.Date("2018-04-30") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Start = Some.Date("2018-04-04") },
                    new MeetingFacts { Start = Some.Date("2018-04-30") },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void An_end_within_the_day_of_the_start_stays() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { End = Some.Date("2018-04-04T17:00"), TimeZone = "Europe/Brussels" })
            .When(Correct(Command with { Venue = "Charlemagne" }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Venue = "Berlaymont" },
                    new MeetingFacts { Venue = "Charlemagne" },
                    "Minutes"
                )
            );

    [Fact]
    public void A_start_moved_to_the_day_of_the_end_leaves_the_time_of_the_end() =>
        Given
            .Events<Meeting>(
                AMeeting.WasScheduled with
                {
                    Start = Some.Date("2018-04-04T09:30"),
                    End = Some.Date("2018-04-05T17:00"),
                    TimeZone = "Europe/Brussels",
                }
            )
            .When(Correct(Command with { Start = Some.Date("2018-04-05") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Start = Some.Date("2018-04-04T09:30") },
                    new MeetingFacts { Start = Some.Date("2018-04-05") },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void What_is_so_already_is_no_correction_though_the_framework_has_ended_since() =>
        Given
            .Events<Meeting>(
                AMeeting.WasScheduled with
                {
                    Frameworks = [new Placement(Some.OtherFramework, "ministers")],
                    Topics = [],
                    Start = Some.Date("2020-01-01"),
                    End = Some.Date("2020-01-01"),
                }
            )
            .When(Correct(Command with { Start = Some.Date("2020-01-01") }))
            .ThenNothing();

    [Fact]
    public void A_held_meeting_is_not_corrected_into_the_future() =>
        AMeeting
            .With(AMeeting.WasHeld)
            .When(Correct(Command with { Start = Some.Date("2018-04-11") }))
            .ThenRefused(MeetingProblems.NotBegun, "/start");

    [Fact]
    public void A_scheduled_meeting_may_be_corrected_into_the_future() =>
        AMeeting
            .With()
            .When(Correct(Command with { Start = Some.Date("2018-04-11") }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Start = Some.Date("2018-04-04"), End = Some.Date("2018-04-05") },
                    new MeetingFacts { Start = Some.Date("2018-04-11"), End = Some.Date("2018-04-11") },
                    "Minutes"
                )
            );

    [Fact]
    public void What_holds_for_a_schedule_holds_for_its_correction()
    {
        Refused(Command with { End = Some.Date("2018-04-03") }, KernelProblems.Invalid, "/end");
        Refused(Command with { Start = Some.Date("2018-04-04T09:30") }, KernelProblems.Invalid, "/timeZone");
        Refused(Command with { Frameworks = [new(Some.Framework, "ministers")] }, MeetingProblems.UnknownLevel, "/frameworks/0/level");
        Refused(
            Command with
            {
                Frameworks = [new(Some.Framework, "heads-of-unit"), new(Some.Framework, "heads-of-unit")],
            },
            KernelProblems.Invalid,
            "/frameworks/1/frameworkId"
        );
        Refused(Command with { Topics = ["fisheries"] }, MeetingProblems.UnknownArea, "/topics/0");
        Refused(
            Command with
            {
                Frameworks = [new(Some.OtherFramework, "ministers")],
                Topics = [],
                Start = Some.Date("2020-01-01"),
            },
            MeetingProblems.FrameworkEnded,
            "/start"
        );

        static void Refused(CorrectMeeting command, ProblemType type, string pointer) =>
            AMeeting.With().When(Correct(command)).ThenRefused(type, pointer);
    }

    [Fact]
    public void A_meeting_is_not_corrected_past_the_end_of_its_framework() =>
        Given
            .Events<Meeting>(AMeeting.WasScheduled with { Frameworks = [new Placement(Some.OtherFramework, "ministers")], Topics = [] })
            .When(Correct(Command with { Start = Some.Date("2020-01-01") }))
            .ThenRefused(MeetingProblems.FrameworkEnded, "/start");

    [Fact]
    public void What_is_no_placement_is_corrected_though_the_framework_has_ended_since() =>
        Given
            .Events<Meeting>(
                AMeeting.WasScheduled with
                {
                    Frameworks = [new Placement(Some.OtherFramework, "ministers")],
                    Topics = [],
                    Start = Some.Date("2020-01-01"),
                    End = Some.Date("2020-01-01"),
                }
            )
            .When(Correct(Command with { Venue = "Charlemagne" }))
            .Then(
                new MeetingCorrected(
                    Some.Meeting,
                    new MeetingFacts { Venue = "Berlaymont" },
                    new MeetingFacts { Venue = "Charlemagne" },
                    "Minutes"
                )
            );

    private static MeetingCorrected Undone(MeetingState from, MeetingState to) =>
        new(Some.Meeting, new MeetingFacts { State = from }, new MeetingFacts { State = to }, "Minutes");

    private static Func<Meeting, Decision> Correct(CorrectMeeting command, IReadOnlySet<Guid>? around = null) =>
        meeting =>
            CorrectMeeting.Decide(
                meeting,
                KnownIds.Own,
                AMeeting.Facts,
                around ?? new HashSet<Guid>(),
                AMeeting.Today,
                TimeZones.Shown,
                command
            );
}
