using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>One caller does what it can to keep the service busy; another, who asks for little, notices little of it.</summary>
[Collection(nameof(Alone))]
public sealed class FairShareTests(FairShareTests.Register register) : IClassFixture<FairShareTests.Register>
{
    private const int Requests = 200;

    /// <summary>What the slowest hundredth of the other caller's answers may take, as a multiple of what it takes alone.</summary>
    private const int TimesTheUsual = 5;

    /// <summary>How often it is tried: what else the machine does for a while only makes it slower.</summary>
    private const int Attempts = 4;

    /// <summary>What nobody notices, however quick the answers are alone.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the abuser comes from: an address beside the other caller's.</summary>
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("127.0.0.2"), 0);

    private readonly ServiceProcess _service = register.Service;
    private CancellationToken _over;

    [Fact]
    public Task Slow_bodies() => Withstands(262, () => Drip("/v1/organisations", "application/json", "{"));

    [Fact]
    public Task Slow_uploads() => Withstands(262, () => Drip("/v1/imports", "text/csv", "name,shortName\n"));

    [Fact]
    public Task Slow_readers() => Withstands(262, async () =>
        {
            // What it has asked for is never read: the server stands in the middle of an answer.
            using var client = await Connect(receives: 1024);
            var asks = string.Concat(Enumerable.Repeat(Head("GET", "/v1/organisations?limit=50", "analyst") + "\r\n", 200));
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(asks), _over);
            await Closed(client);
        });

    [Fact]
    public Task Positions_that_never_come() => Withstands(600, () => Ask("/v1/organisations?minPosition=999999999", "analyst"));

    [Fact]
    public Task Many_posts() => Withstands(64, () => Cooperation.Organisation($"Agency {Guid.NewGuid():n}").Send(_service));

    [Fact]
    public Task Many_questions() => Withstands(64, () => Ask("/v1/statistics/cumulative", "analyst"));

    [Fact]
    public Task Many_exports() => Withstands(30, () => Ask("/v1/audit/export.tar", "auditor"));

    [Fact]
    public Task Many_streams() => Withstands(64, () => Ask("/v1/feed", "analyst", ("Accept", "text/event-stream")));

    [Fact]
    public Task Many_imports() => Withstands(16, async () =>
        {
            using var rows = new StringContent(
                string.Join('\n', Enumerable.Range(0, 100).Select(_ => $"Agency {Guid.NewGuid():n},A").Prepend("name,shortName")),
                Encoding.UTF8,
                "text/csv"
            );
            var posted = await _service.PostFile("/v1/imports?kind=organisations", rows);
            if (posted.Status != 202)
                await Refused();
        });

    [Fact]
    public Task Many_keys_of_one_address()
    {
        var next = 0;
        return Withstands(60, () =>
            Ask("/v1/organisations?limit=10", null, ("X-Api-Key", register.Crowd[Interlocked.Increment(ref next) % register.Crowd.Count]))
        );
    }

    [Fact]
    public Task Wrong_keys() => Withstands(64, () => Ask("/v1/organisations", null, ("X-Api-Key", Authentication.ApiKeys.NewKey())));

    [Fact]
    public Task Wrong_tokens() =>
        Withstands(64, () => Ask("/v1/organisations", null, ("Authorization", $"Bearer e30.{Guid.NewGuid():n}.e30")));

    [Fact]
    public Task Connections_that_ask_nothing() => Withstands(2_100, async () =>
        {
            using var client = await Connect();
            await Closed(client);
        });

    private async Task Withstands(int clients, Func<Task> abuse)
    {
        for (var attempt = 1; ; attempt++)
        {
            var alone = await Slowest();
            var beside = await Beside(clients, abuse);
            var most = TimesTheUsual * alone > Unnoticed ? TimesTheUsual * alone : Unnoticed;
            Figures.Show(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"p99 of the other caller: {alone.TotalMilliseconds:0} ms alone, {beside.TotalMilliseconds:0} ms beside {clients} clients "
                        + $"of one abuser"
                )
            );
            if (beside <= most)
                return;
            attempt.ShouldBeLessThan(Attempts, $"{beside} is more than {most}");
        }
    }

    private async Task<TimeSpan> Beside(int clients, Func<Task> abuse)
    {
        using var over = new CancellationTokenSource();
        _over = over.Token;
        var begun = 0;
        var abusing = Enumerable
            .Range(0, clients)
            .Select(client =>
                Task.Run(async () =>
                {
                    Interlocked.Increment(ref begun);
                    while (!over.IsCancellationRequested)
                    {
                        try
                        {
                            await abuse();
                        }
                        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
                        {
                            // It is let go; it comes again.
                            await Refused();
                        }
                    }
                })
            )
            .ToList();
        await Wait.Until("every client to have begun", () => Volatile.Read(ref begun) >= clients);
        var slowest = await Slowest();
        await Wait.Until("the service to be ready beside them", async () => (await _service.Get("/health/ready", null)).Status == 200);
        await over.CancelAsync();
        await Task.WhenAll(abusing);
        return slowest;
    }

    /// <summary>
    /// What the slowest hundredth of the other caller's answers took at least, on a thread of its own: what the abuser's clients do in this
    /// process is not counted as time of the service.
    /// </summary>
    private Task<TimeSpan> Slowest() =>
        Task.Factory.StartNew(
            () =>
            {
                var times = new List<TimeSpan>();
                for (var i = 0; i < Requests; i++)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_service.Url, "/v1/organisations?limit=10"));
                    request.Headers.Add("X-Api-Key", _service.Key("secretariat"));
                    var begun = Stopwatch.GetTimestamp();
                    using var answer = register.Other.Send(request);
                    times.Add(Stopwatch.GetElapsedTime(begun));
                    answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                }

                return times.Order().ElementAt(Requests * 99 / 100);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    /// <summary>Asks for something and reads it to its end, if it has one.</summary>
    private async Task Ask(string path, string? role, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_service.Url, path));
        if (role is not null)
            request.Headers.Add("X-Api-Key", _service.Key(role));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await register.Abuser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _over);
        await answer.Content.CopyToAsync(Stream.Null, _over);
        if (!answer.IsSuccessStatusCode)
            await Refused();
    }

    /// <summary>Begins a body that it goes on with for as long as it is let.</summary>
    private async Task Drip(string path, string type, string beginning)
    {
        using var client = await Connect();
        var stream = client.GetStream();
        var head = $"{Head("POST", path, "recorder")}Content-Type: {type}\r\nContent-Length: 1000000\r\n\r\n{beginning}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _over);
        var closed = Closed(client);
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (!closed.IsCompleted && await often.WaitForNextTickAsync(_over))
            await stream.WriteAsync(new byte[160], _over);
        await closed;
    }

    private string Head(string method, string path, string role) =>
        $"{method} {path} HTTP/1.1\r\nHost: {_service.Url.Authority}\r\nX-Api-Key: {_service.Key(role)}\r\n";

    private async Task<TcpClient> Connect(int? receives = null)
    {
        var client = new TcpClient(Elsewhere);
        if (receives is { } bytes)
            client.ReceiveBufferSize = bytes;
        await client.ConnectAsync(_service.Url.Host, _service.Url.Port, _over);
        return client;
    }

    /// <summary>Waits until the service closes the connection; what it answers before is left unread.</summary>
    private async Task Closed(TcpClient client)
    {
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (
            client.Client is { } socket
            && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0)
            && !socket.Poll(0, SelectMode.SelectError)
        )
            await often.WaitForNextTickAsync(_over);
    }

    /// <summary>An abuser who is refused comes again soon, and has processors of its own to do so.</summary>
    private static Task Refused() => Task.Delay(50);

    public sealed class Register : IAsyncLifetime
    {
        private readonly DataDirectory _data = new();
        private TestDatabase _database = null!;

        public ServiceProcess Service { get; private set; } = null!;

        /// <summary>Keys of principals of their own.</summary>
        public IReadOnlyList<string> Crowd { get; private set; } = [];

        public HttpClient Other { get; } = new(new SocketsHttpHandler { UseProxy = false });

        public HttpClient Abuser { get; } =
            new(
                new SocketsHttpHandler
                {
                    UseProxy = false,
                    ConnectCallback = async (context, cancellation) =>
                    {
                        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                        try
                        {
                            socket.Bind(Elsewhere);
                            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                            return new NetworkStream(socket, ownsSocket: true);
                        }
                        catch
                        {
                            socket.Dispose();
                            throw;
                        }
                    },
                }
            );

        public async ValueTask InitializeAsync()
        {
            _database = await TestDatabase.Create();
            Service = await ServiceProcess.Start(_database, _data.Path);
            await Fill();
        }

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            await _database.DisposeAsync();
            _data.Dispose();
            Other.Dispose();
            Abuser.Dispose();
        }

        private async Task Fill()
        {
            for (var i = 0; i < 50; i++)
                (await Cooperation.Organisation($"Organisation {i}").Send(Service)).ShouldBeAccepted(201);
            var keys = new List<string>();
            for (var i = 0; i < 20; i++)
            {
                var made = await Service.Post("/v1/access/keys", new { owner = $"Clerk {i}", role = "secretariat" }, "admin");
                made.Status.ShouldBe(201, made.ToString());
                keys.Add(made.Json["key"]!.GetValue<string>());
            }

            Crowd = keys;
        }
    }
}
