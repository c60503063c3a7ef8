using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Http.Features;

namespace CooperationEvents.Http;

/// <summary>
/// What holds for every request, whatever it asks for: its length, how its body is sent, and that HEAD is answered wherever GET
/// is. What the server itself would refuse without a word is refused here, as a problem.
/// </summary>
public static class RequestCheck
{
    /// <summary>The longest path with its query, in characters.</summary>
    private const int LongestTarget = 8 * 1024;

    /// <summary>The most characters of all headers together.</summary>
    private const int LongestHeaders = 32 * 1024;

    /// <summary>Beyond this, in bytes, the server itself ends the connection.</summary>
    private const int ServersLimit = 256 * 1024;

    private static readonly ProblemType TargetTooLong = new("target-too-long", 414, "The path and query are too long");
    private static readonly ProblemType TransferCodingUnknown = new("transfer-coding-unknown", 501, "The transfer coding is not known");
    private static readonly ProblemType HeadersTooLarge = new("headers-too-large", 431, "The headers are too large");

    public static void AddRequestCheck(this WebApplicationBuilder builder) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestLineSize = ServersLimit;
            kestrel.Limits.MaxRequestHeadersTotalSize = ServersLimit;
        });

    public static void UseRequestCheck(this WebApplication app) =>
        app.Use(
            (http, next) =>
                Fault(http) is { } fault ? ProblemResult.Of(fault).ExecuteAsync(http)
                : HttpMethods.IsHead(http.Request.Method) ? AnswerHead(http, next)
                : next(http)
        );

    /// <summary>Whether only the headers of the answer are sent.</summary>
    public static bool IsHead(HttpContext http) => http.Features.Get<IHttpResponseBodyFeature>() is NoBody;

    private static Problem? Fault(HttpContext http)
    {
        var request = http.Request;
        if (request.Path.Value!.Length + (request.QueryString.Value?.Length ?? 0) > LongestTarget)
            return TargetTooLong.Because($"At most {LongestTarget} characters are taken. Send less in the query, or in several requests.");
        if (LengthOf(request.Headers) > LongestHeaders)
            return HeadersTooLarge.Because($"At most {LongestHeaders} characters are taken in all headers.");
        if (
            request.Headers.TransferEncoding is [var transfer, ..] transfers
            && (transfers.Count > 1 || !string.Equals(transfer?.Trim(), "chunked", StringComparison.OrdinalIgnoreCase))
        )
            return TransferCodingUnknown.Because("Send the body chunked, or with its length, and in no other transfer coding.");
        if (
            request.Headers.TransferEncoding.Count > 0
            && (request.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length"))
        )
            return KernelProblems.Unreadable.Because(
                "Send Content-Length or Transfer-Encoding, not both: where the body ends would be in doubt."
            );
        if (
            request.Headers.ContentEncoding is { Count: > 0 } codings
            && codings
                .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                is { } encoding
        )
        {
            http.Response.Headers.AcceptEncoding = "identity";
            return KernelProblems.UnsupportedMediaType.Because($"Send the body as it is, and not encoded as {Shown(encoding)}.");
        }

        return null;
    }

    /// <summary>In characters: all names and values.</summary>
    private static int LengthOf(IHeaderDictionary headers)
    {
        var length = 0;
        foreach (var (name, values) in headers)
        {
            length += name.Length;
            foreach (var value in values)
                length += value?.Length ?? 0;
        }

        return length;
    }

    /// <summary>Answers as GET would, and sends nothing but the headers.</summary>
    private static async Task AnswerHead(HttpContext http, RequestDelegate next)
    {
        var sent = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Request.Method = HttpMethods.Get;
        http.Features.Set<IHttpResponseBodyFeature>(new NoBody(sent));
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
            http.Features.Set(sent);
        }
    }

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private sealed class NoBody(IHttpResponseBodyFeature sent) : StreamResponseBodyFeature(Stream.Null, sent)
    {
        /// <summary>Headers go out by the server's own way, whenever the answer is begun.</summary>
        public override Task StartAsync(CancellationToken cancellationToken = default) => PriorFeature!.StartAsync(cancellationToken);
    }
}
