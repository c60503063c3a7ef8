using System.Globalization;
using CooperationEvents.Calendars.Format;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>The days and times of a VEVENT, and the revision that it states.</summary>
internal sealed partial class EventReading
{
    /// <summary>First and last day, or begin and end in the zone of the begin; and the zone of days that are written as times.</summary>
    private (CalendarTime? First, CalendarTime? Last, string? ZoneOfDays) Days(CalendarTime? start, CalendarEvent e)
    {
        if (start is null || _fault is not null)
            return (null, null, null);
        if (_component.Of("DURATION") is not null && e.Duration is null)
            Refuse("DURATION", "The duration cannot be read; it is such as PT1H30M.");
        var end = At("DTEND", e.DtEnd) ?? (e.Duration is { } duration ? Added(start, duration) : null);
        var statedBy = _component.Of("DTEND") is null && e.Duration is not null ? "DURATION" : "DTEND";
        if (end is not null && start.IsDay != end.IsDay)
            Refuse(statedBy, "Begin and end must both be days or both be times.");
        if (_fault is not null)
            return (null, null, null);
        end = start.TimeZone is { } zone ? (end ?? start).In(zone) : end;
        if (statedBy == "DTEND" && e.Duration is { } also && Added(start, also) is { } other && other != end)
            Refuse("DURATION", "DTEND and DURATION state two ends. State one of the two (RFC 5545, 3.6.1).");
        var zoneOfDays = start.TimeZone;
        if (IsAllDay() && !start.IsDay && WholeDays(start, end!) is var (from, after, its))
            (start, end, zoneOfDays) = (from, after, its);
        if (end is not null && end.Day < start.Day || !start.IsDay && !end!.IsFrom(start))
            Refuse(statedBy, "The event ends before it begins.");
        var (first, last) = CalendarTime.Lasting(start, end);
        return (first, last, first.IsDay ? zoneOfDays : null);
    }

    private bool IsAllDay() => EventComponent.AllDay.Any(name => _component.Of(name)?.Value.ToUpperInvariant() is "TRUE" or "1");

    /// <summary>The days between two midnights, in the zone of the event or in that of the calendar.</summary>
    private (CalendarTime First, CalendarTime After, string Zone)? WholeDays(CalendarTime start, CalendarTime end)
    {
        foreach (var zone in new[] { start.TimeZone!, _mapping.DefaultTimeZone }.OfType<string>())
        {
            if ((start.In(zone), end.In(zone)) is ({ IsMidnight: true } first, { IsMidnight: true } after))
                return (new CalendarTime(first.Day), new CalendarTime(after.Day), zone);
        }

        Refuse(
            "DTSTART",
            "The event is marked as lasting all day, and does not begin and end at midnight. State the calendar's zone in the mapping, as "
                + "defaultTimeZone."
        );
        return null;
    }

    private CalendarTime? Added(CalendarTime start, Duration duration)
    {
        try
        {
            return At("DURATION", start.Calendar.Add(duration));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            Refuse("DURATION", "The duration cannot be added to the start. Beside a start without a time give whole days, such as P1D.");
            return null;
        }
    }

    /// <summary>
    /// DTSTART without a zone is in the calendar's; other times without one are in that of DTSTART, and stay floating here.
    /// </summary>
    /// <param name="line">The line that states it, where the property may stand more than once.</param>
    private CalendarTime? At(string field, CalDateTime? value, ContentLine? line = null)
    {
        if (value is null)
        {
            if (field is not ("DURATION" or "RRULE") && _component.Of(field) is { } unread)
                Refuse(unread, "Must be a day such as 20260204 or a time such as 20260204T090000.");
            return null;
        }

        if (value.Year is < 1000 or > 9990)
            Refuse(field, "The year must lie between 1000 and 9990.");
        if (!value.HasTime || IsStatedAsDay(line ?? _component.Of(field)) && value.Time == TimeOnly.MinValue)
            return new CalendarTime(value.Date);
        if (field is ("DTSTART" or "DTEND") && IsStatedAsDay(_component.Of(field)))
            Refuse(field, "VALUE=DATE says that it is a day, and a time stands there. Leave one of the two out.");
        if (value.TzId is null && field == "DTSTART" && _mapping.DefaultTimeZone is null)
            Refuse(field, "The time has no zone. State a defaultTimeZone in the mapping.");
        if (value.TzId is { } name && _zones.Find(name) is null)
            Refuse(field, $"There is no time zone '{name}' of IANA or Windows. Name its IANA zone in the mapping, under timeZones.");
        return _fault is null
            ? new CalendarTime(
                value.Date,
                value.Time,
                value.TzId is { } id ? _zones.Find(id)
                    : field == "DTSTART" ? _mapping.DefaultTimeZone
                    : null
            )
            : null;
    }

    /// <summary>Programs write a day as its midnight too.</summary>
    private static bool IsStatedAsDay(ContentLine? line) =>
        string.Equals(line?.Parameter("VALUE"), "DATE", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The values of all lines of the property, each in the zone that it states itself or its line does. A line may hold values of several
    /// kinds, and none.
    /// </summary>
    private List<CalendarTime> Moments(string field)
    {
        var moments = new List<CalendarTime>();
        foreach (var line in _component.Lines.Where(l => l.Name == field))
        {
            foreach (var value in line.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (CalendarTime.Read(value.ToUpperInvariant()) is not { } read)
                    Refuse(line, $"Cannot be read. {EventParsing.AsItShouldBe(field)}");
                else if (
                    At(field, new CalDateTime(read.Day, read.Time, read.IsFloating ? line.Parameter("TZID") : read.TimeZone), line) is
                    { } moment
                )
                    moments.Add(moment);
            }
        }

        return moments;
    }

    /// <summary>Moments as programs write them that do not write those of iCalendar.</summary>
    private static readonly string[] Stamps =
    [
        "yyyyMMdd'T'HHmmss.FFFFFFFK",
        "yyyyMMdd'T'HHmmK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH:mmK",
    ];

    private CalendarRevision? Revision()
    {
        if (_component.Of("SEQUENCE") is not { } line)
            return new CalendarRevision(0, Modified("LAST-MODIFIED"), Modified("DTSTAMP"));
        if (int.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return new CalendarRevision(sequence, Modified("LAST-MODIFIED"), Modified("DTSTAMP"));
        Refuse(line, $"Must be a whole number from 0 to {int.MaxValue}.");
        return null;
    }

    /// <summary>When the property says; in UTC where it names no zone. Null where it cannot be read, which is noted.</summary>
    private DateTimeOffset? Modified(string field)
    {
        if (_component.Of(field) is not { } line)
            return null;
        if ((CalendarTime.Read(line.Value) ?? Stamp(line.Value)) is not { } moment)
        {
            _passedOver.Add($"{field} cannot be read, and how new the event is goes without it. {EventParsing.AsItShouldBe(field)}");
            return null;
        }

        var at = moment.IsDay ? moment with { Time = TimeOnly.MinValue } : moment;
        return at.In((line.Parameter("TZID") is { } name ? _zones.Find(name) : null) ?? "UTC").Instant.ToDateTimeOffset();
    }

    private static CalendarTime? Stamp(string text) =>
        DateTime.TryParseExact(text, Stamps, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at)
            ? new CalendarTime(DateOnly.FromDateTime(at), TimeOnly.FromDateTime(at), at.Kind == DateTimeKind.Utc ? "UTC" : null)
            : null;
}
