using System.Diagnostics;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// A large history is put in, taken into the read models and the log by the service as it runs, and then replayed and compared,
/// while single posts go on.
/// </summary>
internal static class ReplayBenchmark
{
    public static async Task Run(int meetings, int attendedEach)
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var service = await ServiceProcess.Start(database, data.FullName);
        var clock = Stopwatch.StartNew();
        await new LargeHistory(meetings, attendedEach).Insert(database);
        Console.WriteLine(
            $"{await database.Scalar<long>("select count(*) from register.mt_events"):n0} events put in, in "
                + $"{clock.Elapsed.TotalSeconds:0.0} s"
        );
        await LargeHistory.Projected(database);
        await LargeHistory.Published(database);
        Console.WriteLine($"read models and log had them after {clock.Elapsed.TotalSeconds:0.0} s");
        await Measure(service);
    }

    /// <summary>Replays what the service has, and says how fast; posts go on meanwhile.</summary>
    public static async Task Measure(ServiceProcess service)
    {
        var alone = await Posts(service, TimeSpan.FromSeconds(10));

        var (before, clock) = (service.Memory >> 20, Stopwatch.StartNew());
        var path = (await service.Post("/v1/audit/replays", new { }, "auditor")).Header("Location")
            ?? throw new InvalidOperationException("The replay was refused.");
        var memory = new List<long>();
        TimeSpan? compares = null;
        JsonNode replay = null!;
        var posting = Posts(service, null, () => replay?["finishedAt"] is not null);
        await Wait.Until("the replay", TimeSpan.FromHours(1), async () =>
        {
            replay = (await service.Get(path, "auditor")).Json;
            memory.Add(service.Memory >> 20);
            compares ??= replay["state"]!.GetValue<string>() is "running" or "queued" ? null : clock.Elapsed;
            return replay["finishedAt"] is not null;
        });
        var rows = replay["tables"]!.AsArray().Sum(t => t!["live"]!.GetValue<long>());
        var replayed = replay["events"]!["replayed"]!.GetValue<long>();
        Console.WriteLine($"{replay["state"]}: {replay["differences"]} differences, {replay["damagedEvents"]} damaged events");
        Console.WriteLine(
            $"replayed {replayed:n0} events in {compares!.Value.TotalSeconds:0.0} s: {replayed / compares.Value.TotalSeconds:n0} events/s"
        );
        var comparing = (clock.Elapsed - compares.Value).TotalSeconds;
        Console.WriteLine($"compared {rows:n0} rows in {comparing:0.0} s: {rows / comparing:n0} rows/s");
        Console.WriteLine(
            $"memory of the service (MiB): {before} before, tenths of the run "
                + $"{string.Join(' ', Enumerable.Range(0, 10).Select(i => memory[i * memory.Count / 10]))}, {service.Memory >> 20} after"
        );
        Console.WriteLine($"posts one after another: {alone:n1} a second before, {await posting:n1} while it ran");
    }

    /// <summary>Posts one organisation after another; says how many a second.</summary>
    private static async Task<double> Posts(ServiceProcess service, TimeSpan? span, Func<bool>? until = null)
    {
        var (clock, posts) = (Stopwatch.StartNew(), 0);
        while (span is { } length ? clock.Elapsed < length : !until!())
        {
            var answer = await service.Post("/v1/organisations", new { name = "An organisation", shortName = "ORG" });
            if (answer.Status != 201)
                throw new InvalidOperationException(answer.ToString());
            posts++;
        }

        return posts / clock.Elapsed.TotalSeconds;
    }
}
