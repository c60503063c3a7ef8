using CooperationEvents.Calendars.Format;
using NodaTime;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// The occurrences that a refused part of a series would have replaced: what the rest of the series says of them is wrong, so
/// they are neither scheduled nor changed.
/// </summary>
/// <param name="From">The occurrence as the part names it; null where that cannot be read, so that it may be any.</param>
/// <param name="Onward">Whether all that follow are meant too.</param>
/// <param name="ZoneUnknown">Whether its zone is one nobody knows: then it is any occurrence that has this local time somewhere.</param>
/// <param name="ZoneOfPart">
/// The zone of a time that names none, where the file does not hold the series; null where nobody knows it, as with
/// <paramref name="ZoneUnknown"/>.
/// </param>
internal sealed record HeldBack(CalendarTime? From, bool Onward, bool ZoneUnknown, string? ZoneOfPart)
{
    private static readonly Duration FarthestEast = Duration.FromHours(14);
    private static readonly Duration FarthestWest = Duration.FromHours(12);

    /// <param name="occurrence">As the series that begins at <paramref name="start"/> writes it.</param>
    /// <param name="zoneOfSeries">The zone in which the file states the series; null where it does not.</param>
    public bool Holds(CalendarTime occurrence, CalendarTime start, string? zoneOfDays, string? zoneOfSeries)
    {
        if (From is null)
            return true;
        var named = From;
        if (!named.IsDay && !occurrence.IsDay && (named.IsFloating || ZoneUnknown))
        {
            if ((ZoneUnknown ? null : zoneOfSeries ?? ZoneOfPart) is not { } zone)
            {
                var utc = named.In("UTC").Instant;
                return occurrence.Instant >= utc - FarthestEast && (Onward || occurrence.Instant <= utc + FarthestWest);
            }

            named = named.In(zone);
        }

        return named.Beside(start, zoneOfDays) is not { } from || (Onward ? occurrence.IsFrom(from) : from.Names(occurrence));
    }
}
