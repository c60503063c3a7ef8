using System.Collections.Frozen;
using CooperationEvents.Kernel;
using NodaTime.TimeZones;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>
/// The IANA zone behind a TZID: what the mapping says of it, IANA's own name, a name of Windows (by CLDR), a name under a
/// vendor's prefix, or what its VTIMEZONE states as X-LIC-LOCATION. The rules of a VTIMEZONE are not compared with any zone's.
/// </summary>
internal sealed class TimeZoneNames(ValueList<NamedTimeZone>? mapped)
{
    private const int MostNoted = 1_000;

    /// <summary>By their names whatever their capitals. A name such as UTC+11 is none of IANA's.</summary>
    private static readonly FrozenDictionary<string, string> Iana =
        TzdbDateTimeZoneSource.Default.CanonicalIdMap.Keys.ToFrozenDictionary(id => id, StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string> _noted = [];

    public void Note(string name, string location)
    {
        if (_noted.Count < MostNoted && Iana.ContainsKey(location))
            _noted[name] = location;
    }

    public string? Find(string name) =>
        mapped?.FirstOrDefault(z => z.Name == name)?.TimeZone
        ?? Iana.GetValueOrDefault(name)
        ?? (TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(name, out var windows) ? windows : null)
        ?? (name.StartsWith('/') || name.Contains("://", StringComparison.Ordinal) ? UnderPrefix(name) : null)
        ?? Iana.GetValueOrDefault(_noted.GetValueOrDefault(name, ""));

    /// <summary>Whether both names mean one zone: one of the two may be the older name of the other.</summary>
    public static bool AreOne(string? name, string? other) => name == other || name is not null && other is not null && Canonical(name) == Canonical(other);

    private static string Canonical(string name) => TzdbDateTimeZoneSource.Default.CanonicalIdMap.TryGetValue(name, out var canonical) ? canonical : name;

    private static string? UnderPrefix(string name)
    {
        var parts = name.Split('/');
        return Enumerable.Range(1, parts.Length - 1).Select(first => string.Join('/', parts[first..])).Select(rest => Iana.GetValueOrDefault(rest)).FirstOrDefault(zone => zone is not null);
    }
}
