using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Content negotiation by <c>Accept</c> (RFC 9110).</summary>
public static class MediaTypes
{
    /// <summary>Which of the offered types the caller likes best; the first one where it says nothing or nothing fits.</summary>
    public static string Preferred(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        if (MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(v => v ?? "")], out var accepted))
        {
            foreach (var range in accepted.OrderByDescending(a => a.Quality ?? 1).Where(a => a.Quality is not 0))
            {
                foreach (var type in offered)
                {
                    if (MediaTypeHeaderValue.Parse(type).IsSubsetOf(range))
                        return type;
                }
            }
        }

        return offered[0];
    }
}
