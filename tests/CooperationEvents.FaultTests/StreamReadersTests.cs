using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class StreamReadersTests : IAsyncLifetime
{
    private readonly DataDirectory _data = new();
    private TestDatabase _database = null!;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _service = await ServiceProcess.Start(_database, _data.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task A_service_that_is_told_to_stop_ends_its_streams_and_ends_well()
    {
        (await Cooperation.Organisation("EEAS").Send(_service)).ShouldBeAccepted(201);
        var reading = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Read()));
        await Wait.Until("all to have the event", () => Array.TrueForAll(reading, r => r.Events == 1));

        await _service.Terminate();

        (await _service.Exit(ServiceProcess.StopPatience)).ShouldBe(0, _service.Output);
        foreach (var reader in reading)
            await reader.End;
        _service.Output.ShouldNotContain("fail:", customMessage: _service.Output);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_keeps_nobody_waiting()
    {
        const int outcomes = 60;
        var cooperation = await Cooperation.Start(_service);
        var meeting = await cooperation.Schedule(_service);
        using var stuck = await OpenAndReadNothing();
        var reader = await Read();
        var text = new string('x', 4_000);

        // Some three megabytes: more than the buffers between the service and a reader with a small window hold.
        await Crowd.Do(Enumerable.Range(0, outcomes), async _ =>
            (
                await _service.Post(
                    $"/v1/meetings/{meeting}/outcomes",
                    new { kind = "statement", text = Enumerable.Range(0, 14).ToDictionary(n => $"en-{n:000}", _ => text) }
                )
            ).ShouldBeAccepted(201)
        );
        var history = await _database.Events();

        await Wait.Until("the other reader to have everything", () => reader.Events == history);
        (await _service.Get("/v1/meetings")).Status.ShouldBe(200);
    }

    /// <summary>A connection with a small window, that is asked to stream and then left alone.</summary>
    private async Task<Socket> OpenAndReadNothing()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(_service.Url.Host, _service.Url.Port);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET /v1/feed HTTP/1.1\r\nHost: {_service.Url.Authority}\r\nAccept: text/event-stream\r\nX-Api-Key: "
                    + $"{_service.Keys["analyst"]}\r\n\r\n"
            )
        );
        return socket;
    }

    private async Task<StreamReading> Read() => new(await _service.Open("/v1/feed", "analyst", ("Accept", "text/event-stream")));

    /// <summary>Reads until the stream ends as a stream should; one that is cut off throws.</summary>
    private sealed class StreamReading
    {
        private readonly ConcurrentQueue<string> _events = new();

        public StreamReading(HttpResponseMessage stream) => End = ReadToEnd(stream);

        public int Events => _events.Count;

        public Task End { get; }

        private async Task ReadToEnd(HttpResponseMessage stream)
        {
            using (stream)
            {
                using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (line.StartsWith("event: ", StringComparison.Ordinal))
                        _events.Enqueue(line);
                }
            }
        }
    }
}
