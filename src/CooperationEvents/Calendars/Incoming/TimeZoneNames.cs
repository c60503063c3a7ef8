using CooperationEvents.Http;
using CooperationEvents.Kernel;
using NodaTime.TimeZones;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// The IANA zone behind a TZID: what the mapping says of it, IANA's own name, a name of Windows (by CLDR), a name under a
/// vendor's prefix, or what its VTIMEZONE states as X-LIC-LOCATION. The rules of a VTIMEZONE are not compared with any zone's.
/// </summary>
internal sealed class TimeZoneNames(ValueList<NamedTimeZone>? mapped)
{
    private const int MostNoted = 1_000;

    /// <summary>Names of Windows. Small and capital letters are the same in them, as in IANA's names.</summary>
    private static readonly IReadOnlyDictionary<string, string> OfWindows = new Dictionary<string, string>(
        TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping,
        StringComparer.OrdinalIgnoreCase
    );

    private readonly Dictionary<string, string> _noted = [];

    public void Note(string name, string location)
    {
        if (_noted.Count < MostNoted && TimeZones.Spelled(location) is not null)
            _noted[NormalForm.OfLine(name)] = location;
    }

    /// <summary>Whether both are one name, however it is spelled.</summary>
    public static bool AreOne(string name, string other) => NormalForm.OfLine(name) == NormalForm.OfLine(other);

    public string? Find(string name)
    {
        name = NormalForm.OfLine(name);
        return mapped?.FirstOrDefault(z => AreOne(z.Name, name))?.TimeZone
            ?? TimeZones.Spelled(name)
            ?? OfWindows.GetValueOrDefault(name)
            ?? (name.StartsWith('/') || name.Contains("://", StringComparison.Ordinal) ? UnderPrefix(name) : null)
            ?? TimeZones.Spelled(_noted.GetValueOrDefault(name, ""));
    }

    private static string? UnderPrefix(string name)
    {
        var parts = name.Split('/');
        return Enumerable
            .Range(1, parts.Length - 1)
            .Select(first => TimeZones.Spelled(string.Join('/', parts[first..])))
            .FirstOrDefault(zone => zone is not null);
    }
}
