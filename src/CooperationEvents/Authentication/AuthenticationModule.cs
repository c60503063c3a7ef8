using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;
using Wolverine;

namespace CooperationEvents.Authentication;

public static class AuthenticationModule
{
    /// <summary>The scheme that looks at what a caller sent and hands it to the scheme for that.</summary>
    private const string AnyScheme = "Caller";

    /// <summary>Ways to know callers, and a fallback that lets nobody through an endpoint that names no scope.</summary>
    public static IServiceCollection AddCallers(this IServiceCollection services, ProviderOptions provider, bool development)
    {
        services
            .AddTables("Authentication")
            .AddConfigured<SecurityEventOptions>()
            .AddConfigured<LimitOptions>()
            .AddSingleton<ApiKeys>()
            .AddSingleton<Principals>()
            .AddSingleton<IKnowPrincipals>(services => services.GetRequiredService<Principals>())
            .AddSingleton<KeyAttempts>()
            .AddSingleton<ProviderKeys>()
            .AddSingleton<ApiKeyRequests>()
            .AddTransient<ApiKeyHandler>();
        services.AddSingleton<SecurityEvents>().AddHostedService(provider => provider.GetRequiredService<SecurityEvents>());

        var tokens = BearerTokens.From(provider);
        var pages = PageSignIn.From(provider);
        var authentication = services
            .AddAuthentication(AnyScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Name, null)
            .AddPolicyScheme(AnyScheme, null, options => options.ForwardDefaultSelector = http =>
                    http.Request.Headers.ContainsKey(ApiKeyHandler.Header) ? ApiKeyHandler.Name
                    : tokens is not null && IsBearer(http) ? JwtBearerDefaults.AuthenticationScheme
                    : pages is not null && !http.Request.Headers.ContainsKey(HeaderNames.Authorization) && !IsOpen(http)
                        ? PageSignIn.Session
                    : ApiKeyHandler.Name);
        if (tokens is not null)
        {
            authentication.AddJwtBearer(tokens.Configure);

            // Keys that the provider has taken back sign nothing any more.
            services.PostConfigureAll<JwtBearerOptions>(options =>
            {
                if (options.ConfigurationManager is BaseConfigurationManager keys)
                    keys.UseLastKnownGoodConfiguration = false;
            });
        }

        if (pages is not null)
            pages.Add(authentication, secure: !development);
        else
            services.AddDataProtection().UseEphemeralDataProtectionProvider();

        services
            .AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireAssertion(_ => false).Build());
        return services;
    }

    /// <summary>What is open to anybody looks nobody up.</summary>
    private static bool IsOpen(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static bool IsBearer(HttpContext http) =>
        http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ForgetSecurityEvents>("25 * * * *");
}
