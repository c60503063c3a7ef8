using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace CooperationEvents.Access;

public static class AccessModule
{
    /// <summary>One policy per scope, and a fallback that lets nobody through an endpoint that names none.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeys>().AddTransient<ApiKeyHandler>();
        services.AddWebEncoders();
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = ApiKeyHandler.Name;
            options.AddScheme<ApiKeyHandler>(ApiKeyHandler.Name, null);
        });
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireAssertion(_ => false).Build());
        foreach (var scope in Scopes.All)
            authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireClaim(ApiKeyHandler.ScopeClaim, scope));
        return services;
    }

    public static Guid PrincipalId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!);

    public static bool Has(this ClaimsPrincipal user, string scope) => user.HasClaim(ApiKeyHandler.ScopeClaim, scope);
}
