using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CooperationEvents.Http;

/// <summary>
/// A page of words and tables, to be read and printed. Nothing runs in it and nothing is loaded; of styles its own alone holds, which its
/// Content-Security-Policy names by digest.
/// </summary>
public static class PlainPage
{
    private const string Style = """
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; overflow-wrap: anywhere }
        p { max-width: 46rem }
        table { border-collapse: collapse; margin: 0 0 2rem } caption { text-align: left } caption bdi { display: inline-block }
        th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top }
        .figures td { text-align: right; overflow-wrap: normal }
        """;

    /// <summary>As a browser reads it, so that the digest is of what it takes.</summary>
    private static readonly string Styled = Style.ReplaceLineEndings("\n");

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Styled)))}'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <param name="title">As plain text.</param>
    /// <param name="content">As HTML, from the first heading on.</param>
    public static IResult Of(HttpContext http, string title, string content, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return Results.Text(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Text(title)}</title>
            <style>{Styled}</style>
            </head>
            <body>
            <main>
            {content}
            </main>
            </body>
            </html>

            """,
            MediaTypes.Page,
            Encoding.UTF8,
            status
        );
    }

    /// <summary>Plain text as HTML.</summary>
    public static string Text(string? text) => WebUtility.HtmlEncode(text) ?? "";

    /// <summary>
    /// A name as HTML. It may run from right to left, and must not change places with what stands beside it.
    /// </summary>
    public static string Name(string name) => $"<bdi>{Text(name)}</bdi>";
}
