using CooperationEvents.Kernel;
using NodaTime;
using NodaTime.TimeZones;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>
/// The IANA zone behind a TZID: what the mapping says of it, IANA's own name, a name of Windows (by CLDR), a name under a
/// vendor's prefix, or what its VTIMEZONE states as X-LIC-LOCATION. The rules of a VTIMEZONE are not compared with any zone's.
/// </summary>
internal sealed class TimeZoneNames(ValueList<NamedTimeZone>? mapped)
{
    private const int MostNoted = 1_000;

    private readonly Dictionary<string, string> _noted = [];

    public void Note(string name, string location)
    {
        if (_noted.Count < MostNoted && IsKnown(location))
            _noted[name] = location;
    }

    public string? Find(string name) =>
        mapped?.FirstOrDefault(z => z.Name == name)?.TimeZone
        ?? (IsKnown(name) ? name : null)
        ?? (TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(name, out var windows) ? windows : null)
        ?? (name.StartsWith('/') ? UnderPrefix(name) : null)
        ?? _noted.GetValueOrDefault(name);

    private static string? UnderPrefix(string name)
    {
        var parts = name.Split('/');
        return Enumerable.Range(1, parts.Length - 1).Select(first => string.Join('/', parts[first..])).FirstOrDefault(IsKnown);
    }

    private static bool IsKnown(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null;
}
