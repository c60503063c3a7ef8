using System.Net;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace CooperationEvents.Hosting;

/// <summary>
/// The proxies whose word is taken for where a request comes from and whether it came by https: <c>Proxy:Trusted</c>, addresses or
/// networks. <c>Proxy:Hops</c> (1) is how many stand one behind the other.
/// </summary>
public sealed record TrustedProxies(IReadOnlyList<IPNetwork> Networks, IReadOnlyList<string> Unreadable)
{
    public static TrustedProxies Read(IConfiguration configuration)
    {
        var (networks, unreadable) = (new List<IPNetwork>(), new List<string>());
        foreach (var given in ConfiguredOptions.Read<ProxyOptions>(configuration).Trusted)
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

    public static void Use(WebApplication app)
    {
        var trusted = Read(app.Configuration);
        if (trusted.Networks.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = ConfiguredOptions.Read<ProxyOptions>(app.Configuration).Hops,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted.Networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
