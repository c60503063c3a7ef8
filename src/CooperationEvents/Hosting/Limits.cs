using CooperationEvents.Http;

namespace CooperationEvents.Hosting;

/// <summary>How much one request may ask of the service.</summary>
public static class Limits
{
    public static void AddLimits(this IWebHostBuilder host) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = JsonBody.Limit;
    });
}
