using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CooperationEvents.Hosting;

/// <summary>
/// What may run in the reference pages: the script that is served with them, and what stands in the page itself, by digest.
/// </summary>
public static partial class DocsPolicy
{
    public static void UseDocsPolicy(this WebApplication app) =>
        app.Use(
            async (http, next) =>
            {
                if (!http.Request.Path.StartsWithSegments("/docs") || !HttpMethods.IsGet(http.Request.Method))
                {
                    await next(http);
                    return;
                }

                var answer = http.Response.Body;
                using var page = new MemoryStream();
                http.Response.Body = page;
                try
                {
                    await next(http);
                }
                finally
                {
                    http.Response.Body = answer;
                }

                if (http.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) ?? false)
                    http.Response.Headers.ContentSecurityPolicy = Policy(Encoding.UTF8.GetString(page.ToArray()));
                page.Position = 0;
                await page.CopyToAsync(answer, http.RequestAborted);
            }
        );

    private static string Policy(string page)
    {
        var scripts = Inline()
            .Matches(page)
            .Select(m => m.Groups[1].Value)
            .Where(script => script.Trim().Length > 0)
            .Select(script => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'")
            .Distinct();
        return $"default-src 'none'; script-src 'self' {string.Join(' ', scripts)}; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
            + $"blob:; "
            + "font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    }

    [GeneratedRegex("<script[^>]*>(.*?)</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}
