using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledServiceTests
{
    /// <summary>How many posts are answered before it is killed.</summary>
    private const int Answered = 60;

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
            await CommitBarrier.Install(database);
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
            await CommitBarrier.Install(database);
            var first = await CommitBarrier.Close(database);
            var sent = new List<Task> { Crowd.OrGone(posts[0].Send(service)) };
            await first.Reached();

            // While the first is committing, the others come. A few go beside it; the rest share the next commit, which the second
            // barrier stops.
            sent.AddRange(posts.Skip(1).Select(post => Crowd.OrGone(post.Send(service))));
            for (var i = 0; i < 20; i++)
                (await service.Get("/v1/organisations")).Status.ShouldBe(200);
            var second = CommitBarrier.Close(database);
            await first.Reached(closing: 1);
            await first.DisposeAsync();
            await using (var closed = await second)
            {
                await closed.Reached();
                service.Kill();
            }

            await Task.WhenAll(sent);
        }

        List<Post> unanswered = [.. posts.Where(post => post.Answer is null)];
        unanswered.Count.ShouldBeInRange(posts.Count / 2, posts.Count - 1);
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
        await Crowd.Do(posts.Where(post => post.Answer is null).ToList(), async post =>
        {
            if (service.HasExited || await Crowd.OrGone(post.Send(service)) is not { } answer)
                return;
            answer.ShouldBeAccepted(answer.Status == 200 ? 200 : 201);
            if (answer.Header("Idempotency-Replayed") is not null)
                Interlocked.Increment(ref replayed);
            if (Interlocked.Increment(ref answered) != Answered)
                return;
            await using var barrier = await CommitBarrier.Close(database);
            await barrier.Reached();
            service.Kill();
        });
        posts.ShouldContain(post => post.Answer == null, "The service was killed too late for anything to be lost.");
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
