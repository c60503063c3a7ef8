using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CooperationEvents.Organisations;
using CooperationEvents.Testing;
using Marten;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// Events a second that the service takes in batches of 100 CloudEvents, each of which registers an organisation, beside Marten in
/// process, which starts 100 streams a transaction. By turns, with one client and with four; the median of the rounds.
/// </summary>
internal static class BatchBenchmark
{
    private const int Size = 100;

    private static readonly int[] Clients = [1, 4];

    public static async Task Run(int rounds, int seconds)
    {
        await using var register = await TestDatabase.Create();
        await using var marten = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var service = ServiceProcess.Launch(register, data.FullName, ("Limits__RequestsPerSecond", "100000"));
        await service.Ready();
        await using var store = Sample.Store(marten);

        // One round of each first, so that what compiles and what is planned is not measured.
        await Measure(4, seconds, () => Post(service));
        await Measure(4, seconds, () => Append(store));
        foreach (var clients in Clients)
        {
            var (posted, appended) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                posted.Add(await Measure(clients, seconds, () => Post(service)));
                appended.Add(await Measure(clients, seconds, () => Append(store)));
            }

            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{clients} clients: {Range(posted)} events/s in batches of {Size}, {Range(appended)} by Marten in process: ratio "
                        + $"{Median.Of(posted) / Median.Of(appended):0.00}"
                )
            );
        }
    }

    private static string Range(List<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median.Of(values):n0} ({values.Min():n0} to {values.Max():n0})");

    /// <summary>Events a second, of clients that each begin the next batch once theirs is done.</summary>
    private static async Task<double> Measure(int clients, int seconds, Func<Task> batch)
    {
        var clock = Stopwatch.StartNew();
        var done = await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var batches = 0;
                        for (; clock.Elapsed.TotalSeconds < seconds; batches++)
                            await batch();
                        return batches;
                    })
                )
        );
        return done.Sum() * Size / clock.Elapsed.TotalSeconds;
    }

    private static async Task Post(ServiceProcess service)
    {
        var events = Enumerable
            .Range(0, Size)
            .Select(_ => $"{Guid.NewGuid()}")
            .Select(id => new JsonObject
            {
                ["specversion"] = "1.0",
                ["id"] = id,
                ["source"] = "https://desk.example.org",
                ["type"] = "org.cooperation.register-organisation.v1",
                ["data"] = new JsonObject { ["name"] = $"Organisation {id}", ["shortName"] = "ORG" },
            });
        using var content = new StringContent($"[{string.Join(',', events.Select(e => e.ToJsonString()))}]");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/cloudevents-batch+json");
        var answer = await service.PostFile("/v1/events", content);
        if (answer.Status != 200 || answer.Json["items"]!.AsArray().Any(i => i!["outcome"]!.GetValue<string>() != "accepted"))
            throw new InvalidOperationException(answer.ToString());
    }

    private static async Task Append(DocumentStore store)
    {
        await using var session = store.LightweightSession();
        for (var i = 0; i < Size; i++)
        {
            var id = Guid.NewGuid();
            session.Events.StartStream<Organisation>(id, new OrganisationRegistered(id, $"Organisation {id}", "ORG", []));
        }

        await session.SaveChangesAsync();
    }
}
