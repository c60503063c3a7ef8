using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using CsCheck;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>
/// Random histories, posted to one running service. A property that fails for one of them is shown with its seed and with
/// the fewest commands for which it still fails.
/// </summary>
public sealed class HistoryRuns : IAsyncLifetime
{
    /// <summary>Set to the seed of a failure to run that history alone.</summary>
    public const string SeedVariable = "COOPERATION_HISTORY_SEED";

    /// <summary>How many histories are made; fewer than <see cref="Fewest"/> prove little.</summary>
    private const string CountVariable = "COOPERATION_HISTORIES";

    private const int Fewest = 25;

    /// <summary>More than are asked for are made where chance left out what is to be proved, but not more than this.</summary>
    private const int Most = 4 * Fewest;
    private const int AtOnce = 3;

    private static readonly TimeSpan PatienceWithShrinking = TimeSpan.FromSeconds(60);

    private TestDatabase? _database;
    private RegisterHost? _host;
    private StoredHistory? _stored;

    public RegisterHost Host => _host!;

    public TestDatabase Database => _database!;

    /// <summary>The history in the database; read only up to positions that are settled.</summary>
    public StoredHistory Stored => _stored!;

    public IReadOnlyList<HistoryRun> All { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _host = await RegisterHost.Start(_database);
        _stored = new StoredHistory(_database);
        for (var seeds = Seeds(); seeds.Count > 0; )
        {
            All = [.. All, .. await Post(seeds)];

            // Everything is settled from here on.
            await _host.Reaches(All.Max(r => r.Position));
            seeds = All.Count is 1 or >= Most || await SayEnough() ? [] : [RandomSeed(All.Count + 1)];
        }
    }

    /// <summary>
    /// The kinds of event that did not occur. The log's own are left out: they say nothing of the activity. So are those that hide
    /// something of a person: who posts a history may not record them.
    /// </summary>
    public async Task<IReadOnlyList<string>> KindsLeftOut()
    {
        var occurred = (await Database.Rows("select distinct type from register.mt_events")).Select(row => (string)row[0]!).ToHashSet();
        return
        [
            .. EventType
                .All.Where(s =>
                    s.Stream != StreamKind.Log
                    && s.Name is not ("person_restricted" or "person_erased" or "person_fields_expired")
                    && !occurred.Contains(s.Name)
                )
                .Select(s => s.Name),
        ];
    }

    /// <summary>What is rare occurs as well: every kind of event and of attendance that is not counted, and a long line of merges.</summary>
    private async Task<bool> SayEnough()
    {
        if ((await KindsLeftOut()).Count > 0)
            return false;
        var all = NaiveRecount.Of(await Stored.UpTo(All.Max(r => r.Position)), long.MaxValue, null, new DateOnly(2026, 1, 1));
        return all.LongestLine > 2 && all.NotCounted.All(n => n.Value.Count > 0);
    }

    /// <summary>Fails where the property says, for any history, what is wrong.</summary>
    public async Task ForEach(Func<HistoryRun, Task<string?>> property)
    {
        var wrong = new ConcurrentBag<(HistoryRun Run, string Why)>();
        await Parallel.ForEachAsync(All, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (run, _) =>
        {
            if (wrong.IsEmpty && await property(run) is { } why)
                wrong.Add((run, why));
        });
        if (wrong.TryTake(out var first))
            Assert.Fail(await Smallest(first.Run, first.Why, property));
    }

    public async ValueTask DisposeAsync()
    {
        _stored?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
            Directory.Delete(_host.DataDirectory, recursive: true);
        }

        if (_database is not null)
            await _database.DisposeAsync();
    }

    private async Task<IReadOnlyCollection<HistoryRun>> Post(IReadOnlyList<string> seeds)
    {
        var runs = new ConcurrentBag<HistoryRun>();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (seed, _) =>
            runs.Add(await HistoryRun.Post(Host, seed, StepsOf(seed)))
        );
        return runs;
    }

    private static IReadOnlyList<string> Seeds()
    {
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed)
            return [seed];
        var count = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : Fewest;
        return [.. Enumerable.Range(1, count).Select(RandomSeed)];
    }

    /// <summary>Another one in each run of the tests.</summary>
    private static string RandomSeed(int number) => new PCG((uint)number).ToString();

    private static Step[] StepsOf(string seed) => RandomHistory.Steps.Generate(PCG.Parse(seed), null, out _);

    /// <summary>Takes away as many commands as it can while the property still fails.</summary>
    private async Task<string> Smallest(HistoryRun failed, string why, Func<HistoryRun, Task<string?>> property)
    {
        var patience = Stopwatch.StartNew();
        var smallest = failed;
        for (var size = failed.History.Commands.Count / 2; size > 0; size /= 2)
        {
            for (var at = smallest.History.Commands.Count - size; at >= 0 && patience.Elapsed < PatienceWithShrinking; at -= size)
            {
                var commands = smallest.History.Commands;
                if (at + size > commands.Count)
                    continue;
                var run = await HistoryRun.Post(Host, failed.Seed, [.. commands.Take(at), .. commands.Skip(at + size)], alone: true);
                await Host.Reaches(run.Position);
                if (await property(run) is { } still)
                    (smallest, why) = (run, still);
            }
        }

        return $"{why}\n\n{smallest.History.Commands.Count} commands of {failed.History.Commands.Count} "
            + $"suffice:\n{smallest.Describe()}\n\nTo make this history again: {SeedVariable}={failed.Seed}";
    }
}
