using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class SlowClientTests
{
    private const int Slow = 300;

    [Fact]
    public async Task Clients_that_send_a_byte_a_second_harm_nobody_and_are_let_go()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using var service = await ServiceProcess.Start(database, data.Path);
        var clients = await Task.WhenAll(Enumerable.Range(0, Slow).Select(_ => Connect(service)));
        using var over = new CancellationTokenSource();
        var dripping = clients.Select(client => Drip(client, over.Token)).ToList();

        var slowest = TimeSpan.Zero;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 100; i++)
        {
            clock.Restart();
            (await Cooperation.Organisation($"Organisation {i}").Send(service)).ShouldBeAccepted(201);
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
        }

        await Wait.Until("the slow clients to be let go", () => dripping.All(d => d.IsCompleted));
        await over.CancelAsync();
        foreach (var client in clients)
            client.Dispose();
        (await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'")).ShouldBe(100);
        Figures.Show($"{Slow} clients of a byte a second: the slowest of 100 posts beside them took {slowest.TotalMilliseconds:0} ms");
    }

    private static async Task<TcpClient> Connect(ServiceProcess service)
    {
        var client = new TcpClient();
        await client.ConnectAsync(service.Url.Host, service.Url.Port);
        var head =
            $"POST /v1/organisations HTTP/1.1\r\nHost: {service.Url.Authority}\r\nX-Api-Key: {service.Key("recorder")}\r\nContent-Type: "
            + $"application/json\r\nContent-Length: 100000\r\n\r\n{{";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        return client;
    }

    /// <summary>Sends a byte a second until the service has closed the connection.</summary>
    private static async Task Drip(TcpClient client, CancellationToken over)
    {
        var stream = client.GetStream();
        var answer = Read(stream, over);
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!answer.IsCompleted && await second.WaitForNextTickAsync(over))
        {
            try
            {
                await stream.WriteAsync(" "u8.ToArray(), over);
            }
            catch (IOException)
            {
                break;
            }
        }

        (await answer).ShouldBeOneOf("", "408", "400");
    }

    /// <summary>The status the service answers with before it closes; nothing where it just closes.</summary>
    private static async Task<string> Read(NetworkStream stream, CancellationToken over)
    {
        var buffer = new byte[64 * 1024];
        var text = new StringBuilder();
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, over)) > 0)
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Closed while we sent.
        }

        return text.ToString().Split(' ') is [_, var status, ..]
            ? int.Parse(status, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : "";
    }
}
