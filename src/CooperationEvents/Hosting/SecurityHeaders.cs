using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Hosting;

/// <summary>
/// What every answer tells a browser to keep to, and every personal one a cache; and that Production is spoken to by https alone.
/// </summary>
public static class SecurityHeaders
{
    /// <summary>Nothing runs in an answer of the API, whatever a browser makes of it. Pages say what runs in them.</summary>
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    private const string AYear = "max-age=31536000";

    /// <summary>What an answer to somebody depends on beside its address.</summary>
    private static readonly string[] WhoAsks = ["Authorization", ApiKeyHandler.Header, "Cookie"];

    private static readonly string WhoAsksAlone = string.Join(", ", WhoAsks);

    private static readonly ProblemType Plain = new("https-required", 403, "This service is spoken to by https alone");

    /// <summary>Before everything that answers, the check of the host included; and before it what trusted proxies say.</summary>
    public static void AddSecurityHeaders(this IServiceCollection services, ProxyOptions proxies, bool development) =>
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new First(proxies, development)));

    public static void UseHttpsAlone(this WebApplication app, bool development)
    {
        if (development)
            return;
        app.Use(
            (http, next) =>
                http.Request.IsHttps || http.Request.Path.StartsWithSegments("/health")
                    ? next(http)
                    : ProblemResult
                        .Of(
                            Plain.Because(
                                "Send the request by https. A key that was sent in the clear is known to others: have it revoked."
                            )
                        )
                        .ExecuteAsync(http)
        );
    }

    private static void Set(HttpContext http, bool development)
    {
        var headers = http.Response.Headers;
        if (!development && http.Request.IsHttps)
            headers.StrictTransportSecurity = AYear;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (!headers.ContainsKey(HeaderNames.ContentSecurityPolicy))
            headers.ContentSecurityPolicy = NothingRuns;
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>() is null)
            return;
        if (!headers.ContainsKey(HeaderNames.CacheControl))
            headers.CacheControl = "no-store";
        headers.Vary = headers.Vary.Count == 0 ? WhoAsksAlone : string.Join(", ", With(headers.Vary));
    }

    private static IEnumerable<string> With(StringValues vary) =>
        vary.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Concat(WhoAsks)
            .Distinct(StringComparer.OrdinalIgnoreCase);

    private sealed class First(ProxyOptions proxies, bool development) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                TrustedProxies.Use(app, proxies);
                Func<object, Task> set = http =>
                {
                    Set((HttpContext)http, development);
                    return Task.CompletedTask;
                };
                app.Use(
                    (http, following) =>
                    {
                        http.Response.OnStarting(set, http);
                        return following(http);
                    }
                );
                next(app);
            };
    }
}
