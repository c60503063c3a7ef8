using System.Collections.Frozen;
using NodaTime.TimeZones;

namespace CooperationEvents.Http;

/// <summary>
/// The countries of ISO 3166-1 by their assigned two-letter codes, with their English names, as the time zone database lists them; and
/// those codes that the standard leaves to its users and the configuration assigns, such as XK.
/// </summary>
public static class Countries
{
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

    /// <summary>Assigns codes; said once, before anything is served.</summary>
    /// <param name="options">Without <see cref="CountryOptions.Faults"/>.</param>
    public static void Assign(CountryOptions options) => _userAssigned = options.UserAssigned.ToFrozenDictionary(c => c.Key, c => c.Value!);

    /// <summary>Whether ISO 3166-1 leaves the code to its users.</summary>
    internal static bool IsLeftToUsers(string code) => code is "AA" or "ZZ" or ['X', >= 'A' and <= 'Z'] or ['Q', >= 'M' and <= 'Z'];
}
