using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledDatabaseTests
{
    /// <summary>After so long the driver gives up a command by itself: no answer waits for that.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task While_the_database_is_away_callers_are_told_to_ask_again_and_afterwards_everything_is_there_once()
    {
        await using var server = await PrivatePostgres.Start(ephemeral: false);
        await using var database = await TestDatabase.CreateOn(server.ConnectionString);
        using var data = new DataDirectory();
        await using var service = await ServiceProcess.Start(database, data.Path);
        var cooperation = await Cooperation.Start(service, people: 5);
        var before = await database.Events();
        var calls = new Calls();
        var posts = Enumerable
            .Range(0, 1_000)
            .Select(i => i % 2 == 0 ? Cooperation.Person($"Newcomer {i}") : cooperation.Held(i, cooperation.People, heads: 0))
            .ToList();

        // Half of them are not made before the database is away.
        var away = new TaskCompletionSource();
        var posting = Crowd.Do(posts.Index(), async post =>
        {
            if (post.Index >= posts.Count / 2)
                await away.Task;
            await Wait.Until("a post to be accepted", async () =>
            {
                await calls.Make(() => post.Item.Send(service));
                return post.Item.Answer is not null;
            });
        });
        await Wait.Until("the first hundred posts", () => posting.IsCompleted || posts.Count(post => post.Answer is not null) >= 100);
        server.Kill();
        away.SetResult();
        foreach (
            var path in (string[])["/v1/statistics/cumulative", "/v1/meetings", $"/v1/people/{cooperation.People[0]}", "/health/ready"]
        )
            (await calls.Make(() => service.Get(path))).ShouldBeBusy();
        (await service.Get("/health/live", role: null)).Status.ShouldBe(200);
        await Wait.Until("eighty refusals", () => calls.Refused >= 80);

        await server.StartAgain();
        var back = Stopwatch.GetTimestamp();
        await Wait.Until("the service to be ready again", async () => (await calls.Make(() => service.Get("/health/ready"))).Status == 200);
        var readyAfter = Stopwatch.GetElapsedTime(back);
        await posting;
        database.Source.Clear();
        service.HasExited.ShouldBeFalse();
        await database.ShouldHold(before, posts);
        var statistics = await service.ReadAt("/v1/statistics/cumulative", await database.LastPosition());
        var readAfter = Stopwatch.GetElapsedTime(back);
        statistics.Json["meetingsHeld"]!.GetValue<int>().ShouldBe(posts.Count / 2);
        calls.Slowest.ShouldBeLessThan(Longest);
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{calls.Refused} refusals, the slowest answer after {calls.Slowest.TotalSeconds:f1} s, ready {readyAfter.TotalSeconds:f1} "
                    + $"s and all read {readAfter.TotalSeconds:f1} s after the database was back"
            )
        );
    }

    /// <summary>Calls that are either accepted or refused as busy, and never take long.</summary>
    private sealed class Calls
    {
        private readonly ConcurrentBag<TimeSpan> _durations = [];
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        public TimeSpan Slowest => _durations.Max();

        public async Task<Answer> Make(Func<Task<Answer>> call)
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await call();
            _durations.Add(Stopwatch.GetElapsedTime(started));
            if (answer.Status is 200 or 201)
                return answer;
            answer.ShouldBeBusy();
            Interlocked.Increment(ref _refused);
            return answer;
        }
    }
}
