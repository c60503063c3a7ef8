using Microsoft.AspNetCore.Authorization;

namespace CooperationEvents.Access;

/// <summary>The scope an endpoint needs. An endpoint with none, and not open to anyone, is refused to everyone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class RequiresScopeAttribute(string scope) : AuthorizeAttribute(scope)
{
    public string Scope { get; } = scope;

    /// <summary>Whether the key may also come as the password of HTTP Basic: what asks can send nothing else.</summary>
    public bool TakesBasic { get; init; }
}
