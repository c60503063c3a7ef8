using System.Net;
using System.Net.Sockets;

namespace CooperationEvents.Webhooks;

/// <summary>
/// How receivers are connected to: to an address that was looked at, so that a name that resolves to another address the next
/// time (DNS rebinding) gains nothing; directly, without a proxy; without following redirects; keeping nothing between calls.
/// </summary>
public static class WebhookConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>After this time a name is resolved anew.</summary>
    private static readonly TimeSpan KeptOpen = TimeSpan.FromMinutes(2);

    private const int ConnectionsPerReceiver = 16;

    private const int MostHeaderKilobytes = 16;

    public static SocketsHttpHandler Handler(bool allowPrivate) =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = KeptOpen,
            MaxConnectionsPerServer = ConnectionsPerReceiver,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            MaxResponseDrainSize = 0,
            ConnectCallback = (context, cancellation) => Connect(context.DnsEndPoint, allowPrivate, cancellation),
        };

    private static async ValueTask<Stream> Connect(DnsEndPoint receiver, bool allowPrivate, CancellationToken cancellation)
    {
        var allowed = (await Addresses(receiver.Host, cancellation))
            .Where(address => allowPrivate || PublicAddress.IsPublic(address))
            .ToArray();
        if (allowed.Length == 0)
            throw new PrivateAddressException(receiver.Host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, receiver.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A name that nobody knows is told from one of an inner network to nobody: else names could be tried out.</summary>
    private static async Task<IPAddress[]> Addresses(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}

/// <summary>The receiver's name leads to no address of the public Internet.</summary>
public sealed class PrivateAddressException(string host)
    : Exception($"{host} is no address of the public Internet, and no other is called.");
