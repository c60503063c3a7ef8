using CooperationEvents.Calendars.Format;
using NodaTime;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// The occurrences that a refused part of a series would have replaced: what the rest of the series says of them is wrong, so
/// they are neither scheduled nor changed.
/// </summary>
/// <param name="From">The occurrence as the part names it; null where that cannot be read, so that it may be any.</param>
/// <param name="Onward">Whether all that follow are meant too.</param>
/// <param name="ZoneUnknown">Whether the zone is one nobody knows: then it is any occurrence that has this local time somewhere.</param>
internal sealed record HeldBack(CalendarTime? From, bool Onward, bool ZoneUnknown)
{
    private static readonly Duration FarthestEast = Duration.FromHours(14);
    private static readonly Duration FarthestWest = Duration.FromHours(12);

    /// <param name="occurrence">As the series that begins at <paramref name="start"/> writes it.</param>
    public bool Holds(CalendarTime occurrence, CalendarTime start, string? zoneOfDays)
    {
        if (From is null)
            return true;
        if (ZoneUnknown && !From.IsDay && !occurrence.IsDay)
        {
            var utc = From.In("UTC").Instant;
            return occurrence.Instant >= utc - FarthestEast && (Onward || occurrence.Instant <= utc + FarthestWest);
        }

        return From.Beside(start, zoneOfDays) is not { } from || (Onward ? occurrence.IsFrom(from) : from.Names(occurrence));
    }
}
