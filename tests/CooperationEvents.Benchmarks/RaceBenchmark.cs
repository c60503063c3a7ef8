using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// 50 clients post the same 1,000 CloudEvents at once, each in an order of its own: half of them one by one, half in batches
/// of 50. Each event must take effect once, and nobody see an error.
/// </summary>
internal static class RaceBenchmark
{
    private const int Clients = 50;
    private const int Events = 1_000;
    private const int BatchSize = 50;

    public static async Task Run()
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var service = await ServiceProcess.Start(database, data.FullName);
        var events = Enumerable
            .Range(0, Events)
            .Select(i =>
                new JsonObject
                {
                    ["specversion"] = "1.0",
                    ["id"] = $"{i}",
                    ["source"] = "https://desk.example.org",
                    ["type"] = "org.cooperation.register-organisation.v1",
                    ["data"] = new JsonObject { ["name"] = $"Organisation {i}", ["shortName"] = $"O{i}" },
                }.ToJsonString()
            )
            .ToArray();

        var clock = Stopwatch.StartNew();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => Client(service, client, events))));
        clock.Stop();

        var counts = outcomes.SelectMany(o => o).CountBy(o => o).ToDictionary();
        var recorded = await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'");
        Console.WriteLine(
            $"{Clients} clients, {Events:n0} events each, in {clock.Elapsed.TotalSeconds:0.0} s "
                + $"({Clients * Events / clock.Elapsed.TotalSeconds:n0} posted events/s)"
        );
        Console.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key} {c.Value:n0}")));
        Console.WriteLine(
            $"recorded: {recorded:n0}: "
                + $"{(recorded == Events && counts["accepted"] == Events && counts["duplicate"] == (Clients - 1) * Events ? "each took effect once" : "WRONG")}"
        );
    }

    private static async Task<IReadOnlyList<string>> Client(ServiceProcess service, int number, string[] events)
    {
        var order = events.ToArray();
        new Random(number).Shuffle(order);
        var outcomes = new List<string>();
        foreach (var part in order.Chunk(number % 2 == 0 ? 1 : BatchSize))
        {
            var single = part.Length == 1;
            using var content = new StringContent(single ? part[0] : $"[{string.Join(',', part)}]");
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(
                single ? "application/cloudevents+json" : "application/cloudevents-batch+json"
            );
            var answer = await service.PostFile("/v1/events", content);
            if (answer.Status != 200)
                outcomes.Add($"status {answer.Status}");
            else if (single)
                outcomes.Add(answer.Json["outcome"]!.GetValue<string>());
            else
                outcomes.AddRange(answer.Json["items"]!.AsArray().Select(i => i!["outcome"]!.GetValue<string>()));
        }

        return outcomes;
    }
}
