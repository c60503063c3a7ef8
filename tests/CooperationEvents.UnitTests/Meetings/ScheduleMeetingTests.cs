using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class ScheduleMeetingTests
{
    private static readonly ScheduleMeeting Command = new()
    {
        Title = AMeeting.WasScheduled.Title,
        Frameworks = [new PlacementFields(Some.Framework, "senior-officials", 5)],
        Start = Some.Date("2018-04-04"),
        End = Some.Date("2018-04-05"),
        Mode = MeetingMode.InPerson,
        Venue = "Berlaymont",
        Country = "BE",
        Hosts = [new HostFields(Some.DgHome)],
        Topics = ["resettlement"],
    };

    [Fact]
    public void A_meeting_is_scheduled() => Decide(Command).ShouldRecord(AMeeting.WasScheduled);

    [Fact]
    public void What_is_absent_takes_its_default() =>
        Decide(
                new ScheduleMeeting
                {
                    Title = "Meeting",
                    Frameworks = [new PlacementFields(Some.Framework, "heads-of-unit")],
                    Start = Some.Date("2021"),
                }
            )
            .ShouldRecord(
                new MeetingScheduled(
                    Some.Meeting,
                    "Meeting",
                    [new Placement(Some.Framework, "heads-of-unit")],
                    Some.Date("2021"),
                    Some.Date("2021"),
                    [],
                    []
                )
            );

    [Fact]
    public void The_same_again_schedules_nothing() => Decide(Command, [AMeeting.WasScheduled]).ShouldRecordNothing();

    [Fact]
    public void A_default_that_is_spelled_out_is_the_same_content()
    {
        var oneDay = AMeeting.WasScheduled with { End = AMeeting.WasScheduled.Start, Topics = [] };
        Decide(Command with { End = Command.Start, Topics = [] }, [oneDay]).ShouldRecordNothing();
        Decide(Command with { End = null, Topics = null }, [oneDay]).ShouldRecordNothing();
    }

    [Fact]
    public void The_id_is_left_out_of_the_comparison_where_the_reference_identifies() =>
        Decide(Command with { Id = Some.OtherMeeting }, [AMeeting.WasScheduled]).ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        Decide(Command with { Venue = "Charlemagne" }, [AMeeting.WasScheduled]).ShouldBeRefused(KernelProblems.IdInUse, "/venue");

    [Fact]
    public void External_references_are_resolved()
    {
        var framework = Reference.To(new ExternalReference("crm", "f"));
        var host = Reference.To(new ExternalReference("crm", "o"));
        var chair = Reference.To(new ExternalReference("crm", "p"));
        var summit = Reference.To(new ExternalReference("outlook", "m"));
        var ids = new KnownIds(
            new Dictionary<(StreamKind, Reference), Guid>
            {
                [(StreamKind.Framework, framework)] = Some.Framework,
                [(StreamKind.Organisation, host)] = Some.Iom,
                [(StreamKind.Person, chair)] = Some.Ana,
                [(StreamKind.Meeting, summit)] = Some.OtherMeeting,
            }
        );

        ScheduleMeeting
            .Decide(
                Some.Meeting,
                null,
                ids,
                AMeeting.Facts,
                TimeZones.Shown,
                Command with
                {
                    Frameworks = [new PlacementFields(framework, "senior-officials", 5)],
                    Hosts = [new HostFields(host, chair, HostRole.Chair, "IOM")],
                    InMarginsOf = summit,
                }
            )
            .ShouldRecord(
                AMeeting.WasScheduled with
                {
                    Hosts = [new Host(Some.Iom, Some.Ana, HostRole.Chair, "IOM")],
                    InMarginsOf = Some.OtherMeeting,
                }
            );
    }

    [Fact]
    public void A_joint_meeting_stands_under_each_of_its_frameworks() =>
        Decide(
                Command with
                {
                    Frameworks = [new(Some.Framework, "senior-officials", 5), new(Some.OtherFramework, "ministers")],
                    Topics = ["visa", "trade"],
                }
            )
            .ShouldRecord(
                AMeeting.WasScheduled with
                {
                    Frameworks = [new(Some.Framework, "senior-officials", 5), new(Some.OtherFramework, "ministers")],
                    Topics = ["visa", "trade"],
                }
            );

    [Fact]
    public void A_level_the_framework_does_not_have_is_refused() =>
        Decide(Command with { Frameworks = [new(Some.Framework, "senior-officials"), new(Some.OtherFramework, "senior-officials")] })
            .ShouldBeRefused(MeetingProblems.UnknownLevel, "/frameworks/1/level");

    [Fact]
    public void A_framework_is_named_once() =>
        Decide(Command with { Frameworks = [new(Some.Framework, "senior-officials"), new(Some.Framework, "heads-of-unit")] })
            .ShouldBeRefused(KernelProblems.Invalid, "/frameworks/1/frameworkId");

    [Fact]
    public void An_area_that_none_of_the_frameworks_has_is_refused() =>
        Decide(Command with { Topics = ["resettlement", "fisheries"] }).ShouldBeRefused(MeetingProblems.UnknownArea, "/topics/1");

    [Fact]
    public void A_topic_is_named_once() =>
        Decide(Command with { Topics = ["visa", "visa"] }).ShouldBeRefused(KernelProblems.Invalid, "/topics/1");

    [Theory]
    [InlineData("2020-01-01")]
    [InlineData("2020-01")]
    [InlineData("2020")]
    public void No_meeting_is_placed_under_a_framework_from_its_end_on(string start) =>
        Decide(Command with { Frameworks = [new(Some.OtherFramework, "ministers")], Topics = null, Start = Some.Date(start), End = null })
            .ShouldBeRefused(MeetingProblems.FrameworkEnded, "/start");

    [Fact]
    public void No_joint_meeting_is_placed_under_a_framework_from_its_end_on_though_another_goes_on() =>
        Decide(
                Command with
                {
                    Frameworks = [new(Some.Framework, "senior-officials"), new(Some.OtherFramework, "ministers")],
                    Start = Some.Date("2020-01-01"),
                    End = null,
                }
            )
            .ShouldBeRefused(MeetingProblems.FrameworkEnded, "/start");

    [Fact]
    public void A_framework_that_ended_in_a_year_had_ended_on_its_first_day() =>
        ScheduleMeeting
            .Decide(
                Some.Meeting,
                null,
                KnownIds.Own,
                [AMeeting.Facts[0] with { EndedOn = Some.Date("2018") }],
                TimeZones.Shown,
                Command with
                {
                    Start = Some.Date("2018-01-01"),
                }
            )
            .ShouldBeRefused(MeetingProblems.FrameworkEnded, "/start");

    [Theory]
    [InlineData("2019-12-31")]
    [InlineData("2019")]
    public void A_meeting_before_the_end_of_its_framework_may_be_recorded_after_it(string start) =>
        Decide(Command with { Frameworks = [new(Some.OtherFramework, "ministers")], Topics = null, Start = Some.Date(start), End = null })
            .ShouldBeOfType<Decision.Accepted>();

    [Fact]
    public void The_same_again_schedules_nothing_though_the_framework_has_ended_since()
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-01-01") }];
        ScheduleMeeting
            .Decide(Some.Meeting, Given.Created<Meeting>([AMeeting.WasScheduled]), KnownIds.Own, ended, TimeZones.Shown, Command)
            .ShouldRecordNothing();
    }

    [Theory]
    [InlineData("2018-04-04", "2018-04-03")]
    [InlineData("2018-04", "2018-03")]
    [InlineData("2018-04", "2018-04-29")]
    [InlineData("2018", "2017")]
    [InlineData("2018-04-04T09:30", "2018-04-04T09:29")]
    [InlineData("2018-04-04T09:30", "2018-04-03")]
    [InlineData("2018-04-05", "2018-04-04T17:00")]
    public void It_does_not_end_before_it_starts(string start, string end) =>
        Decide(Command with { Start = Some.Date(start), End = Some.Date(end), TimeZone = "Europe/Brussels" })
            .ShouldBeRefused(KernelProblems.Invalid, "/end");

    [Theory]
    [InlineData("2018-04-04", "2018-04-04")]
    [InlineData("2018-04-04", "2018-04")]
    [InlineData("2018-04-30", "2018-04")]
    [InlineData("2018", "2018-12-31")]
    [InlineData("2018-04-04T09:30", "2018-04-04T09:30")]
    [InlineData("2018-04-04T09:30", "2018-04-04")]
    [InlineData("2018-04-04", "2018-04-04T17:00")]
    public void It_may_end_on_the_day_it_starts(string start, string end) =>
        Decide(Command with { Start = Some.Date(start), End = Some.Date(end), TimeZone = "Europe/Brussels" })
            .ShouldBeOfType<Decision.Accepted>();

    [Theory]
    [InlineData("2026-03-29T02:30", "2026-03-29T03:15", false)]
    [InlineData("2026-03-29T02:30", "2026-03-29T03:30", true)]
    [InlineData("2026-03-29T02:30", "2026-03-29T02:45", true)]
    [InlineData("2026-03-29T01:45", "2026-03-29T02:30", true)]
    [InlineData("2026-03-29T03:15", "2026-03-29T02:30", true)]
    [InlineData("2026-03-29T03:45", "2026-03-29T02:30", false)]
    [InlineData("2026-10-25T02:30", "2026-10-25T02:15", false)]
    public void A_time_that_the_clocks_leave_out_is_read_as_the_one_after_it(string start, string end, bool accepted)
    {
        var decision = Decide(Command with { Start = Some.Date(start), End = Some.Date(end), TimeZone = "Europe/Brussels" });
        if (accepted)
            decision.ShouldBeOfType<Decision.Accepted>();
        else
            decision.ShouldBeRefused(KernelProblems.Invalid, "/end");
    }

    [Fact]
    public void A_host_is_named_once_in_a_role() =>
        Decide(Command with { Hosts = [new HostFields(Some.Iom), new HostFields(Some.Iom)] })
            .ShouldBeRefused(KernelProblems.Invalid, "/hosts/1");

    [Theory]
    [InlineData("2018-04-04T09:30", null)]
    [InlineData("2018-04-04", "2018-04-04T17:00")]
    public void A_time_of_day_needs_its_time_zone(string start, string? end) =>
        Decide(Command with { Start = Some.Date(start), End = end is null ? null : Some.Date(end) })
            .ShouldBeRefused(KernelProblems.Invalid, "/timeZone");

    [Fact]
    public void What_was_recorded_as_held_is_planned_so_and_not_otherwise()
    {
        ValueList<object> recorded = [AMeeting.WasScheduled, AMeeting.WasHeld];

        Decide(Command, recorded).ShouldRecordNothing();
        var problem = Decide(Command with { Title = "Another" }, recorded).ShouldBeOfType<Decision.Refused>().Problem;

        problem.Type.ShouldBe(KernelProblems.IdInUse);
        problem.Errors.Select(e => e.Pointer).ShouldBe(["", "/title"]);
        problem.Errors[0].Detail.ShouldBe(problem.Detail);
        problem.Detail.ShouldContain("record-held-meeting");
    }

    [Fact]
    public void What_it_is_by_now_schedules_nothing_and_neither_does_what_it_was_first()
    {
        object[] since =
        [
            new MeetingRescheduled(Some.Meeting, Some.Date("2018-04-11T09:00"), Some.Date("2018-04-11T17:00"), "Europe/Brussels"),
            new MeetingRelocated(Some.Meeting, MeetingMode.Online, "Palais", "CH"),
            new HostsChanged(Some.Meeting, [new Host(Some.Iom)]),
            new MeetingCorrected(
                Some.Meeting,
                new MeetingFacts { Title = AMeeting.WasScheduled.Title, Venue = "Palais" },
                new MeetingFacts
                {
                    Title = "Fifth meeting",
                    Frameworks = [new Placement(Some.Framework, "heads-of-unit")],
                    Topics = ["visa"],
                    InMarginsOf = Some.OtherMeeting,
                },
                "Misspelt"
            ),
            AMeeting.WasPostponed,
        ];
        var now = Command with
        {
            Title = "Fifth meeting",
            Frameworks = [new PlacementFields(Some.Framework, "heads-of-unit")],
            Start = Some.Date("2018-04-11T09:00"),
            End = Some.Date("2018-04-11T17:00"),
            TimeZone = "Europe/Brussels",
            Mode = MeetingMode.Online,
            Venue = null,
            Country = "CH",
            Hosts = [new HostFields(Some.Iom)],
            Topics = ["visa"],
            InMarginsOf = Some.OtherMeeting,
        };

        foreach (var history in new[] { since, [.. since, AMeeting.WasCancelled], [.. since, AMeeting.WasVoided] })
        {
            Decide(now, [AMeeting.WasScheduled], history).ShouldRecordNothing();
            Decide(Command, [AMeeting.WasScheduled], history).ShouldRecordNothing();
            Decide(now with { Title = Command.Title }, [AMeeting.WasScheduled], history).ShouldRecordNothing();
            var problem = Decide(now with { Title = "Sixth meeting" }, [AMeeting.WasScheduled], history)
                .ShouldBeOfType<Decision.Refused>()
                .Problem;
            problem.Errors.ShouldHaveSingleItem().ShouldBe(Difference.Of("/title", "Fifth meeting", "Sixth meeting"));
        }
    }

    [Fact]
    public void What_was_held_on_other_days_is_so_on_those_days()
    {
        object[] since = [AMeeting.WasHeld with { HeldTo = Some.Date("2018-04-04"), Mode = MeetingMode.Hybrid }];

        Decide(Command with { End = null, Mode = MeetingMode.Hybrid }, [AMeeting.WasScheduled], since).ShouldRecordNothing();
        Decide(Command, [AMeeting.WasScheduled], since).ShouldRecordNothing();
        Decide(Command with { End = null }, [AMeeting.WasScheduled], since).ShouldRecordNothing();
        Decide(Command with { End = null, Mode = MeetingMode.Online }, [AMeeting.WasScheduled], since)
            .ShouldBeRefused(KernelProblems.IdInUse, "/mode");
    }

    private static Decision Decide(ScheduleMeeting command, ValueList<object>? created = null, params IEnumerable<object> since) =>
        ScheduleMeeting.Decide(
            Some.Meeting,
            created is null ? null : Given.Created<Meeting>(created, since),
            KnownIds.Own,
            AMeeting.Facts,
            TimeZones.Shown,
            command
        );
}
