using System.Globalization;
using CooperationEvents.Benchmarks.Throughput;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// Posts a second of 1, 8 and 32 clients to an empty register, and to the same once it has a large history: by bulk insert, and once
/// read models and log have all of it.
/// </summary>
internal static class GrowthBenchmark
{
    private static readonly int[] Clients = [1, 8, 32];

    public static async Task Run(int meetings, int attendedEach, int rounds, int seconds)
    {
        var postgres = await PrivatePostgres.Start(ephemeral: false);
        await using var closing = postgres;
        Environment.SetEnvironmentVariable("COOPERATION_TEST_DB", postgres.ConnectionString);
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var service = ServiceProcess.Launch(database, data.FullName, ("Limits__RequestsPerSecond", "100000"));
        await service.Ready();
        await Say("empty");
        await new LargeHistory(meetings, attendedEach).Insert(database);
        await LargeHistory.Projected(database);
        await LargeHistory.Published(database);
        await Say("with its history");

        async Task Say(string what)
        {
            var events = await database.Scalar<long>("select count(*) from register.mt_events");

            // The first is not measured: it compiles and plans.
            await Wrk.Run(service.Url, service.Key("recorder"), 8, seconds);
            foreach (var clients in Clients)
            {
                var measured = new List<double>();
                for (var round = 0; round < rounds; round++)
                    measured.Add((await Wrk.Run(service.Url, service.Key("recorder"), clients, seconds)).PerSecond);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what}, {events:n0} events, {clients} clients: {Median.Of(measured):n0} posts/s ({measured.Min():n0} to "
                            + $"{measured.Max():n0})"
                    )
                );
            }
        }
    }
}
