using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledDeliveryTests
{
    private const int Meetings = 6;
    private const int PerMeeting = 15;

    /// <summary>How many webhooks are answered before the service is killed with others under way.</summary>
    private const int Answered = 30;

    [Fact]
    public async Task What_was_under_way_when_the_service_was_killed_is_delivered_by_the_next_and_nothing_is_lost_or_out_of_order()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        var killed = new TaskCompletionSource();
        var arrived = 0;
        await using var receiver = await Receiver.Start(
            async (_, http) =>
            {
                if (Interlocked.Increment(ref arrived) <= Answered || killed.Task.IsCompleted)
                    return;
                await killed.Task;
                http.Abort();
            }
        );
        await using (var service = await Start(database, data))
        {
            var cooperation = await Cooperation.Start(service);
            (await service.Post("/v1/subscriptions", new { url = receiver.Url, from = 0 }, "admin")).Status.ShouldBe(201);
            var meetings = await Task.WhenAll(Enumerable.Range(0, Meetings).Select(_ => cooperation.Schedule(service)));
            await Crowd.Do(Enumerable.Range(0, Meetings * PerMeeting), async i => (
                    await service.Post(
                        $"/v1/meetings/{meetings[i % Meetings]}/documents",
                        new
                        {
                            title = $"Paper {i}",
                            url = $"https://example.org/{i}",
                            status = "draft",
                        }
                    )
                ).ShouldBeAccepted());
            await Wait.Until("webhooks to be under way", () => Volatile.Read(ref arrived) > Answered);
            service.Kill();
            killed.SetResult();
        }

        // What was sent before the kill may come in a moment after it.
        var (seen, looks) = (0, 0);
        await Wait.Until("nothing more to come in", () =>
        {
            var count = receiver.All.Count;
            (looks, seen) = (count == seen ? looks + 1 : 0, count);
            return looks >= 25;
        });
        var before = receiver.All;
        await using var next = await Start(database, data);
        var history = (await database.Rows("select seq_id from register.mt_events where type <> 'tombstone' order by seq_id"))
            .Select(row => (long)row[0]!)
            .ToList();
        history.Count.ShouldBeGreaterThan(Meetings * (PerMeeting + 1));
        await Wait.Until("every event to be taken", () => receiver.Taken.Select(r => r.Position).Distinct().Count() == history.Count);

        receiver.Taken.Select(r => r.Position).Distinct().Order().ShouldBe(history);
        foreach (var stream in receiver.Taken.GroupBy(r => r.Stream))
            stream.Select(r => r.Position).Distinct().ShouldBeInOrder();

        // Sent again is what was not noted as taken: what was under way, of each stream at most one event.
        var repeats = receiver.All.GroupBy(r => r.WebhookId).Where(g => g.Count() > 1).ToList();
        repeats.ShouldNotBeEmpty();
        repeats.Count.ShouldBeLessThanOrEqualTo(8);
        repeats.ShouldAllBe(g => g.Select(r => r.Position).Distinct().Count() == 1);
        repeats.SelectMany(g => g).Select(r => r.WebhookId).Distinct().ShouldBeSubsetOf(before.Select(r => r.WebhookId));
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{history.Count} events delivered, killed after {before.Count}; {repeats.Count} were sent twice"
            )
        );
    }

    private static async Task<ServiceProcess> Start(TestDatabase database, DataDirectory data)
    {
        var service = ServiceProcess.Launch(
            database,
            data.Path,
            ("Webhooks__AllowPrivateAddresses", "true"),
            ("Webhooks__FirstRetry", "00:00:00.2")
        );
        await service.Ready();
        return service;
    }
}
