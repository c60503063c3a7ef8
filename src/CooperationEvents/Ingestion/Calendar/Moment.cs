using System.Globalization;
using CooperationEvents.Kernel;
using Ical.Net.DataTypes;
using NodaTime;
using NodaTime.Extensions;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A day, or a time of day in an IANA zone.</summary>
internal sealed record Moment(DateOnly Day, TimeOnly? Time = null, string? TimeZone = null)
{
    private const string UtcTime = "yyyyMMdd'T'HHmmss'Z'";
    private const string DayOnly = "yyyyMMdd";

    /// <summary>As RECURRENCE-ID has it, one text for one moment: the time in UTC, or the day.</summary>
    public string Id => Time is null
        ? Day.ToString(DayOnly, CultureInfo.InvariantCulture)
        : Utc.ToString(UtcTime, CultureInfo.InvariantCulture);

    public PartialDate Date => Time is { } time
        ? PartialDate.Parse($"{Day:yyyy-MM-dd}T{time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}")
        : PartialDate.Of(Day);

    public CalDateTime Calendar => new(Day, Time, TimeZone);

    /// <summary>A time that the clock leaves out or shows twice is read as the zone's rules have it.</summary>
    private DateTime Utc => Day.ToDateTime(Time ?? TimeOnly.MinValue).ToLocalDateTime()
        .InZoneLeniently(DateTimeZoneProviders.Tzdb[TimeZone!]).ToDateTimeUtc();

    public Moment In(string timeZone)
    {
        if (Time is null || TimeZone == timeZone)
            return this;
        var local = Instant.FromDateTimeUtc(Utc).InZone(DateTimeZoneProviders.Tzdb[timeZone]).LocalDateTime.ToDateTimeUnspecified();
        return new Moment(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), timeZone);
    }

    /// <summary>The day that such an <see cref="Id"/> has in a zone; null where the text is none.</summary>
    public static DateOnly? DayOf(string id, string? timeZone)
    {
        if (DateOnly.TryParseExact(id, DayOnly, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        return DateTime.TryParseExact(id, UtcTime, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var utc)
            ? new Moment(DateOnly.FromDateTime(utc), TimeOnly.FromDateTime(utc), "UTC").In(timeZone ?? "UTC").Day
            : null;
    }
}
