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
