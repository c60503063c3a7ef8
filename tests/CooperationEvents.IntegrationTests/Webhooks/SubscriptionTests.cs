using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.IntegrationTests.Feed;
using CooperationEvents.Testing;
using CooperationEvents.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;

namespace CooperationEvents.IntegrationTests.Webhooks;

public sealed class SubscriptionTests(WebhookRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_subscription_begins_now_where_no_position_is_named_and_shows_its_secret_once()
    {
        var settled = (await Host.Get("/v1/feed?limit=1", "subscriber")).PositionHeader;

        var made = await Host.Subscribe("https://example.org/hook", ("types", new JsonArray("meeting_held")));

        var secret = made.Json.Text("secret");
        Convert.FromBase64String(secret["whsec_".Length..]).Length.ShouldBe(32);
        made.Json["from"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(settled);
        made.Json["cursor"]!.GetValue<long>().ShouldBe(made.Json["from"]!.GetValue<long>());
        made.Json["types"]!.AsArray().Single()!.GetValue<string>().ShouldBe("meeting_held");
        made.Json["streamTypes"].ShouldBeNull();
        var read = await Host.Get($"/v1/subscriptions/{made.Id}", "subscriber");
        read.Text.ShouldNotContain("whsec_");
        (await Host.Get("/v1/subscriptions?limit=500", "subscriber")).Text.ShouldNotContain("whsec_");
        read.Json.AsObject()
            .Select(m => m.Key)
            .ShouldBe(["id", "owner", "url", "types", "from", "createdAt", "state", "cursor", "pending", "deadLetters"]);
        await Host.Unsubscribe(made.Id);
    }

    [Fact]
    public async Task A_secret_stands_in_no_table_as_it_is()
    {
        var url = $"https://example.org/{Guid.NewGuid()}";
        var made = await Host.Subscribe(url);
        var secret = made.Json.Text("secret")["whsec_".Length..];
        var hexadecimal = Convert.ToHexString(Convert.FromBase64String(secret)).ToLowerInvariant();

        (await Host.Database.Holding([url])).ShouldContain("feed.subscription.url");
        (await Host.Database.Holding([secret, hexadecimal])).ShouldBeEmpty();
        await Host.Unsubscribe(made.Id);
    }

    [Fact]
    public async Task A_subscription_is_its_makers_and_an_admins_and_nobody_elses()
    {
        var made = await Host.Subscribe("https://example.org/hook");
        var path = $"/v1/subscriptions/{made.Id}";

        foreach (
            var (method, place, body) in new[]
            {
                ("GET", path, (object?)null),
                ("GET", path + "/dead-letters", null),
                ("POST", path + "/dead-letters/replay", new { }),
                ("DELETE", path, null),
            }
        )
            (await Host.Send(new HttpMethod(method), place, body, "other-subscriber")).ShouldBeProblem(404, "not-found");
        (await Ids("other-subscriber")).ShouldNotContain(made.Id);
        (await Ids("subscriber")).ShouldContain(made.Id);
        (await Ids("admin")).ShouldContain(made.Id);
        (await Host.Get(path, "admin")).Status.ShouldBe(200);
        (await Host.Send(HttpMethod.Delete, path, null, "admin")).Status.ShouldBe(204);
        (await Host.Get(path, "subscriber")).ShouldBeProblem(404, "not-found");
        (await Host.Send(HttpMethod.Delete, path, null, "subscriber")).ShouldBeProblem(404, "not-found");

        async Task<IEnumerable<Guid>> Ids(string role)
        {
            var found = new List<Guid>();
            for (string? next = "/v1/subscriptions?limit=2"; next is not null; )
            {
                var page = await Host.Get(next, role);
                page.Status.ShouldBe(200, page.ToString());
                found.AddRange(page.Json["items"]!.AsArray().Select(item => item!["id"]!.GetValue<Guid>()));
                next = FeedClient.Next(page);
            }

            found.ShouldBeUnique();
            return found;
        }
    }

    [Fact]
    public async Task A_subscription_from_a_position_that_is_not_recorded_yet_is_refused() =>
        (
            await Host.Post("/v1/subscriptions", new { url = "https://example.org/later", from = 10_000_000_000 }, "subscriber")
        ).ShouldBeProblem(422, "invalid", "/from");

    [Fact]
    public async Task The_same_request_again_is_answered_as_the_first_one_and_makes_nothing()
    {
        await using var receiver = await Receiver.Start();
        var body = new
        {
            id = Guid.NewGuid(),
            url = receiver.Url,
            from = 0,
        };
        var first = await Host.Post("/v1/subscriptions", body, "subscriber");
        first.Status.ShouldBe(201);
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");
        var keyed = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => Host.Post("/v1/subscriptions", new { url = "https://example.org/keyed" }, "subscriber", key))
        );

        (await Host.Post("/v1/subscriptions", body, "subscriber")).Json.Text("secret").ShouldBe(first.Json.Text("secret"));
        (await Host.Post("/v1/subscriptions", new { body.id, url = "https://example.org/other" }, "subscriber")).ShouldBeProblem(
            409,
            "id-in-use",
            "/id"
        );
        (await Host.Post("/v1/subscriptions", body, "other-subscriber")).ShouldBeProblem(409, "id-in-use", "/id");
        keyed.Select(k => (k.Status, k.Id, k.Json.Text("secret"))).Distinct().ShouldHaveSingleItem();
        keyed.Count(k => k.Header("Idempotency-Replayed") is null).ShouldBe(1);
        (await Host.Post("/v1/subscriptions", new { url = "https://example.org/other" }, "subscriber", key)).ShouldBeProblem(
            422,
            "idempotency-key-reused"
        );
        (
            await Host.Post("/v1/subscriptions", new { url = "https://example.org/hook" }, "subscriber", ("Idempotency-Key", "ü"))
        ).ShouldBeProblem(400, "invalid-header");
        await Host.Unsubscribe(first.Id);
        await Host.Unsubscribe(keyed[0].Id);
    }

    [Theory, InlineData("recorder"), InlineData("secretariat"), InlineData("analyst"), InlineData("auditor"), InlineData("privacy")]
    public async Task No_role_but_the_admins_makes_subscriptions(string role) =>
        (await Host.Post("/v1/subscriptions", new { url = "https://example.org/hook" }, role))
            .ShouldBeProblem(403, "forbidden")
            .Json.Text("detail")
            .ShouldContain("subscriptions:manage");

    [Fact]
    public async Task A_day_later_the_secret_is_not_shown_to_a_repeat_any_more()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock();
        await using var host = await RegisterHost.Start(database, clock: clock);
        var body = new { id = Guid.NewGuid(), url = "https://example.org/hook" };
        (await host.Post("/v1/subscriptions", body, "admin")).Json["secret"].ShouldNotBeNull();

        clock.Move(TimeSpan.FromHours(23.9));
        (await host.Post("/v1/subscriptions", body, "admin")).Json["secret"].ShouldNotBeNull();
        clock.Move(TimeSpan.FromHours(0.2));
        var repeat = await host.Post("/v1/subscriptions", body, "admin");

        repeat.Status.ShouldBe(201);
        repeat.Json["secret"].ShouldBeNull();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_subscription_that_was_deleted_is_not_made_again_by_a_late_repeat_of_its_creation()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock();
        await using var host = await RegisterHost.Start(database, clock: clock);
        var (byId, byKey) = (new { id = Guid.NewGuid(), url = "https://example.org/hook" }, new { url = "https://example.org/keyed" });
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");
        (await host.Post("/v1/subscriptions", byId, "admin")).Status.ShouldBe(201);
        var made = await host.Post("/v1/subscriptions", byKey, "admin", key);
        foreach (var id in new[] { byId.id, made.Id })
            (await host.Send(HttpMethod.Delete, $"/v1/subscriptions/{id}", null, "admin")).Status.ShouldBe(204);

        (await host.Post("/v1/subscriptions", byId, "admin")).ShouldBeProblem(410, "subscription-deleted", "/id");
        (await host.Post("/v1/subscriptions", new { byId.id, url = "https://example.org/other" }, "admin")).ShouldBeProblem(
            409,
            "id-in-use",
            "/id"
        );
        var repeat = await host.Post("/v1/subscriptions", byKey, "admin", key);
        repeat.Status.ShouldBe(201, repeat.ToString());
        (repeat.Id, repeat.Json.Text("secret"), repeat.Header("Idempotency-Replayed")).ShouldBe(
            (made.Id, made.Json.Text("secret"), "true")
        );
        (await host.Get("/v1/subscriptions", "admin")).Json["items"]!.AsArray().ShouldBeEmpty();

        clock.Move(TimeSpan.FromHours(24.1));
        (await host.Post("/v1/subscriptions", byKey, "admin", key)).ShouldBeProblem(410, "subscription-deleted");
        await database.Rows("update feed.deleted_subscription set created_at = now() - interval '25 hours' where id = $1", made.Id);
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMessageBus>().InvokeAsync(new ForgetDeletedSubscriptions());
        var kept = await database.Rows("select id from feed.deleted_subscription where secret is not null or url is not null");
        kept.ShouldHaveSingleItem()[0].ShouldBe(byId.id);
        (await host.Post("/v1/subscriptions", byKey, "admin", key)).ShouldBeProblem(410, "subscription-deleted");
        var anew = await host.Post("/v1/subscriptions", byKey, "admin", ("Idempotency-Key", $"{Guid.NewGuid()}"));
        anew.Status.ShouldBe(201, anew.ToString());
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Of_a_subscription_that_is_deleted_a_day_after_it_was_made_neither_url_nor_secret_is_kept()
    {
        var made = await Host.Subscribe("https://example.org/hook");
        await Host.Database.Rows("update feed.subscription set created_at = now() - interval '25 hours' where id = $1", made.Id);

        await Host.Unsubscribe(made.Id);

        (await Emptied(made.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_subscription_whose_id_is_noted_as_deleted_is_deleted_all_the_same()
    {
        var made = await Host.Subscribe("https://example.org/hook");
        await NoteAsDeleted(made.Id, Guid.NewGuid());

        await Host.Unsubscribe(made.Id);

        (await Host.Get($"/v1/subscriptions/{made.Id}", "subscriber")).ShouldBeProblem(404, "not-found");
        (await Emptied(made.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_principal_is_ended_whose_subscription_has_an_id_that_is_noted_as_deleted()
    {
        var key = await Host.Post(
            "/v1/access/keys",
            new { owner = "The leaver", scopes = new[] { Scopes.SubscriptionsManage, Scopes.ActivityRead } },
            "admin"
        );
        var principal = key.Json["principalId"]!.GetValue<Guid>();
        var ids = new List<Guid>();
        foreach (var owner in new[] { principal, Guid.NewGuid() })
        {
            var made = await Host.Post(
                "/v1/subscriptions",
                new { url = "https://example.org/hook" },
                null,
                ("X-Api-Key", key.Json.Text("key"))
            );
            made.Status.ShouldBe(201, made.ToString());
            await NoteAsDeleted(made.Id, owner);
            ids.Add(made.Id);
        }

        (await Host.Post($"/v1/access/principals/{principal}/end", new { eraseName = true }, "admin")).Status.ShouldBe(204);

        foreach (var id in ids)
        {
            (await Host.Get($"/v1/subscriptions/{id}", "admin")).ShouldBeProblem(404, "not-found");
            (await Emptied(id)).ShouldBe(1);
        }
    }

    private Task NoteAsDeleted(Guid id, Guid owner) =>
        Host.Database.Rows(
            """
            insert into feed.deleted_subscription (id, owner, request_digest, created_at, url, from_position, secret)
            values ($1, $2, '', now(), 'https://example.org/earlier', 0, '')
            """,
            id,
            owner
        );

    /// <summary>How many are noted as deleted under the id without what a repeat was answered with.</summary>
    private Task<long> Emptied(Guid id) =>
        Host.Database.Scalar<long>("select count(*) from feed.deleted_subscription where id = $1 and url is null and secret is null", id);

    [Theory]
    [InlineData("""{}""", "/url")]
    [InlineData("""{"url":7}""", "/url")]
    [InlineData("""{"url":"ftp://example.org"}""", "/url")]
    [InlineData("""{"url":"https://user:password@example.org"}""", "/url")]
    [InlineData("""{"url":"https://example.org","types":[]}""", "/types")]
    [InlineData(
        """{"url":"https://example.org","types":["meeting_held","held"],"streamTypes":["meetings"]}""",
        "/types/1",
        "/streamTypes/0"
    )]
    [InlineData("""{"url":"https://example.org","from":-1}""", "/from")]
    [InlineData("""{"url":"https://example.org","from":1.5}""", "/from")]
    [InlineData("""{"url":"https://example.org","from":99999999999999999999}""", "/from")]
    [InlineData("""{"url":"https://example.org","id":"x"}""", "/id")]
    [InlineData("""{"url":"https://example.org","secret":"whsec_mine"}""", "/secret")]
    public async Task What_cannot_be_subscribed_to_is_refused_by_member(string body, params string[] pointers) =>
        (await Host.Post("/v1/subscriptions", body, "subscriber")).ShouldBeProblem(422, "invalid", pointers);

    [Fact]
    public async Task An_event_to_replay_is_named_by_the_id_of_one_that_there_is()
    {
        var made = await Host.Subscribe("https://example.org/hook");

        (await Host.Post($"/v1/subscriptions/{made.Id}/dead-letters/replay", new { events = new[] { "x" } }, "subscriber")).ShouldBeProblem(
            422,
            "invalid",
            "/events/0"
        );
        (
            await Host.Post(
                $"/v1/subscriptions/{made.Id}/dead-letters/replay",
                new { events = new[] { Guid.NewGuid(), Guid.NewGuid() } },
                "subscriber"
            )
        ).ShouldBeProblem(422, "unknown-reference", "/events/0", "/events/1");
        (await Host.Post($"/v1/subscriptions/{made.Id}/dead-letters/replay", "[]", "subscriber")).ShouldBeProblem(400, "unreadable");
        (await Host.Get($"/v1/subscriptions/{made.Id}/dead-letters?after=1", "subscriber")).ShouldBeProblem(422, "invalid", "/after");
        (await Host.Get($"/v1/subscriptions?cursor=eA", "subscriber")).ShouldBeProblem(422, "invalid", "/cursor");
        await Host.Unsubscribe(made.Id);
    }

    [Fact]
    public async Task One_caller_has_so_many_subscriptions_and_no_more()
    {
        var made = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(_ => Host.Post("/v1/subscriptions", new { url = "https://example.org/many" }, "third-subscriber"))
        );
        made.ShouldAllBe(m => m.Status == 201);

        (await Host.Post("/v1/subscriptions", new { url = "https://example.org/many" }, "third-subscriber")).ShouldBeProblem(
            409,
            "too-many-subscriptions"
        );

        foreach (var one in made)
            (await Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{one.Id}", null, "third-subscriber")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task No_private_address_is_called_whatever_name_it_has()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("Webhooks:FirstRetry", "00:00:00.05"), ("Webhooks:Attempts", "2")]
        );
        await using var receiver = await Receiver.Start();
        var port = new Uri(receiver.Url).Port;
        foreach (
            var url in new[]
            {
                receiver.Url,
                $"https://127.0.0.1:{port}",
                $"https://[::ffff:127.0.0.1]:{port}",
                $"https://0x7f.1:{port}",
                "https://169.254.169.254/latest",
            }
        )
            (await host.Post("/v1/subscriptions", new { url }, "admin")).ShouldBeProblem(422, "invalid", "/url");

        // Only the connection shows where a name leads to.
        var subscription = await host.Subscribe($"https://localhost:{port}/hook");
        await Cooperation.Organisation(host, "EEAS");
        await host.Until(subscription.Id, "a dead letter", s => s["deadLetters"]!.GetValue<int>() == 1);

        var letter = (await host.DeadLetters(subscription.Id)).Single();
        letter.Text("lastError").ShouldContain("localhost is no address of the public Internet");
        letter["attempts"]!.GetValue<int>().ShouldBe(2);
        (await host.Subscription(subscription.Id))["failingSince"].ShouldNotBeNull();
        receiver.All.ShouldBeEmpty();
        host.Errors.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task What_was_to_be_sent_when_the_service_stopped_is_sent_by_the_next()
    {
        await using var database = await TestDatabase.Create();
        var open = false;
        await using var receiver = await Receiver.Answering(_ => Volatile.Read(ref open) ? 200 : 503);
        string directory;
        await using (
            var host = await RegisterHost.Start(
                database,
                settings: [("Webhooks:AllowPrivateAddresses", "true"), ("Webhooks:FirstRetry", "00:00:00.1")]
            )
        )
        {
            directory = host.DataDirectory;
            await host.Subscribe(receiver.Url);
            await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Cooperation.Organisation(host, $"Agency {i}")));
            await Wait.Until("some attempts", () => receiver.All.Count >= 3);
            host.Errors.ShouldBeEmpty();
        }

        receiver.Taken.ShouldBeEmpty();
        Volatile.Write(ref open, true);
        await using var next = await RegisterHost.Start(database, directory, settings: [("Webhooks:AllowPrivateAddresses", "true")]);
        await Wait.Until("all to be taken", () => receiver.Taken.Count >= 5);

        receiver.Taken.Select(r => r.Position).Order().ShouldBe((await database.History()).Select(e => e.Position));
        Directory.Delete(directory, recursive: true);
    }
}
