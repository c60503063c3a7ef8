using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Hosting;

/// <summary>The proxies before the service (<c>Proxy</c>).</summary>
public sealed class ProxyOptions : IConfiguredOptions
{
    public static string Section => "Proxy";

    /// <summary>Addresses or networks whose word is taken for where a request comes from.</summary>
    public string[] Trusted { get; set; } = [];

    /// <summary>How many stand one behind the other.</summary>
    [Range(1, 100)]
    public int Hops { get; set; } = 1;
}
