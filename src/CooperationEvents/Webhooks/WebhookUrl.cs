using System.Net;

namespace CooperationEvents.Webhooks;

/// <summary>Which URLs webhooks may be sent to. What a name resolves to is looked at when it is called, each time anew.</summary>
public static class WebhookUrl
{
    /// <summary>Why this cannot be called, or null.</summary>
    public static string? Fault(string url, bool allowPrivate)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Host.Length == 0)
            return "Must be an absolute https URL.";
        if (parsed.Scheme != Uri.UriSchemeHttps && !(allowPrivate && parsed.Scheme == Uri.UriSchemeHttp))
            return "Must be an https URL: what is sent is signed, and only https keeps it from being read on the way.";
        if (parsed.UserInfo.Length > 0)
            return "Must hold no user name or password: the URL is shown to whoever may see the subscription. Check the signature instead.";
        if (parsed.Fragment.Length > 0)
            return "Must have no fragment: it would not be sent.";
        return !allowPrivate && IPAddress.TryParse(parsed.DnsSafeHost, out var address) && !PublicAddress.IsPublic(address)
            ? "Must be an address of the public Internet."
            : null;
    }
}
