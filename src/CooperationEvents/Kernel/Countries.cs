using System.Collections.Frozen;
using NodaTime.TimeZones;

namespace CooperationEvents.Kernel;

/// <summary>The countries of ISO 3166-1 by their assigned two-letter codes, with their English names, as the time zone database lists them.</summary>
public static class Countries
{
    /// <summary>Codes that are assigned, but to islands nobody lives on: no time zone names them.</summary>
    private static readonly (string Code, string Name)[] WithoutTimeZone = [("BV", "Bouvet Island"), ("HM", "Heard Island and McDonald Islands")];

    private static readonly FrozenDictionary<string, string> Names = TzdbDateTimeZoneSource.Default.ZoneLocations!
        .Select(l => (Code: l.CountryCode, Name: l.CountryName)).Concat(WithoutTimeZone)
        .DistinctBy(c => c.Code).ToFrozenDictionary(c => c.Code, c => c.Name);

    public static IReadOnlyCollection<string> Assigned => Names.Keys;

    /// <summary>The English name; null for a code that is not assigned.</summary>
    public static string? NameOf(string code) => Names.GetValueOrDefault(code);
}
