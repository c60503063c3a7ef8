using System.Globalization;
using CooperationEvents.Testing;
using CsCheck;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>
/// A node that is asked the same while meetings are recorded counts only the newest of them for each answer. One that starts has
/// nothing to go on from.
/// </summary>
public sealed class RecountTests : IAsyncLifetime
{
    private const int Histories = 2;

    /// <summary>Named, since midnight may pass between the two answers.</summary>
    private static readonly string Today = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private TestDatabase _database = null!;
    private RegisterHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _host = await RegisterHost.Start(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_host.DataDirectory, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_answered_while_meetings_are_recorded_is_what_another_node_counts_from_the_beginning()
    {
        var asked = new List<(string Seed, string Path, long Position, Answer Answer)>();
        for (var number = 0; number < Histories; number++)
        {
            var seed = new PCG((uint)number).ToString();
            var world = RandomHistory.Steps.Generate(PCG.Parse(seed), null, out _);
            Step[] steps = [.. world, .. RandomHistory.OfMeetings.Generate(PCG.Parse(seed), null, out _)];
            var history = new RandomHistory(steps, Guid.NewGuid().ToString());
            for (var i = 0; i < steps.Length; i++)
            {
                var command = history.Command(i);
                var answer = await _host.Post(command.Path, command.Body, "secretariat");
                if (i < world.Length || answer.Status is not (>= 200 and < 300))
                    continue;
                foreach (var path in Questions(history, answer.Position))
                    asked.Add((seed, path, answer.Position, await _host.Read(path, answer.Position, "analyst")));
            }
        }

        await using var another = await RegisterHost.Start(_database, _host.DataDirectory);
        foreach (var (seed, path, position, answer) in asked)
        {
            answer.Status.ShouldBe(200, path);
            var counted = await another.Read(path, position, "analyst");
            counted.Text.ShouldBe(answer.Text, $"{path}, of the history {seed}");
        }
    }

    private static IEnumerable<string> Questions(RandomHistory history, long position) =>
        from question in new[]
        {
            $"cumulative?asOf={Today}&",
            $"series?per=month&asOf={Today}&",
            "breakdown?by=organisation,country&orgView=lineage&asOf=2026-01-01&",
            $"breakdown?by=level,role&definition=1&framework={history.Framework(1)}&asOf={Today}&",
        }
        select $"/v1/statistics/{question}knownAt={position}";
}
