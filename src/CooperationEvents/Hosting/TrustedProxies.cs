using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace CooperationEvents.Hosting;

/// <summary>
/// The proxies whose word is taken for where a request comes from and whether it came by https: <c>Proxy:Trusted</c>, addresses or
/// networks. <c>Proxy:Hops</c> (1) is how many stand one behind the other.
/// </summary>
public sealed record TrustedProxies(IReadOnlyList<IPNetwork> Networks, IReadOnlyList<string> Unreadable)
{
    public static TrustedProxies Of(ProxyOptions options)
    {
        var (networks, unreadable) = (new List<IPNetwork>(), new List<string>());
        foreach (var given in options.Trusted)
        {
            if (IPAddress.TryParse(given, out var address))
                networks.Add(new IPNetwork(address, 8 * address.GetAddressBytes().Length));
            else if (IPNetwork.TryParse(given, out var network))
                networks.Add(network);
            else
                unreadable.Add(given);
        }

        return new TrustedProxies(networks, unreadable);
    }

    public static void Use(IApplicationBuilder app, ProxyOptions options)
    {
        var trusted = Of(options);
        if (trusted.Networks.Count == 0)
            return;
        var headers = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = options.Hops,
        };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var network in trusted.Networks)
            headers.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(headers);
    }
}
