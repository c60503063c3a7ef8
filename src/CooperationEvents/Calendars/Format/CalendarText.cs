using System.Text;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.Serialization;

namespace CooperationEvents.Calendars.Format;

/// <summary>A calendar as text, in parts: its head, events, and its end. Folded at 75 octets, never within a character.</summary>
internal static class CalendarText
{
    public const string MediaType = "text/calendar";

    public const string End = "END:VCALENDAR\r\n";

    private const int MostOctets = 75;

    /// <param name="method">PUBLISH, or none where the events name attendees: the two exclude each other (RFC 5546, 3.2.1).</param>
    public static string Head(string? method, string? name, IEnumerable<VTimeZone> timeZones)
    {
        var calendar = new Calendar
        {
            ProductId = "-//CooperationEvents//Register of cooperation//EN",
            Scale = "GREGORIAN",
            Method = method,
        };
        if (name is not null)
        {
            calendar.AddProperty("NAME", name);
            calendar.AddProperty("X-WR-CALNAME", name);
            var refresh = new CalendarProperty("REFRESH-INTERVAL", "PT1H");
            refresh.AddParameter("VALUE", "DURATION");
            calendar.AddProperty(refresh);
            calendar.AddProperty("X-PUBLISHED-TTL", "PT1H");
        }

        foreach (var timeZone in timeZones)
            calendar.AddTimeZone(timeZone);
        var text = Folded(new CalendarSerializer(calendar).SerializeToString()!);
        return text[..^End.Length];
    }

    public static string Of(CalendarEvent component) =>
        Folded(new EventSerializer(new SerializationContext()).SerializeToString(component)!);

    /// <summary>Folded anew, since the library folds between the halves of a character beyond U+FFFF.</summary>
    private static string Folded(string serialized)
    {
        var text = new StringBuilder(serialized.Length + 64);
        var octets = 0;
        foreach (var rune in serialized.Replace("\r\n ", "", StringComparison.Ordinal).EnumerateRunes())
        {
            if (rune.Value is '\r' or '\n')
            {
                octets = 0;
            }
            else if ((octets += rune.Utf8SequenceLength) > MostOctets)
            {
                text.Append("\r\n ");
                octets = 1 + rune.Utf8SequenceLength;
            }

            text.Append(rune.ToString());
        }

        return text.ToString();
    }
}
