using System.Collections.Frozen;
using NodaTime.TimeZones;

namespace CooperationEvents.Http;

/// <summary>
/// The countries of ISO 3166-1 by their assigned two-letter codes, with their English names, as the time zone database lists them; and
/// those codes that the standard leaves to its users and the configuration assigns, such as XK.
/// </summary>
public static class Countries
{
    /// <summary>The section of the configuration that assigns codes: <c>Countries:UserAssigned:XK=Kosovo</c>.</summary>
    public const string Section = "Countries:UserAssigned";

    /// <summary>Codes that are assigned, but to islands nobody lives on: no time zone names them.</summary>
    private static readonly (string Code, string Name)[] WithoutTimeZone =
    [
        ("BV", "Bouvet Island"),
        ("HM", "Heard Island and McDonald Islands"),
    ];

    /// <summary>What people write for a country, and the code it has.</summary>
    private static readonly FrozenDictionary<string, string> Written = new Dictionary<string, string>
    {
        ["UK"] = "GB",
        ["EL"] = "GR",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Assigned = TzdbDateTimeZoneSource
        .Default.ZoneLocations!.Select(l => (Code: l.CountryCode, Name: l.CountryName))
        .Concat(WithoutTimeZone)
        .DistinctBy(c => c.Code)
        .ToFrozenDictionary(c => c.Code, c => c.Name);

    private static FrozenDictionary<string, string> _userAssigned = FrozenDictionary<string, string>.Empty;

    public static bool Has(string code) => NameOf(code) is not null;

    /// <summary>The English name; null for a code that is not assigned.</summary>
    public static string? NameOf(string code) => Assigned.GetValueOrDefault(code) ?? _userAssigned.GetValueOrDefault(code);

    /// <summary>The code that is meant by one that is not assigned, where that is known.</summary>
    public static string? Meant(string code) => Written.GetValueOrDefault(code);

    /// <summary>Assigns codes by the configuration; said once, before anything is served.</summary>
    /// <exception cref="ArgumentException">A code is not one that ISO 3166-1 leaves to its users: AA, QM to QZ, XA to XZ, ZZ.</exception>
    public static void Assign(IEnumerable<KeyValuePair<string, string>> codes)
    {
        var assigned = codes.ToFrozenDictionary(c => c.Key, c => c.Value);
        if (assigned.Keys.FirstOrDefault(c => !IsLeftToUsers(c)) is { } other)
            throw new ArgumentException(
                $"{Section}:{other}: ISO 3166-1 leaves AA, QM to QZ, XA to XZ and ZZ to its users, and not {other}."
            );
        _userAssigned = assigned;
    }

    private static bool IsLeftToUsers(string code) => code is "AA" or "ZZ" or ['X', >= 'A' and <= 'Z'] or ['Q', >= 'M' and <= 'Z'];
}
