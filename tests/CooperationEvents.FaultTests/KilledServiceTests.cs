using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledServiceTests
{
    /// <summary>How many posts are answered before it is killed.</summary>
    private const int Answered = 60;

    /// <summary>How many transactions a node commits at a time; who comes meanwhile waits, and shares the next.</summary>
    private const int Alone = 2;

    [Fact]
    public async Task What_was_posted_when_the_service_was_killed_takes_effect_once()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        IReadOnlyList<Post> posts;
        long before;
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            var cooperation = await Cooperation.Start(service, people: 40);
            var meeting = await cooperation.Schedule(service);
            before = await database.Events();
            posts = Posts(cooperation, meeting);
            await Barrier.InCommits(database);
            (await SendUntilKilled(service, database, posts)).ShouldBe(0);
        }

        int hadTakenEffect;
        await using (var service = await ServiceProcess.Start(database, data.Path))
            hadTakenEffect = await SendUntilKilled(service, database, posts);

        // What was committed before the kill is found again by its key; what was not is done now.
        await using var last = await ServiceProcess.Start(database, data.Path);
        await Crowd.Do(posts.Where(post => post.Answer is null).ToList(), async post =>
        {
            if ((await post.Send(last)).Header("Idempotency-Replayed") is not null)
                Interlocked.Increment(ref hadTakenEffect);
        });

        // One commit at least, of one post or of several, was under way each time.
        hadTakenEffect.ShouldBeGreaterThanOrEqualTo(2);
        await database.ShouldHold(before, posts);
        await Crowd.Do(posts, async post => (await post.Send(last)).ShouldReplay(post.Answer!));
        await database.ShouldHold(before, posts);
        await ShouldCount(last, posts.OfType<HeldMeeting>().ToList(), await database.LastPosition());
        Figures.Show($"{posts.Count} posts, killed twice; {hadTakenEffect} that got no answer had taken effect");
    }

    [Fact]
    public async Task Posts_that_shared_a_commit_when_the_service_was_killed_take_effect_once_together()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        IReadOnlyList<Post> posts = [.. Enumerable.Range(1, 40).Select(i => Cooperation.Organisation($"Organisation {i}"))];
        long before;
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            (await service.Post("/v1/organisations", new { name = "The first", shortName = "FIRST" })).ShouldBeAccepted(201);
            before = await database.Events();
            await Barrier.InCommits(database);
            var first = await Barrier.Close(database);
            var sent = new List<Task>();
            for (var alone = 1; alone <= Alone; alone++)
            {
                sent.Add(posts[alone - 1].Send(service));
                await first.Reached(alone);
            }

            // While those commit, the others come. They share the next commit, which the second barrier stops.
            // Where all have been sent, and others that came later were answered, they wait for it.
            var onTheirWay = 0;
            sent.AddRange(posts.Skip(Alone).Select(post => Crowd.OrGone(post.Send(service, () => Interlocked.Increment(ref onTheirWay)))));
            await Wait.Until("the posts to be sent", () => Volatile.Read(ref onTheirWay) >= posts.Count - Alone);
            for (var i = 0; i < 50; i++)
                (await service.Get("/v1/organisations")).Status.ShouldBe(200);
            var second = Barrier.Close(database);
            await first.Reached(closing: 1);
            await first.DisposeAsync();
            await using (var closed = await second)
            {
                await closed.Reached();
                await Task.WhenAll(sent.Take(Alone));
                service.Kill();
            }

            await Task.WhenAll(sent);
        }

        List<Post> unanswered = [.. posts.Where(post => post.Answer is null)];
        unanswered.Count.ShouldBe(posts.Count - Alone);
        await using var last = await ServiceProcess.Start(database, data.Path);
        var replayed = 0;
        await Crowd.Do(unanswered, async post =>
        {
            if ((await post.Send(last)).ShouldBeAccepted(201).Header("Idempotency-Replayed") is not null)
                Interlocked.Increment(ref replayed);
        });

        replayed.ShouldBeGreaterThan(1);
        await database.ShouldHold(before, posts);
        Figures.Show($"{posts.Count} posts, killed in a commit of {replayed}");
    }

    private static List<Post> Posts(Cooperation cooperation, Guid meeting)
    {
        var people = cooperation.People;
        var posts = new List<Post>();
        for (var i = 0; i < 80; i++)
        {
            posts.Add(Cooperation.Person($"Newcomer {i}"));
            posts.Add(cooperation.Held(i, [.. Enumerable.Range(i, 1 + (i % 5)).Select(n => people[n % (people.Count - 3)])], heads: i % 3));
            if (i < people.Count)
                posts.Add(cooperation.Registration(meeting, people[i]));
        }

        return posts;
    }

    /// <summary>Posts what is not answered yet, kills the service in the middle of it, and says how many answers were replays.</summary>
    private static async Task<int> SendUntilKilled(ServiceProcess service, TestDatabase database, IReadOnlyList<Post> posts)
    {
        var (answered, replayed) = (0, 0);
        var closing = new Lazy<Task<Barrier>>(() => Barrier.Close(database));
        await Crowd.Do(posts.Where(post => post.Answer is null).ToList(), async post =>
        {
            if (service.HasExited || await Crowd.OrGone(post.Send(service)) is not { } answer)
                return;
            answer.ShouldBeAccepted(answer.Status == 200 ? 200 : 201);
            if (answer.Header("Idempotency-Replayed") is not null)
                Interlocked.Increment(ref replayed);
            var number = Interlocked.Increment(ref answered);
            if (number < Answered)
                return;

            // Whoever goes on is stopped in its commit.
            var closed = await closing.Value;
            if (number > Answered)
                return;
            await using var barrier = closed;
            await barrier.Reached();
            service.Kill();
        });
        posts.ShouldContain(post => post.Answer == null);
        return replayed;
    }

    /// <summary>The figures are those of a recount of what was posted.</summary>
    private static async Task ShouldCount(ServiceProcess service, IReadOnlyList<HeldMeeting> meetings, long position)
    {
        var statistics = (await service.ReadAt("/v1/statistics/cumulative", position)).Json;
        var known = meetings.SelectMany(meeting => meeting.Attendees).Distinct().Count();
        var unnamed = meetings.Sum(meeting => meeting.Heads);
        statistics["meetingsHeld"]!.GetValue<int>().ShouldBe(meetings.Count);
        statistics["attendances"]!.GetValue<int>().ShouldBe(meetings.Sum(meeting => meeting.Attendees.Count));
        statistics["unnamed"]!.GetValue<int>().ShouldBe(unnamed);
        statistics["staff"]!["known"]!.GetValue<int>().ShouldBe(known);
        statistics["staff"]!["atMost"]!.GetValue<int>().ShouldBe(known + unnamed);
    }
}
