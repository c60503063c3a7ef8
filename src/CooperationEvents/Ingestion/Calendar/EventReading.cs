using CooperationEvents.Kernel;
using System.Globalization;
using System.Text.RegularExpressions;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using IcalCalendar = Ical.Net.Calendar;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A VEVENT as read: what its entries have in common, its own days, and how it recurs.</summary>
internal sealed record ReadEvent(CalendarEntry Entry, Moment? Start, Moment? End, Moment? Recurrence)
{
    public RecurrenceRule? Rule { get; init; }

    public IReadOnlyList<Moment> RecurrenceDates { get; init; } = [];

    public IReadOnlyList<Moment> ExceptionDates { get; init; } = [];

    /// <summary>Whether it stands for several occurrences.</summary>
    public bool Recurs => Recurrence is null && (Rule is not null || RecurrenceDates.Count > 0);

    /// <summary>The entry with these days.</summary>
    public CalendarEntry On(Moment? start, Moment? end) => Entry with { Start = start?.Date, End = end?.Date, TimeZone = start?.TimeZone };
}

/// <summary>Reads one VEVENT with Ical.Net, and finds the property at fault where that fails.</summary>
internal sealed partial class EventReading
{
    private const int LongestText = 300;
    private const int LongestUid = 2_000;

    private static readonly string[] Once = ["UID", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "SUMMARY", "LOCATION", "STATUS"];

    private readonly EventComponent _component;
    private readonly CalendarMapping _mapping;
    private readonly TimeZoneNames _zones;
    private CalendarFault? _fault;

    private EventReading(EventComponent component, CalendarMapping mapping, TimeZoneNames zones)
    {
        _component = component;
        _mapping = mapping;
        _zones = zones;
    }

    public static (ReadEvent? Event, CalendarFault? Fault) Read(EventComponent component, CalendarMapping mapping, TimeZoneNames zones)
    {
        var reading = new EventReading(component, mapping, zones);
        reading.CheckForm();
        var read = reading._fault is null && reading.Parse() is { } parsed ? reading.Read(parsed) : null;
        return reading._fault is { } fault ? (null, fault) : (read, null);
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
        if (_component.Of("CLASS") is { } privacy && privacy.Value.ToUpperInvariant() is "PRIVATE" or "CONFIDENTIAL")
            Refuse(_component.Of("CLASS"), "The event is marked as private; a meeting here is public record. Change its class, or leave it out.");
        if (_component.Of("UID") is not { Value: { Length: > 0 and <= LongestUid } uid } || uid.Any(char.IsControl))
            Refuse(_component.Of("UID"), $"An event needs a UID of 1 to {LongestUid} characters.", "UID");
        if (_component.Of("EXRULE") is { } exceptionRule)
            Refuse(exceptionRule, "EXRULE is withdrawn from iCalendar and not read. Use EXDATE.");
    }

    /// <summary>The library has many ways to refuse a malformed text, exceptions of most kinds among them: each becomes a fault.</summary>
    private CalendarEvent? Parse()
    {
        try
        {
            return Parsed(_component.Lines);
        }
        catch (Exception e)
        {
            var line = _component.Lines.FirstOrDefault(l => !Parses(l));
            Note(line, line?.Name, $"Cannot be read: {e.Message}");
            return null;
        }
    }

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
        IcalCalendar.Load(string.Join("\r\n", [
            "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", .. lines.Select(Readable), "END:VEVENT", "END:VCALENDAR", ""]))!.Events[0]!;

    /// <summary>The library leaves out attendees at <c>urn:</c> and <c>invalid:</c> addresses, whose mail address may stand in EMAIL.</summary>
    private static string Readable(ContentLine line) =>
        line.Name == "ATTENDEE" && line.Value is { Length: > 0 } address && !address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
            ? $"{line.Text[..^address.Length]}mailto:{(address.Contains(':', StringComparison.Ordinal) ? "none" : address)}"
            : line.Text;

    private ReadEvent? Read(CalendarEvent e)
    {
        var cancelled = _component.Method == "CANCEL" || string.Equals(e.Status, EventStatus.Cancelled, StringComparison.OrdinalIgnoreCase);
        var start = At("DTSTART", e.DtStart);
        var (first, last) = Days(start, e);
        var recurrence = At("RECURRENCE-ID", e.RecurrenceIdentifier?.StartTime);
        if (e.RecurrenceIdentifier?.Range == RecurrenceRange.ThisAndFuture)
            Refuse("RECURRENCE-ID", "RANGE=THISANDFUTURE is not read. Give each occurrence that changes, or end the series and begin another.");
        if (start is null && !cancelled)
            Refuse("DTSTART", "An event needs DTSTART.");
        if (e.RecurrenceRule is { } rule && TooOften(rule) is { } often)
            Refuse("RRULE", often);
        if (_component.Of("RRULE") is not null && e.RecurrenceRule is null)
            Refuse("RRULE", "The rule cannot be read.");
        if (_component.Lines.FirstOrDefault(l => l.Name == "RDATE" && l.Text.Contains("PERIOD", StringComparison.OrdinalIgnoreCase)) is { } period)
            Refuse(period, "RDATE with periods is not read. Give dates.");
        var read = new ReadEvent(
            new CalendarEntry(_component.Row, _component.Line)
            {
                Uid = _component.Of("UID")!.Value,
                Id = CalendarEntry.IdOf(_component.Of("UID")!.Value, recurrence?.Id),
                RecurrenceId = recurrence?.Id,
                Revision = new CalendarRevision(Sequence(), Modified(e.LastModified)),
                Cancelled = cancelled,
                Title = Text("SUMMARY", e.Summary, needed: !cancelled),
                Location = Text("LOCATION", e.Location, needed: false),
                Categories = [.. e.Categories.Select(c => c.Trim()).Where(c => c.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
                Attendees = [.. e.Attendees.Select(Attendee).OfType<CalendarAttendee>().DistinctBy(a => a.Address)],
            },
            first,
            last,
            recurrence)
        {
            Rule = e.RecurrenceRule,
            RecurrenceDates = [.. e.RecurrenceDates.GetAllDates().Select(d => At("RDATE", d)).OfType<Moment>()],
            ExceptionDates = [.. e.ExceptionDates.GetAllDates().Select(d => At("EXDATE", d)).OfType<Moment>()],
        };
        return read with { Entry = read.On(first, last) };
    }

    /// <summary>First and last day, or begin and end in the zone of the begin. From midnight to midnight is whole days.</summary>
    private (Moment? First, Moment? Last) Days(Moment? start, CalendarEvent e)
    {
        if (start is null || _fault is not null)
            return (null, null);
        if (_component.Of("DURATION") is not null && e.Duration is null)
            Refuse("DURATION", "The duration cannot be read; it is such as PT1H30M.");
        var end = At("DTEND", e.DtEnd) ?? (e.Duration is { } duration ? Added(start, duration) : null);
        if (end is not null && (start.Time is null) != (end.Time is null))
            Refuse("DTEND", "Begin and end must both be days or both be times.");
        if (_fault is not null)
            return (null, null);
        end = start.TimeZone is { } zone ? (end ?? start).In(zone) : end;
        if (start.Time == TimeOnly.MinValue && end?.Time == TimeOnly.MinValue && end.Day > start.Day)
            (start, end) = (new Moment(start.Day), new Moment(end.Day));
        if (start.Time is null)
            return (start, new Moment(end is not null && end.Day > start.Day ? end.Day.AddDays(-1) : start.Day));
        if (end!.Date < start.Date)
            Refuse("DTEND", "The event ends before it begins.");
        return (start, end);
    }

    private Moment? Added(Moment start, Duration duration)
    {
        try
        {
            return At("DURATION", start.Calendar.Add(duration));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            Refuse("DURATION", $"The duration cannot be added to the start: {e.Message}");
            return null;
        }
    }

    private Moment? At(string field, CalDateTime? value)
    {
        if (value is null)
        {
            if (field is not ("RDATE" or "EXDATE" or "DURATION") && _component.Of(field) is { } line)
                Refuse(line, "Must be a day such as 20260204 or a time such as 20260204T090000.");
            return null;
        }

        if (value.Year is < 1000 or > 9990)
            Refuse(field, "The year must lie between 1000 and 9990.");
        if (!value.HasTime)
            return new Moment(value.Date);
        if (value.TzId is null && _mapping.DefaultTimeZone is null)
            Refuse(field, "The time has no zone. State a defaultTimeZone in the mapping.");
        if (value.TzId is { } name && _zones.Find(name) is null)
            Refuse(field, $"There is no time zone '{name}' of IANA or Windows. Name its IANA zone in the mapping, under timeZones.");
        return _fault is null ? new Moment(value.Date, value.Time, value.TzId is { } id ? _zones.Find(id) : _mapping.DefaultTimeZone) : null;
    }

    private int Sequence()
    {
        if (_component.Of("SEQUENCE") is not { } line)
            return 0;
        if (int.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return sequence;
        Refuse(line, "Must be a whole number, 0 or more.");
        return 0;
    }

    private static DateTimeOffset? Modified(CalDateTime? value) =>
        value is { HasTime: true } ? new DateTimeOffset(DateTime.SpecifyKind(value.Value, DateTimeKind.Unspecified), TimeSpan.Zero) : null;

    private string? Text(string field, string? text, bool needed)
    {
        text = text is null ? "" : NormalForm.OfLine(Blanks().Replace(text, " "));
        if (text.Length > LongestText)
            Refuse(field, $"Must be at most {LongestText} characters; it is {text.Length}.");
        if (text.Length == 0 && needed)
            Refuse(field, "A meeting needs a title.");
        return text.Length == 0 ? null : text;
    }

    /// <summary>A person who can be told apart by a mail address; null for a room, a group, or whoever has none.</summary>
    private static CalendarAttendee? Attendee(Attendee attendee)
    {
        if (attendee.Type?.ToUpperInvariant() is "ROOM" or "RESOURCE" or "GROUP")
            return null;
        var address = (attendee.Parameters.Get("EMAIL") ?? (attendee.Value is { Scheme: "mailto" } uri ? Uri.UnescapeDataString(uri.OriginalString[7..]) : null))
            ?.Trim().ToLowerInvariant();
        if (address is null || !Address().IsMatch(address))
            return null;
        var name = attendee.CommonName is { } stated ? NormalForm.OfLine(Blanks().Replace(stated, " ").Trim(' ', '\'', '"')) : "";
        return new CalendarAttendee(
            address,
            name.Length is 0 or > 200 || string.Equals(name, address, StringComparison.OrdinalIgnoreCase) ? null : name,
            attendee.Role?.ToUpperInvariant() switch
            {
                "CHAIR" => CalendarRole.Chair,
                "OPT-PARTICIPANT" => CalendarRole.Optional,
                "NON-PARTICIPANT" => CalendarRole.NonParticipant,
                _ => CalendarRole.Required,
            },
            attendee.ParticipationStatus?.ToUpperInvariant() switch
            {
                "ACCEPTED" => Participation.Accepted,
                "DECLINED" => Participation.Declined,
                "TENTATIVE" => Participation.Tentative,
                "DELEGATED" => Participation.Delegated,
                _ => Participation.NeedsAction,
            });
    }

    private static string? TooOften(RecurrenceRule rule) =>
        rule.Frequency is FrequencyType.Secondly or FrequencyType.Minutely or FrequencyType.Hourly || rule.BySecond.Count > 1 || rule.ByMinute.Count > 1
            ? "An event that recurs every hour or more often is not read as meetings."
            : null;

    private void Refuse(string field, string reason) => Refuse(_component.Of(field), reason, field);

    private void Refuse(ContentLine? line, string reason, string? field = null) => Note(line, line?.Name ?? field, reason);

    private void Note(ContentLine? line, string? field, string reason) =>
        _fault ??= new CalendarFault(_component.Row, line?.Number ?? _component.Line, field, reason);

    /// <summary>Blanks and control characters, whatever their number.</summary>
    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Blanks();

    /// <summary>As a person's e-mail and external reference take it.</summary>
    [GeneratedRegex(@"\A[^@\s\p{C}]{1,64}@[^@\s\p{C}]{1,120}\z")]
    private static partial Regex Address();
}
