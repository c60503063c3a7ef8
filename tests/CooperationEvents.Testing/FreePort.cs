using System.Net;
using System.Net.Sockets;

namespace CooperationEvents.Testing;

/// <summary>A port on loopback that nobody listens on now.</summary>
public static class FreePort
{
    /// <summary>Below the range Linux takes ports for outgoing connections from, and that of <c>deploy/private-postgres</c>.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
