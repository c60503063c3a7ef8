using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// The audit log over a large history: how fast it is sequenced, exported and replayed, verified and a published figure counted again from
/// it, and in how much memory; then how far it stays behind while clients post as fast as they can, and how much fewer posts are taken with
/// it than without it, by turns in the same run.
/// </summary>
internal static class AuditBenchmark
{
    private const int Clients = 16;
    private const int Turns = 2;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>How often the log is looked at: seldom enough to take nothing from the posts.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly (string, string?)[] NoLimits = [("Limits__RequestsPerSecond", "1000000"), ("Limits__Burst", "1000000")];

    public static async Task Run(int meetings, int attendedEach)
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-").FullName;
        await using (await ServiceProcess.Start(database, data)) { }

        var inserted = await new LargeHistory(meetings, attendedEach).Insert(database);
        var events = await database.Scalar<long>("select count(*) from register.mt_events");
        Console.WriteLine($"{events:n0} events put into the history, {inserted:n0} a second");
        await using (var service = await ServiceProcess.Start(database, data))
        {
            var sequenced = await LargeHistory.Published(database);
            Console.WriteLine($"sequenced, while the read models followed: {events / sequenced.TotalSeconds:n0} entries/s");
        }

        Guid publication;
        await using (var service = await ServiceProcess.Start(database, data))
        {
            publication = await Publish(service, database);
            events = await database.Scalar<long>("select count(*) from register.mt_events");
            await Export(service, data, events);
        }

        await Verifier("verified", data, events, "export", "export.tar", "--keys", "keys", "--quiet");
        await Verifier("figure counted again", data, events, "figure", publication.ToString(), "export.tar", "--quiet");
        await using (var service = await ServiceProcess.Start(database, data))
            await ReplayBenchmark.Measure(service);
        await Load(database, data);
    }

    /// <summary>Publishes the figure of everything, once it can be asked for.</summary>
    private static async Task<Guid> Publish(ServiceProcess service, TestDatabase database)
    {
        await LargeHistory.Projected(database);
        var position = await database.Scalar<long>("select max(seq_id) from register.mt_events");
        var question = new
        {
            asOf = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            knownAt = $"{position}",
            acknowledgeSmallCells = true,
        };
        var answer = await service.Post("/v1/statistics/publications", question, "admin");
        if (answer.Status != 201)
            throw new InvalidOperationException(answer.ToString());
        await LargeHistory.Published(database);
        return answer.Id;
    }

    private static async Task Export(ServiceProcess service, string data, long events)
    {
        using var watched = new PeakMemory(() => service.Memory);
        var (before, clock) = (service.Memory, Stopwatch.StartNew());
        using var response = await service.Open("/v1/audit/export.tar", "auditor");
        response.EnsureSuccessStatusCode();
        await using (var file = File.Create(Path.Combine(data, "export.tar")))
            await response.Content.CopyToAsync(file);
        clock.Stop();
        var size = new FileInfo(Path.Combine(data, "export.tar")).Length;
        Console.WriteLine(
            $"exported: {size >> 20:n0} MiB in {clock.Elapsed.TotalSeconds:0.0} s, {events / clock.Elapsed.TotalSeconds:n0} entries/s; "
                + $"memory of the service {before >> 20} MiB before, {watched.Peak >> 20} MiB at most"
        );
        var keys = await service.Get("/v1/audit/log/keys", role: null);
        await File.WriteAllTextAsync(Path.Combine(data, "keys"), keys.Text);
    }

    /// <summary>Runs the verifier beside the export, and says how fast it was.</summary>
    private static async Task Verifier(string what, string data, long events, params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "cooperation-verify.dll");
        using var verifier = Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = data, RedirectStandardOutput = true }
        )!;
        using var watched = new PeakMemory(() =>
        {
            verifier.Refresh();
            return verifier.HasExited ? 0 : verifier.WorkingSet64;
        });
        var clock = Stopwatch.StartNew();
        var output = await verifier.StandardOutput.ReadToEndAsync();
        await verifier.WaitForExitAsync();
        Console.WriteLine(
            $"{what}: exit code {verifier.ExitCode}, {clock.Elapsed.TotalSeconds:0.0} s, {events / clock.Elapsed.TotalSeconds:n0} "
                + $"entries/s, "
                + $"{watched.Peak >> 20} MiB at most: {output.Trim().Split('\n')[^1]}"
        );
    }

    private static async Task Load(TestDatabase database, string data)
    {
        var (with, without) = (new List<double>(), new List<double>());
        var (toLeaf, toCheckpoint) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            // Whoever holds the lock sequences: nobody does while it is held here.
            await using (var connection = await database.Source.OpenConnectionAsync())
            {
                await using var hold = new NpgsqlCommand(
                    $"select pg_advisory_lock({AdvisoryLocks.Log.ToString(CultureInfo.InvariantCulture)})",
                    connection
                );
                await hold.ExecuteNonQueryAsync();
                without.Add((await Post(database, data, sequenced: false)).Rate);
            }

            database.Source.Clear();
            var (rate, leaf, checkpoint) = await Post(database, data, sequenced: true);
            with.Add(rate);
            toLeaf.AddRange(leaf);
            toCheckpoint.AddRange(checkpoint);
        }

        Console.WriteLine(
            $"{Clients} clients, posts/s by turns without the log: {Say(without)}; with it: {Say(with)}; ratio "
                + $"{with.Average() / without.Average():0.00}"
        );
        Console.WriteLine(
            $"from the answer until the event has its leaf: {Lag(toLeaf)}; until a published checkpoint covers it: {Lag(toCheckpoint)}"
        );
    }

    /// <summary>
    /// Registers organisations as fast as it goes, and watches the log meanwhile; posts a second, and milliseconds of lag.
    /// </summary>
    private static async Task<(double Rate, IReadOnlyList<double> ToLeaf, IReadOnlyList<double> ToCheckpoint)> Post(
        TestDatabase database,
        string data,
        bool sequenced
    )
    {
        await using var service = ServiceProcess.Launch(database, data, NoLimits);
        await service.Ready();
        if (sequenced)
            await LargeHistory.Published(database);
        var answered = new ConcurrentBag<(long Position, long At)>();
        using var stop = new CancellationTokenSource();
        var log = sequenced ? Task.Run(() => Watch(database, stop.Token)) : Task.FromResult<IReadOnlyList<(long, long, long)>>([]);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Client(TimeSpan.FromSeconds(3), null)));
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Client(Turn, answered)));
        if (sequenced)
            await LargeHistory.Published(database);
        await stop.CancelAsync();
        var seen = await log;
        return (answered.Count / Turn.TotalSeconds, Lags(answered, seen, s => s.Leaf), Lags(answered, seen, s => s.Checkpoint));

        async Task Client(TimeSpan duration, ConcurrentBag<(long, long)>? into)
        {
            var began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                var answer = await service.Post("/v1/organisations", new { name = $"Organisation {Guid.NewGuid()}", shortName = "O" });
                if (answer.Status != 201)
                    throw new InvalidOperationException(answer.ToString());
                into?.Add((answer.Position, Stopwatch.GetTimestamp()));
            }
        }
    }

    /// <summary>The highest position with a leaf, and under a published checkpoint, each time either has moved, and at the end.</summary>
    private static async Task<IReadOnlyList<(long Leaf, long Checkpoint, long At)>> Watch(TestDatabase database, CancellationToken stop)
    {
        var seen = new List<(long Leaf, long Checkpoint, long At)>();
        for (var last = false; !last; await Task.Delay(Look, CancellationToken.None))
        {
            last = stop.IsCancellationRequested;
            var row = (
                await database.Rows("select seq, coalesce((select seq from audit.leaf where index = published - 1), 0) from audit.log_head")
            )[0];
            var (leaf, checkpoint) = ((long)row[0]!, (long)row[1]!);
            if (seen is [] || seen[^1].Leaf != leaf || seen[^1].Checkpoint != checkpoint)
                seen.Add((leaf, checkpoint, Stopwatch.GetTimestamp()));
        }

        return seen;
    }

    private static List<double> Lags(
        IEnumerable<(long Position, long At)> answered,
        IReadOnlyList<(long Leaf, long Checkpoint, long At)> seen,
        Func<(long Leaf, long Checkpoint, long At), long> reached
    ) =>
        [
            .. from answer in seen.Count == 0 ? [] : answered
            let found = seen.First(s => reached(s) >= answer.Position).At
            select Math.Max(0, Stopwatch.GetElapsedTime(answer.At, found).TotalMilliseconds),
        ];

    private static string Say(List<double> rates) => string.Join(", ", rates.Select(r => r.ToString("n0", CultureInfo.InvariantCulture)));

    private static string Lag(List<double> lags)
    {
        lags.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{lags[lags.Count / 2]:0} ms at the median, {lags[lags.Count * 99 / 100]:0} ms at the 99th percentile"
        );
    }

    /// <summary>Looks at memory while something runs.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly Timer _timer;

        public PeakMemory(Func<long> bytes) => _timer = new Timer(_ => Peak = Math.Max(Peak, bytes()), null, 0, 100);

        public long Peak { get; private set; }

        public void Dispose() => _timer.Dispose();
    }
}
