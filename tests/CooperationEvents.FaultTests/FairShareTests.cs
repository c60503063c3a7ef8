using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>One caller does what it can to keep the service busy; another, who asks for little, notices little of it.</summary>
[Collection(nameof(Alone))]
public sealed class FairShareTests : IAsyncLifetime
{
    private const int Requests = 200;

    /// <summary>
    /// What the slowest hundredth of the other caller's answers may take, or <see cref="TimesTheUsual"/> what it takes alone where that is
    /// more: far above what is measured (it is shown), since client, service and database share the processors of the machine, and far
    /// below being shut out.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private const int TimesTheUsual = 50;

    private readonly DataDirectory _data = new();
    private readonly CancellationTokenSource _over = new();
    private TestDatabase _database = null!;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _service = await ServiceProcess.Start(_database, _data.Path);
        for (var i = 0; i < 50; i++)
            (await Cooperation.Organisation($"Organisation {i}").Send(_service)).ShouldBeAccepted(201);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
        _data.Dispose();
        _over.Dispose();
    }

    [Fact]
    public Task Slow_bodies() => Withstands(262, async client =>
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(_service.Url.Host, _service.Url.Port, _over.Token);
            var stream = connection.GetStream();
            var head =
                $"POST /v1/organisations HTTP/1.1\r\nHost: {_service.Url.Authority}\r\nX-Api-Key: "
                + $"{_service.Key("recorder")}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{{";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _over.Token);
            while (true)
            {
                await Task.Delay(500, _over.Token);
                await stream.WriteAsync(new byte[160], _over.Token);
            }
        });

    [Fact]
    public Task Positions_that_never_come() =>
        Withstands(300, async _ => await _service.Get("/v1/organisations?minPosition=999999999", "analyst"));

    [Fact]
    public Task Many_posts() => Withstands(64, async client => await Cooperation.Organisation($"Agency {client}").Send(_service));

    [Fact]
    public Task Many_questions() => Withstands(64, async _ => await _service.Get("/v1/statistics/cumulative", "analyst"));

    [Fact]
    public Task Many_exports() => Withstands(30, async _ => await _service.Get("/v1/audit/export.tar", "auditor"));

    [Fact]
    public Task Wrong_keys() =>
        Withstands(64, async _ => await _service.Get("/v1/organisations", null, ("X-Api-Key", Authentication.ApiKeys.NewKey())));

    private async Task Withstands(int clients, Func<int, Task> abuse)
    {
        await Slowest();
        var usual = await Slowest();
        var begun = 0;
        var abusing = Enumerable
            .Range(0, clients)
            .Select(client =>
                Task.Run(async () =>
                {
                    Interlocked.Increment(ref begun);
                    while (!_over.IsCancellationRequested)
                    {
                        try
                        {
                            await abuse(client);
                        }
                        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
                        {
                            // It is let go; it comes again.
                        }
                    }
                })
            )
            .ToList();
        await Wait.Until("every client to have begun", () => Volatile.Read(ref begun) >= clients);

        var beside = await Slowest();
        await Wait.Until("the service to be ready beside them", async () => (await _service.Get("/health/ready", null)).Status == 200);

        await _over.CancelAsync();
        await Task.WhenAll(abusing);
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"p99 of the other caller: {usual.TotalMilliseconds:0} ms alone, {beside.TotalMilliseconds:0} ms beside {clients} clients "
                    + $"of one abuser"
            )
        );
        beside.ShouldBeLessThan(TimesTheUsual * usual > Longest ? TimesTheUsual * usual : Longest);
    }

    /// <summary>What the slowest hundredth of the other caller's answers took at least.</summary>
    private async Task<TimeSpan> Slowest()
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Requests; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            (await _service.Get("/v1/organisations?limit=10", "secretariat")).Status.ShouldBe(200);
            times.Add(Stopwatch.GetElapsedTime(begun));
        }

        return times.Order().ElementAt(Requests * 99 / 100);
    }
}
