using CooperationEvents.Calendars.Format;
using CooperationEvents.Kernel;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>Reads one VEVENT with Ical.Net, and finds the property at fault where that fails.</summary>
internal sealed partial class EventReading
{
    private const int LongestText = 300;
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

    private static readonly string[] Statuses = ["", EventStatus.Tentative, EventStatus.Confirmed, EventStatus.Cancelled];

    /// <summary>What may stand between a prefix that means cancelled and the title.</summary>
    private static readonly char[] AfterPrefix = [' ', '\u00A0', '-', '\u2013', '\u2014', ':', '.', ',', ';', '|', '/', '!'];

    private readonly EventComponent _component;
    private readonly CalendarMapping _mapping;
    private readonly TimeZoneNames _zones;
    private readonly List<string> _passedOver = [];
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

    private CalendarEvent? Parse()
    {
        var (parsed, unread) = EventParsing.Of(_component.Lines);
        if (parsed is null)
            Note(unread, unread?.Name, $"Cannot be read. {EventParsing.AsItShouldBe(unread?.Name)}");
        return parsed;
    }

    private ReadEntry? Read(CalendarEvent e)
    {
        var attendees = _component.Lines.Where(l => l.Name == "ATTENDEE").Select(AttendeeReading.Of).ToList();
        var stated = _component.Of("STATUS")?.Value.ToUpperInvariant() ?? "";
        var status = stated == EventStatus.Cancelled;
        var uninvites = _component.Method == "CANCEL" && !status && attendees.Count > 0;
        var title = Text("SUMMARY", e.Summary);
        var called = title is null ? null : WithoutPrefix(title);
        var cancelled = !uninvites && (_component.Method == "CANCEL" || status || called is not null);
        var isKnown = Statuses.Contains(stated);
        title = called ?? title;
        if (string.IsNullOrEmpty(title) && !cancelled && !uninvites)
            Refuse("SUMMARY", "A meeting needs a title.");
        var start = At("DTSTART", e.DtStart);
        var (first, last, zoneOfDays) = Days(start, e);
        var recurrence = At("RECURRENCE-ID", e.RecurrenceIdentifier?.StartTime);
        if (_component.Of("RECURRENCE-ID")?.Parameter("RANGE") is { } range)
            Refuse("RECURRENCE-ID", $"RANGE={range} is not read. Give each occurrence that changes, or end the series and begin another.");
        if (start is null && !cancelled && !uninvites)
            Refuse("DTSTART", "An event needs DTSTART.");
        if (e.RecurrenceRule is { } rule && TooOften(rule) is { } often)
            Refuse("RRULE", often);
        if (_component.Of("RRULE") is not null && e.RecurrenceRule is null)
            Refuse("RRULE", $"Cannot be read. {EventParsing.AsItShouldBe("RRULE")}");
        if (
            _component.Lines.FirstOrDefault(l => l.Name == "RDATE" && l.Text.Contains("PERIOD", StringComparison.OrdinalIgnoreCase)) is
            { } period
        )
            Refuse(period, "RDATE with periods is not read. Give dates.");
        if (Revision() is not { } revision)
            return null;
        if (!isKnown)
            _passedOver.Add(
                $"STATUS:{stated} is none that an event has, and says nothing of whether it takes place. CANCELLED calls it off."
            );
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
            PassedOver = _passedOver,
            ZoneOfDays = zoneOfDays,
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
            line is null ? null : new HeldBack(from, range is not null, ZoneUnknown: zone is not null && known is null, ZoneOfStart())
        );
    }

    /// <summary>The zone of DTSTART, or else of the calendar; null where it names one that nobody knows, or where there is none.</summary>
    private string? ZoneOfStart()
    {
        var line = _component.Of("DTSTART");
        return line?.Parameter("TZID") is { } zone ? _zones.Find(zone)
            : line is not null && CalendarTime.Read(line.Value) is { TimeZone: { } stated } ? stated
            : _mapping.DefaultTimeZone;
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
            if (
                rest.Length == 0
                || !char.IsLetterOrDigit(prefix[^1])
                || !char.IsLetterOrDigit(rest[0])
                || IsWrittenWithoutBlanks(prefix[^1])
            )
                return rest.TrimStart(AfterPrefix);
        }

        return null;
    }

    /// <summary>Whether no blank parts words there: in Chinese and Japanese, and in Thai, Lao and Khmer.</summary>
    private static bool IsWrittenWithoutBlanks(char letter) =>
        letter
            is (>= '\u0E00' and <= '\u0EFF')
                or (>= '\u1780' and <= '\u17FF')
                or (>= '\u3040' and <= '\u30FF')
                or (>= '\u3400' and <= '\u9FFF');

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
}
