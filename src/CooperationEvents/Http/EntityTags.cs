using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Conditional reads (RFC 9110, 13.1.2).</summary>
public static class EntityTags
{
    /// <summary>
    /// The tag of a state in one representation. The version alone is the tag of the JSON, and If-Match of a write is held to it. Other
    /// representations have tags of their own (RFC 9110, 8.8.3): else a caller would be told that another form has not changed.
    /// </summary>
    public static EntityTagHeaderValue Of(string state, string representation, bool isWeak = false) =>
        new($"\"{state}-{representation}\"", isWeak);

    /// <summary>
    /// Puts the tag into the answer, and says whether the caller has that answer already, so that it needs no body (304). Weak and strong
    /// tags are the same here.
    /// </summary>
    public static bool IsKnown(HttpContext http, EntityTagHeaderValue tag)
    {
        http.Response.Headers.ETag = tag.ToString();
        return http
            .Request.GetTypedHeaders()
            .IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false));
    }
}
