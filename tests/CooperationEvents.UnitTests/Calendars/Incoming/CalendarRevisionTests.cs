using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Meetings;
using CsCheck;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>What stands in calendars more than once, in one file or in several.</summary>
public sealed class CalendarRevisionTests
{
    private const string Weekly =
        "DTSTART;TZID=Europe/Brussels:20260204T100000\nDTEND;TZID=Europe/Brussels:20260204T110000\nRRULE:FREQ=WEEKLY;COUNT=3";

    private static readonly CalendarMapping Mapping = ACalendar.Mapping with { DefaultTimeZone = "Europe/Brussels" };

    private readonly ARegister _register = new();

    [Fact]
    public async Task Two_events_of_one_UID_are_one_and_the_other_is_refused()
    {
        var file = ACalendar.Of("UID:t\nSUMMARY:First\nDTSTART:20260204T080000Z", "UID:t\nSUMMARY:Second\nDTSTART:20260311T080000Z");

        var (_, said, _) = await _register.Import(file);
        var (again, _, _) = await _register.Import(file);

        said.OfType<CalendarFault>().ShouldHaveSingleItem().Reason.ShouldContain("UID t stands at line 4 with other days");
        again.ShouldBe(0);
        _register.Scheduled.ShouldBe(["First 2026-02-04T08:00"]);
    }

    [Theory]
    [InlineData("m\u00FCller-1", "mu\u0308ller-1")]
    [InlineData("x", "x\u200b")]
    [InlineData("\u00E9/20260204", "e\u0301/20260204")]
    public async Task Spellings_of_one_UID_are_one_event(string spelling, string other)
    {
        var complete = Mapping with { Complete = true };
        var file = ACalendar.Of($"UID:{spelling}\nSUMMARY:A\nDTSTART:20260204T080000Z");
        await _register.Import(file, complete);
        var again = await _register.Import(file.Replace(spelling, other, StringComparison.Ordinal), complete);
        again.Plans.ShouldHaveSingleItem().Standing.ShouldBe(CalendarStanding.Unchanged);
        (again.Events, again.Said.Count).ShouldBe((0, 0));

        await _register.Import(ACalendar.Of($"UID:{spelling}\nSEQUENCE:3\nSUMMARY:New\nDTSTART:20260204T080000Z"));
        var older = await _register.Import(ACalendar.Of($"UID:{other}\nSEQUENCE:1\nSUMMARY:Old\nDTSTART:20260204T080000Z"));
        older.Said.ShouldHaveSingleItem().ShouldBeOfType<CalendarRemark>().Kind.ShouldBe(CalendarRemarkKind.Older);
        _register.Scheduled.ShouldBe(["New 2026-02-04T08:00"]);

        var both = ACalendar.Of(
            $"UID:{spelling}\nSEQUENCE:4\nSUMMARY:A\nDTSTART:20260204T080000Z",
            $"UID:{other}\nSEQUENCE:4\nSUMMARY:B\nDTSTART:20260304T080000Z"
        );
        (await _register.Import(both)).Said.ShouldHaveSingleItem().ShouldBeOfType<CalendarFault>().Field.ShouldBe("UID");
        (await _register.Import(both)).Events.ShouldBe(0);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00"]);

        var same = ACalendar.Of(
            $"UID:{spelling}\nSEQUENCE:4\nSUMMARY:A\nDTSTART:20260204T080000Z",
            $"UID:{other}\nSEQUENCE:4\nSUMMARY:A\nDTSTART:20260204T080000Z"
        );
        (await _register.Import(same)).Said.ShouldHaveSingleItem().ShouldBeOfType<CalendarRemark>();
    }

    [Fact]
    public async Task Spellings_of_the_UID_of_a_series_are_one_series()
    {
        await _register.Import(ACalendar.Of($"UID:\u00E9\nSUMMARY:x\n{Weekly}"), Mapping);
        await _register.Import(ACalendar.Of("UID:e\u0301\nSUMMARY:x\nRECURRENCE-ID:20260211T090000Z\nDTSTART:20260212T090000Z"), Mapping);
        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-12T09:00", "2026-02-18T10:00"]);
    }

    [Theory]
    [InlineData("SEQUENCE:0", "SEQUENCE:1")]
    [InlineData("LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20260102T000000Z")]
    [InlineData("DTSTAMP:20260101T000000Z", "DTSTAMP:20260102T000000Z")]
    public async Task An_older_file_takes_up_nothing_that_a_newer_one_called_off_or_lacked(string older, string newer)
    {
        var complete = Mapping with { Complete = true };
        const string Days = "DTSTART:20260204T080000Z";
        var first = ACalendar.Of($"UID:a\nSUMMARY:A\n{Days}\n{older}", $"UID:b\nSUMMARY:B\n{Days}", $"UID:c\nSUMMARY:C\n{Days}");
        var second = ACalendar.Of(
            $"UID:a\nSUMMARY:A\n{Days}\n{newer}",
            $"UID:c\nSUMMARY:C\n{Days}\nSTATUS:CANCELLED",
            $"UID:d\nSUMMARY:D\n{Days}"
        );
        await _register.Import(first, complete);
        await _register.Import(second, complete);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00", "D 2026-02-04T08:00"]);

        var again = await _register.Import(first, complete);

        again.Events.ShouldBe(0);
        again
            .Said.OfType<CalendarRemark>()
            .Select(r => $"{r.Subject} {r.Kind}")
            .ShouldBe(["a Older", "b Older", "c Older", "d Missing"], ignoreOrder: true);
        (await _register.Import(second, complete)).Events.ShouldBe(0);
        await _register.Import(first.Replace(older, newer, StringComparison.Ordinal), complete);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00", "B 2026-02-04T08:00", "C 2026-02-04T08:00"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_single_event_beside_a_series_of_its_UID_is_refused(bool singleFirst)
    {
        string[] events =
        [
            "UID:s\nSUMMARY:Weekly\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=3",
            "UID:s\nSEQUENCE:1\nSUMMARY:Single\nDTSTART:20260420T080000Z",
        ];
        var file = ACalendar.Of(singleFirst ? [.. events.Reverse()] : events);
        for (var times = 0; times < 3; times++)
        {
            var (_, said, _) = await _register.Import(file);
            var fault = said.OfType<CalendarFault>().ShouldHaveSingleItem();
            fault.Field.ShouldBe("UID");
            fault.Reason.ShouldNotContain("newer SEQUENCE");
            _register.Days.ShouldBe(["2026-02-04T08:00", "2026-02-11T08:00", "2026-02-18T08:00"]);
        }
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    public async Task An_event_whose_UID_is_like_an_occurrence_of_a_series_is_another_event(
        bool seriesFirst,
        bool singleFirst,
        bool earlier
    )
    {
        const string Series = "UID:a\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=WEEKLY;COUNT=3";
        const string Single = "UID:a/20260204T090000Z\nSUMMARY:y\nDTSTART:20260420T080000Z";
        var register = earlier ? new ARegister() : _register;
        if (earlier)
            register.Add("a/20260204T090000Z", uid: "a/20260204T090000Z");
        if (seriesFirst)
            await register.Import(ACalendar.Of(Series));
        if (singleFirst)
            await register.Import(ACalendar.Of(Single));
        var (_, said, _) = await register.Import(ACalendar.Of(Series, Single));

        said.ShouldBeEmpty();
        string[] all = ["x 2026-02-04T09:00", "x 2026-02-11T09:00", "x 2026-02-18T09:00", "y 2026-04-20T08:00"];
        register.Scheduled.ShouldBe(all);
        foreach (var file in new[] { ACalendar.Of(Single, Series), ACalendar.Of(Series), ACalendar.Of(Single) })
            (await register.Import(file)).Events.ShouldBe(0);
        if (seriesFirst || earlier)
            register.Meeting("a/20260204T090000Z").Details.Title.ShouldBe(seriesFirst ? "x" : "y");
        await register.Import(ACalendar.Of($"{Single}\nSEQUENCE:1\nSTATUS:CANCELLED", Series));
        register.Scheduled.ShouldBe(all.Take(3));
    }

    [Theory]
    [InlineData("UID:t\nSEQUENCE:1\nSUMMARY:Second\nDTSTART:20260311T080000Z", "UID:t\nSUMMARY:First\nDTSTART:20260204T080000Z")]
    [InlineData("UID:t\nSUMMARY:First\nDTSTART:20260204T080000Z", "UID:t\nSEQUENCE:1\nSUMMARY:Second\nDTSTART:20260311T080000Z")]
    public async Task Of_two_revisions_in_a_file_the_newest_counts(params string[] events)
    {
        var (_, said, _) = await _register.Import(ACalendar.Of(events));
        said.ShouldHaveSingleItem().ShouldBeOfType<CalendarRemark>().Kind.ShouldBe(CalendarRemarkKind.Older);
        _register.Scheduled.ShouldBe(["Second 2026-03-11T08:00"]);
    }

    [Fact]
    public async Task An_occurrence_that_its_series_leaves_out_later_is_left_out()
    {
        string[] events =
        [
            $"UID:s\nSEQUENCE:1\nSUMMARY:x\n{Weekly}",
            "UID:s\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID;TZID=Europe/Brussels:20260211T100000\nDTSTART;TZID=Europe/Brussels:20260212T100000",
            $"UID:s\nSEQUENCE:2\nSUMMARY:x\n{Weekly}\nEXDATE;TZID=Europe/Brussels:20260211T100000",
        ];
        await _register.Import(ACalendar.Of(events), Mapping);
        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T10:00"]);

        var apart = new ARegister();
        await apart.Import(ACalendar.Of(events[..2]), Mapping);
        apart.Days.ShouldBe(["2026-02-04T10:00", "2026-02-12T10:00", "2026-02-18T10:00"]);
        await apart.Import(ACalendar.Of(events[2]), Mapping);
        apart.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T10:00"]);
    }

    [Theory]
    [InlineData("EXDATE;TZID=Europe/Brussels:20260211T100000")]
    [InlineData("EXDATE:20260211T090000Z")]
    [InlineData("EXDATE;TZID=America/New_York:20260211T040000")]
    [InlineData("EXDATE:20260211T100000")]
    [InlineData("EXDATE;VALUE=DATE:20260211")]
    [InlineData("EXDATE:20260302T090000Z,20260211T090000Z")]
    public async Task An_occurrence_that_was_moved_is_left_out_by_the_start_it_had_however_that_is_written(string exception)
    {
        const string Moved =
            "UID:s\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID;TZID=Europe/Brussels:20260211T100000\nDTSTART;TZID=Europe/Brussels:20260212T100000";
        var without = $"UID:s\nSEQUENCE:1\nSUMMARY:x\n{Weekly}\n{exception}";
        foreach (var isComplete in new[] { false, true })
        {
            var mapping = Mapping with { Complete = isComplete };
            var together = new ARegister();
            await together.Import(ACalendar.Of(without, Moved), mapping);
            together.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T10:00"]);

            var apart = new ARegister();
            await apart.Import(ACalendar.Of($"UID:s\nSEQUENCE:1\nSUMMARY:x\n{Weekly}", Moved), mapping);
            apart.Days.ShouldBe(["2026-02-04T10:00", "2026-02-12T10:00", "2026-02-18T10:00"]);
            await apart.Import(ACalendar.Of(without), mapping);
            apart.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T10:00"]);
        }
    }

    /// <summary>Where it was moved to names another occurrence, or none.</summary>
    [Fact]
    public async Task An_exception_on_the_day_to_which_an_occurrence_was_moved_leaves_it_there()
    {
        await _register.Import(
            ACalendar.Of(
                $"UID:s\nSUMMARY:x\n{Weekly}\nEXDATE;VALUE=DATE:20260218",
                "UID:s\nSUMMARY:x\nRECURRENCE-ID;TZID=Europe/Brussels:20260211T100000\nDTSTART;TZID=Europe/Brussels:20260218T150000"
            ),
            Mapping
        );

        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T15:00"]);
    }

    [Theory]
    [InlineData(
        "RECURRENCE-ID;TZID=Europe/Brussels:20260211T100000\nDTSTART;TZID=Customized Time Zone:20260215T100000",
        "2026-02-04T10:00",
        "2026-02-18T10:00"
    )]
    [InlineData("RECURRENCE-ID:20260211T090000Z\nDTSTART:20260215T100000Z\nCLASS:PRIVATE", "2026-02-04T10:00", "2026-02-18T10:00")]
    [InlineData(
        "RECURRENCE-ID;TZID=Customized Time Zone:20260211T100000\nDTSTART:20260215T100000Z",
        "2026-02-04T10:00",
        "2026-02-18T10:00"
    )]
    [InlineData("RECURRENCE-ID;VALUE=DATE:20260211\nDTSTART:soon", "2026-02-04T10:00", "2026-02-18T10:00")]
    [InlineData("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Brussels:20260211T100000\nDTSTART:20260212T090000Z", "2026-02-04T10:00")]
    [InlineData("RECURRENCE-ID:soon\nDTSTART:20260212T090000Z")]
    public async Task What_a_refused_part_would_have_replaced_is_held_back(string part, params string[] days)
    {
        var file = ACalendar.Of($"UID:s\nSUMMARY:x\n{Weekly}", $"UID:s\nSUMMARY:x\n{part}");

        var (_, said, _) = await _register.Import(file, Mapping);

        said.OfType<CalendarFault>().ShouldHaveSingleItem().Row.ShouldBe(2);
        _register.Days.ShouldBe(days);
    }

    [Fact]
    public async Task What_is_recorded_of_an_occurrence_stays_where_its_newest_part_is_refused()
    {
        await _register.Import(ACalendar.Of($"UID:s\nSUMMARY:x\n{Weekly}"), Mapping);
        var (events, said, _) = await _register.Import(
            ACalendar.Of(
                $"UID:s\nSEQUENCE:1\nSUMMARY:x\n{Weekly.Replace("COUNT=3", "COUNT=1", StringComparison.Ordinal)}",
                "UID:s\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID:20260211T090000Z\nCLASS:PRIVATE\nDTSTART:20260215T100000Z"
            ),
            Mapping
        );

        events.ShouldBe(1);
        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-11T10:00"]);
        said.OfType<CalendarRemark>().Single().Reason.ShouldEndWith(": 2026-02-11T10:00.");
    }

    /// <summary>The series is in an earlier file, and what is known of it here are ids, which are in UTC.</summary>
    [Theory]
    [InlineData("DTSTART;TZID=Europe/Brussels:20260215T100000")]
    [InlineData("DTSTART;TZID=Europe/Brussels:soon")]
    [InlineData("DTSTART;TZID=Customized Time Zone:20260215T100000")]
    public async Task A_refused_part_without_a_zone_holds_back_what_has_its_time_where_the_part_takes_place(string start)
    {
        await _register.Import(ACalendar.Of($"UID:s\nSUMMARY:x\n{Weekly}"), Mapping);

        await _register.Import(
            ACalendar.Of(
                $"UID:s\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID:20260211T100000\nCLASS:PRIVATE\n{start}",
                "UID:s\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID:20260218T090000Z\nDTSTART:20260218T120000Z"
            ),
            ACalendar.Mapping with
            {
                Complete = true,
            }
        );

        _register.Days.ShouldBe(["2026-02-11T10:00", "2026-02-18T12:00"]);
    }

    [Fact]
    public async Task A_refused_newer_statement_holds_back_the_older()
    {
        var (events, _, _) = await _register.Import(
            ACalendar.Of(
                "UID:t\nSUMMARY:Old\nDTSTART:20260204T080000Z",
                "UID:t\nSEQUENCE:1\nSUMMARY:New\nDTSTART;TZID=Nowhere:20260311T080000"
            )
        );
        events.ShouldBe(0);
    }

    [Theory]
    [InlineData("UID:d1\nSEQUENCE:0\nDTSTAMP:20250602T100000Z", "UID:d1\nSEQUENCE:0\nDTSTAMP:20250601T100000Z")]
    [InlineData("UID:d1\nDTSTAMP:20250602T100000Z", "UID:d1\nDTSTAMP;TZID=Europe/Brussels:20250602T110000")]
    [InlineData(
        "UID:d1\nLAST-MODIFIED:20250602T100000Z\nDTSTAMP:20250602T100000Z",
        "UID:d1\nLAST-MODIFIED:20250601T100000Z\nDTSTAMP:20250701T100000Z"
    )]
    [InlineData("UID:d1\nDTSTAMP:20250602T100000Z\nLAST-MODIFIED:20250601T100000Z", "UID:d1\nDTSTAMP:20250601T110000Z")]
    [InlineData("UID:d1\nDTSTAMP:20250602T100000Z", "UID:d1\nDTSTAMP:20250601T110000Z\nLAST-MODIFIED:20250603T100000Z")]
    [InlineData(
        "UID:d1\nDTSTAMP:20250601T100000Z\nLAST-MODIFIED:20250602T100000Z",
        "UID:d1\nDTSTAMP:20250603T100000Z\nLAST-MODIFIED:20250601T100000Z"
    )]
    [InlineData("UID:d1\nSEQUENCE:2\nDTSTAMP:20250601T100000Z", "UID:d1\nSEQUENCE:1\nDTSTAMP:20250602T100000Z")]
    [InlineData("UID:d1\nDTSTAMP:20250602T100000.000Z", "UID:d1\nDTSTAMP:20250602T095959.999Z")]
    [InlineData("UID:d1\nDTSTAMP:2025-06-02T10:00:00Z", "UID:d1\nDTSTAMP:2025-06-02T11:59:00+02:00")]
    [InlineData("UID:d1\nDTSTAMP:20250602T100000+0200", "UID:d1\nDTSTAMP:20250602T075900Z")]
    [InlineData("UID:d1\nDTSTAMP;VALUE=DATE-TIME:2025-06-02T10:00:00Z", "UID:d1\nDTSTAMP;TZID=Europe/Brussels:2025-06-02T11:59:00")]
    [InlineData("UID:d1\nLAST-MODIFIED:2025-06-02 10:00:00", "UID:d1\nLAST-MODIFIED:20250602T0959Z")]
    public async Task An_older_statement_is_passed_over_and_named(string newer, string older)
    {
        var (recorded, faults, _) = await _register.Import(ACalendar.Of($"{newer}\nSUMMARY:New\nDTSTART:20260204T080000Z"));
        (recorded, string.Join('\n', faults)).ShouldBe((1, ""));
        var (events, said, _) = await _register.Import(ACalendar.Of($"{older}\nSUMMARY:Old\nDTSTART:20260204T080000Z"));

        events.ShouldBe(0);
        said.ShouldHaveSingleItem()
            .ShouldBeOfType<CalendarRemark>()
            .ShouldSatisfyAllConditions(r => r.Kind.ShouldBe(CalendarRemarkKind.Older), r => r.Subject.ShouldBe("d1"));
        _register.Scheduled.ShouldBe(["New 2026-02-04T08:00"]);
    }

    [Theory]
    [InlineData("DTSTAMP:yesterday", "DTSTAMP")]
    [InlineData("LAST-MODIFIED:20250602T250000Z", "LAST-MODIFIED")]
    public async Task A_revision_that_cannot_be_read_is_noted(string line, string property)
    {
        var (events, said, _) = await _register.Import(ACalendar.Of($"UID:d1\nSUMMARY:New\nDTSTART:20260204T080000Z\n{line}"));

        events.ShouldBe(1);
        said.ShouldHaveSingleItem().ShouldBeOfType<CalendarRemark>().Reason.ShouldStartWith($"{property} cannot be read");
    }

    [Fact]
    public async Task A_UID_is_one_with_and_without_what_escapes_its_characters()
    {
        await _register.Import(ACalendar.Of("UID:board\\,2026\\;1@x\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=DAILY;COUNT=2"));
        await _register.Import(
            ACalendar.Of("UID:board,2026;1@x\nSEQUENCE:1\nSUMMARY:x\nRECURRENCE-ID:20260205T080000Z\nDTSTART:20260206T080000Z")
        );

        _register.Days.ShouldBe(["2026-02-04T08:00", "2026-02-06T08:00"]);
    }

    [Fact]
    public async Task Revisions_belong_to_the_UID_and_not_to_the_occurrence()
    {
        await _register.Import(ACalendar.Of("UID:s1\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=2"));
        await _register.Import(ACalendar.Of("UID:s1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=4"));
        _register.Days.ShouldBe(["2026-02-04T08:00", "2026-02-11T08:00"]);

        await _register.Import(
            ACalendar.Of("UID:s1\nSEQUENCE:2\nSTATUS:CANCELLED\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=2")
        );
        await _register.Import(ACalendar.Of("UID:s1\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=4"));
        _register.Days.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_called_off_before_it_was_recorded_is_not_scheduled_by_an_older_request()
    {
        await _register.Import(ACalendar.Message("CANCEL", "UID:c\nSEQUENCE:2\nSUMMARY:x\nDTSTART:20260204T080000Z"));
        await _register.Import(ACalendar.Message("REQUEST", "UID:c\nSEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z"));
        _register.Days.ShouldBeEmpty();
        await _register.Import(ACalendar.Message("REQUEST", "UID:c\nSEQUENCE:3\nSUMMARY:x\nDTSTART:20260204T080000Z"));
        _register.Days.ShouldBe(["2026-02-04T08:00"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SEQUENCE:1\nDTSTAMP:20250601T100000Z\n")]
    public async Task What_a_calendar_calls_off_and_states_again_takes_place_without_a_newer_revision(string revision)
    {
        var words = Mapping with { CancelledPrefixes = ["CANCELLED"] };
        var series = $"UID:s\n{revision}SUMMARY:x\n{Weekly}";
        var single = $"UID:t\n{revision}SUMMARY:y\nDTSTART:20260304T080000Z";
        string[] stated = [series, single];
        string[][] calledOff =
        [
            [$"{series}\nEXDATE:20260211T090000Z", $"{single}\nSTATUS:CANCELLED"],
            [
                series.Replace("COUNT=3", "COUNT=1", StringComparison.Ordinal),
                single.Replace(":y", ":CANCELLED y", StringComparison.Ordinal),
            ],
            [$"{series}\nSTATUS:CANCELLED", $"{single}\nSTATUS:CANCELLED"],
        ];
        foreach (var first in calledOff)
        {
            foreach (var isRecorded in new[] { false, true })
            {
                var register = new ARegister();
                if (isRecorded)
                    await register.Import(ACalendar.Of(stated), words);
                await register.Import(ACalendar.Of(first), words);
                await register.Import(ACalendar.Of(stated), words);
                register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-11T10:00", "2026-02-18T10:00", "2026-03-04T08:00"]);
                (await register.Import(ACalendar.Of(stated), words)).Events.ShouldBe(0);
                await register.Import(ACalendar.Of(first), words);
                register.Days.ShouldNotContain("2026-03-04T08:00");
                await register.Import(ACalendar.Of(stated), words);
                register.Days.Count().ShouldBe(4);
            }
        }
    }

    [Theory]
    [InlineData("UID:a\nSUMMARY:x\nDTSTART:20260204T080000Z", "2026-02-04T08:00")]
    [InlineData($"UID:a\nSUMMARY:x\n{Weekly}", "2026-02-04T10:00", "2026-02-11T10:00", "2026-02-18T10:00")]
    public async Task A_status_that_no_event_has_leaves_called_off_what_was_called_off(string lines, params string[] days)
    {
        foreach (var isRecorded in new[] { false, true })
        {
            var register = new ARegister();
            if (isRecorded)
                await register.Import(ACalendar.Of(lines), Mapping);
            await register.Import(ACalendar.Of($"{lines}\nSEQUENCE:1\nSTATUS:CANCELLED"), Mapping);
            for (var sequence = 1; sequence < 4; sequence++)
            {
                var (events, said, _) = await register.Import(ACalendar.Of($"{lines}\nSEQUENCE:{sequence}\nSTATUS:CANCELED"), Mapping);
                events.ShouldBe(0);
                said.OfType<CalendarRemark>().ShouldHaveSingleItem().Reason.ShouldStartWith("STATUS:CANCELED ");
            }

            await register.Import(ACalendar.Of($"{lines}\nSEQUENCE:3"), Mapping);
            register.Days.ShouldBe(days);
        }
    }

    [Fact]
    public async Task What_was_missing_and_is_back_with_a_status_that_no_event_has_waits_for_one_that_says_more()
    {
        var complete = Mapping with { Complete = true };
        const string Back = "UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z";
        await _register.Import(ACalendar.Of(Back), complete);
        await _register.Import(ACalendar.Of("UID:b\nSUMMARY:B\nDTSTART:20260304T080000Z"), complete);

        (await _register.Import(ACalendar.Of($"{Back}\nSTATUS:CANCELED"), complete)).Events.ShouldBe(1);
        _register.Scheduled.ShouldBeEmpty();
        await _register.Import(ACalendar.Of(Back), complete);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00"]);
    }

    [Fact]
    public async Task A_message_takes_up_again_what_was_called_off_only_in_a_newer_revision()
    {
        const string Single = "SEQUENCE:1\nSUMMARY:x\nDTSTART:20260204T080000Z";
        await _register.Import(ACalendar.Message("CANCEL", $"UID:never\n{Single}"));
        var (_, said, _) = await _register.Import(ACalendar.Message("REQUEST", $"UID:never\n{Single}"));
        said.ShouldHaveSingleItem()
            .ShouldBeOfType<CalendarRemark>()
            .Reason.ShouldStartWith("The same revision of it called it off before.");

        await _register.Import(ACalendar.Message("REQUEST", $"UID:s\nSUMMARY:x\n{Weekly}"), Mapping);
        var cancel = "UID:s\nRECURRENCE-ID:20260211T090000Z\nSUMMARY:x\nDTSTART:20260211T090000Z";
        await _register.Import(ACalendar.Message("CANCEL", cancel), Mapping);
        for (var times = 0; times < 2; times++)
        {
            var (_, _, plans) = await _register.Import(ACalendar.Message("REQUEST", cancel), Mapping);
            plans.ShouldHaveSingleItem().Standing.ShouldBe(CalendarStanding.CalledOff);
        }

        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-18T10:00"]);
        await _register.Import(ACalendar.Message("REQUEST", $"SEQUENCE:1\n{cancel}"), Mapping);
        _register.Days.ShouldBe(["2026-02-04T10:00", "2026-02-11T09:00", "2026-02-18T10:00"]);
    }

    [Fact]
    public async Task A_cancellation_of_attendees_withdraws_these_alone()
    {
        await _register.Import(
            ACalendar.Message(
                "REQUEST",
                "UID:a1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:cy@iom.int"
            )
        );
        await _register.Import(ACalendar.Message("CANCEL", "UID:a1\nSEQUENCE:1\nDTSTART:20260204T080000Z\nATTENDEE:MAILTO:Ben@iom.int"));
        _register.Scheduled.ShouldBe(["x 2026-02-04T08:00  cy@iom.int"]);

        await _register.Import(
            ACalendar.Message(
                "REQUEST",
                "UID:a1\nSEQUENCE:0\nSUMMARY:x\nDTSTART:20260204T080000Z\nATTENDEE:mailto:ben@iom.int\nATTENDEE:mailto:cy@iom.int"
            )
        );
        _register.Scheduled.ShouldBe(["x 2026-02-04T08:00  cy@iom.int"]);
        await _register.Import(
            ACalendar.Message("CANCEL", "UID:a1\nSEQUENCE:2\nSTATUS:CANCELLED\nDTSTART:20260204T080000Z\nATTENDEE:mailto:cy@iom.int")
        );
        _register.Scheduled.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancellation_of_attendees_of_a_series_withdraws_them_from_each_occurrence()
    {
        await _register.Import(ACalendar.Message("REQUEST", $"UID:s\nSUMMARY:x\n{Weekly}\nATTENDEE:mailto:ben@iom.int"), Mapping);
        await _register.Import(
            ACalendar.Message("CANCEL", "UID:s\nSEQUENCE:1\nRECURRENCE-ID:20260211T090000Z\nATTENDEE:mailto:ben@iom.int"),
            Mapping
        );
        _register.Scheduled.ShouldBe(["x 2026-02-04T10:00  ben@iom.int", "x 2026-02-11T10:00", "x 2026-02-18T10:00  ben@iom.int"]);
        await _register.Import(ACalendar.Message("CANCEL", "UID:s\nSEQUENCE:1\nATTENDEE:mailto:ben@iom.int"), Mapping);
        _register.Scheduled.ShouldBe(["x 2026-02-04T10:00", "x 2026-02-11T10:00", "x 2026-02-18T10:00"]);
    }

    [Fact]
    public async Task A_day_as_the_end_of_a_rule_cancels_none_that_takes_place()
    {
        await _register.Import(ACalendar.Of($"UID:s\nSUMMARY:x\n{Weekly}"), Mapping);
        var (events, _, _) = await _register.Import(
            ACalendar.Of($"UID:s\nSEQUENCE:1\nSUMMARY:x\n{Weekly.Replace("COUNT=3", "UNTIL=20260218", StringComparison.Ordinal)}"),
            Mapping
        );
        events.ShouldBe(0);
    }

    [Fact]
    public async Task Of_all_that_a_complete_file_lacks_it_is_asked_once_whose_they_are()
    {
        var complete = Mapping with { Complete = true };
        await _register.Import(ACalendar.Of([.. "abc".Select(uid => $"UID:{uid}\nSUMMARY:A\nDTSTART:20260204T080000Z")]), complete);
        var lacking = await _register.Import(ACalendar.Of("UID:d\nSUMMARY:D\nDTSTART:20260204T080000Z"), complete);
        lacking.Plans.Count(p => p.Standing == CalendarStanding.Cancelled).ShouldBe(3);
        _register.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_complete_file_lacks_is_cancelled_and_comes_back_with_it()
    {
        var complete = Mapping with { Complete = true };
        var both = ACalendar.Of("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260304T080000Z");
        await _register.Import(both, complete);
        _register.Record("b", new MeetingHeld(_register.Meeting("b").Id, Some.Date("2026-03-04"), Some.Date("2026-03-04"), null));
        var one = ACalendar.Of("UID:c\nSUMMARY:C\nDTSTART:20260404T080000Z");

        var (_, said, _) = await _register.Import(one, Mapping);
        said.OfType<CalendarRemark>().Where(r => r.Kind == CalendarRemarkKind.Missing).Select(r => r.Subject).ShouldBe(["a", "b"]);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00", "C 2026-04-04T08:00"]);

        (await _register.Import(one[..^20], complete)).Events.ShouldBe(0);
        (await _register.Import(ACalendar.Message("REQUEST", "UID:c\nSUMMARY:C\nDTSTART:20260404T080000Z"), complete)).Events.ShouldBe(0);
        var (_, _, plans) = await _register.Import(one, complete);
        plans.Select(p => p.Standing).ShouldBe([CalendarStanding.Unchanged, CalendarStanding.Cancelled, CalendarStanding.Missing]);
        _register.Scheduled.ShouldBe(["C 2026-04-04T08:00"]);
        (await _register.Import(one, complete)).Events.ShouldBe(0);

        await _register.Import(both, complete);
        _register.Scheduled.ShouldBe(["A 2026-02-04T08:00"]);
    }

    [Fact]
    public async Task A_meeting_until_midnight_before_the_window_is_not_missing_from_a_complete_file()
    {
        await _register.Import(
            ACalendar.Of("UID:a\nSUMMARY:A\nDTSTART;TZID=Europe/Brussels:20260228T230000\nDURATION:PT1H"),
            Mapping with
            {
                Complete = true,
            }
        );
        var march = Mapping with { Complete = true, Window = new CalendarWindow(Some.Date("2026-03-01"), Some.Date("2026-03-31")) };

        (await _register.Import(ACalendar.Of("UID:b\nSUMMARY:B\nDTSTART:20260304T080000Z"), march)).Events.ShouldBe(1);
        _register.Scheduled.ShouldBe(["A 2026-02-28T23:00", "B 2026-03-04T08:00"]);
    }

    [Fact]
    public async Task What_a_calendar_of_our_own_names_by_its_id_is_not_missing_from_it()
    {
        var complete = Mapping with { Complete = true };
        await _register.Import(
            ACalendar.Of("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z", "UID:b\nSUMMARY:B\nDTSTART:20260304T080000Z"),
            complete
        );

        var own = ACalendar.Of($"UID:{_register.Meeting("a").Id}\nSUMMARY:A\nDTSTART:20260204T080000Z");
        var (_, _, plans) = await _register.Import(own, complete);

        plans.Count(p => p.Standing == CalendarStanding.Cancelled).ShouldBe(1);
        _register.Scheduled.ShouldContain("A 2026-02-04T08:00");
        _register.Scheduled.ShouldNotContain("B 2026-03-04T08:00");
    }

    [Fact]
    public async Task A_refused_event_is_not_missing_from_a_complete_file()
    {
        var complete = Mapping with { Complete = true };
        await _register.Import(ACalendar.Of("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z"), complete);
        (
            await _register.Import(ACalendar.Of("UID:a\nSEQUENCE:1\nSUMMARY:A\nCLASS:PRIVATE\nDTSTART:20260204T080000Z"), complete)
        ).Events.ShouldBe(0);
        (await _register.Import(ACalendar.Of("SUMMARY:A\nDTSTART:20260204T080000Z"), complete)).Events.ShouldBe(0);
    }

    [Theory]
    [InlineData("ENTF\u00C4LLT - Sportausschuss")]
    [InlineData("Entfa\u0308llt: Sportausschuss")]
    [InlineData("[ABGESAGT] Sportausschuss")]
    public async Task A_prefix_that_means_cancelled_cancels_and_is_cut(string summary)
    {
        var words = Mapping with { CancelledPrefixes = ["ENTF\u00C4LLT", "[abgesagt]"] };
        await _register.Import(ACalendar.Of("UID:a\nSUMMARY:Sportausschuss\nDTSTART:20260204T080000Z"), words);
        await _register.Import(ACalendar.Of($"UID:a\nSEQUENCE:1\nSUMMARY:{summary}\nDTSTART:20260204T080000Z"), words);

        (_register.Meeting("a").State, _register.Meeting("a").Details.Title).ShouldBe((MeetingState.Cancelled, "Sportausschuss"));
        (await ACalendar.Entry(ACalendar.Of("UID:a\nSUMMARY:Entf\u00E4lltes\nDTSTART:20260204T080000Z"), words)).Cancelled.ShouldBeFalse();
    }

    /// <summary>Greek capitals have no accents and one sigma, Turkish i two capitals, and ß is SS.</summary>
    [Theory]
    [InlineData(
        "\u0391\u039D\u0391\u0392\u039B\u0397\u0398\u0397\u039A\u0395",
        "\u0391\u03BD\u03B1\u03B2\u03BB\u03AE\u03B8\u03B7\u03BA\u03B5 - Sport"
    )]
    [InlineData(
        "\u03B1\u03BD\u03B1\u03B2\u03BB\u03B7\u03B8\u03B5\u03AF\u03C2",
        "\u0391\u039D\u0391\u0392\u039B\u0397\u0398\u0395\u0399\u03A3: Sport"
    )]
    [InlineData("\u0130ptal", "iptal: Sport")]
    [InlineData("iptal", "\u0130PTAL Sport")]
    [InlineData("ask\u0131da", "ASKIDA - Sport")]
    [InlineData("ASKIDA", "ask\u0131da - Sport")]
    [InlineData("Gro\u00DFe Absage", "GROSSE ABSAGE \u2013 Sport")]
    [InlineData("GROSSE ABSAGE", "Gro\u00DFe Absage: Sport")]
    [InlineData("GRO\u1E9EE ABSAGE", "grosse Absage: Sport")]
    [InlineData("P\u0158ESUNUTO", "p\u0159esunuto: Sport")]
    [InlineData("x\u0301", "X\u0301: Sport")]
    public async Task A_prefix_is_known_whatever_the_capitals_of_its_script(string prefix, string summary)
    {
        var words = Mapping with { CancelledPrefixes = [prefix] };
        var entry = await ACalendar.Entry(ACalendar.Of($"UID:a\nSUMMARY:{summary}\nDTSTART:20260204T080000Z"), words);

        (entry.Cancelled, entry.Title).ShouldBe((true, "Sport"));
    }

    [Theory]
    [InlineData(
        "\u0391\u039D\u0391\u0392\u039B\u0397\u0398\u0397\u039A\u0395",
        "\u0391\u03BD\u03B1\u03B2\u03BB\u03AE\u03B8\u03B7\u03BA\u03B5\u03C2"
    )]
    [InlineData("Stras", "Stra\u00DFe")]
    [InlineData("C# ", "C Sport")]
    [InlineData("\u0915\u093F", "\u0915\u0941 Sport")]
    public async Task A_prefix_that_is_the_beginning_of_another_word_cancels_nothing(string prefix, string summary)
    {
        var words = Mapping with { CancelledPrefixes = [prefix] };
        var entry = await ACalendar.Entry(ACalendar.Of($"UID:a\nSUMMARY:{summary}\nDTSTART:20260204T080000Z"), words);

        (entry.Cancelled, entry.Title).ShouldBe((false, summary));
    }

    [Fact]
    public async Task What_is_no_meeting_and_text_without_a_property_are_passed_over()
    {
        var items = await ACalendar.Read(
            ACalendar
                .Of("UID:a\nSUMMARY:A\nDESCRIPTION:first\nand a line of its own\n: and another\nDTSTART:20260204T080000Z")
                .Replace(
                    "END:VCALENDAR",
                    "BEGIN:VTODO\nUID:todo\nEND:VTODO\nBEGIN:VJOURNAL\nEND:VJOURNAL\nEND:VCALENDAR",
                    StringComparison.Ordinal
                )
        );

        items.OfType<CalendarEntry>().ShouldHaveSingleItem();
        items
            .OfType<CalendarRemark>()
            .Select(r => (r.Kind, r.Subject, r.Line))
            .ShouldBe([(CalendarRemarkKind.PassedOver, "todo", 12), (CalendarRemarkKind.PassedOver, null, 15)]);
    }

    [Fact]
    public async Task A_file_in_another_form_is_named_by_its_form()
    {
        var file = ACalendar.Of("UID:a\nSUMMARY:A\nDTSTART:20260204T080000Z");
        (await ACalendar.Fault(file.Replace('\n', '\r'))).Reason.ShouldContain("CR alone");
        foreach (var encoding in new[] { System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode })
            (await ACalendar.Read([.. encoding.Preamble, .. encoding.GetBytes(file)]))
                .ShouldHaveSingleItem()
                .ShouldBeOfType<CalendarFault>()
                .Reason.ShouldContain("UTF-16");
    }

    [Fact]
    public Task Revisions_in_any_order_end_in_the_newest_state_and_again_record_nothing() =>
        Gen.Select(Revisions.Array[1, 5], Gen.Int[1, int.MaxValue - 1])
            .SampleAsync(
                async (revisions, seed) =>
                {
                    // Each has its own revision: which of two equal ones is newer nobody can tell.
                    var files = revisions.Select((r, i) => ACalendar.Of($"UID:s\n{Revision(i)}\n{r}")).ToList();
                    var inOrder = new ARegister();
                    foreach (var file in files)
                        await inOrder.Import(file, Mapping);
                    var shuffled = new ARegister();
                    foreach (var file in files.OrderBy(_ => seed = (seed * 48271) & int.MaxValue))
                        await shuffled.Import(file, Mapping);

                    shuffled.Scheduled.ShouldBe(inOrder.Scheduled, string.Join('\n', files));
                    foreach (var file in files)
                        (await shuffled.Import(file, Mapping)).Events.ShouldBe(0);
                },
                iter: 500
            );

    /// <summary>Each newer than the one before, some by SEQUENCE, some by LAST-MODIFIED, and some by DTSTAMP alone.</summary>
    private static string Revision(int number) =>
        $"SEQUENCE:{number / 3}\nLAST-MODIFIED:202501{1 + number / 2:00}T000000Z\nDTSTAMP:202502{1 + number:00}T000000Z";

    private static Gen<string> Revisions =>
        Gen.OneOf(
            Gen.Select(
                Gen.Int[1, 4],
                ACalendar.Any("", "\nEXDATE:20260211T090000Z", "\nEXDATE;TZID=Asia/Tokyo:20260218T180000", "\nATTENDEE:mailto:ada@iom.int"),
                (count, more) => $"SUMMARY:Series\nDTSTART;TZID=Europe/Brussels:20260204T100000\nRRULE:FREQ=WEEKLY;COUNT={count}{more}"
            ),
            Gen.Int[1, 9].Select(hour => $"SUMMARY:Series\nDTSTART;TZID=Europe/Brussels:20260204T1{hour}0000\nRRULE:FREQ=WEEKLY;COUNT=3"),
            Gen.Const($"SUMMARY:Series\nSTATUS:CANCELLED\n{Weekly}")
        );
}
