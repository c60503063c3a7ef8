using CooperationEvents.Calendars.Format;
using Ical.Net.CalendarComponents;
using IcalCalendar = Ical.Net.Calendar;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// Has Ical.Net read one VEVENT. It has many ways to refuse a malformed text, exceptions of most kinds among them: each becomes the line at
/// fault.
/// </summary>
internal static class EventParsing
{
    /// <summary>Properties of which not all is lost where they cannot be read: they are read from their lines.</summary>
    private static readonly string[] ReadElsewhere = ["ATTENDEE", "RDATE", "EXDATE", "DTSTAMP", "LAST-MODIFIED"];

    /// <returns>The event, or the line that cannot be read; neither where no line by itself is at fault.</returns>
    public static (CalendarEvent? Event, ContentLine? Unread) Of(IEnumerable<ContentLine> stated)
    {
        var lines = stated.Where(l => !ReadElsewhere.Contains(l.Name)).ToList();
        try
        {
            return (Parsed(lines), null);
        }
        catch (Exception)
        {
            return (null, lines.Find(l => !Parses(l)));
        }
    }

    /// <summary>What to write in a property that cannot be read.</summary>
    public static string AsItShouldBe(string? property) =>
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
}
