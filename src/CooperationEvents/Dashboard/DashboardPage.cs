using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Authentication;
using CooperationEvents.Http;

namespace CooperationEvents.Dashboard;

/// <summary>
/// The dashboard at <c>/</c>: one page with its style and script in it, which reads the same API as everybody, by the session of who
/// is signed in or with the key its user enters. What may run in it is named by digest, and nothing else does.
/// </summary>
public static class DashboardPage
{
    private const string DevelopmentHint =
        "In Development the keys are in <code>dev-keys.json</code> in the data directory (<code>.data</code> unless <code>DATA_DIR</code> "
        + "says otherwise); the analyst’s reads every figure.";

    private const string ProductionHint =
        "An administrator of this register issues keys; one with the scopes statistics:read and activity:read shows everything here.";

    private const string SignIn =
        """<p><a id="sign-in" class="primary" href="/sign-in">Sign in</a> at your organisation, or enter a key.</p>""";

    public static void MapDashboard(this WebApplication app)
    {
        var (style, script) = (Read("dashboard.css"), Read("dashboard.js"));
        var page = Read("dashboard.html")
            .Replace("{{style}}", style, StringComparison.Ordinal)
            .Replace("{{script}}", script, StringComparison.Ordinal)
            .Replace("{{sign-in}}", app.Services.GetService<PageSignIn>() is null ? "" : SignIn, StringComparison.Ordinal)
            .Replace("{{keys}}", app.Environment.IsDevelopment() ? DevelopmentHint : ProductionHint, StringComparison.Ordinal);
        var policy =
            $"default-src 'none'; script-src '{Digest(script)}'; style-src '{Digest(style)}'; connect-src 'self'; img-src 'self' data:; "
            + $"form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        app.MapGet("/", (HttpContext http) =>
            {
                http.Response.Headers.ContentSecurityPolicy = policy;
                http.Response.Headers.XContentTypeOptions = "nosniff";
                http.Response.Headers["Referrer-Policy"] = "no-referrer";
                http.Response.Headers.CacheControl = "no-cache";
                return Results.Text(page, MediaTypes.Page, Encoding.UTF8);
            })
            .AllowAnonymous()
            .ExcludeFromDescription();
    }

    private static string Digest(string source) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(source)))}";

    private static string Read(string name)
    {
        using var stream = typeof(DashboardPage).Assembly.GetManifestResourceStream($"CooperationEvents.Dashboard.{name}")
            ?? throw new InvalidOperationException($"The dashboard's {name} is not in the assembly.");
        using var reader = new StreamReader(stream);

        // As a browser reads it, so that the digest is of what it runs.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
