using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Conditional reads (RFC 9110, 13.1.2).</summary>
public static class EntityTags
{
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
