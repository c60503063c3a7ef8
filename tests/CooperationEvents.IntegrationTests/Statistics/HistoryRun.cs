using System.Globalization;
using System.Text.Json;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>A question for the cumulative figures, and what was answered when it was asked first.</summary>
public sealed record Asked(Guid? Framework, DateOnly? From, DateOnly AsOf, long KnownAt, bool Lineage, bool First, Answer Answer)
{
    public string Query => QueryOf(Framework, AsOf, KnownAt, Lineage, From, First);

    public static string QueryOf(Guid? framework, DateOnly asOf, long knownAt, bool lineage, DateOnly? from = null, bool first = false) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"asOf={asOf:yyyy-MM-dd}&knownAt={knownAt}{(framework is { } f ? $"&framework={f}" : "")}{(lineage ? "&orgView=lineage" : "")}{(from is { } day ? $"&from={day:yyyy-MM-dd}" : "")}{(first ? "&definition=1" : "")}"
        );
}

/// <summary>A random history as it was posted, with the answers given while it was.</summary>
public sealed class HistoryRun
{
    /// <summary>After how many commands a question about an earlier position is asked.</summary>
    private const int AskEvery = 30;

    private readonly bool _alone;

    private HistoryRun(string seed, RandomHistory history, bool alone)
    {
        Seed = seed;
        History = history;
        _alone = alone;
    }

    /// <summary>What <see cref="StatisticsPropertyTests.SeedVariable"/> takes to make this history again.</summary>
    public string Seed { get; }

    public RandomHistory History { get; }

    public int Accepted { get; private set; }

    /// <summary>The position of the last event.</summary>
    public long Position { get; private set; }

    public List<Asked> Questions { get; } = [];

    /// <summary>Answers that no command may have.</summary>
    public List<Answer> Faults { get; } = [];

    /// <summary>Random choices about this history, the same whenever it is made again.</summary>
    public Random Choices() => new(Seed.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)));

    /// <param name="alone">Whether it is asked about its own frameworks only, where the database holds what it should not be blamed
    /// for.</param>
    public static async Task<HistoryRun> Post(RegisterHost host, string seed, IReadOnlyList<Step> steps, bool alone = false)
    {
        var run = new HistoryRun(seed, new RandomHistory(steps, Guid.NewGuid().ToString()), alone);
        var choices = run.Choices();
        var positions = new List<long>();
        for (var i = 0; i < steps.Count; i++)
        {
            var command = run.History.Command(i);
            var answer = await host.Post(await Named(host, command.Path), command.Body, "secretariat");
            if (answer.Status is >= 200 and < 300)
            {
                run.Accepted++;
                run.Position = Math.Max(run.Position, answer.Position);
                positions.Add(answer.Position);
            }
            else if (answer.Status is not (404 or 409 or 422))
            {
                run.Faults.Add(answer);
            }

            if (i % AskEvery == AskEvery - 1 && positions.Count > 0)
                run.Questions.Add(await run.Ask(host, choices, positions[choices.Next(positions.Count)]));
        }

        return run;
    }

    private static async Task<string> Named(RegisterHost host, string path) =>
        !path.Contains(RandomHistory.LastDocument, StringComparison.Ordinal)
            ? path
            : path.Replace(
                RandomHistory.LastDocument,
                await host.Database.Scalar<string?>(
                    "select max(id::text) from register.mt_events where stream_id = $1 and type = 'document_linked'",
                    Guid.Parse(path.Split('/')[3])
                ) ?? RandomHistory.LastDocument,
                StringComparison.Ordinal
            );

    /// <summary>All frameworks together.</summary>
    public Guid? Together => _alone ? History.Framework(0) : null;

    /// <summary>Asks about a random framework, or all, and a random day, as known at a position.</summary>
    public async Task<Asked> Ask(RegisterHost host, Random choices, long knownAt)
    {
        var which = choices.Next(RandomHistory.Frameworks + 2);
        Guid? framework = which < RandomHistory.Frameworks ? History.Framework(which) : Together;
        var asOf = RandomHistory.AsOf(choices);
        var lineage = choices.Next(3) == 0;
        var from = choices.Next(3) == 0 ? RandomHistory.From(choices, asOf) : (DateOnly?)null;
        var first = choices.Next(4) == 0;
        var answer = await host.Read(
            $"/v1/statistics/cumulative?{Asked.QueryOf(framework, asOf, knownAt, lineage, from, first)}",
            knownAt,
            "analyst"
        );
        return new Asked(framework, from, asOf, knownAt, lineage, first, answer);
    }

    public string Describe()
    {
        var commands = Enumerable.Range(0, History.Commands.Count).Select(History.Command);
        return string.Join('\n', commands.Select(c => $"  {c.Path} {JsonSerializer.Serialize(c.Body)}"));
    }
}
