using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;
using Ical.Net.DataTypes;
using NodaTime;
using NodaTime.Extensions;

namespace CooperationEvents.Calendars.Format;

/// <summary>
/// A point of calendar time: a day, a time of day in an IANA zone, or a floating one: a time of day that names no zone and is
/// in the zone of what it speaks of. Two points are compared only once both are written as the series writes its own.
/// </summary>
internal sealed partial record CalendarTime(DateOnly Day, TimeOnly? Time = null, string? TimeZone = null)
{
    /// <summary>A midnight of it is not that of a place: programs write any moment in it.</summary>
    private const string Utc = "UTC";

    private const string UtcTime = "yyyyMMdd'T'HHmmss'Z'";
    private const string LocalTime = "yyyyMMdd'T'HHmmss";
    private const string DayOnly = "yyyyMMdd";

    public bool IsDay => Time is null;

    public bool IsFloating => Time is not null && TimeZone is null;

    public bool IsMidnight => Time == TimeOnly.MinValue;

    /// <summary>As RECURRENCE-ID has it, one text for one moment: the time in UTC, or the day.</summary>
    public string Id =>
        IsDay
            ? Day.ToString(DayOnly, CultureInfo.InvariantCulture)
            : Instant.ToDateTimeUtc().ToString(UtcTime, CultureInfo.InvariantCulture);

    public PartialDate Date =>
        Time is { } time
            ? PartialDate.Parse($"{Day:yyyy-MM-dd}T{time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}")
            : PartialDate.Of(Day);

    public CalDateTime Calendar => new(Day, Time, TimeZone);

    /// <summary>What a clock shows there.</summary>
    public DateTime Local => Day.ToDateTime(Time ?? TimeOnly.MinValue);

    /// <summary>Of a time in a zone. One that the clock leaves out or shows twice is read as the zone's rules have it.</summary>
    public Instant Instant =>
        Day.ToDateTime(Time!.Value).ToLocalDateTime().InZoneLeniently(DateTimeZoneProviders.Tzdb[TimeZone!]).ToInstant();

    /// <summary>
    /// So much later on the clock of its zone. Programs show that an occurrence of a series ends at the time of day at which the first one
    /// does, also where clocks change in between.
    /// </summary>
    public CalendarTime Later(TimeSpan onTheClock)
    {
        var local = Local + onTheClock;
        return new CalendarTime(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), TimeZone).In(Utc).In(TimeZone!);
    }

    /// <summary>The same in that zone; a floating time is in it, and a day is the same day everywhere.</summary>
    public CalendarTime In(string timeZone)
    {
        if (IsDay || TimeZone == timeZone)
            return this;
        if (IsFloating)
            return this with { TimeZone = timeZone };
        var local = Instant.InZone(DateTimeZoneProviders.Tzdb[timeZone]).LocalDateTime.ToDateTimeUnspecified();
        return new CalendarTime(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), timeZone);
    }

    /// <summary>
    /// As the series that begins at <paramref name="start"/> writes its own: a time in the zone of the start; beside days the
    /// day that begins at this midnight, or the day that the time has in the zone of the days. A day beside times stays a day, and names
    /// what begins on it.
    /// </summary>
    /// <param name="zoneOfDays">The zone from whose midnights the days of the series last; null where nobody says.</param>
    /// <returns>Null where the days have no zone and the time is no midnight, so that its day cannot be told.</returns>
    public CalendarTime? Beside(CalendarTime start, string? zoneOfDays)
    {
        if (!start.IsDay)
            return In(start.TimeZone!);
        if (IsDay || IsFloating || IsMidnight && (TimeZone != Utc || zoneOfDays is null))
            return new CalendarTime(Day);
        return zoneOfDays is null ? null : new CalendarTime(In(zoneOfDays).Day);
    }

    /// <summary>Whether it is the same or later; of a day and a time, the day decides.</summary>
    public bool IsFrom(CalendarTime other) => IsDay || other.IsDay ? Day >= other.Day : Instant >= other.Instant;

    /// <summary>Whether both name one occurrence; a day names the one that begins on it.</summary>
    public bool Names(CalendarTime occurrence) => IsDay || occurrence.IsDay ? Day == occurrence.Day : Instant == occurrence.Instant;

    /// <summary>First and last day, or begin and end. From midnight to midnight is whole days.</summary>
    /// <param name="end">Exclusive; null where none is stated.</param>
    public static (CalendarTime First, CalendarTime Last) Lasting(CalendarTime start, CalendarTime? end)
    {
        if (start.IsMidnight && end is { IsMidnight: true } && end.Day > start.Day)
            (start, end) = (new CalendarTime(start.Day), new CalendarTime(end.Day));
        return start.IsDay
            ? (start, new CalendarTime(end is not null && end.Day > start.Day ? end.Day.AddDays(-1) : start.Day))
            : (start, end ?? start);
    }

    /// <summary>The text with each leap second as the second before it.</summary>
    public static string WithoutLeapSeconds(string text) => LeapSecond().Replace(text, "59");

    /// <summary>Reads a day, a floating time, or one in UTC; null where the text is none.</summary>
    public static CalendarTime? Read(string text)
    {
        text = WithoutLeapSeconds(text);
        if (DateOnly.TryParseExact(text, DayOnly, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new CalendarTime(day);
        return DateTime.TryParseExact(text.TrimEnd('Z'), LocalTime, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? new CalendarTime(DateOnly.FromDateTime(time), TimeOnly.FromDateTime(time), text.EndsWith('Z') ? Utc : null)
            : null;
    }

    [GeneratedRegex(@"(?<=\d{8}T\d{4})60(?!\d)")]
    private static partial Regex LeapSecond();
}
