using System.Net.Sockets;

namespace CooperationEvents.Testing;

/// <summary>Whether a container engine answers here. Asked before a container is tried, which takes far longer to fail.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    public static async Task<bool> Answers()
    {
        using var patience = new CancellationTokenSource(Patience);
        var answers = await Task.WhenAll(Places().Select(place => Answers(place, patience.Token)));
        return answers.Contains(true);
    }

    private static IEnumerable<Uri> Places()
    {
        if (Uri.TryCreate(Environment.GetEnvironmentVariable("DOCKER_HOST"), UriKind.Absolute, out var named))
            return [named];
        string[] sockets =
        [
            "/var/run/docker.sock",
            $"{Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}/docker.sock",
            $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.docker/run/docker.sock",
        ];
        return sockets.Where(File.Exists).Select(socket => new Uri("unix://" + socket));
    }

    private static async Task<bool> Answers(Uri place, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler();
        if (place.Scheme == "unix")
            handler.ConnectCallback = (_, token) => Connect(place.AbsolutePath, token);
        using var client = new HttpClient(handler);
        var host = place.Scheme == "unix" ? "localhost" : place.Authority;
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://{host}/_ping"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async ValueTask<Stream> Connect(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
