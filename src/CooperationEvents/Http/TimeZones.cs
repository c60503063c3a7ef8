using System.Collections.Frozen;
using CooperationEvents.Kernel;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace CooperationEvents.Http;

/// <summary>IANA's time zones by their names, older ones among them. A name such as UTC+11 is none of IANA's.</summary>
public static class TimeZones
{
    private static readonly FrozenDictionary<string, string> Names = TzdbDateTimeZoneSource.Default.CanonicalIdMap.Keys.ToFrozenDictionary(
        id => id,
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>The name as IANA spells it; null where there is no such zone. Capitals do not matter.</summary>
    public static string? Spelled(string name) => Names.GetValueOrDefault(name);

    /// <summary>Whether both names mean one zone: one of the two may be the older name of the other.</summary>
    public static bool AreOne(string? name, string? other) =>
        name == other || name is not null && other is not null && Canonical(name) == Canonical(other);

    /// <summary>
    /// The name that is recorded, where the one sent means the same zone, so that another name of it changes nothing; else the
    /// one sent.
    /// </summary>
    public static string? OrRecorded(string? sent, string? recorded) => AreOne(sent, recorded) ? recorded : sent;

    /// <summary>
    /// The time that the clocks of the zone show at that moment: of one that they leave out, read with the offset before the change, the
    /// one after it (RFC 5545, 3.3.5). What is known no better than to the day stays.
    /// </summary>
    public static PartialDate Shown(PartialDate date, string timeZone)
    {
        if (date.Time is not { } time)
            return date;
        var local = date.FirstDay.ToDateTime(time);
        var mapping = DateTimeZoneProviders.Tzdb[timeZone].MapLocal(local.ToLocalDateTime());
        return mapping.Count > 0
            ? date
            : PartialDate.Of(local + (mapping.LateInterval.WallOffset - mapping.EarlyInterval.WallOffset).ToTimeSpan());
    }

    private static string Canonical(string name) =>
        TzdbDateTimeZoneSource.Default.CanonicalIdMap.TryGetValue(name, out var canonical) ? canonical : name;
}
