using System.Security.Claims;

namespace CooperationEvents.Authorization;

/// <summary>What the service knows of who calls, however they were authenticated.</summary>
public static class CallerClaims
{
    /// <summary>A scope; one claim for each, which authorization asks for.</summary>
    public const string Scope = "scope";

    /// <summary>The session of a user who is signed in to the pages.</summary>
    public const string Session = "session";

    /// <summary>The principal's id: random, and the same whatever key or token is sent.</summary>
    public static Guid PrincipalId(this ClaimsPrincipal user) => Known(user)!.Id;

    public static bool Has(this ClaimsPrincipal user, string scope) => Known(user)?.Scopes.Contains(scope) == true;

    public static IReadOnlyList<string> Scopes(this ClaimsPrincipal user) => Known(user)?.Scopes ?? [];

    /// <summary>
    /// The one framework whose calendar may be read under <see cref="Scopes.CalendarRead"/>; null where the caller is held to none.
    /// </summary>
    public static Guid? HeldTo(this ClaimsPrincipal user) => Known(user)?.Framework;

    /// <summary>The sources that this caller is held to; none where it is held to none.</summary>
    public static IReadOnlyList<string> Sources(this ClaimsPrincipal user) => Known(user)?.Sources ?? [];

    public static ClaimsPrincipal Of(Principal principal, string scheme) => new(new CallerIdentity(principal, scheme));

    private static Principal? Known(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Principal;

    private sealed class CallerIdentity(Principal principal, string scheme)
        : ClaimsIdentity(principal.Scopes.Select(scope => new Claim(Scope, scope)), scheme)
    {
        public Principal Principal => principal;
    }
}
