using System.Diagnostics;
using System.Globalization;
using System.Text;
using CooperationEvents.Organisations;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>
/// Posts a second, beside what the same machine gives otherwise, all by turns in one run: the bare rows (L1) and Marten's own append
/// function (L2) by pgbench, Marten in process (L3), the service over HTTP with everything on (L4), and Emmett under Express (the peer).
/// Only what was acknowledged and is found in the database afterwards counts.
/// </summary>
internal static class ThroughputBenchmark
{
    private static readonly int[] Clients = [1, 8, 32];

    public static async Task Run(int rounds, int seconds, string? report)
    {
        var postgres = await PrivatePostgres.Start(ephemeral: false);
        await using var closing = postgres;
        Environment.SetEnvironmentVariable("COOPERATION_TEST_DB", postgres.ConnectionString);
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var bare = await TestDatabase.Create();
        await using var marten = await TestDatabase.Create();
        await using var register = await TestDatabase.Create();

        // One caller posts for all clients; the limit of one caller is kept, and not reached.
        await using var service = ServiceProcess.Launch(register, data.FullName, ("Limits__RequestsPerSecond", "100000"));
        await service.Ready();
        await using var peer = await Peer.Start(postgres);

        // 90,000 attendances: more than can be posted in a round, since one that is recorded already is no event.
        var attendances = await Attendances.Prepare(service, meetings: 60, people: 1_500);

        (string Name, Func<int, Task<Measured>> Measure)[] parts =
        [
            ("L1 rows", clients => PgBench.Run(bare, "rows.pgbench", clients, seconds)),
            ("L2 append function", clients => PgBench.Run(bare, "append.pgbench", clients, seconds)),
            ("L3 Marten in process", clients => InProcess(marten, clients, seconds)),
            ("L4 service, organisations", clients =>
                Verified(register, "organisation_registered", () => Wrk.Run(service.Url, service.Key("recorder"), clients, seconds))
            ),
            ("L4 service, attendance at 5", clients =>
                Verified(register, "attendance_recorded", () =>
                    Wrk.Run(service.Url, service.Key("recorder"), clients, seconds, attendances.Next(small: true))
                )
            ),
            ("L4 service, attendance at 300", clients =>
                Verified(register, "attendance_recorded", () =>
                    Wrk.Run(service.Url, service.Key("recorder"), clients, seconds, attendances.Next(small: false))
                )
            ),
            ("peer, organisations", clients => peer.Verified(() => Wrk.Run(peer.Url, "", clients, seconds))),
        ];

        // One short round of each first, so that what compiles and what is planned is not measured.
        foreach (var (_, measure) in parts)
            await measure(8);

        var results = new List<(string Part, int Clients, Measured Measured)>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var clients in Clients)
            {
                foreach (var (name, measure) in parts)
                {
                    var (serviceBefore, allBefore) = (service.ProcessorTime, Stopwatch.GetTimestamp());
                    var measured = await measure(clients);
                    var share = (service.ProcessorTime - serviceBefore) / Stopwatch.GetElapsedTime(allBefore);
                    results.Add(
                        (name, clients, measured with { Processor = name.StartsWith("L4", StringComparison.Ordinal) ? share : null })
                    );
                    Console.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"round {round + 1}, {clients, 2} clients, {name, -32} {measured.PerSecond, 8:n0} posts/s, p50 "
                                + $"{measured.P50:0.0} ms, p99 {measured.P99:0.0} "
                                + $"ms{(measured.Errors > 0 ? $", {measured.Errors} errors" : "")}"
                        )
                    );
                }
            }
        }

        var text = Report(results, [.. parts.Select(p => p.Name)], rounds, seconds);
        Console.WriteLine(text);
        if (report is not null)
            await Write(report, text);
    }

    /// <summary>What was acknowledged must be there; what is there and was not acknowledged was under way at the end.</summary>
    private static async Task<Measured> Verified(TestDatabase database, string type, Func<Task<Measured>> post)
    {
        var before = await database.Scalar<long>("select count(*) from register.mt_events where type = $1", type);
        var measured = await post();
        var stored = await database.Scalar<long>("select count(*) from register.mt_events where type = $1", type) - before;
        return stored >= measured.Accepted
            ? measured
            : throw new InvalidOperationException($"{measured.Accepted} posts were acknowledged, and {stored} events are there.");
    }

    private static async Task<Measured> InProcess(TestDatabase database, int clients, int seconds)
    {
        await using var store = Sample.Store(database);
        var (clock, latencies) = (Stopwatch.StartNew(), new List<double>[clients]);
        await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(client =>
                    Task.Run(async () =>
                    {
                        latencies[client] = [];
                        while (clock.Elapsed.TotalSeconds < seconds)
                        {
                            var began = Stopwatch.GetTimestamp();
                            var id = Guid.NewGuid();
                            await using var session = store.LightweightSession();
                            session.Events.StartStream<Organisation>(
                                id,
                                new OrganisationRegistered(id, $"Organisation {id}", "ORG", [], new("bench", id.ToString()))
                            );
                            session.QueueSqlCommand(
                                "insert into recording.external_reference values (?, ?)",
                                System.Security.Cryptography.SHA256.HashData(id.ToByteArray()),
                                id
                            );
                            await session.SaveChangesAsync();
                            latencies[client].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                        }
                    })
                )
        );
        var all = latencies.SelectMany(l => l).Order().ToList();
        return new Measured(all.Count, all.Count / clock.Elapsed.TotalSeconds, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    private static string Report(
        List<(string Part, int Clients, Measured Measured)> results,
        IReadOnlyList<string> parts,
        int rounds,
        int seconds
    )
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds of {seconds} s each, by turns, on {Environment.ProcessorCount} cores shared by client, service and "
                + $"PostgreSQL. Median of posts a second (lowest to highest);"
        );
        text.AppendLine("p50 and p99 in ms, the median of the rounds; the processors the service used, of those there are.");
        text.AppendLine();
        text.AppendLine("| | clients | posts/s | p50 | p99 | of L2 | of the peer | service's processors |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var part in parts)
        {
            foreach (var clients in Clients)
            {
                var rows = Of(part, clients);
                var median = Median.Of(rows.Select(m => m.PerSecond));
                text.AppendLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {part} | {clients} | {median:n0} ({rows.Min(m => m.PerSecond):n0} to {rows.Max(m => m.PerSecond):n0}) | "
                            + $"{Median.Of(rows.Select(m => m.P50)):0.0} | {Median.Of(rows.Select(m => m.P99)):0.0} | "
                            + $"{median / Median.Of(Of(parts[1], clients).Select(m => m.PerSecond)):0.00} | "
                            + $"{median / Median.Of(Of(parts[^1], clients).Select(m => m.PerSecond)):0.00} | "
                            + $"{(rows[0].Processor is null ? "" : Median.Of(rows.Select(m => m.Processor!.Value)).ToString("0.00", CultureInfo.InvariantCulture))} |"
                    )
                );
            }
        }

        return text.ToString();

        List<Measured> Of(string part, int clients) =>
            [.. results.Where(r => r.Part == part && r.Clients == clients).Select(r => r.Measured)];
    }

    /// <summary>Puts the table between the marks in the document.</summary>
    private static async Task Write(string path, string text)
    {
        const string begin = "<!-- deploy/bench writes from here -->",
            end = "<!-- to here -->";
        var document = await File.ReadAllTextAsync(path);
        var (from, to) = (document.IndexOf(begin, StringComparison.Ordinal), document.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
            throw new InvalidOperationException($"{path} has no place for the table: {begin} … {end}");
        await File.WriteAllTextAsync(path, $"{document[..(from + begin.Length)]}\n{text}{document[to..]}");
    }
}

/// <summary>What was accepted, at which rate; latencies in ms; the processors the service used.</summary>
internal sealed record Measured(long Accepted, double PerSecond, double P50, double P99, long Errors = 0, double? Processor = null);
