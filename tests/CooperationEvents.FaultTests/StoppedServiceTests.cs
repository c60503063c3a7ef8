using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class StoppedServiceTests
{
    [Fact]
    public async Task A_service_that_is_told_to_stop_under_load_answers_what_it_has_begun_and_ends_well()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using var service = await ServiceProcess.Start(database, data.Path);
        var cooperation = await Cooperation.Start(service, people: 5);
        var before = await database.Events();
        var accepted = 0;
        var told = false;
        var unanswered = 0;

        var posts = Enumerable.Range(0, 5_000).Select(i => cooperation.Held(i, cooperation.People, heads: 1)).ToList();
        var posting = Crowd.Do(posts, async post =>
        {
            if (Volatile.Read(ref unanswered) >= Crowd.Size)
                return;
            var toldBefore = Volatile.Read(ref told);
            try
            {
                var answer = await post.Send(service);
                if (answer.Status == 201)
                    Interlocked.Increment(ref accepted);
                else
                    answer.ShouldBeBusy();
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Whoever is refused a connection has made no request.
                if (e.InnerException is not SocketException)
                    toldBefore.ShouldBeTrue($"A request made before the service was told to stop got no answer: {e}");
                Interlocked.Increment(ref unanswered);
            }
        });
        await Wait.Until("the first hundred posts", () => posting.IsCompleted || Volatile.Read(ref accepted) >= 100);
        Volatile.Write(ref told, true);
        var started = Stopwatch.GetTimestamp();
        await service.Terminate();
        (await service.Exit(ServiceProcess.StopPatience)).ShouldBe(0, service.Output);
        var took = Stopwatch.GetElapsedTime(started);
        await posting;

        var answered = posts.Where(post => post.Answer is not null).ToList();
        (await database.Events()).ShouldBe(before + answered.Sum(post => post.Events), "Something was recorded, and its caller not told.");
        await database.ShouldHold(before, answered);
        service.Output.ShouldNotContain("fail:", customMessage: service.Output);
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Ended {took.TotalSeconds:f1} s after it was told to, {accepted} posts accepted, {unanswered} refused a connection"
            )
        );
    }

    [Fact]
    public async Task A_node_that_is_to_drain_answers_on_after_it_was_told_to_stop_and_is_not_ready()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using var service = ServiceProcess.Launch(database, data.Path, ("Hosting__DrainSeconds", "10"));
        await service.Ready();

        await service.Terminate();

        var health = await service.Get("/health/ready", null);
        await Wait.Until("the node not to be ready", async () => (health = await service.Get("/health/ready", null)).Status != 200);
        health.Status.ShouldBe(503);
        health.Json["detail"]!.GetValue<string>().ShouldBe("The node is stopping.");
        health.Header("Connection").ShouldBe("close");
        (await service.Get("/health/live", null)).Status.ShouldBe(200);
        (await Cooperation.Organisation("Posted while it drains").Send(service)).ShouldBeAccepted(201);
        service.HasExited.ShouldBeFalse();
        (await service.Exit(ServiceProcess.StopPatience + TimeSpan.FromSeconds(10))).ShouldBe(0, service.Output);
    }
}
