using System.Net;
using System.Net.Sockets;

namespace CooperationEvents.Testing;

/// <summary>A port on loopback that nobody listens on now.</summary>
public static class FreePort
{
    /// <summary>
    /// Below the range Linux takes ports for outgoing connections from, and that of <c>deploy/private-postgres</c>; in random order for
    /// the sake of other processes that look for one.
    /// </summary>
    private static readonly int[] Ports = [.. Enumerable.Range(10_000, 10_000).Shuffle()];

    private static int _found = -1;

    /// <summary>Not one that was found for somebody else before, who does not listen yet.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Ports[Interlocked.Increment(ref _found) % Ports.Length];
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
