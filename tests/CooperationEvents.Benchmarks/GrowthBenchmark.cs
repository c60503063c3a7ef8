using System.Globalization;
using CooperationEvents.Benchmarks.Throughput;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// Posts a second of 1, 8 and 32 clients to an empty register and to one with a large history, by turns. The history comes by bulk
/// insert, and nothing is measured before read models and log have all of it.
/// </summary>
internal static class GrowthBenchmark
{
    private static readonly int[] Clients = [1, 8, 32];

    public static async Task Run(int meetings, int attendedEach, int rounds, int seconds)
    {
        var postgres = await PrivatePostgres.Start(ephemeral: false);
        await using var closing = postgres;
        Environment.SetEnvironmentVariable("COOPERATION_TEST_DB", postgres.ConnectionString);
        await using var empty = await Register.Start();
        await using var grown = await Register.Start();
        await new LargeHistory(meetings, attendedEach).Insert(grown.Database);
        await LargeHistory.Projected(grown.Database);
        await LargeHistory.Published(grown.Database);
        var events = await grown.Database.Scalar<long>("select count(*) from register.mt_events");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events:n0} events; posts a second, empty and with them:"));

        // The first is not measured: it compiles and plans.
        foreach (var register in new[] { empty, grown })
            await register.Posts(8, seconds);
        foreach (var clients in Clients)
        {
            var (of, and) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                of.Add(await empty.Posts(clients, seconds));
                and.Add(await grown.Posts(clients, seconds));
            }

            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{clients} clients: {Told(of)} and {Told(and)}, ratio {Median.Of(and) / Median.Of(of):n2}"
                )
            );
        }
    }

    private static string Told(List<double> measured) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median.Of(measured):n0} ({measured.Min():n0} to {measured.Max():n0})");

    private sealed record Register(TestDatabase Database, ServiceProcess Service) : IAsyncDisposable
    {
        public static async Task<Register> Start()
        {
            var database = await TestDatabase.Create();
            var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
            var service = ServiceProcess.Launch(database, data.FullName, ("Limits__RequestsPerSecond", "100000"));
            await service.Ready();
            return new Register(database, service);
        }

        public async Task<double> Posts(int clients, int seconds) =>
            (await Wrk.Run(Service.Url, Service.Key("recorder"), clients, seconds)).PerSecond;

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
