using CooperationEvents.Storage;

namespace CooperationEvents.Http;

/// <summary>Countries beside those of ISO 3166-1 (<c>Countries</c>).</summary>
public sealed class CountryOptions : IConfiguredOptions
{
    public static string Section => "Countries";

    /// <summary>English names by codes that the standard leaves to its users: <c>Countries:UserAssigned:XK=Kosovo</c>.</summary>
    public Dictionary<string, string?> UserAssigned { get; set; } = [];

    /// <summary>Says of each code that cannot be assigned, why.</summary>
    public static IEnumerable<string> Faults(CountryOptions options)
    {
        foreach (var (code, name) in options.UserAssigned)
        {
            var setting = $"{Section}:{nameof(UserAssigned)}:{code}";
            if (!Countries.IsLeftToUsers(code))
                yield return $"{setting} is no country of your own: ISO 3166-1 leaves AA, QM to QZ, XA to XZ and ZZ to its users, in "
                    + "capitals.";
            else if (string.IsNullOrWhiteSpace(name))
                yield return $"{setting} is empty; it must be the English name of the country.";
        }
    }
}
