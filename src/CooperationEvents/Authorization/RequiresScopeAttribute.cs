using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace CooperationEvents.Authorization;

/// <summary>The scope an endpoint needs. An endpoint with none, and not open to anyone, is refused to everyone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class RequiresScopeAttribute(string scope) : AuthorizeAttribute, IAuthorizationRequirementData
{
    public string Scope { get; } = scope;

    /// <summary>A scope that is needed beside it; null for none.</summary>
    public string? Also { get; init; }

    /// <summary>A scope that will do in its place; null for none.</summary>
    public string? Or { get; init; }

    /// <summary>Whether the key may also come as the password of HTTP Basic: what asks can send nothing else.</summary>
    public bool TakesBasic { get; init; }

    /// <summary>What is needed, in words: <c>statistics:read and activity:read</c>.</summary>
    public string Needed => string.Join(" and ", new[] { Or is null ? Scope : $"{Scope} or {Or}", Also }.OfType<string>());

    /// <summary>Whether these scopes are enough.</summary>
    public bool Allows(IReadOnlyCollection<string> scopes) => Lacking(scopes) is null;

    /// <summary>The first scope that is missing among these; null where they are enough.</summary>
    public string? Lacking(IReadOnlyCollection<string> scopes) =>
        !scopes.Contains(Scope) && (Or is null || !scopes.Contains(Or)) ? Scope
        : Also is not null && !scopes.Contains(Also) ? Also
        : null;

    public IEnumerable<IAuthorizationRequirement> GetRequirements()
    {
        yield return new DenyAnonymousAuthorizationRequirement();
        yield return new ClaimsAuthorizationRequirement(CallerClaims.Scope, Or is null ? [Scope] : [Scope, Or]);
        if (Also is not null)
            yield return new ClaimsAuthorizationRequirement(CallerClaims.Scope, [Also]);
    }
}
