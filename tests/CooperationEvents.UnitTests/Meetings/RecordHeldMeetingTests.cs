using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RecordHeldMeetingTests
{
    private static readonly RecordHeldMeeting Command = new()
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
        Attendees =
        [
            new AttendeeFields(Some.Ana, Some.DgHome, AttendanceStatus.Attended, AttendeeRole.Chair),
            new AttendeeFields(Some.Ben, Some.Iom, AttendanceStatus.Excused),
        ],
        Delegations = [new DelegationFields(Some.Iom, 7, CountPrecision.Minimum)],
    };

    private static readonly object[] Recorded =
    [
        AMeeting.WasScheduled,
        AMeeting.WasHeld,
        new AttendanceRecorded(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.Chair, AttendanceStatus.Attended),
        new AttendanceRecorded(Some.Meeting, Some.Ben, Some.Iom, AttendeeRole.Delegate, AttendanceStatus.Excused),
        new DelegationCounted(Some.Meeting, Some.Iom, 7, CountPrecision.Minimum),
    ];

    [Fact]
    public void A_meeting_is_recorded_with_who_was_there() => Decide(Command).ShouldRecord(Recorded);

    [Fact]
    public void A_meeting_may_be_recorded_with_nobody() =>
        Decide(Command with { Attendees = null, Delegations = null }).ShouldRecord(AMeeting.WasScheduled, AMeeting.WasHeld);

    [Fact]
    public void The_same_again_records_nothing() => Decide(Command, [.. Recorded]).ShouldRecordNothing();

    [Fact]
    public void The_same_again_in_another_order_records_nothing() =>
        Decide(
                Command with
                {
                    Attendees = [.. Command.Attendees!.Reverse()],
                    Delegations = [new(Some.Eeas, 2, CountPrecision.Exact), .. Command.Delegations!],
                },
                [.. Recorded, new DelegationCounted(Some.Meeting, Some.Eeas, 2, CountPrecision.Exact)]
            )
            .ShouldRecordNothing();

    [Fact]
    public void In_another_order_the_attendee_that_differs_is_named() =>
        Decide(
                Command with
                {
                    Attendees = [Command.Attendees![1] with { Status = AttendanceStatus.Absent }, Command.Attendees[0]],
                },
                [.. Recorded]
            )
            .ShouldBeRefused(KernelProblems.IdInUse, "/attendees/0/status");

    [Fact]
    public void The_same_id_with_other_attendees_is_refused() =>
        Decide(Command with { Attendees = [] }, [.. Recorded]).ShouldBeRefused(KernelProblems.IdInUse, "/attendees/0", "/attendees/1");

    [Fact]
    public void Other_days_differ_where_the_command_states_them() =>
        Decide(Command with { Start = Some.Date("2018-04-03") }, [.. Recorded]).ShouldBeRefused(KernelProblems.IdInUse, "/start");

    [Fact]
    public void What_was_scheduled_is_not_recorded_over_and_it_is_said_what_to_send()
    {
        var problem = Decide(Command, [AMeeting.WasScheduled]).ShouldBeOfType<Decision.Refused>().Problem;

        problem.Type.ShouldBe(KernelProblems.IdInUse);
        problem.Errors.ShouldHaveSingleItem().ShouldBe(new FieldError("", problem.Detail));
        problem.Detail.ShouldContain("a meeting was scheduled");
        problem.Detail.ShouldContain("hold-meeting");
    }

    [Fact]
    public void What_was_scheduled_with_other_content_is_told_with_what_differs() =>
        Decide(Command with { Title = "Another", Venue = null }, [AMeeting.WasScheduled])
            .ShouldBeRefused(KernelProblems.IdInUse, "", "/title", "/venue");

    [Fact]
    public void What_was_scheduled_and_held_is_so_where_all_agrees()
    {
        object[] since = [.. Recorded.Skip(1)];

        Decide(Command, [AMeeting.WasScheduled], since).ShouldRecordNothing();
        Decide(Command with { Attendees = null, Delegations = null }, [AMeeting.WasScheduled], since).ShouldRecordNothing();
    }

    [Fact]
    public void What_was_scheduled_and_held_otherwise_is_told_with_what_differs()
    {
        object[] since = [.. Recorded.Skip(1)];
        var another = Command with
        {
            Title = "Another",
            Attendees =
            [
                Command.Attendees![0] with
                {
                    Role = AttendeeRole.Expert,
                },
                new AttendeeFields(Some.Cem, Some.Iom, AttendanceStatus.Attended),
            ],
        };

        var problem = Decide(another, [AMeeting.WasScheduled], since).ShouldBeOfType<Decision.Refused>().Problem;

        problem.Detail.ShouldContain("a meeting was scheduled");
        problem.Errors.Select(e => e.Pointer).ShouldBe(["", "/title", "/attendees/0/role", "/attendees/1"]);
        Decide(Command with { End = null }, [AMeeting.WasScheduled], since).ShouldBeRefused(KernelProblems.IdInUse, "", "/end");
    }

    [Fact]
    public void A_head_count_of_nobody_is_no_delegation() =>
        Decide(Command with { Attendees = null, Delegations = [new DelegationFields(Some.Iom, 0, CountPrecision.Exact)] })
            .ShouldRecord(AMeeting.WasScheduled, AMeeting.WasHeld);

    [Fact]
    public void A_delegation_is_counted_once() =>
        Decide(Command with { Delegations = [new(Some.Iom, 7, CountPrecision.Exact), new(Some.Iom, 8, CountPrecision.Exact)] })
            .ShouldBeRefused(KernelProblems.Invalid, "/delegations/1/organisationId");

    [Fact]
    public void A_person_named_twice_alike_is_recorded_once() =>
        Decide(Command with { Attendees = [Command.Attendees![0], Command.Attendees[0], Command.Attendees[1]] }).ShouldRecord(Recorded);

    [Fact]
    public void A_person_named_twice_differently_is_refused() =>
        Decide(Command with { Attendees = [Command.Attendees![0], Command.Attendees[0] with { Role = AttendeeRole.Expert }] })
            .ShouldBeRefused(KernelProblems.Invalid, "/attendees/1");

    [Theory]
    [InlineData("2018-04-11")]
    [InlineData("2018-04")]
    [InlineData("2018")]
    public void A_meeting_is_not_recorded_before_its_first_day(string start) =>
        Decide(Command with { Start = Some.Date(start), End = null }).ShouldBeRefused(MeetingProblems.NotBegun, "/start");

    [Theory]
    [InlineData("2018-04-10", null)]
    [InlineData("2018-04-10", "2018-04-12")]
    [InlineData("2018-03", null)]
    [InlineData("2017", null)]
    public void A_meeting_is_recorded_from_its_first_day_on(string start, string? end) =>
        Decide(Command with { Start = Some.Date(start), End = end is null ? null : Some.Date(end) }).ShouldBeOfType<Decision.Accepted>();

    [Fact]
    public void What_holds_for_a_schedule_holds_for_a_record()
    {
        Decide(Command with { End = Some.Date("2018-04-03") }).ShouldBeRefused(KernelProblems.Invalid, "/end");
        Decide(Command with { Start = Some.Date("2018-04-04T09:30") }).ShouldBeRefused(KernelProblems.Invalid, "/timeZone");
        Decide(Command with { Frameworks = [new(Some.Framework, "ministers")] })
            .ShouldBeRefused(MeetingProblems.UnknownLevel, "/frameworks/0/level");
        Decide(Command with { Topics = ["fisheries"] }).ShouldBeRefused(MeetingProblems.UnknownArea, "/topics/0");
    }

    [Fact]
    public void The_same_again_records_nothing_though_the_framework_has_ended_since()
    {
        IReadOnlyList<PlacementFacts> ended = [AMeeting.Facts[0] with { EndedOn = Some.Date("2018-01-01") }];
        RecordHeldMeeting
            .Decide(Some.Meeting, Given.Created<Meeting>([.. Recorded]), KnownIds.Own, ended, AMeeting.Today, TimeZones.Shown, Command)
            .ShouldRecordNothing();
    }

    [Fact]
    public void What_it_is_by_now_records_nothing_and_neither_does_what_it_was_first()
    {
        var corrected = new Attendance(Some.Eeas, AttendeeRole.Delegate, AttendanceStatus.Absent);
        object[] since =
        [
            new MeetingCorrected(
                Some.Meeting,
                new MeetingFacts { Title = AMeeting.WasScheduled.Title, Start = Some.Date("2018-04-04") },
                new MeetingFacts { Title = "Fifth meeting", Start = Some.Date("2018-04-03") },
                "Misspelt"
            ),
            new AttendanceCorrected(
                Some.Meeting,
                Some.Ben,
                new Attendance(Some.Iom, AttendeeRole.Delegate, AttendanceStatus.Excused),
                corrected,
                Protected.Of("Misheard")
            ),
            new DelegationCorrected(
                Some.Meeting,
                Some.Iom,
                new HeadCount(7, CountPrecision.Minimum),
                new HeadCount(9, CountPrecision.Exact),
                "Counted again"
            ),
        ];
        var now = Command with
        {
            Title = "Fifth meeting",
            Start = Some.Date("2018-04-03"),
            Attendees = [Command.Attendees![0], new AttendeeFields(Some.Ben, Some.Eeas, AttendanceStatus.Absent)],
            Delegations = [new DelegationFields(Some.Iom, 9, CountPrecision.Exact)],
        };

        Decide(now, [.. Recorded], since).ShouldRecordNothing();
        Decide(now, [.. Recorded], [.. since, AMeeting.WasVoided]).ShouldRecordNothing();
        Decide(Command, [.. Recorded], since).ShouldRecordNothing();
        Decide(now with { Attendees = Command.Attendees }, [.. Recorded], since).ShouldRecordNothing();
        Decide(Command with { Delegations = now.Delegations }, [.. Recorded], since).ShouldRecordNothing();
        Decide(now with { Attendees = [now.Attendees[0], now.Attendees[1] with { Role = AttendeeRole.Expert }] }, [.. Recorded], since)
            .ShouldBeRefused(KernelProblems.IdInUse, "/attendees/1/role");
        Decide(now with { Attendees = [] }, [.. Recorded], since).ShouldBeRefused(KernelProblems.IdInUse, "/attendees/0", "/attendees/1");
    }

    /// <summary>In a flat table the meeting stands in each of its rows, and who was there is recorded after it.</summary>
    [Fact]
    public void Attendances_that_were_recorded_since_are_so_and_need_not_be_stated()
    {
        ValueList<object> created = [AMeeting.WasScheduled, AMeeting.WasHeld];
        object[] since =
        [
            .. Recorded.Skip(2),
            new MeetingCorrected(
                Some.Meeting,
                new MeetingFacts { Title = AMeeting.WasScheduled.Title },
                new MeetingFacts { Title = "Fifth meeting" },
                "Misspelt"
            ),
        ];
        var now = Command with { Title = "Fifth meeting" };

        Decide(now, created, since).ShouldRecordNothing();
        Decide(now with { Attendees = null, Delegations = null }, created, since).ShouldRecordNothing();
        Decide(now with { Attendees = [now.Attendees![1]] }, created, since).ShouldRecordNothing();
        Decide(now with { Attendees = [now.Attendees[1], new(Some.Cem, Some.Iom, AttendanceStatus.Attended)] }, created, since)
            .ShouldBeRefused(KernelProblems.IdInUse, "/attendees/1");
    }

    [Fact]
    public void A_delegation_that_was_withdrawn_is_not_so_any_more()
    {
        object[] since =
        [
            new DelegationCorrected(
                Some.Meeting,
                Some.Iom,
                new HeadCount(7, CountPrecision.Minimum),
                new HeadCount(0, CountPrecision.Exact),
                "Nobody"
            ),
        ];

        Decide(Command with { Delegations = null }, [.. Recorded], since).ShouldRecordNothing();
        Decide(Command, [.. Recorded], since).ShouldRecordNothing();
    }

    [Fact]
    public void What_was_held_after_all_and_is_not_any_more_is_only_repeated_as_it_was_recorded()
    {
        object[] since =
        [
            new MeetingCorrected(
                Some.Meeting,
                new MeetingFacts { State = MeetingState.Held, Title = AMeeting.WasScheduled.Title },
                new MeetingFacts { State = MeetingState.Scheduled, Title = "Fifth meeting" },
                "Not yet"
            ),
        ];

        Decide(Command, [.. Recorded], since).ShouldRecordNothing();
        Decide(Command with { Title = "Fifth meeting" }, [.. Recorded], since).ShouldBeRefused(KernelProblems.IdInUse, "");
    }

    private static Decision Decide(RecordHeldMeeting command, ValueList<object>? created = null, params IEnumerable<object> since) =>
        RecordHeldMeeting.Decide(
            Some.Meeting,
            created is null ? null : Given.Created<Meeting>(created, since),
            KnownIds.Own,
            AMeeting.Facts,
            AMeeting.Today,
            TimeZones.Shown,
            command
        );
}
