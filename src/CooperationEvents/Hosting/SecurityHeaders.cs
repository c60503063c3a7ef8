using CooperationEvents.Access;
using CooperationEvents.Authentication;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Hosting;

/// <summary>
/// What every answer tells a browser to keep to, and every personal one a cache; and that Production is spoken to by https alone.
/// </summary>
public static class SecurityHeaders
{
    /// <summary>Nothing runs in an answer of the API, whatever a browser makes of it. Pages say what runs in them.</summary>
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>What an answer to somebody depends on beside its address.</summary>
    private static readonly string[] WhoAsks = ["Authorization", ApiKeyHandler.Header, "Cookie"];

    private static readonly ProblemType Plain = new("https-required", 403, "This service is spoken to by https alone");

    public static IServiceCollection AddSecurityHeaders(this IServiceCollection services) =>
        services.AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));

    public static void UseSecurityHeaders(this WebApplication app, bool development)
    {
        app.Use(
            (http, next) =>
            {
                http.Response.OnStarting(() =>
                {
                    Set(http);
                    return Task.CompletedTask;
                });
                return next(http);
            }
        );
        if (development)
            return;
        app.UseHsts();
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

    private static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (!headers.ContainsKey(HeaderNames.ContentSecurityPolicy))
            headers.ContentSecurityPolicy = NothingRuns;
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>() is null)
            return;
        if (!headers.ContainsKey(HeaderNames.CacheControl))
            headers.CacheControl = "no-store";
        var vary = headers.Vary.SelectMany(v =>
            (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        );
        headers.Vary = string.Join(", ", vary.Concat(WhoAsks).Distinct(StringComparer.OrdinalIgnoreCase));
    }
}
