using CooperationEvents.Calendars.Incoming;
using CsCheck;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>Occurrences of a series at the edge of the window, and outside it.</summary>
public sealed class CalendarWindowTests
{
    private const string Weekly = "DTSTART;TZID=Europe/Brussels:20260304T100000\nDTEND;TZID=Europe/Brussels:20260304T110000\n";
    private const string Count = "RRULE:FREQ=WEEKLY;COUNT=3";
    private const string Without18 = "\nEXDATE;TZID=Europe/Brussels:20260318T100000";
    private const string Moved = "RECURRENCE-ID;TZID=Europe/Brussels:20260318T100000\nDTSTART;TZID=Europe/Brussels:20260310T100000";

    private static readonly CalendarMapping March = Window("2026-03-01", "2026-03-31");
    private static readonly CalendarMapping FirstHalf = Window("2026-03-01", "2026-03-15");
    private static readonly CalendarMapping SecondHalf = Window("2026-03-15", "2026-04-30");

    private readonly ARegister _register = new();

    [Theory]
    [InlineData($"SEQUENCE:1\n{Count}{Without18}", null, "4 11")]
    [InlineData($"SEQUENCE:1\n{Count}", "SEQUENCE:1\nSTATUS:CANCELLED\nDTSTART;TZID=Europe/Brussels:20260318T100000", "4 11")]
    [InlineData($"SEQUENCE:1\n{Count}", "SEQUENCE:1\nSTATUS:CANCELLED\nDTSTART;TZID=Europe/Brussels:20260310T100000", "4 11")]
    [InlineData($"SEQUENCE:1\n{Count}", "SEQUENCE:1\nDTSTART;TZID=Europe/Brussels:20260325T100000", "4 11 25")]
    [InlineData($"SEQUENCE:1\n{Count}", "SEQUENCE:1\nDTSTART;TZID=Europe/Brussels:20260318T100000", "4 11 18")]
    [InlineData($"SEQUENCE:1\n{Count}", "SEQUENCE:1\nDTSTART;TZID=Europe/Brussels:20260312T100000", "4 11 12")]
    [InlineData($"SEQUENCE:1\n{Count}", null, "4 11 18")]
    [InlineData("SEQUENCE:2\nRRULE:FREQ=WEEKLY;COUNT=2", null, "4 11")]
    [InlineData("SEQUENCE:1\nRRULE:FREQ=WEEKLY;UNTIL=20260312", null, "4 11")]
    [InlineData($"SEQUENCE:1\nSTATUS:CANCELLED\n{Count}", null, "")]
    public async Task An_occurrence_that_was_moved_into_the_window_follows_the_file_of_its_series(string series, string? part, string days)
    {
        foreach (var isComplete in new[] { false, true })
        {
            var register = new ARegister();
            var mapping = FirstHalf with { Complete = isComplete };
            await register.Import(Series(Count, Moved), mapping);
            Days(register).ShouldBe("4 10 11");

            var file = Series(series, part is null ? [] : [$"RECURRENCE-ID;TZID=Europe/Brussels:20260318T100000\n{part}"]);
            await register.Import(file, mapping);

            Days(register).ShouldBe(days);
            (await register.Import(file, mapping)).Events.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData(false, "4 10 11")]
    [InlineData(true, "4 11 18")]
    public async Task A_move_into_the_window_that_a_file_no_longer_states_stays_unless_files_are_complete(bool isComplete, string days)
    {
        var mapping = FirstHalf with { Complete = isComplete };
        await _register.Import(Series(Count, Moved), mapping);
        var (_, said, _) = await _register.Import(Series(Count), mapping);

        Days(_register).ShouldBe(days);
        said.OfType<CalendarRemark>()
            .Select(r => (r.Kind, r.Subject))
            .ShouldBe(isComplete ? [] : [(CalendarRemarkKind.Older, "s/20260318T090000Z")]);
    }

    [Theory]
    [InlineData("SEQUENCE:2\nRRULE:FREQ=WEEKLY;COUNT=2", "4 11")]
    [InlineData("SEQUENCE:2\nRRULE:FREQ=WEEKLY;UNTIL=20260312", "4 11")]
    [InlineData("SEQUENCE:2\nRRULE:FREQ=WEEKLY;COUNT=2\nRDATE;TZID=Europe/Brussels:20260501T100000", "4 11 25")]
    [InlineData("SEQUENCE:2\nRRULE:FREQ=WEEKLY;INTERVAL=10", "4 25")]
    public async Task What_went_out_of_the_window_again_goes_where_its_series_ended_before_it(string series, string days)
    {
        foreach (var isComplete in new[] { false, true })
        {
            var register = new ARegister();
            var mapping = FirstHalf with { Complete = isComplete };
            const string Back =
                "SEQUENCE:1\nRECURRENCE-ID;TZID=Europe/Brussels:20260318T100000\nDTSTART;TZID=Europe/Brussels:20260325T100000";
            await register.Import(Series(Count, Moved), mapping);
            await register.Import(Series($"SEQUENCE:1\n{Count}", Back), mapping);
            Days(register).ShouldBe("4 11 25");

            await register.Import(Series(series), mapping);

            Days(register).ShouldBe(days);
            (await register.Import(Series(series), mapping)).Events.ShouldBe(0);
        }
    }

    [Fact]
    public async Task What_was_before_the_window_stays_where_a_file_lists_its_series_from_later_on()
    {
        await _register.Import(Series(Count), March);
        var later = ACalendar.Of(
            "UID:s\nSEQUENCE:1\nSUMMARY:x\nDTSTART;TZID=Europe/Brussels:20260318T100000\nDTEND;TZID=Europe/Brussels:20260318T110000\n"
                + "RRULE:FREQ=WEEKLY;COUNT=1"
        );

        await _register.Import(later, SecondHalf);

        Days(_register).ShouldBe("4 11 18");
    }

    [Fact]
    public async Task A_series_that_comes_to_last_whole_days_has_no_zone_any_more()
    {
        await _register.Import(Series(Count), March);

        var whole = ACalendar.Of($"UID:s\nSEQUENCE:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260304\n{Count}");
        await _register.Import(whole, March);

        _register.Days.ShouldBe(["2026-03-04", "2026-03-11", "2026-03-18"]);
        _register.Zones.ShouldBe([null, null, null]);
        (await _register.Import(whole, March)).Events.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_brought_forward_from_next_year_follows_its_series()
    {
        const string Monthly = "UID:m\nSUMMARY:x\nDTSTART;TZID=Europe/Brussels:20261007T100000\nRRULE:FREQ=MONTHLY;BYDAY=1WE";
        const string Forward =
            "UID:m\nSUMMARY:x\nRECURRENCE-ID;TZID=Europe/Brussels:20270106T100000\nDTSTART;TZID=Europe/Brussels:20261216T100000";
        await _register.Import(ACalendar.Of(Monthly, Forward), Window("2026", "2026"));
        _register.Days.Last().ShouldBe("2026-12-16T10:00");

        await _register.Import(ACalendar.Of($"{Monthly}\nSEQUENCE:1\nEXDATE;TZID=Europe/Brussels:20270106T100000"), Window("2026", "2026"));

        _register.Days.ShouldBe(["2026-10-07T10:00", "2026-11-04T10:00", "2026-12-02T10:00"]);
    }

    [Theory]
    [InlineData("DTSTART;TZID=Europe/Brussels:20260304T220000\nDTEND;TZID=Europe/Brussels:20260305T020000")]
    [InlineData("DTSTART;VALUE=DATE:20260304\nDTEND;VALUE=DATE:20260307")]
    public async Task An_occurrence_that_reaches_into_the_window_by_its_end_goes_with_its_series(string days)
    {
        var mapping = Window("2026-03-05", "2026-03-31");
        await _register.Import(ACalendar.Of($"UID:s\nSUMMARY:x\n{days}\nRRULE:FREQ=WEEKLY;COUNT=2"), mapping);
        Days(_register).ShouldBe("4 11");

        var later = days.Replace("0304", "0311", StringComparison.Ordinal)
            .Replace("0305", "0312", StringComparison.Ordinal)
            .Replace("0307", "0314", StringComparison.Ordinal);
        await _register.Import(ACalendar.Of($"UID:s\nSEQUENCE:1\nSUMMARY:x\n{later}\nRRULE:FREQ=WEEKLY;COUNT=1"), mapping);

        Days(_register).ShouldBe("11");
    }

    [Theory]
    [InlineData($"SEQUENCE:2\n{Count}{Without18}", "SEQUENCE:1", "4 11")]
    [InlineData($"SEQUENCE:2\n{Count}{Without18}", "SEQUENCE:3", "4 10 11")]
    [InlineData($"SEQUENCE:2\nSTATUS:CANCELLED\n{Count}", "SEQUENCE:1", "")]
    public async Task What_its_series_leaves_out_in_a_newer_revision_is_not_moved_into_the_window(string series, string part, string days)
    {
        await _register.Import(Series(series, $"{part}\n{Moved}"), FirstHalf);
        Days(_register).ShouldBe(days);
    }

    [Theory]
    [InlineData("SEQUENCE:1\nRECURRENCE-ID:20260318T090000Z\nDTSTART;TZID=Europe/Brussels:20260310T100000")]
    [InlineData("SEQUENCE:1\nRECURRENCE-ID:20260311T090000Z\nDTSTART;TZID=Europe/Brussels:20260312T100000")]
    public async Task An_event_that_is_called_off_without_its_rule_takes_its_changed_occurrences_along(string part)
    {
        foreach (var isRecorded in new[] { false, true })
        {
            var register = new ARegister();
            if (isRecorded)
                await register.Import(Series(Count, part), FirstHalf);
            await register.Import(Series("SEQUENCE:2\nSTATUS:CANCELLED", part), FirstHalf);
            Days(register).ShouldBe("");
        }
    }

    [Theory]
    [InlineData("", "RECURRENCE-ID:20260311T090000Z\nSTATUS:CANCELLED", "4 18")]
    [InlineData("", "RECURRENCE-ID:20260311T090000Z\nDTSTART;TZID=Europe/Brussels:20260312T100000", "4 12 18")]
    [InlineData("\nEXDATE:20260304T090000Z", null, "11 18")]
    [InlineData("\nEXDATE:20260304T090000Z", "RECURRENCE-ID:20260311T090000Z\nSTATUS:CANCELLED", "18")]
    public async Task What_a_file_states_of_a_recorded_occurrence_outside_the_window_is_followed(string without, string? part, string days)
    {
        await _register.Import(Series(Count), March);
        var file = Series($"SEQUENCE:1\n{Count}{without}", part is null ? [] : [$"SEQUENCE:1\n{part}"]);

        await _register.Import(file, SecondHalf);

        Days(_register).ShouldBe(days);
        (await _register.Import(file, SecondHalf)).Events.ShouldBe(0);
    }

    [Fact]
    public async Task What_a_file_states_of_occurrences_outside_the_window_that_are_not_recorded_is_none()
    {
        var file = Series(
            $"SEQUENCE:1\n{Count}\nEXDATE:20260304T090000Z",
            "RECURRENCE-ID:20260311T090000Z\nDTSTART;TZID=Europe/Brussels:20260312T100000",
            "RECURRENCE-ID:20260304T090000Z\nDTSTART;TZID=Europe/Brussels:20260305T100000"
        );

        var (_, said, plans) = await _register.Import(file, SecondHalf);

        Days(_register).ShouldBe("18");
        (said.Count, plans.Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_series_as_a_whole_changes_nothing_outside_the_window()
    {
        await _register.Import(Series(Count, "RECURRENCE-ID:20260311T090000Z\nDTSTART:20260312T090000Z"), March);
        var (_, said, plans) = await _register.Import(
            Series($"SEQUENCE:1\n{Count}").Replace("SUMMARY:x", "SUMMARY:y", StringComparison.Ordinal),
            SecondHalf
        );

        _register.Scheduled.ShouldBe(["x 2026-03-04T10:00", "x 2026-03-12T09:00", "y 2026-03-18T10:00"]);
        (said.Count, plans.Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_meeting_before_the_window_stays_where_its_event_comes_to_recur()
    {
        await _register.Import(ACalendar.Of($"UID:s\nSUMMARY:x\n{Weekly}"), March);
        await _register.Import(Series($"SEQUENCE:1\n{Count}"), SecondHalf);

        Days(_register).ShouldBe("4 18");
    }

    [Theory]
    [InlineData("EXDATE;TZID=Europe/Brussels:20260311T000000", "2026-03-11T00:00")]
    [InlineData("EXDATE:20260311T100000Z", "2026-03-11T11:00")]
    [InlineData("EXDATE:20260311T090000Z,20260312T090000Z", "2026-03-12T10:00")]
    [InlineData("EXDATE:20260312T090000Z,20260313T090000Z", "2026-03-12T10:00")]
    [InlineData("EXDATE;TZID=Europe/Brussels:20260311T100000", null)]
    [InlineData("EXDATE;VALUE=DATE:20260311", null)]
    [InlineData("EXDATE:20260422T090000Z", null)]
    public async Task An_exception_that_names_no_occurrence_is_noted(string exception, string? named)
    {
        var items = await ACalendar.Read(Series($"{Count}\n{exception}"), March);

        var remarks = items.OfType<CalendarRemark>().ToList();
        remarks.Select(r => (r.Kind, r.Subject)).ShouldBe(named is null ? [] : [(CalendarRemarkKind.PassedOver, "s")]);
        if (named is not null)
            remarks[0].Reason.ShouldStartWith($"EXDATE {named} ");
    }

    [Theory]
    [InlineData("RECURRENCE-ID;TZID=Europe/Brussels:20260311T000000", Count, true)]
    [InlineData("RECURRENCE-ID;TZID=Europe/Brussels:20260318T100000", "RRULE:FREQ=WEEKLY;COUNT=2", true)]
    [InlineData("RECURRENCE-ID;TZID=Europe/Brussels:20260318T100000", Count, false)]
    [InlineData("RECURRENCE-ID;VALUE=DATE:20260318", Count, false)]
    [InlineData("RECURRENCE-ID;TZID=Europe/Brussels:20260422T100000", "RRULE:FREQ=WEEKLY", false)]
    public async Task A_change_of_an_occurrence_that_the_series_does_not_have_is_noted(string recurrence, string rule, bool isNoted)
    {
        var items = await ACalendar.Read(Series(rule, $"{recurrence}\nDTSTART:20260312T090000Z"), March);

        var remarks = items.OfType<CalendarRemark>().ToList();
        remarks.Select(r => (r.Row, r.Kind)).ShouldBe(isNoted ? [(2, CalendarRemarkKind.PassedOver)] : []);
        if (isNoted)
            remarks[0].Reason.ShouldStartWith("Its RECURRENCE-ID ");
        ACalendar.Days(items).ShouldContain("2026-03-12T09:00");
    }

    [Fact]
    public Task Whatever_came_before_the_window_shows_what_the_newest_file_says() =>
        Gen.Select(Files.Array[1, 4], Gen.Bool)
            .SampleAsync(
                async (files, isComplete) =>
                {
                    var stated = files.Select((file, i) => file.Replace("SUMMARY:x", $"SEQUENCE:{i}\nSUMMARY:x", StringComparison.Ordinal));
                    var register = new ARegister();
                    foreach (var file in stated)
                        await register.Import(file, FirstHalf with { Complete = isComplete });
                    var alone = new ARegister();
                    await alone.Import(stated.Last(), March);

                    InFirstHalf(register).ShouldBe(InFirstHalf(alone), string.Join('\n', stated));
                    (await register.Import(stated.Last(), FirstHalf)).Events.ShouldBe(0);
                },
                iter: 500
            );

    /// <summary>A series with occurrences left out, moved to any day of March, or called off.</summary>
    private static Gen<string> Files =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 5], Gen.Select(Gen.Int[0, 3], Gen.Int[1, 31], Gen.Bool).Array[0, 3], (count, without, parts) =>
            Series(
                $"RRULE:FREQ=WEEKLY;COUNT={count}{(without < 4 ? $"\nEXDATE:202603{4 + 7 * without:00}T090000Z" : "")}",
                [
                    .. parts
                        .DistinctBy(part => part.Item1)
                        .Select(part =>
                            $"RECURRENCE-ID:202603{4 + 7 * part.Item1:00}T090000Z\nDTSTART:202603{part.Item2:00}T120000Z"
                            + (part.Item3 ? "\nSTATUS:CANCELLED" : "")
                        ),
                ]
            )
        );

    private static IEnumerable<string> InFirstHalf(ARegister register) =>
        register.Days.Where(day => string.CompareOrdinal(day, "2026-03-16") < 0);

    private static CalendarMapping Window(string from, string to) =>
        ACalendar.Mapping with
        {
            DefaultTimeZone = "Europe/Brussels",
            Window = new CalendarWindow(Some.Date(from), Some.Date(to)),
        };

    private static string Series(string lines, params string[] parts) =>
        ACalendar.Of([$"UID:s\nSUMMARY:x\n{Weekly}{lines}", .. parts.Select(part => $"UID:s\nSUMMARY:x\n{part}")]);

    /// <summary>The days of March on which a meeting is scheduled.</summary>
    private static string Days(ARegister register) => string.Join(' ', register.Days.Select(d => int.Parse(d[8..10], null)));
}
