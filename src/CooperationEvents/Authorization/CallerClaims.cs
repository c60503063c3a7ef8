using System.Security.Claims;

namespace CooperationEvents.Authorization;

/// <summary>What the service knows of who calls, however they were authenticated.</summary>
public static class CallerClaims
{
    /// <summary>A scope; one claim for each.</summary>
    public const string Scope = "scope";

    /// <summary>The one framework whose calendar may be read under <see cref="Scopes.CalendarRead"/>.</summary>
    public const string Framework = "framework";

    /// <summary>A source that may be named; one claim for each, and none where any may be.</summary>
    public const string Source = "source";

    /// <summary>The session of a user who is signed in to the pages.</summary>
    public const string Session = "session";

    /// <summary>The principal's id: random, and the same whatever key or token is sent.</summary>
    public static Guid PrincipalId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!);

    public static bool Has(this ClaimsPrincipal user, string scope) => user.HasClaim(Scope, scope);

    public static IReadOnlyList<string> Scopes(this ClaimsPrincipal user) => [.. user.FindAll(Scope).Select(c => c.Value)];

    /// <summary>The framework this caller is held to; null where it is held to none.</summary>
    public static Guid? HeldTo(this ClaimsPrincipal user) => user.FindFirstValue(Framework) is { } id ? Guid.Parse(id) : null;

    /// <summary>The sources that this caller is held to; none where it is held to none.</summary>
    public static IReadOnlyList<string> Sources(this ClaimsPrincipal user) => [.. user.FindAll(Source).Select(c => c.Value)];

    public static ClaimsPrincipal Of(Principal principal, string scheme) =>
        new(
            new ClaimsIdentity(
                [
                    new Claim(ClaimTypes.NameIdentifier, principal.Id.ToString()),
                    .. principal.Scopes.Select(scope => new Claim(Scope, scope)),
                    .. principal.Sources.Select(source => new Claim(Source, source)),
                    .. principal.Framework is { } framework ? [new Claim(Framework, framework.ToString())] : Array.Empty<Claim>(),
                ],
                scheme
            )
        );
}
