using CooperationEvents.Calendars.Format;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Outgoing;

/// <summary>
/// How a meeting stands in a calendar that the register writes. What comes back from such a calendar is held against the same.
/// </summary>
internal static class WrittenMeeting
{
    public static string Uid(Guid meetingId) => meetingId.ToString();

    /// <summary>The id of the meeting whose UID it may be; null where it is no id.</summary>
    public static Guid? IdOf(string uid) => Uuid.Read(uid);

    /// <summary>Times where both are known, else whole days. The end is exclusive, and null where it would be the start.</summary>
    public static (CalendarTime Start, CalendarTime? End) Days(MeetingDays days)
    {
        var (first, last) = (days.Start.FirstDay, days.End.FirstDay);
        if ((days.Start.Time, days.End.Time) is not ({ } from, { } to))
            return (new CalendarTime(first), days.LastDay < DateOnly.MaxValue ? new CalendarTime(days.LastDay.AddDays(1)) : null);
        return (
            new CalendarTime(first, from, days.TimeZone),
            days.TakesTime(TimeZones.Shown) ? new CalendarTime(last, to, days.TimeZone) : null
        );
    }

    /// <summary>The venue and the country; null where neither is known.</summary>
    public static string? Place(string? venue, string? country) =>
        new[] { venue, country }.OfType<string>().ToList() is [_, ..] known ? string.Join(", ", known) : null;

    /// <summary>The venue in such a place.</summary>
    public static string VenueOf(string place, string? country) =>
        country is not null && place.EndsWith(", " + country, StringComparison.Ordinal) ? place[..^(country.Length + 2)] : place;
}
