using System.Text.RegularExpressions;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Kernel;
using Ical.Net;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>Reads an ATTENDEE: a person who can be told apart by a mail address, or what else it is.</summary>
internal static partial class AttendeeReading
{
    private const int LongestName = 200;

    public static (CalendarAttendee? Attendee, string? PassedOver) Of(ContentLine line)
    {
        if (line.Fault is { } fault)
            return (null, $"Line {line.Number}: {fault}");
        if (line.Parameter("CUTYPE")?.ToUpperInvariant() is "ROOM" or "RESOURCE" or "GROUP")
            return (null, $"'{line.Value}' is no person ({line.Parameter("CUTYPE")}).");
        var address = MailAddress.Normal(line.Parameter("EMAIL")) ?? (IsMail(line.Value) ? MailAddress.Normal(line.Value) : null);
        if (address is null)
            return (null, $"Line {line.Number}: the attendee '{line.Parameter("CN") ?? line.Value}' has no mail address that can be read.");
        var name = CalendarWords.OneLine(line.Parameter("CN")).Trim(' ', '\'');
        name = name.Length > 2 && name[0] == '"' && name[^1] == '"' ? name[1..^1] : name;
        return (
            new CalendarAttendee(
                address,
                Characters.Of(name) is 0 or > LongestName || MailAddress.Normal(name) == address ? null : name,
                line.Parameter("ROLE")?.ToUpperInvariant() switch
                {
                    ParticipationRole.Chair => CalendarRole.Chair,
                    ParticipationRole.OptionalParticipant => CalendarRole.Optional,
                    ParticipationRole.NonParticipant => CalendarRole.NonParticipant,
                    _ => CalendarRole.Required,
                },
                line.Parameter("PARTSTAT")?.ToUpperInvariant() switch
                {
                    EventParticipationStatus.Accepted => Participation.Accepted,
                    EventParticipationStatus.Declined => Participation.Declined,
                    EventParticipationStatus.Tentative => Participation.Tentative,
                    EventParticipationStatus.Delegated => Participation.Delegated,
                    _ => Participation.NeedsAction,
                }
            ),
            null
        );
    }

    /// <summary>A mail address with or without its scheme, and no other URI.</summary>
    private static bool IsMail(string value) => value.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || !Scheme().IsMatch(value);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:")]
    private static partial Regex Scheme();
}
