using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.IntegrationTests.Feed;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Webhooks;

public sealed class WebhookDeliveryTests(WebhookRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task An_event_is_sent_once_as_the_feed_shows_it_and_signed_as_the_specification_says()
    {
        await using var receiver = await Receiver.Start();
        var subscription = await Host.Subscribe(receiver.Url + "/hook?of=register");
        var organisation = await Cooperation.Organisation(Host, "EEAS");
        await Until(receiver, organisation, 1);

        var received = receiver.Taken.Single(r => r.Stream == organisation);
        var page = await Host.Get($"/v1/feed?stream={organisation}", "analyst");
        JsonNode.DeepEquals(received.Json["data"], page.Json["items"]![0]).ShouldBeTrue(received.Json.ToJsonString());
        received.Json.Text("type").ShouldBe("organisation_registered");
        received.Json.Text("timestamp").ShouldBe(page.Json["items"]![0]!.Text("at"));
        received.WebhookId.ShouldBe(page.Json["items"]![0]!.Text("id"));
        received.Headers["Content-Type"].ShouldBe("application/json");
        received.Headers.Keys.ShouldNotContain("traceparent");
        ShouldBeSigned(received, subscription.Json.Text("secret"));
        await Host.Until(subscription.Id, "the delivery to be noted", s =>
            s["pending"]!.GetValue<int>() == 0 && s["cursor"]!.GetValue<long>() >= received.Position
        );
        var status = await Host.Subscription(subscription.Id);
        status.Text("state").ShouldBe("active");
        status["lastDeliveredAt"].ShouldNotBeNull();
        status["failingSince"].ShouldBeNull();
        receiver.All.Count(r => r.Stream == organisation).ShouldBe(1);
        await Host.Unsubscribe(subscription.Id);
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_under_its_id_and_the_rest_of_its_stream_waits_while_others_go_on()
    {
        var cooperation = await Cooperation.Start(Host);
        var slow = await cooperation.Schedule();
        var other = await cooperation.Schedule();
        await Host.Read("/v1/feed?limit=1", other.Position, "analyst");
        var requests = 0;
        var wentOn = new TaskCompletionSource();
        await using var receiver = await Receiver.Start(
            async (r, http) =>
            {
                http.Response.StatusCode = 204;
                if (r.Stream == other.Id)
                    wentOn.TrySetResult();
                else if (Interlocked.Increment(ref requests) <= 2)
                    http.Response.StatusCode = 500;
                else
                    await wentOn.Task.WaitAsync(Wait.Patience);
            }
        );
        var subscription = await Host.Subscribe(
            receiver.Url,
            ("streamTypes", new JsonArray("meeting")),
            ("from", (JsonNode)(slow.Position - 1))
        );
        foreach (var meeting in new[] { slow.Id, other.Id, slow.Id, other.Id })
            await cooperation.Do(
                $"/v1/meetings/{meeting}/documents",
                new
                {
                    title = $"Paper {Guid.NewGuid()}",
                    url = "https://example.org/p",
                    status = "draft",
                }
            );
        await Until(receiver, slow.Id, 3);
        await Until(receiver, other.Id, 3);

        Versions(receiver.Taken, slow.Id).ShouldBe([1, 2, 3]);
        Versions(receiver.Taken, other.Id).ShouldBe([1, 2, 3]);
        Versions(receiver.All, slow.Id).ShouldBe([1, 1, 1, 2, 3]);
        var attempts = receiver.All.Where(r => r.Stream == slow.Id).Take(3).ToList();
        attempts.Select(a => a.WebhookId).Distinct().ShouldHaveSingleItem();
        foreach (var attempt in attempts)
            ShouldBeSigned(attempt, subscription.Json.Text("secret"));
        await Host.Unsubscribe(subscription.Id);
    }

    [Fact]
    public async Task After_the_last_attempt_an_event_is_a_dead_letter_its_stream_goes_on_and_it_can_be_sent_again()
    {
        var poison = new HashSet<string>();
        await using var receiver = await Receiver.Answering(r =>
        {
            lock (poison)
                return poison.Contains(r.Json["type"]!.GetValue<string>()) ? 422 : 200;
        });
        poison.UnionWith(["meeting_scheduled", "meeting_postponed"]);
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule();
        var subscription = await Host.Subscribe(
            receiver.Url,
            ("streamTypes", new JsonArray("meeting")),
            ("from", (JsonNode)(meeting.Position - 1))
        );
        await cooperation.Do($"/v1/meetings/{meeting.Id}/postpone", new { reason = "strike" });
        await cooperation.Do($"/v1/meetings/{meeting.Id}/cancel", new { reason = "no quorum" });
        await Until(receiver, meeting.Id, 1);

        Versions(receiver.All, meeting.Id).ShouldBe([1, 1, 1, 2, 2, 2, 3]);
        await Host.Until(subscription.Id, "two dead letters", s =>
            s["deadLetters"]!.GetValue<int>() == 2 && s["pending"]!.GetValue<int>() == 0
        );
        var letters = await Host.DeadLetters(subscription.Id);
        letters.Select(l => l.Text("type")).ShouldBe(["meeting_scheduled", "meeting_postponed"]);
        letters[0]["attempts"]!.GetValue<int>().ShouldBe(3);
        letters[0].Text("lastError").ShouldContain("422");
        letters[0]["stream"]!.GetValue<Guid>().ShouldBe(meeting.Id);
        (await Host.Subscription(subscription.Id))["lastError"]!.Text("detail").ShouldContain("422");

        lock (poison)
            poison.Clear();
        (await Replay(new { events = new[] { letters[1].Text("id") } })).ShouldBe(1);
        await Until(receiver, meeting.Id, 2);
        Versions(receiver.Taken, meeting.Id).ShouldBe([3, 2]);
        receiver.Taken[^1].WebhookId.ShouldBe(letters[1].Text("id"));
        (await Host.DeadLetters(subscription.Id)).Select(l => l.Text("id")).ShouldBe([letters[0].Text("id")]);
        var again = new { events = new[] { letters[1].Text("id") } };
        (await Replay(again)).ShouldBe(0);
        (await Host.Post($"/v1/subscriptions/{subscription.Id}/dead-letters/replay", again, "subscriber")).Json["notDeadLetters"]!
            .AsArray()
            .Select(id => id!.GetValue<string>())
            .ShouldBe(again.events);
        (await Replay(new { })).ShouldBe(1);
        await Until(receiver, meeting.Id, 3);
        (await Host.DeadLetters(subscription.Id)).ShouldBeEmpty();
        await Host.Unsubscribe(subscription.Id);

        async Task<int> Replay(object body)
        {
            var answer = await Host.Post($"/v1/subscriptions/{subscription.Id}/dead-letters/replay", body, "subscriber");
            answer.Status.ShouldBe(202, answer.ToString());
            return answer.Json["replayed"]!.GetValue<int>();
        }
    }

    [Fact]
    public async Task A_receiver_that_asks_to_be_left_alone_is_and_for_as_long_as_it_says()
    {
        var asked = 0;
        await using var receiver = await Receiver.Start(
            (_, http) =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                    (http.Response.StatusCode, http.Response.Headers.RetryAfter) = (429, "2");
                return Task.CompletedTask;
            }
        );
        var first = await Cooperation.Organisation(Host, "The first");
        var position = await Host.Database.Scalar<long>("select seq_id from register.mt_events where stream_id = $1", first);
        var subscription = await Host.Subscribe(
            receiver.Url,
            ("from", (JsonNode)(position - 1)),
            ("types", new JsonArray("organisation_registered"))
        );
        await Wait.Until("the first attempt", () => receiver.All.Count > 0);
        var second = await Cooperation.Organisation(Host, "The second");
        await Until(receiver, first, 1);
        await Until(receiver, second, 1);

        (receiver.All[1].At - receiver.All[0].At).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.9));
        receiver.All.Count.ShouldBe(3);
        await Host.Unsubscribe(subscription.Id);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_called_no_more()
    {
        await using var receiver = await Receiver.Answering(_ => 410);
        var subscription = await Host.Subscribe(receiver.Url);
        await Cooperation.Organisation(Host, "The first");
        await Host.Until(subscription.Id, "the subscription to be disabled", s => s.Text("state") == "disabled");
        var called = receiver.All.Count;
        await using var witness = await Receiver.Start();
        var other = await Host.Subscribe(witness.Url);
        var last = await Cooperation.Organisation(Host, "The last");
        await Until(witness, last, 1);

        receiver.All.Count.ShouldBe(called);
        var status = await Host.Subscription(subscription.Id);
        status["deadLetters"]!.GetValue<int>().ShouldBe(0);
        status["lastError"]!.Text("detail").ShouldContain("410");
        await Host.Unsubscribe(subscription.Id);
        await Host.Unsubscribe(other.Id);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_or_that_redirects_has_not_taken_it_and_one_that_talks_on_has()
    {
        await using var database = await TestDatabase.Create();
        (string, string)[] settings = [.. WebhookRegister.Settings, ("Webhooks:Timeout", "00:00:10")];
        await using var host = await RegisterHost.Start(database, settings: settings);
        var hung = 0;
        await using var elsewhere = await Receiver.Start();
        await using var receiver = await Receiver.Start(
            async (received, http) =>
            {
                switch (received.Json["data"]!["data"]!["shortName"]?.GetValue<string>())
                {
                    case "HANGS" when Interlocked.Increment(ref hung) == 1:
                        await Task.Delay(Timeout.Infinite, http.RequestAborted);
                        break;
                    case "REDIRECTS":
                        http.Response.Redirect(elsewhere.Url);
                        break;
                    case "TALKS":
                        await TalkOn(http);
                        break;
                }
            }
        );
        var subscription = await host.Subscribe(receiver.Url, ("types", new JsonArray("organisation_registered")));
        var hangs = await Cooperation.Organisation(host, "HANGS");
        var redirects = await Cooperation.Organisation(host, "REDIRECTS");
        var talks = await Cooperation.Organisation(host, "TALKS");
        await host.Until(subscription.Id, "one dead letter and no more pending", s =>
            s["deadLetters"]!.GetValue<int>() == 1 && s["pending"]!.GetValue<int>() == 0
        );

        receiver.All.Count(r => r.Stream == hangs).ShouldBe(2);
        receiver.All.Count(r => r.Stream == talks).ShouldBe(1);
        elsewhere.All.ShouldBeEmpty();
        var letter = (await host.DeadLetters(subscription.Id)).Single();
        letter["stream"]!.GetValue<Guid>().ShouldBe(redirects);
        letter.Text("lastError").ShouldContain("302");
        host.Errors.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);

        static async Task TalkOn(Microsoft.AspNetCore.Http.HttpContext http)
        {
            try
            {
                while (!http.RequestAborted.IsCancellationRequested)
                    await http.Response.Body.WriteAsync(new byte[64 * 1024], http.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The sender has heard enough.
            }
        }
    }

    [Fact]
    public async Task Every_event_from_the_position_named_is_sent_and_only_those_asked_for()
    {
        var before = await Host.Database.Scalar<long>("select coalesce(max(seq_id), 0) from register.mt_events");
        var cooperation = await Cooperation.Start(Host);
        var people = await cooperation.People(30);
        await using var receiver = await Receiver.Start();
        var subscription = await Host.Subscribe(
            receiver.Url,
            ("from", (JsonNode)before),
            ("streamTypes", new JsonArray("person", "framework")),
            ("types", new JsonArray("person_registered", "member_joined", "organisation_registered"))
        );
        var last = await cooperation.Person();
        await Until(receiver, last, 1);
        await Host.Until(subscription.Id, "nothing to be pending", s => s["pending"]!.GetValue<int>() == 0);

        var expected = await Host.Database.Rows(
            "select seq_id from register.mt_events where seq_id > $1 and type in ('person_registered', 'member_joined') order by seq_id",
            before
        );
        receiver.Taken.Select(r => r.Position).Order().ShouldBe(expected.Select(row => (long)row[0]!));
        expected.Count.ShouldBe(people.Count + 3);
        receiver.All.Count.ShouldBe(expected.Count);
        await Host.Unsubscribe(subscription.Id);
    }

    [Fact]
    public async Task Two_nodes_deliver_each_event_once_and_a_connection_that_is_cut_costs_none()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database, settings: WebhookRegister.Settings);
        await using var other = await RegisterHost.Start(database, one.DataDirectory, settings: WebhookRegister.Settings);
        await using var receiver = await Receiver.Start();
        await one.Subscribe(receiver.Url);
        for (var cut = 0; cut < 2; cut++)
        {
            await Task.WhenAll(
                Enumerable.Range(0, 12).Select(i => Cooperation.Organisation(i % 2 == 0 ? one : other, $"Agency {cut} {i}"))
            );
            await Wait.Until("all to be delivered", () => receiver.Taken.Count == 12 * (cut + 1));
            await Wait.Until("that to be noted", () => database.Scalar<bool>("select not exists (select from feed.delivery)"));
            await database.Rows(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database "
                    + "where datname = current_database())"
            );
        }

        var last = await Cooperation.Organisation(one, "The last");
        await Wait.Until("the last to be delivered", () => receiver.Taken.Any(r => r.Stream == last));

        receiver.All.Select(r => r.Position).Order().ShouldBe((await database.History()).Select(e => e.Position));
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Nothing_is_sent_any_more_once_the_key_of_the_owner_has_ended()
    {
        await using var receiver = await Receiver.Start();
        await Host.AddKey("leaver", Scopes.SubscriptionsManage, Scopes.ActivityRead);
        var subscription = (await Host.Post("/v1/subscriptions", new { url = receiver.Url }, "leaver")).Id;
        var before = await Cooperation.Organisation(Host, "Before");
        await Until(receiver, before, 1);

        await Host.Database.Rows(
            "update access.api_key set revoked_at = now() where hash = $1",
            SHA256.HashData(Encoding.UTF8.GetBytes(Host.Keys["leaver"]))
        );
        var after = await Cooperation.Organisation(Host, "After");
        await Wait.Until("the subscription to say why", async () =>
            (await Host.Get($"/v1/subscriptions/{subscription}", "admin"))
                .Json["lastError"]
                ?.Text("detail")
                .Contains("no key", StringComparison.Ordinal)
            ?? false
        );

        receiver.All.ShouldNotContain(r => r.Stream == after);
        (await Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "admin")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Figures_are_sent_to_who_may_read_statistics_and_to_nobody_else()
    {
        await using var receiver = await Receiver.Start();
        await using var reader = await Receiver.Start();
        await Host.AddKey("without-figures", Scopes.SubscriptionsManage, Scopes.ActivityRead);
        var without = (await Host.Post("/v1/subscriptions", new { url = receiver.Url }, "without-figures")).Id;
        var with = await Host.Subscribe(reader.Url);
        var published = (await Host.Post("/v1/statistics/publications", new { asOf = "2012" }, "secretariat")).ShouldBeAccepted(201);
        var organisation = await Cooperation.Organisation(Host, "After the figure");
        await Until(reader, published.Id, 1);
        await Until(receiver, organisation, 1);

        receiver.All.ShouldNotContain(r => r.Stream == published.Id);
        foreach (var id in new[] { without, with.Id })
            (await Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{id}", null, "admin")).Status.ShouldBe(204);
    }

    /// <summary>As the specification has it, and no code of the service: id, timestamp and body, under the secret.</summary>
    private static void ShouldBeSigned(Received received, string secret)
    {
        var seconds = long.Parse(received.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture);
        Math.Abs((received.At - DateTimeOffset.FromUnixTimeSeconds(seconds)).TotalSeconds).ShouldBeLessThan(60);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{received.WebhookId}.{seconds}."), .. received.Body];
        received
            .Headers["webhook-signature"]
            .ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed)));
    }

    private static IEnumerable<int> Versions(IEnumerable<Received> received, Guid stream) =>
        received.Where(r => r.Stream == stream).Select(r => r.Json["data"]!["version"]!.GetValue<int>());

    private static Task Until(Receiver receiver, Guid stream, int taken) =>
        Wait.Until($"{taken} events of {stream}", () => receiver.Taken.Count(r => r.Stream == stream) >= taken);
}
