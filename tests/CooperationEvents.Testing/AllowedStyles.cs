using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CooperationEvents.Testing;

/// <summary>
/// Holds every page against its own Content-Security-Policy: what stands in it and is not allowed by it, a browser passes over without a
/// word. Such a page fails the test that got it.
/// </summary>
internal sealed partial class AllowedStyles(HttpMessageHandler service) : DelegatingHandler(service)
{
    private const string UnsafeInline = "'unsafe-inline'";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType != "text/html")
            return answer;
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var page = await answer.Content.ReadAsStringAsync(cancellationToken);
        var policy = answer.Headers.TryGetValues("Content-Security-Policy", out var values) ? string.Join(';', values) : "";
        if (Forbidden(page, policy).FirstOrDefault() is { } forbidden)
            throw new ForbiddenStyleException($"{request.RequestUri} holds what its policy \"{policy}\" does not allow: {forbidden}");
        return answer;
    }

    private static IEnumerable<string> Forbidden(string page, string policy)
    {
        foreach (Match part in Inline().Matches(page))
        {
            var (kind, text) = (part.Groups["kind"].Value.ToLowerInvariant(), part.Groups["text"].Value);
            var digest = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
            if (text.Trim().Length > 0 && !Sources(policy, $"{kind}-src").Any(source => source is UnsafeInline || source == digest))
                yield return $"<{kind}>{text}";
        }

        if (StyleAttribute().Match(page) is { Success: true } attribute && !Sources(policy, "style-src").Contains(UnsafeInline))
            yield return attribute.Value;
    }

    private static string[] Sources(string policy, string directive)
    {
        var directives = policy.Split(';', StringSplitOptions.TrimEntries).Select(d => d.Split(' ')).ToList();
        return directives.FirstOrDefault(d => d[0] == directive) ?? directives.FirstOrDefault(d => d[0] == "default-src") ?? [UnsafeInline];
    }

    [GeneratedRegex("<(?<kind>style|script)[^>]*>(?<text>.*?)</\\k<kind>>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("<[a-z][^>]* style=[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex StyleAttribute();
}

/// <summary>A page holds a style or a script that its own policy does not allow.</summary>
public sealed class ForbiddenStyleException(string message) : Exception(message);
