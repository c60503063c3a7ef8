using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Authentication;

/// <summary>The OpenID provider, and what its tokens say (<c>Authentication</c>).</summary>
public sealed class ProviderOptions : IConfiguredOptions
{
    public static string Section => "Authentication";

    /// <summary>The URL of the provider; without it there is none.</summary>
    public string? Issuer { get; set; }

    /// <summary>Who a token must be for.</summary>
    public string? Audience { get; set; }

    public string? RolesClaim { get; set; }

    public string? NameClaim { get; set; }

    /// <summary>Roles of the register by the words the provider has for them.</summary>
    public Dictionary<string, string> Roles { get; set; } = [];

    /// <summary>Algorithms of signatures that are taken.</summary>
    public string[]? Algorithms { get; set; }

    [Range(0, 600)]
    public int ClockSkewSeconds { get; set; } = 60;

    /// <summary>The client by which people sign in on the pages; without it nobody does.</summary>
    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>The scopes that are asked of the provider.</summary>
    public string[]? Scopes { get; set; }

    /// <summary>How long a session of the pages lasts.</summary>
    [Range(5, 1_440)]
    public int SessionMinutes { get; set; } = 480;
}
