using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using IcalCalendar = Ical.Net.Calendar;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A VEVENT as read: what its entries have in common, its own days, and how it recurs.</summary>
/// <param name="Recurrence">The occurrence it speaks of, as it writes it; null where it speaks of the UID as a whole.</param>
internal sealed record ReadEntry(CalendarEntry Entry, CalendarTime? Start, CalendarTime? End, CalendarTime? Recurrence)
{
    public RecurrenceRule? Rule { get; init; }

    /// <summary>Where the end is stated as a duration: its days and weeks are those of the calendar, at each occurrence.</summary>
    public Duration? Duration { get; init; }

    /// <summary>The last moment at which the rule may have an occurrence.</summary>
    public CalendarTime? Until { get; init; }

    public IReadOnlyList<CalendarTime> RecurrenceDates { get; init; } = [];

    public IReadOnlyList<CalendarTime> ExceptionDates { get; init; } = [];

    /// <summary>The properties that are passed over, each with why.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    public CalendarRevision Revision => Entry.Revision;

    /// <summary>Whether it stands for several occurrences.</summary>
    public bool Recurs => Recurrence is null && (Rule is not null || RecurrenceDates.Count > 0);

    /// <summary>The entry with these days.</summary>
    public CalendarEntry On(CalendarTime? start, CalendarTime? end) =>
        Entry with
        {
            Start = start?.Date,
            End = end?.Date,
            TimeZone = start?.TimeZone,
        };
}

/// <summary>A VEVENT that is refused: its fault, and what it would have replaced.</summary>
/// <param name="Revision">Null where it cannot be told.</param>
/// <param name="Replaces">Null where it speaks of the UID as a whole.</param>
internal sealed record RefusedEvent(CalendarFault Fault, string? Uid, CalendarRevision? Revision, HeldBack? Replaces);

/// <summary>Reads one VEVENT with Ical.Net, and finds the property at fault where that fails.</summary>
internal sealed partial class EventReading
{
    private const int LongestText = 300;
    private const int LongestName = 200;
    private const int LongestUid = 2_000;

    private static readonly string[] Once =
    [
        "UID",
        "RECURRENCE-ID",
        "SEQUENCE",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "SUMMARY",
        "LOCATION",
        "STATUS",
    ];

    private static readonly string[] Statuses = ["", "TENTATIVE", "CONFIRMED", "CANCELLED"];

    /// <summary>What may stand between a prefix that means cancelled and the title.</summary>
    private static readonly char[] AfterPrefix = [' ', '\u00A0', '-', '\u2013', '\u2014', ':', '.', ',', ';', '|', '/', '!'];

    private readonly EventComponent _component;
    private readonly CalendarMapping _mapping;
    private readonly TimeZoneNames _zones;
    private CalendarFault? _fault;

    private EventReading(EventComponent component, CalendarMapping mapping, TimeZoneNames zones)
    {
        _component = component;
        _mapping = mapping;
        _zones = zones;
        _fault = component.Fault;
    }

    public static (ReadEntry? Event, RefusedEvent? Refused) Read(EventComponent component, CalendarMapping mapping, TimeZoneNames zones)
    {
        var reading = new EventReading(component, mapping, zones);
        reading.CheckForm();
        var read = reading._fault is null && reading.Parse() is { } parsed ? reading.Read(parsed) : null;
        return reading._fault is { } fault ? (null, reading.Refused(fault)) : (read, null);
    }

    private void CheckForm()
    {
        foreach (var name in Once)
        {
            if (_component.Lines.Where(l => l.Name == name).Skip(1).FirstOrDefault() is { } again)
                Refuse(again, "The property stands more than once.");
        }

        if (_component.Method is { } method && method is not ("PUBLISH" or "REQUEST" or "CANCEL"))
            Note(null, null, $"METHOD:{method} states a part of an event only, and is not imported. Export the calendar itself.");
        if (_component.Lines.FirstOrDefault(l => l.Name == "CLASS" && !IsPublic(l)) is { } privacy)
            Refuse(
                privacy,
                "An event is private whose CLASS is not PUBLIC, and a meeting here is public record. Change its class, or leave it out."
            );
        if (_component.Uid is not { Length: > 0 and <= LongestUid } || _component.SentUid!.Any(char.IsControl))
            Refuse(_component.Of("UID"), $"An event needs a UID of 1 to {LongestUid} characters.", "UID");
        if (_component.Of("EXRULE") is { } exceptionRule)
            Refuse(exceptionRule, "EXRULE is withdrawn from iCalendar and not read. Use EXDATE.");
    }

    /// <summary>A class that nobody knows is private (RFC 5545, 3.8.1.3).</summary>
    private static bool IsPublic(ContentLine line) => string.Equals(line.Value, "PUBLIC", StringComparison.OrdinalIgnoreCase);

    /// <summary>The library has many ways to refuse a malformed text, exceptions of most kinds among them: each becomes a fault.</summary>
    private CalendarEvent? Parse()
    {
        var lines = _component.Lines.Where(l => l.Name is not ("ATTENDEE" or "RDATE" or "EXDATE")).ToList();
        try
        {
            return Parsed(lines);
        }
        catch (Exception)
        {
            var line = lines.Find(l => !Parses(l));
            Note(line, line?.Name, $"Cannot be read. {AsItShouldBe(line?.Name)}");
            return null;
        }
    }

    /// <summary>What to write in a property that cannot be read.</summary>
    private static string AsItShouldBe(string? property) =>
        property switch
        {
            "RRULE" => "Give a rule such as FREQ=WEEKLY;COUNT=10 (RFC 5545, 3.3.10), or list the days as RDATE.",
            "DTSTART" or "DTEND" or "RECURRENCE-ID" or "RDATE" or "EXDATE" or "LAST-MODIFIED" or "DTSTAMP" =>
                "Give a day such as 20260204 or a time such as 20260204T090000.",
            "DURATION" => "Give a duration such as PT2H or P1D.",
            _ => "Write it as RFC 5545 has it, or leave it out.",
        };

    private static bool Parses(ContentLine line)
    {
        try
        {
            Parsed([line]);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static CalendarEvent Parsed(IEnumerable<ContentLine> lines) =>
        IcalCalendar
            .Load(
                string.Join(
                    "\r\n",
                    ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", .. lines.Select(l => l.Readable), "END:VEVENT", "END:VCALENDAR", ""]
                )
            )!
            .Events[0]!;

    private ReadEntry? Read(CalendarEvent e)
    {
        var attendees = _component.Lines.Where(l => l.Name == "ATTENDEE").Select(AttendeeReading.Of).ToList();
        var stated = _component.Of("STATUS")?.Value.ToUpperInvariant() ?? "";
        var status = stated == "CANCELLED";
        var uninvites = _component.Method == "CANCEL" && !status && attendees.Count > 0;
        var title = Text("SUMMARY", e.Summary);
        var called = title is null ? null : WithoutPrefix(title);
        var cancelled = !uninvites && (_component.Method == "CANCEL" || status || called is not null);
        var isKnown = Statuses.Contains(stated);
        title = called ?? title;
        if (string.IsNullOrEmpty(title) && !cancelled && !uninvites)
            Refuse("SUMMARY", "A meeting needs a title.");
        var start = At("DTSTART", e.DtStart);
        var (first, last) = Days(start, e);
        var recurrence = At("RECURRENCE-ID", e.RecurrenceIdentifier?.StartTime);
        if (_component.Of("RECURRENCE-ID")?.Parameter("RANGE") is { } range)
            Refuse("RECURRENCE-ID", $"RANGE={range} is not read. Give each occurrence that changes, or end the series and begin another.");
        if (start is null && !cancelled && !uninvites)
            Refuse("DTSTART", "An event needs DTSTART.");
        if (e.RecurrenceRule is { } rule && TooOften(rule) is { } often)
            Refuse("RRULE", often);
        if (_component.Of("RRULE") is not null && e.RecurrenceRule is null)
            Refuse("RRULE", $"Cannot be read. {AsItShouldBe("RRULE")}");
        if (
            _component.Lines.FirstOrDefault(l => l.Name == "RDATE" && l.Text.Contains("PERIOD", StringComparison.OrdinalIgnoreCase)) is
            { } period
        )
            Refuse(period, "RDATE with periods is not read. Give dates.");
        if (Revision() is not { } revision)
            return null;
        var read = new ReadEntry(
            new CalendarEntry(_component.Row, _component.Line)
            {
                Uid = _component.Uid!,
                SentUid = _component.SentUid,
                Id = CalendarEntry.IdOf(_component.Uid!, null),
                Revision = revision,
                StatesCalendar = _component.StatesCalendar,
                Own = recurrence is not null,
                Cancelled = cancelled,
                LeavesState = !isKnown && !cancelled,
                Uninvites = uninvites,
                Title = string.IsNullOrEmpty(title) ? null : title,
                Location = Text("LOCATION", e.Location),
                Categories = [.. e.Categories.Select(c => c.Trim()).Where(c => c.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
                Attendees = [.. attendees.Select(a => a.Attendee).OfType<CalendarAttendee>().DistinctBy(a => a.Address)],
                PassedOver = [.. attendees.Select(a => a.PassedOver).OfType<string>()],
            },
            first,
            last,
            recurrence
        )
        {
            PassedOver = isKnown
                ? []
                : [$"STATUS:{stated} is none that an event has, and says nothing of whether it takes place. CANCELLED calls it off."],
            Rule = e.RecurrenceRule,
            Duration = e.DtEnd is null ? e.Duration : null,
            Until = At("RRULE", e.RecurrenceRule?.Until),
            RecurrenceDates = Moments("RDATE"),
            ExceptionDates = Moments("EXDATE"),
        };
        return read with { Entry = read.On(first, last) };
    }

    /// <summary>What a refused event would have replaced, from what can be read of it.</summary>
    private RefusedEvent Refused(CalendarFault fault)
    {
        var line = _component.Of("RECURRENCE-ID");
        var zone = line?.Parameter("TZID");
        var known = zone is null ? null : _zones.Find(zone);
        var range = line?.Parameter("RANGE")?.ToUpperInvariant();

        // A range that is not known may mean any occurrence.
        var from = line is null || range is not (null or "THISANDFUTURE") ? null : CalendarTime.Read(line.Value);
        if (from is { IsFloating: true } && known is not null)
            from = from.In(known);
        return new RefusedEvent(
            fault,
            _component.Uid is { Length: > 0 } uid ? uid : null,
            Revision(),
            line is null ? null : new HeldBack(from, Onward: range is not null, ZoneUnknown: zone is not null && known is null)
        );
    }

    /// <summary>First and last day, or begin and end in the zone of the begin. From midnight to midnight is whole days.</summary>
    private (CalendarTime? First, CalendarTime? Last) Days(CalendarTime? start, CalendarEvent e)
    {
        if (start is null || _fault is not null)
            return (null, null);
        if (_component.Of("DURATION") is not null && e.Duration is null)
            Refuse("DURATION", "The duration cannot be read; it is such as PT1H30M.");
        var end = At("DTEND", e.DtEnd) ?? (e.Duration is { } duration ? Added(start, duration) : null);
        var statedBy = _component.Of("DTEND") is null && e.Duration is not null ? "DURATION" : "DTEND";
        if (end is not null && start.IsDay != end.IsDay)
            Refuse(statedBy, "Begin and end must both be days or both be times.");
        if (_fault is not null)
            return (null, null);
        end = start.TimeZone is { } zone ? (end ?? start).In(zone) : end;
        if (statedBy == "DTEND" && e.Duration is { } also && Added(start, also) is { } other && other != end)
            Refuse("DURATION", "DTEND and DURATION state two ends. State one of the two (RFC 5545, 3.6.1).");
        if (IsAllDay() && !start.IsDay && WholeDays(start, end!) is var (first, after))
            (start, end) = (first, after);
        if (start.IsMidnight && end is { IsMidnight: true } && end.Day > start.Day)
            (start, end) = (new CalendarTime(start.Day), new CalendarTime(end.Day));
        if (end is not null && end.Day < start.Day || !start.IsDay && !end!.IsFrom(start))
            Refuse(statedBy, "The event ends before it begins.");
        return start.IsDay
            ? (start, new CalendarTime(end is not null && end.Day > start.Day ? end.Day.AddDays(-1) : start.Day))
            : (start, end);
    }

    private bool IsAllDay() => EventComponent.AllDay.Any(name => _component.Of(name)?.Value.ToUpperInvariant() is "TRUE" or "1");

    /// <summary>The days between two midnights, in the zone of the event or in that of the calendar.</summary>
    private (CalendarTime First, CalendarTime After)? WholeDays(CalendarTime start, CalendarTime end)
    {
        foreach (var zone in new[] { start.TimeZone!, _mapping.DefaultTimeZone }.OfType<string>())
        {
            if ((start.In(zone), end.In(zone)) is ({ IsMidnight: true } first, { IsMidnight: true } after))
                return (new CalendarTime(first.Day), new CalendarTime(after.Day));
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
                    Refuse(line, $"Cannot be read. {AsItShouldBe(field)}");
                else if (
                    At(field, new CalDateTime(read.Day, read.Time, read.IsFloating ? line.Parameter("TZID") : read.TimeZone), line) is
                    { } moment
                )
                    moments.Add(moment);
            }
        }

        return moments;
    }

    private CalendarRevision? Revision()
    {
        if (_component.Of("SEQUENCE") is not { } line)
            return new CalendarRevision(0, Modified("LAST-MODIFIED"), Modified("DTSTAMP"));
        if (int.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return new CalendarRevision(sequence, Modified("LAST-MODIFIED"), Modified("DTSTAMP"));
        Refuse(line, $"Must be a whole number from 0 to {int.MaxValue}.");
        return null;
    }

    /// <summary>When the property says; in UTC where it names no zone. Null where it cannot be read.</summary>
    private DateTimeOffset? Modified(string field)
    {
        if (_component.Of(field) is not { } line || CalendarTime.Read(line.Value) is not { } moment)
            return null;
        var at = moment.IsDay ? moment with { Time = TimeOnly.MinValue } : moment;
        return at.In((line.Parameter("TZID") is { } name ? _zones.Find(name) : null) ?? "UTC").Instant.ToDateTimeOffset();
    }

    private string? Text(string field, string? text)
    {
        text = CalendarWords.OneLine(text);
        if (Characters.Of(text) is var length && length > LongestText)
            Refuse(field, $"Must be at most {LongestText} characters; it is {length}.");
        return text.Length == 0 ? null : text;
    }

    /// <summary>The title after a prefix that means cancelled; null where it has none.</summary>
    private string? WithoutPrefix(string title)
    {
        foreach (
            var prefix in (_mapping.CancelledPrefixes ?? [])
                .Select(CalendarWords.OneLine)
                .Where(p => p.Length > 0)
                .OrderByDescending(p => p.Length)
        )
        {
            if (NormalForm.After(prefix, title) is not { } rest)
                continue;
            if (rest.Length == 0 || !char.IsLetterOrDigit(prefix[^1]) || !char.IsLetterOrDigit(rest[0]))
                return rest.TrimStart(AfterPrefix);
        }

        return null;
    }

    private static string? TooOften(RecurrenceRule rule) =>
        rule.Frequency is FrequencyType.Secondly or FrequencyType.Minutely or FrequencyType.Hourly
        || rule.BySecond.Count > 1
        || rule.ByMinute.Count > 1
            ? "An event that recurs every hour or more often is not read as meetings."
            : null;

    private void Refuse(string field, string reason) => Refuse(_component.Of(field), reason, field);

    private void Refuse(ContentLine? line, string reason, string? field = null) => Note(line, line?.Name ?? field, reason);

    private void Note(ContentLine? line, string? field, string reason) =>
        _fault ??= new CalendarFault(_component.Row, line?.Number ?? _component.Line, field, reason);

    /// <summary>Reads an ATTENDEE: a person who can be told apart by a mail address, or what else it is.</summary>
    private static class AttendeeReading
    {
        public static (CalendarAttendee? Attendee, string? PassedOver) Of(ContentLine line)
        {
            if (line.Fault is { } fault)
                return (null, $"Line {line.Number}: {fault}");
            if (line.Parameter("CUTYPE")?.ToUpperInvariant() is "ROOM" or "RESOURCE" or "GROUP")
                return (null, $"'{line.Value}' is no person ({line.Parameter("CUTYPE")}).");
            var address = MailAddress.Normal(line.Parameter("EMAIL")) ?? (IsMail(line.Value) ? MailAddress.Normal(line.Value) : null);
            if (address is null)
                return (
                    null,
                    $"Line {line.Number}: the attendee '{line.Parameter("CN") ?? line.Value}' has no mail address that can be read."
                );
            var name = CalendarWords.OneLine(line.Parameter("CN")).Trim(' ', '\'');
            name = name.Length > 2 && name[0] == '"' && name[^1] == '"' ? name[1..^1] : name;
            return (
                new CalendarAttendee(
                    address,
                    Characters.Of(name) is 0 or > LongestName || MailAddress.Normal(name) == address ? null : name,
                    line.Parameter("ROLE")?.ToUpperInvariant() switch
                    {
                        "CHAIR" => CalendarRole.Chair,
                        "OPT-PARTICIPANT" => CalendarRole.Optional,
                        "NON-PARTICIPANT" => CalendarRole.NonParticipant,
                        _ => CalendarRole.Required,
                    },
                    line.Parameter("PARTSTAT")?.ToUpperInvariant() switch
                    {
                        "ACCEPTED" => Participation.Accepted,
                        "DECLINED" => Participation.Declined,
                        "TENTATIVE" => Participation.Tentative,
                        "DELEGATED" => Participation.Delegated,
                        _ => Participation.NeedsAction,
                    }
                ),
                null
            );
        }

        /// <summary>A mail address with or without its scheme, and no other URI.</summary>
        private static bool IsMail(string value) =>
            value.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || !Scheme().IsMatch(value);
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:")]
    private static partial Regex Scheme();
}
