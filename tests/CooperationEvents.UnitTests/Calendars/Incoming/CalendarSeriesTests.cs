using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Http;
using CooperationEvents.Meetings;
using CsCheck;
using NodaTime;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>Series whose days and times are written in several zones.</summary>
public sealed class CalendarSeriesTests
{
    private const string Whole = "UID:d\nSUMMARY:Day\nDTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20261217\nRRULE:FREQ=DAILY;COUNT=4\n";
    private const string NewYork =
        "UID:n\nSUMMARY:Call\nDTSTART;TZID=America/New_York:20260107T190000\nDTEND;TZID=America/New_York:20260107T210000\nRRULE:FREQ=DAILY;COUNT=3\n";
    private const string Oslo =
        "UID:o\nSUMMARY:Call\nDTSTART;TZID=Europe/Oslo:20260204T180000\nDTEND;TZID=Europe/Oslo:20260204T190000\nRRULE:FREQ=WEEKLY;";
    private const string Brussels =
        "UID:b\nSUMMARY:Call\nDTSTART;TZID=Europe/Brussels:20261204T100000\nDTEND;TZID=Europe/Brussels:20261204T110000\n";

    private const string Spring =
        "UID:g\nSUMMARY:Call\nDTSTART;TZID=Europe/Brussels:20260329T023000\nDTEND;TZID=Europe/Brussels:20260329T040000\nRRULE:FREQ=DAILY;COUNT=2\n";

    private static readonly CalendarMapping Mapping = ACalendar.Mapping with { DefaultTimeZone = "Europe/Brussels" };

    [Theory]
    [InlineData(Whole + "EXDATE:20261217T230000Z", "2026-12-16", "2026-12-17", "2026-12-19")]
    [InlineData(Whole + "EXDATE;TZID=America/New_York:20261217T180000", "2026-12-16", "2026-12-17", "2026-12-19")]
    [InlineData(Whole + "EXDATE:20261218T000000", "2026-12-16", "2026-12-17", "2026-12-19")]
    [InlineData(Whole + "EXDATE;VALUE=DATE:20261218", "2026-12-16", "2026-12-17", "2026-12-19")]
    [InlineData(
        "UID:d\nSUMMARY:Day\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=DAILY;UNTIL=20261217T230000Z",
        "2026-12-16",
        "2026-12-17",
        "2026-12-18"
    )]
    [InlineData("UID:d\nSUMMARY:Day\nDTSTART;VALUE=DATE:20261216\nRDATE:20261217T230000Z", "2026-12-16", "2026-12-18")]
    [InlineData(NewYork + "EXDATE:20260108T190000", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE:20260109T000000Z", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;TZID=Europe/Brussels:20260109T010000", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;VALUE=DATE:20260108", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE:20260108", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;VALUE=DATE:20260108T000000", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;VALUE=DATE-TIME:20260109T000000Z,", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;TZID=Eastern Standard Time:20260108T190000", "2026-01-07T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;VALUE=DATE:20260107,20260108", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE:20260108T000000Z,20260109T000000Z", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE:20260107T190000,20260109T000000Z", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE;TZID=Asia/Tokyo:20260108T090000,20260110T090000", "2026-01-08T19:00")]
    [InlineData(NewYork + "EXDATE;TZID=Asia/Tokyo:20260108T090000\nEXDATE:20260110T000000Z", "2026-01-08T19:00")]
    [InlineData(NewYork + "EXDATE;VALUE=DATE:20260107\nEXDATE;TZID=Asia/Tokyo:20260109T090000", "2026-01-09T19:00")]
    [InlineData(NewYork + "EXDATE:", "2026-01-07T19:00", "2026-01-08T19:00", "2026-01-09T19:00")]
    [InlineData(NewYork + "RDATE:20260120T190000", "2026-01-07T19:00", "2026-01-08T19:00", "2026-01-09T19:00", "2026-01-20T19:00")]
    [InlineData(Oslo + "UNTIL=20260218", "2026-02-04T18:00", "2026-02-11T18:00", "2026-02-18T18:00")]
    [InlineData(Oslo + "UNTIL=20260218T170000Z", "2026-02-04T18:00", "2026-02-11T18:00", "2026-02-18T18:00")]
    [InlineData(Oslo + "UNTIL=20260218T180000", "2026-02-04T18:00", "2026-02-11T18:00", "2026-02-18T18:00")]
    [InlineData(Oslo + "UNTIL=20260218T165959Z", "2026-02-04T18:00", "2026-02-11T18:00")]
    [InlineData(Brussels + "RDATE:20261222T090000Z", "2026-12-04T10:00", "2026-12-22T10:00")]
    [InlineData(Brussels + "RDATE;TZID=Asia/Tokyo:20261222T180000", "2026-12-04T10:00", "2026-12-22T10:00")]
    [InlineData(Brussels + "RDATE;VALUE=DATE:20261222", "2026-12-04T10:00", "2026-12-22T10:00")]
    [InlineData(Spring + "EXDATE:20260329T013000Z", "2026-03-30T02:30")]
    public async Task Days_and_times_are_compared_in_the_zone_of_the_series(string lines, params string[] days) =>
        ACalendar.Days(await ACalendar.Read(ACalendar.Of(lines), Mapping)).ShouldBe(days);

    [Theory]
    [InlineData("BYMONTH=5;BYDAY=2TU;UNTIL=20270511T080000Z", "20250513", "2025-05-13", "2026-05-12", "2027-05-11")]
    [InlineData("BYMONTH=5;BYDAY=2TU;UNTIL=20270511T075959Z", "20250513", "2025-05-13", "2026-05-12")]
    [InlineData("BYDAY=20TU;UNTIL=20260520", "20251021", "2026-05-19")]
    [InlineData("BYYEARDAY=100,300;UNTIL=20260601", "20251027", "2025-10-27", "2026-04-10")]
    [InlineData("BYMONTH=4,11;BYMONTHDAY=30;UNTIL=20270430T080000Z", "20251130", "2025-11-30", "2026-04-30", "2026-11-30", "2027-04-30")]
    [InlineData("INTERVAL=2;BYMONTH=2,12;BYMONTHDAY=3;UNTIL=20270301", "20251203", "2025-12-03", "2027-02-03")]
    [InlineData("BYWEEKNO=20;BYDAY=TU;UNTIL=20270519", "20251021", "2026-05-12", "2027-05-18")]
    public async Task A_rule_of_years_goes_on_to_its_end_whenever_in_the_year_it_begins(string rule, string start, params string[] days) =>
        ACalendar
            .Days(
                await ACalendar.Read(
                    ACalendar.Of(
                        $"UID:y\nSUMMARY:Yearly\nDTSTART;TZID=Europe/Brussels:{start}T100000\nDTEND;TZID=Europe/Brussels:{start}T110000\n"
                            + $"RRULE:FREQ=YEARLY;{rule}"
                    ),
                    Mapping with
                    {
                        Window = new CalendarWindow(Some.Date("2025"), Some.Date("2028")),
                    }
                )
            )
            .ShouldBe(days.Select(d => $"{d}T10:00"));

    [Fact]
    public async Task A_date_after_the_end_of_its_rule_takes_place() =>
        ACalendar
            .Days(await ACalendar.Read(ACalendar.Of(Oslo + "UNTIL=20260211T170000Z\nRDATE:20260218T170000Z,20260303T170000Z"), Mapping))
            .ShouldBe(["2026-02-04T18:00", "2026-02-11T18:00", "2026-02-18T18:00", "2026-03-03T18:00"]);

    /// <summary>Of a series from midnight to midnight the zone of its own midnights says which day a time is.</summary>
    [Theory]
    [InlineData("Asia/Tokyo", "COUNT=4\nEXDATE;TZID=Asia/Tokyo:20261218T000000", "16 17 19")]
    [InlineData("Asia/Tokyo", "COUNT=4\nEXDATE:20261217T150000Z", "16 17 19")]
    [InlineData("Asia/Tokyo", "COUNT=4\nEXDATE:20261218T000000", "16 17 19")]
    [InlineData("Asia/Tokyo", "COUNT=2\nRDATE;TZID=Asia/Tokyo:20261221T000000", "16 17 21")]
    [InlineData("Europe/Helsinki", "UNTIL=20261217T220000Z", "16 17 18")]
    [InlineData("America/New_York", "UNTIL=20261218T050000Z", "16 17 18")]
    [InlineData("America/New_York", "COUNT=4\nEXDATE:20261218T050000Z", "16 17 19")]
    public async Task Days_of_a_series_are_those_of_its_own_midnights(string zone, string rule, string days)
    {
        var lines = $"UID:d\nSUMMARY:Day\nDTSTART;TZID={zone}:20261216T000000\nDTEND;TZID={zone}:20261217T000000\nRRULE:FREQ=DAILY;{rule}";

        ACalendar.Days(await ACalendar.Read(ACalendar.Of(lines), Mapping)).ShouldBe(days.Split(' ').Select(d => $"2026-12-{d}"));
    }

    private const string Tokyo =
        "UID:d\nSUMMARY:Day\nDTSTART;TZID=Asia/Tokyo:20261216T000000\nDTEND;TZID=Asia/Tokyo:20261217T000000\nRRULE:FREQ=DAILY;COUNT=4";

    private const string Exchange =
        "UID:d\nSUMMARY:Day\nDTSTART:20261215T230000Z\nDTEND:20261216T230000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nRRULE:FREQ=DAILY;COUNT=4";

    private const string OfDays = "UID:d\nSUMMARY:Day\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=DAILY;COUNT=4";

    private const string OfTimes =
        "UID:d\nSUMMARY:Day\nDTSTART;TZID=America/New_York:20261216T200000\nDTEND;TZID=America/New_York:20261216T210000\nRRULE:FREQ=DAILY;COUNT=4";

    /// <summary>A message that names one occurrence of a recorded series, written otherwise than the series.</summary>
    [Theory]
    [InlineData(OfDays, "RECURRENCE-ID:20261217T230000Z\nDTSTART:20261217T230000Z")]
    [InlineData(OfDays, "RECURRENCE-ID:20261217T230000Z")]
    [InlineData(OfDays, "RECURRENCE-ID:20261217T230000Z\nDTSTART;VALUE=DATE:20261218")]
    [InlineData(
        OfDays,
        "RECURRENCE-ID:20261217T230000Z\nDTSTART:20261217T230000Z\nDTEND:20261218T230000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
    )]
    [InlineData(OfDays, "RECURRENCE-ID;TZID=Europe/Brussels:20261218T000000\nDTSTART;VALUE=DATE:20261218")]
    [InlineData(OfDays, "RECURRENCE-ID;TZID=Asia/Tokyo:20261218T000000\nDTSTART;TZID=Asia/Tokyo:20261218T000000")]
    [InlineData(OfDays, "RECURRENCE-ID;VALUE=DATE:20261218\nDTSTART:20261218T090000Z")]
    [InlineData(
        Exchange,
        "RECURRENCE-ID:20261217T230000Z\nDTSTART:20261217T230000Z\nDTEND:20261218T230000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
    )]
    [InlineData(Exchange, "RECURRENCE-ID:20261217T230000Z\nDTSTART:20261217T230000Z")]
    [InlineData(Tokyo, "RECURRENCE-ID;TZID=Asia/Tokyo:20261218T000000\nDTSTART;TZID=Asia/Tokyo:20261218T100000")]
    [InlineData(Tokyo, "RECURRENCE-ID;TZID=Asia/Tokyo:20261218T000000")]
    [InlineData(OfTimes, "RECURRENCE-ID;VALUE=DATE:20261218\nDTSTART:20261219T010000Z")]
    [InlineData(OfTimes, "RECURRENCE-ID;VALUE=DATE:20261218")]
    [InlineData(OfTimes, "RECURRENCE-ID;TZID=Asia/Tokyo:20261219T100000")]
    [InlineData(OfTimes, "RECURRENCE-ID:20261218T200000\nDTSTART;TZID=America/New_York:20261218T200000")]
    public async Task A_part_alone_in_a_file_takes_the_place_of_the_recorded_occurrence(string series, string part)
    {
        foreach (var isCancelled in new[] { true, false })
        {
            var register = new ARegister();
            await register.Import(ACalendar.Of(series), Mapping);
            var days = register.Days.ToList();
            var what = isCancelled ? $"STATUS:CANCELLED\n{part}" : $"SUMMARY:Moved\n{part.Split('\n')[0]}\nDTSTART;VALUE=DATE:20261224";
            await register.Import(ACalendar.Message(isCancelled ? "CANCEL" : "REQUEST", $"UID:d\nSEQUENCE:1\n{what}"), Mapping);

            var left = days.Where(d => !d.StartsWith("2026-12-18", StringComparison.Ordinal));
            register.Days.ShouldBe(isCancelled ? left : left.Append("2026-12-24"));
        }
    }

    /// <summary>Four days from 16 December on, at that time.</summary>
    private static string At(string time) =>
        $"SUMMARY:Day\nDTSTART;TZID=Europe/Brussels:20261216T{time}\nDTEND;TZID=Europe/Brussels:20261216T180000\nRRULE:FREQ=DAILY;COUNT=4";

    /// <summary>A series keeps its ids when its time of day changes, and a message names the start that the occurrence has now.</summary>
    [Theory]
    [InlineData("RECURRENCE-ID;TZID=Europe/Brussels:20261218T140000")]
    [InlineData("RECURRENCE-ID:20261218T130000Z")]
    [InlineData("RECURRENCE-ID;VALUE=DATE:20261218")]
    public async Task A_message_finds_its_occurrence_after_the_series_was_moved(string recurrence)
    {
        foreach (var isCancelled in new[] { true, false })
        {
            var register = new ARegister();
            await register.Import(ACalendar.Of($"UID:w\n{At("100000")}"), Mapping);
            await register.Import(ACalendar.Of($"UID:w\nSEQUENCE:1\n{At("140000")}"), Mapping);
            var days = register.Days.ToList();
            var what = isCancelled ? "STATUS:CANCELLED" : "SUMMARY:Moved\nDTSTART;TZID=Europe/Brussels:20261218T160000";
            await register.Import(
                ACalendar.Message(isCancelled ? "CANCEL" : "REQUEST", $"UID:w\nSEQUENCE:2\n{recurrence}\n{what}"),
                Mapping
            );

            days.Count.ShouldBe(4);
            register.Days.ShouldBe(
                isCancelled ? days.Where(d => d != "2026-12-18T14:00") : days.Select(d => d == "2026-12-18T14:00" ? "2026-12-18T16:00" : d)
            );
        }
    }

    [Fact]
    public async Task A_message_withdraws_from_the_occurrence_of_a_series_that_was_moved()
    {
        var register = new ARegister();
        var ana = "\nATTENDEE:mailto:ana@iom.int";
        await register.Import(ACalendar.Of($"UID:w\n{At("100000")}{ana}"), Mapping);
        await register.Import(ACalendar.Of($"UID:w\nSEQUENCE:1\n{At("140000")}{ana}"), Mapping);
        await register.Import(
            ACalendar.Message("CANCEL", $"UID:w\nSEQUENCE:2\nRECURRENCE-ID;TZID=Europe/Brussels:20261218T140000{ana}"),
            Mapping
        );

        register
            .Scheduled.Select(m => m.Contains("ana@iom.int", StringComparison.Ordinal))
            .ShouldBe([true, true, false, true], string.Join('\n', register.Scheduled));
    }

    [Fact]
    public async Task A_message_finds_the_first_occurrence_of_what_came_to_recur()
    {
        var register = new ARegister();
        await register.Import(ACalendar.Of("UID:w\nSUMMARY:Day\nDTSTART;TZID=Europe/Brussels:20261216T140000"), Mapping);
        await register.Import(ACalendar.Of($"UID:w\nSEQUENCE:1\n{At("140000")}"), Mapping);
        await register.Import(
            ACalendar.Message("CANCEL", "UID:w\nSEQUENCE:2\nRECURRENCE-ID;TZID=Europe/Brussels:20261216T140000\nSTATUS:CANCELLED"),
            Mapping
        );

        register.Days.ShouldBe(["2026-12-17T14:00", "2026-12-18T14:00", "2026-12-19T14:00"]);
    }

    [Theory]
    [InlineData("SEQUENCE:2", "2026-12-31T16:00")]
    [InlineData("SEQUENCE:4", "2026-12-29T16:00")]
    public async Task Of_two_revisions_of_an_occurrence_the_newer_counts_after_its_series_was_moved(string revision, string day)
    {
        var register = new ARegister();
        const string part = "SUMMARY:Moved\nRECURRENCE-ID;TZID=Europe/Brussels:20261218T140000\nDTSTART;TZID=Europe/Brussels:202612";
        var moved = $"UID:w\nSEQUENCE:1\n{At("140000")}";
        await register.Import(ACalendar.Of($"UID:w\n{At("100000")}"), Mapping);
        await register.Import(ACalendar.Of(moved, $"UID:w\nSEQUENCE:3\n{part}31T160000"), Mapping);
        await register.Import(ACalendar.Of(moved, $"UID:w\n{revision}\n{part}29T160000"), Mapping);

        register.Days.ShouldBe(["2026-12-16T14:00", "2026-12-17T14:00", "2026-12-19T14:00", day]);
    }

    /// <summary>A part has an id of its own where the series leaves out what is on its day, or has moved away from it.</summary>
    [Theory]
    [InlineData("100000", "\nEXDATE;TZID=Europe/Brussels:20261218T100000")]
    [InlineData("150000", "")]
    public async Task A_part_and_an_occurrence_of_one_day_stay_two(string time, string exception)
    {
        var register = new ARegister();
        var part = "UID:w\nSUMMARY:Part\nRECURRENCE-ID;TZID=Europe/Brussels:20261218T140000\nDTSTART;TZID=Europe/Brussels:20261218T140000";
        await register.Import(ACalendar.Of($"UID:w\n{At("140000")}", part), Mapping);
        var file = ACalendar.Of($"UID:w\nSEQUENCE:1\n{At(time)}{exception}", part);
        await register.Import(file, Mapping);
        var (days, scheduled) = (register.Days.ToList(), register.Scheduled);
        await register.Import(file, Mapping);

        days.Count(d => d.StartsWith("2026-12-18", StringComparison.Ordinal)).ShouldBe(exception.Length > 0 ? 1 : 2);
        days.ShouldContain("2026-12-18T14:00");
        register.Scheduled.ShouldBe(scheduled);
    }

    [Theory]
    [InlineData("STATUS:CANCELLED")]
    [InlineData("STATUS:CANCELLED\nDTSTART:20260205T180000")]
    public async Task A_floating_recurrence_is_in_the_zone_of_the_calendar(string part)
    {
        var register = new ARegister();
        var tokyo = Mapping with { DefaultTimeZone = "Asia/Tokyo" };
        await register.Import(ACalendar.Of("UID:f\nSUMMARY:Call\nDTSTART:20260204T180000\nRRULE:FREQ=DAILY;COUNT=3"), tokyo);
        await register.Import(ACalendar.Message("CANCEL", $"UID:f\nSEQUENCE:1\nRECURRENCE-ID:20260205T180000\n{part}"), tokyo);

        register.Days.ShouldBe(["2026-02-04T18:00", "2026-02-06T18:00"]);
    }

    [Fact]
    public async Task A_second_message_finds_the_first_occurrence_of_what_came_to_recur()
    {
        var register = new ARegister();
        const string first = "RECURRENCE-ID;TZID=Europe/Brussels:20261216T140000";
        await register.Import(ACalendar.Of("UID:w\nSUMMARY:Day\nDTSTART;TZID=Europe/Brussels:20261216T140000"), Mapping);
        await register.Import(ACalendar.Of($"UID:w\nSEQUENCE:1\n{At("140000")}"), Mapping);
        await register.Import(
            ACalendar.Message(
                "REQUEST",
                $"UID:w\nSEQUENCE:2\nSUMMARY:Day\nLOCATION:Hall\n{first}\nDTSTART;TZID=Europe/Brussels:20261216T140000"
            ),
            Mapping
        );
        await register.Import(ACalendar.Message("CANCEL", $"UID:w\nSEQUENCE:3\n{first}\nSTATUS:CANCELLED"), Mapping);

        register.Days.ShouldBe(["2026-12-17T14:00", "2026-12-18T14:00", "2026-12-19T14:00"]);
    }

    [Fact]
    public async Task Two_occurrences_of_a_day_that_messages_alone_state_are_two()
    {
        var register = new ARegister();
        foreach (var time in new[] { "090000", "140000" })
            await register.Import(
                ACalendar.Message(
                    "REQUEST",
                    $"UID:m\nSUMMARY:Call\nRECURRENCE-ID;TZID=Europe/Brussels:20261218T{time}\nDTSTART;TZID=Europe/Brussels:20261218T{time}"
                ),
                Mapping
            );

        register.Days.ShouldBe(["2026-12-18T09:00", "2026-12-18T14:00"]);
    }

    [Fact]
    public async Task A_moment_of_a_series_that_was_moved_is_looked_for_on_its_day_in_one_zone()
    {
        var register = new ARegister();
        const string series = "SUMMARY:Call\nDTSTART;TZID=America/New_York:20260203T{0}\nRRULE:FREQ=DAILY;COUNT=4";
        await register.Import(ACalendar.Of($"UID:n\n{series.Replace("{0}", "190000", StringComparison.Ordinal)}"), Mapping);
        await register.Import(ACalendar.Of($"UID:n\nSEQUENCE:1\n{series.Replace("{0}", "200000", StringComparison.Ordinal)}"), Mapping);
        await register.Import(
            ACalendar.Message("CANCEL", "UID:n\nSEQUENCE:2\nRECURRENCE-ID:20260205T010000Z\nDTSTART:20260205T010000Z\nSTATUS:CANCELLED"),
            Mapping
        );

        register.Days.ShouldBe(["2026-02-03T20:00", "2026-02-05T20:00", "2026-02-06T20:00"]);
    }

    [Fact]
    public async Task A_message_to_a_series_that_went_from_days_to_times_finds_its_moment()
    {
        var register = new ARegister();
        const string times = "SUMMARY:Call\nDTSTART;TZID=America/New_York:20261216T200000\nRRULE:FREQ=DAILY;COUNT=5";
        await register.Import(ACalendar.Of(OfDays), Mapping);
        await register.Import(ACalendar.Of($"UID:d\nSEQUENCE:1\n{times}"), Mapping);
        await register.Import(
            ACalendar.Message(
                "CANCEL",
                "UID:d\nSEQUENCE:2\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=America/New_York:20261218T200000\n"
                    + "DTSTART;TZID=America/New_York:20261218T200000"
            ),
            Mapping
        );

        register.Days.ShouldBe(["2026-12-16T20:00", "2026-12-17T20:00", "2026-12-19T20:00", "2026-12-20T20:00"]);
    }

    [Fact]
    public async Task A_message_withdraws_from_a_day_that_it_writes_as_midnights()
    {
        var register = new ARegister();
        var ana = "\nATTENDEE:mailto:ana@iom.int";
        await register.Import(ACalendar.Of(Tokyo + ana));
        await register.Import(
            ACalendar.Message(
                "CANCEL",
                "UID:d\nSEQUENCE:1\nRECURRENCE-ID:20261217T150000Z\nDTSTART;TZID=Asia/Tokyo:20261218T000000\n"
                    + $"DTEND;TZID=Asia/Tokyo:20261219T000000{ana}"
            )
        );

        register
            .Scheduled.Select(m => m.Contains("ana@iom.int", StringComparison.Ordinal))
            .ShouldBe([true, true, false, true], string.Join('\n', register.Scheduled));
    }

    [Theory]
    [InlineData("STATUS:CANCELLED")]
    [InlineData("SUMMARY:Moved\nDTSTART;VALUE=DATE:20261224")]
    public async Task A_part_that_came_first_is_kept_when_its_older_series_is_of_days(string part)
    {
        var register = new ARegister();
        await register.Import(ACalendar.Message("REQUEST", $"UID:d\nSEQUENCE:2\nRECURRENCE-ID:20261217T230000Z\n{part}"), Mapping);
        await register.Import(ACalendar.Of(OfDays.Replace("UID:d", "UID:d\nSEQUENCE:1", StringComparison.Ordinal)), Mapping);

        register.Days.ShouldNotContain("2026-12-18");
        register.Days.Count(d => d == "2026-12-24").ShouldBe(part.Contains("Moved", StringComparison.Ordinal) ? 1 : 0);
    }

    /// <summary>Days and weeks of a duration are those of the calendar, hours those of the clock (RFC 5545, 3.3.6).</summary>
    [Theory]
    [InlineData("20260321T233000", "P1D", "WEEKLY", "2026-03-22T23:30", "2026-03-29T23:30")]
    [InlineData("20261023T100000", "P1D", "DAILY", "2026-10-24T10:00", "2026-10-25T10:00")]
    [InlineData("20261018T100000", "P1W", "DAILY", "2026-10-25T10:00", "2026-10-26T10:00")]
    [InlineData("20261023T100000", "P1DT2H", "DAILY", "2026-10-24T12:00", "2026-10-25T12:00")]
    [InlineData("20261023T100000", "PT24H", "DAILY", "2026-10-24T10:00", "2026-10-25T09:00")]
    public async Task Each_occurrence_lasts_as_long_as_the_duration_says(
        string start,
        string duration,
        string frequency,
        string firstEnd,
        string secondEnd
    ) =>
        (
            await ACalendar.Read(
                ACalendar.Of(
                    $"UID:l\nSUMMARY:x\nDTSTART;TZID=Europe/Brussels:{start}\nDURATION:{duration}\nRRULE:FREQ={frequency};COUNT=2"
                ),
                Mapping
            )
        )
            .OfType<CalendarEntry>()
            .Select(e => e.End.ToString())
            .ShouldBe([firstEnd, secondEnd]);

    [Fact]
    public async Task An_occurrence_until_midnight_is_of_its_day_and_not_of_the_next() =>
        ACalendar
            .Days(
                await ACalendar.Read(
                    ACalendar.Of("UID:m\nSUMMARY:x\nDTSTART;TZID=Europe/Brussels:20260214T230000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"),
                    Mapping with
                    {
                        Window = new CalendarWindow(Some.Date("2026-02-15"), Some.Date("2026-02-28")),
                    }
                )
            )
            .ShouldBe(["2026-02-15T23:00", "2026-02-16T23:00"]);

    [Fact]
    public async Task An_occurrence_that_the_clocks_leave_out_does_not_end_before_it_begins()
    {
        var entries = await ACalendar.Entries(
            ACalendar.Of(
                "UID:g\nSUMMARY:Call\nDTSTART;TZID=Europe/Brussels:20260328T023000\nDTEND;TZID=Europe/Brussels:20260328T031500\n"
                    + "RRULE:FREQ=DAILY;COUNT=3"
            )
        );

        entries.Count.ShouldBe(3);
        entries.ShouldAllBe(e => !new MeetingDays(e.Start!.Value, e.End!.Value, e.TimeZone).EndsBeforeItStarts(TimeZones.Shown));
    }

    [Theory]
    [InlineData("DTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", 3, true)]
    [InlineData("DTSTART;VALUE=DATE:20260204\nRRULE:FREQ=MONTHLY;BYMONTHDAY=5;COUNT=2", 2, true)]
    [InlineData("DTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\nRDATE:20260204T080000Z", 4, false)]
    [InlineData("DTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3\nEXDATE:20260204T080000Z", 2, false)]
    [InlineData("DTSTART:20251203T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260112T080000Z", 2, false)]
    [InlineData("DTSTART:20260204T080000Z\nRDATE:20260205T080000Z", 2, false)]
    public async Task A_start_that_does_not_fit_its_rule_is_noted(string lines, int meetings, bool isNoted)
    {
        var items = await ACalendar.Read(ACalendar.Of($"UID:s\nSUMMARY:x\n{lines}"));

        ACalendar.Days(items).Count().ShouldBe(meetings);
        items.OfType<CalendarRemark>().Select(r => (r.Subject, r.Reason[..11])).ShouldBe(isNoted ? [("s", "Its DTSTART")] : []);
    }

    [Fact]
    public async Task A_floating_exception_needs_no_zone_of_the_calendar() =>
        ACalendar
            .Days(await ACalendar.Read(ACalendar.Of(NewYork + "EXDATE:20260108T190000")))
            .ShouldBe(["2026-01-07T19:00", "2026-01-09T19:00"]);

    [Fact]
    public async Task A_time_beside_days_needs_the_zone_of_the_calendar_unless_it_is_midnight()
    {
        (await ACalendar.Fault(ACalendar.Of(Whole + "EXDATE:20261217T230000Z"))).Field.ShouldBe("EXDATE");
        ACalendar
            .Days(await ACalendar.Read(ACalendar.Of(Whole + "EXDATE:20261217T000000Z")))
            .ShouldBe(["2026-12-16", "2026-12-18", "2026-12-19"]);
    }

    [Theory]
    [InlineData("RECURRENCE-ID;TZID=America/New_York:20260108T190000")]
    [InlineData("RECURRENCE-ID:20260108T190000")]
    [InlineData("RECURRENCE-ID:20260109T000000Z")]
    [InlineData("RECURRENCE-ID;TZID=Asia/Tokyo:20260109T090000")]
    [InlineData("RECURRENCE-ID;VALUE=DATE:20260108")]
    public async Task A_part_takes_the_place_of_the_occurrence_it_names_in_whatever_zone(string recurrence)
    {
        var entries = await ACalendar.Entries(
            ACalendar.Of(NewYork, $"UID:n\nSUMMARY:Moved\n{recurrence}\nDTSTART:20260110T100000Z"),
            Mapping
        );

        entries
            .Select(e => $"{e.Id} {e.Title} {e.Start}")
            .ShouldBe([
                "n/20260108T000000Z Call 2026-01-07T19:00",
                "n/20260109T000000Z Moved 2026-01-10T10:00",
                "n/20260110T000000Z Call 2026-01-09T19:00",
            ]);
    }

    [Theory]
    [InlineData("DTSTART:20261007T220000Z\nDTEND:20261008T220000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "2026-10-08/2026-10-08")]
    [InlineData("DTSTART:20261007T220000Z\nDTEND:20261010T220000Z\nX-MICROSOFT-MSNCALENDAR-ALLDAYEVENT:TRUE", "2026-10-08/2026-10-10")]
    [InlineData(
        "DTSTART;TZID=Asia/Tokyo:20261008T000000\nDTEND;TZID=Asia/Tokyo:20261009T000000\nX-FUNAMBOL-ALLDAY:1",
        "2026-10-08/2026-10-08"
    )]
    [InlineData(
        "DTSTART:20261007T220000Z\nDTEND:20261008T220000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:FALSE",
        "2026-10-07T22:00/2026-10-08T22:00 UTC"
    )]
    [InlineData(
        "DTSTART;TZID=America/New_York:20260107T190000\nDTEND:20260107T210000",
        "2026-01-07T19:00/2026-01-07T21:00 America/New_York"
    )]
    [InlineData("DTSTART;TZID=tzone://Microsoft/Utc:20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 UTC")]
    [InlineData("DTSTART;TZID=\"tzone://Microsoft/Utc\":20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 UTC")]
    [InlineData("DTSTART;TZID=europe/paris:20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 Europe/Paris")]
    [InlineData("DTSTART;TZID=\"Europe/Paris \":20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 Europe/Paris")]
    [InlineData("DTSTART;TZID=Europe/Paris :20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 Europe/Paris")]
    [InlineData("DTSTART;TZID=romance standard time:20260107T190000", "2026-01-07T19:00/2026-01-07T19:00 Europe/Paris")]
    [InlineData("DTSTART;VALUE=DATE:20261008T000000\nDTEND;VALUE=DATE:20261010T000000Z", "2026-10-08/2026-10-09")]
    [InlineData("DTSTART:20261008T090000Z\nDTEND:20261008T110000Z\nDURATION:PT2H", "2026-10-08T09:00/2026-10-08T11:00 UTC")]
    [InlineData("DTSTART;VALUE=DATE:20261008\nDTEND;VALUE=DATE:20261010\nDURATION:P2D", "2026-10-08/2026-10-09")]
    public async Task Days_are_read_as_meant(string lines, string when) =>
        ACalendar.When(await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\n{lines}"), Mapping)).ShouldBe(when);

    [Theory]
    [InlineData("DTSTART;VALUE=DATE:20261008\nDTEND;VALUE=DATE:20261001", "DTEND")]
    [InlineData("DTSTART:20261007T210000Z\nDTEND:20261008T210000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "DTSTART")]
    [InlineData("DTSTART;TZID=UTC+05:30:20260107T190000", "DTSTART")]
    [InlineData("DTSTART;TZID=UTC+11:20260107T190000", "DTSTART")]
    [InlineData("DTSTART:20260107T190000Z\nSEQUENCE:3000000000", "SEQUENCE")]
    [InlineData("DTSTART;VALUE=DATE:20260328T100000", "DTSTART")]
    [InlineData("DTSTART:20260328T100000\nDTEND;value=date:20260328T110000", "DTEND")]
    [InlineData("DTSTART:20260107T190000Z\nDTEND:20260107T200000Z\nDURATION:PT2H", "DURATION")]
    [InlineData("DTSTART;VALUE=DATE:20260107\nDTEND;VALUE=DATE:20260108\nDURATION:P2D", "DURATION")]
    public async Task What_cannot_be_told_is_refused(string lines, string field) =>
        (await ACalendar.Fault(ACalendar.Of($"UID:1\nSUMMARY:x\n{lines}"), Mapping)).Field.ShouldBe(field);

    [Fact]
    public Task A_series_with_exceptions_in_any_zone_is_the_same_written_in_one() =>
        Gen.Select(
                ACalendar.Any("Europe/Brussels", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"),
                ACalendar.Any("DAILY", "WEEKLY", "MONTHLY"),
                Gen.Int[1, 12],
                Exceptions.Array[0, 6],
                Gen.Bool
            )
            .SampleAsync(
                async (zone, frequency, count, exceptions, wholeDays) =>
                {
                    var (plain, spelt) = Spelt(zone, frequency, count, exceptions, wholeDays);
                    var mapping = ACalendar.Mapping with { DefaultTimeZone = zone };
                    var one = ACalendar.Days(await ACalendar.Read(ACalendar.Of(plain), mapping)).ToList();
                    ACalendar.Days(await ACalendar.Read(ACalendar.Of(spelt), mapping)).ShouldBe(one, $"{spelt}\ninstead of\n{plain}");
                },
                iter: 500
            );

    private static readonly string[] Zones = ["UTC", "Europe/Brussels", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", ""];

    private static Gen<(string Property, int Step, int Zone)> Exceptions =>
        Gen.Select(ACalendar.Any("EXDATE", "RDATE", "UNTIL"), Gen.Int[0, 14], Gen.Int[0, Zones.Length - 1]);

    /// <summary>A series with its exceptions in the zone it is in, and the same with each exception in a zone of its own.</summary>
    private static (string Plain, string Spelt) Spelt(
        string zone,
        string frequency,
        int count,
        (string Property, int Step, int Zone)[] exceptions,
        bool wholeDays
    )
    {
        var start = new LocalDateTime(2026, 2, 4, wholeDays ? 0 : 10, 0);
        var until = exceptions.Where(e => e.Property == "UNTIL").Take(1).ToList();
        return (Lines(plain: true), Lines(plain: false));

        string Lines(bool plain)
        {
            var end = until.Count == 0 ? $"COUNT={count}" : $"UNTIL={Written(until[0], plain)[1]}";
            var begin = wholeDays ? "DTSTART;VALUE=DATE:20260204" : $"DTSTART;TZID={zone}:20260204T100000";
            return string.Join(
                '\n',
                [
                    $"UID:s\nSUMMARY:x\n{begin}\nRRULE:FREQ={frequency};{end}",
                    .. exceptions
                        .Where(e => e.Property != "UNTIL")
                        .Select(e => $"{e.Property}{Written(e, plain)[0]}:{Written(e, plain)[1]}"),
                ]
            );
        }

        // UNTIL names no zone: it is in UTC, or as the start is.
        string[] Written((string Property, int Step, int Zone) exception, bool plain)
        {
            var local = frequency switch
            {
                "DAILY" => start.PlusDays(exception.Step),
                "WEEKLY" => start.PlusWeeks(exception.Step),
                _ => start.PlusMonths(exception.Step),
            };
            var name =
                plain ? ""
                : exception.Property == "UNTIL"
                    ? exception.Zone % 2 == 0 ? "UTC"
                        : ""
                : Zones[exception.Zone];
            if (plain && wholeDays)
                return [exception.Property == "UNTIL" ? "" : ";VALUE=DATE", $"{local:yyyyMMdd}"];
            if (name.Length == 0)
                return ["", $"{local:yyyyMMdd'T'HHmmss}"];
            var instant = local.InZoneLeniently(DateTimeZoneProviders.Tzdb[zone]).ToInstant();
            // An hour that a zone has twice names the first of the two, so that the second can be written in UTC alone.
            if (
                instant.InZone(DateTimeZoneProviders.Tzdb[name]).LocalDateTime.InZoneLeniently(DateTimeZoneProviders.Tzdb[name]).ToInstant()
                != instant
            )
                name = "UTC";
            var there = instant.InZone(DateTimeZoneProviders.Tzdb[name]).LocalDateTime;
            return name == "UTC" ? ["", $"{there:yyyyMMdd'T'HHmmss'Z'}"] : [$";TZID={name}", $"{there:yyyyMMdd'T'HHmmss}"];
        }
    }

    [Theory]
    [InlineData("RECURRENCE-ID:garbage", "2026-01-07T19:00, 2026-01-08T19:00, 2026-01-09T19:00", true)]
    [InlineData("RECURRENCE-ID;RANGE=THISANDPRIOR:20260109T000000Z", "2026-01-07T19:00, 2026-01-08T19:00, 2026-01-09T19:00", true)]
    [InlineData("RECURRENCE-ID;RANGE=THISANDFUTURE:20260109T000000Z", "2026-01-08T19:00, 2026-01-09T19:00", false)]
    [InlineData("RECURRENCE-ID:20260109T000000Z\nCLASS:PRIVATE", "2026-01-08T19:00", false)]
    [InlineData("RECURRENCE-ID:20260109T000000Z\nEXRULE:FREQ=DAILY", "2026-01-08T19:00", false)]
    public async Task What_is_held_back_is_said_by_the_series(string part, string days, bool mayBeAny)
    {
        var items = await ACalendar.Read(ACalendar.Of(NewYork, $"UID:n\nSUMMARY:Moved\n{part}\nDTSTART:20260110T100000Z"), Mapping);

        items.OfType<CalendarFault>().ShouldHaveSingleItem().Row.ShouldBe(2);
        var said = items.OfType<CalendarRemark>().ShouldHaveSingleItem();
        (said.Row, said.Kind).ShouldBe((1, CalendarRemarkKind.PassedOver));
        said.Subject.ShouldBe(days.Contains(',', StringComparison.Ordinal) ? "n" : "n/20260109T000000Z");
        said.Reason.ShouldEndWith($"held back, neither scheduled nor changed: {days}.");
        said.Reason.Contains("cannot be told", StringComparison.Ordinal).ShouldBe(mayBeAny);
    }

    [Fact]
    public async Task An_occurrence_that_is_left_out_and_held_back_needs_no_word() =>
        (
            await ACalendar.Read(
                ACalendar.Of(
                    $"{NewYork}EXDATE:20260109T000000Z",
                    "UID:n\nSUMMARY:Moved\nRECURRENCE-ID:20260109T000000Z\nCLASS:PRIVATE\nDTSTART:20260110T100000Z"
                ),
                Mapping
            )
        )
            .OfType<CalendarRemark>()
            .ShouldBeEmpty();

    [Fact]
    public async Task Of_many_that_are_held_back_ten_are_named() =>
        (
            await ACalendar.Read(
                ACalendar.Of(
                    NewYork.Replace("COUNT=3", "COUNT=12", StringComparison.Ordinal),
                    "UID:n\nSUMMARY:Moved\nRECURRENCE-ID:garbage\nDTSTART:20260110T100000Z"
                ),
                Mapping
            )
        )
            .OfType<CalendarRemark>()
            .ShouldHaveSingleItem()
            .Reason.ShouldEndWith("2026-01-16T19:00 and 2 more.");
}
