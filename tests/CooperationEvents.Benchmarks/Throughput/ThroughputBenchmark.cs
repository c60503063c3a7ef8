using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Organisations;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>
/// Posts a second, beside what the same machine gives otherwise, all by turns in one run: the bare rows (L1) and Marten's own append
/// function (L2) by pgbench, Marten in process (L3), the service over HTTP with everything on (L4), a service that does nothing but
/// append (the ceiling), and Emmett under Express (the peer). Only what was acknowledged and is found in the database afterwards counts.
/// </summary>
internal static class ThroughputBenchmark
{
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
        await using var ceiling = await Ceiling.Start(bare);
        await using var peer = await Peer.Start(postgres);
        var framework = await Sample.Framework(service);
        var (attendances, attendancesOfPeer) = (await Attendances.Of(service, framework), Attendances.Of(peer));

        (Part Part, Func<int, Task<Measured>> Measure)[] parts =
        [
            (Part.Rows, clients => PgBench.Run(bare, "rows.pgbench", clients, seconds)),
            (Part.AppendFunction, clients => PgBench.Run(bare, "append.pgbench", clients, seconds)),
            (Part.InProcess, clients => Counted(Environment.ProcessId, () => InProcess(marten, clients, seconds))),
            (Part.Ceiling, OfCeiling),
            (Part.Organisations, clients => OfService("organisation_registered", clients)),
            (Part.Meetings, clients => OfService("meeting_scheduled", clients, ("FRAMEWORK", $"{framework}"))),
            (Part.AttendanceAtFew, async clients => await OfService("attendance_recorded", clients, await attendances.Next(small: true))),
            (Part.AttendanceAtMany, async clients => await OfService("attendance_recorded", clients, await attendances.Next(small: false))),
            (Part.Organisations.OfPeer!, clients => OfPeer(clients)),
            (Part.Meetings.OfPeer!, clients => OfPeer(clients, ("FRAMEWORK", $"{framework}"))),
            (Part.AttendanceAtFew.OfPeer!, async clients => await OfPeer(clients, await attendancesOfPeer.Next(small: true))),
            (Part.AttendanceAtMany.OfPeer!, async clients => await OfPeer(clients, await attendancesOfPeer.Next(small: false))),
        ];

        // One short round of each first, so that what compiles and what is planned is not measured.
        foreach (var (_, measure) in parts)
            await measure(8);

        var results = new List<Result>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var clients in Report.Clients)
            {
                foreach (var (part, measure) in parts)
                {
                    var measured = await measure(clients);
                    results.Add(new Result(part, clients, measured));
                    Console.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"round {round + 1}, {clients, 2} clients, {part.Name, -32} {measured.PerSecond, 8:n0} posts/s, p50 "
                                + $"{measured.P50:0.0} ms, p99 {measured.P99:0.0} "
                                + $"ms{(measured.Errors > 0 ? $", {measured.Errors} errors" : "")}"
                        )
                    );
                }
            }
        }

        var text = Report.Of(results, rounds, seconds);
        Console.WriteLine(text);
        if (report is not null)
            await Write(report, text);

        Task<Measured> OfCeiling(int clients) =>
            Verified(bare, "organisation_registered", () =>
                Counted(Environment.ProcessId, () => Wrk.Run(ceiling.Url, "", clients, seconds))
            );

        async Task<Measured> OfService(string type, int clients, params (string Name, string Value)[] what)
        {
            var (measured, lags) = await Lags.During(register, () =>
                Verified(register, type, () =>
                    Counted(service.ProcessId, () => Wrk.Run(service.Url, service.Key("recorder"), clients, seconds, what))
                )
            );
            return measured with { Lags = lags };
        }

        Task<Measured> OfPeer(int clients, params (string Name, string Value)[] what) =>
            peer.Verified(() => Counted(peer.ProcessId, () => Wrk.Run(peer.Url, "", clients, seconds, what)));

        async Task<Measured> Counted(int server, Func<Task<Measured>> work)
        {
            var (before, began) = (ProcessorTimes.Now(server, postgres.ProcessId), Stopwatch.GetTimestamp());
            var measured = await work();
            var used = ProcessorTimes.Now(server, postgres.ProcessId) - before;
            return measured with { Processors = used / Stopwatch.GetElapsedTime(began) };
        }
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
