using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed class ApiKeyTests(SharedRegister register)
{
    [Fact]
    public async Task A_key_is_made_listed_used_rotated_and_revoked_and_the_principal_stays()
    {
        var made = await Make(
            new
            {
                owner = "The registration desk",
                role = "recorder",
                expiresInDays = 30,
            }
        );
        var (key, id, principal) = (made.Json.Text("key"), made.Json.Text("id"), made.Json.Text("principalId"));
        made.Header("Location").ShouldBe($"/v1/access/keys/{id}");
        made.Header("Cache-Control").ShouldBe("no-store");
        var first = await Register(key);

        var listed = (await register.Host.Get($"/v1/access/keys/{id}", "admin")).Json;
        listed["key"].ShouldBeNull();
        listed["lastUsedAt"].ShouldNotBeNull();
        listed["scopes"]!.AsArray().Select(s => s!.GetValue<string>()).ShouldBe(Scopes.Roles["recorder"], ignoreOrder: true);
        Expiry(listed).ShouldBe(DateTime.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
        (await Ids("/v1/access/keys?limit=500")).ShouldContain(id);

        var rotated = await register.Host.Post($"/v1/access/keys/{id}/rotate", new { overlapHours = 1 }, "admin");
        rotated.Status.ShouldBe(201, rotated.ToString());
        rotated.Json.Text("principalId").ShouldBe(principal);
        Expiry(rotated.Json).ShouldBe(DateTime.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
        var next = rotated.Json.Text("key");
        await Register(key);
        var second = await Register(next);
        var actors = await register.Host.Database.Rows(
            "select distinct user_name from register.mt_events where stream_id = any($1)",
            new[] { first, second }
        );
        actors.Select(a => a[0]).ShouldBe([principal]);

        (await register.Host.Post($"/v1/access/keys/{id}/revoke", null, "admin")).Status.ShouldBe(204);
        (await With(key)).ShouldBeProblem(401, "unauthenticated");
        (await With(next)).Status.ShouldBe(200);
        (await register.Host.Post($"/v1/access/keys/{id}/rotate", new { }, "admin")).ShouldBeProblem(409, "key-ended");
    }

    /// <summary>Production does not start where nobody could do anything: a key of who has ended opens nothing.</summary>
    [Fact]
    public async Task A_key_whose_principal_has_ended_is_none_that_stands()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var keys = host.Services.GetRequiredService<ApiKeys>();
        (await keys.AnyStands(CancellationToken.None)).ShouldBeTrue();

        await database.Rows("update access.principal set ended_at = now()");

        (await keys.AnyStands(CancellationToken.None)).ShouldBeFalse();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_key_is_rotated_and_revoked_from_the_command_line()
    {
        var made = await Make(new { owner = "The night desk", role = "recorder" });
        var (key, id, principal) = (made.Json.Text("key"), made.Json.Text("id"), made.Json.Text("principalId"));

        (await Run("rotate-key", id, "--overlap-hours", "24")).ShouldBe(0);
        await Register(key);
        (await Run("revoke-key", id)).ShouldBe(0);
        (await With(key)).ShouldBeProblem(401, "unauthenticated");
        (await Run("end-principal", principal, "--erase-name")).ShouldBe(0);
        (await Run("rotate-key", id)).ShouldBe(1);

        Task<int> Run(params string[] command) =>
            AuthenticationCommands.Run(register.Host.Services, ["access", .. command], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_request_that_comes_again_under_its_idempotency_key_makes_no_second_key()
    {
        var (under, asked) = (
            new[] { ("Idempotency-Key", Guid.NewGuid().ToString()) },
            new { owner = "The desk that lost its answer", role = "reader" }
        );
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => register.Host.Post("/v1/access/keys", asked, "admin", under)));

        answers.ShouldAllBe(a => a.Status == 201);
        answers.Select(a => a.Json.Text("id")).Distinct().Count().ShouldBe(1);
        var shown = answers.Where(a => a.Json["key"] is not null).ShouldHaveSingleItem();
        shown.Header("Idempotency-Replayed").ShouldBeNull();
        answers.Where(a => a != shown).ShouldAllBe(a => a.Header("Idempotency-Replayed") == "true");
        (await With(shown.Json.Text("key"))).Status.ShouldBe(403);
        (await register.Host.Post("/v1/access/keys", new { owner = "Another desk", role = "reader" }, "admin", under)).ShouldBeProblem(
            422,
            "idempotency-key-reused"
        );

        var rotate = $"/v1/access/keys/{shown.Json.Text("id")}/rotate";
        var rotated = await register.Host.Post(rotate, new { }, "admin", under);
        var again = await register.Host.Post(rotate, new { }, "admin", under);
        (rotated.Status, again.Status).ShouldBe((201, 201));
        rotated.Json.Text("id").ShouldNotBe(shown.Json.Text("id"));
        again.Json.Text("id").ShouldBe(rotated.Json.Text("id"));
        again.Json["key"].ShouldBeNull();
        again.Header("Location").ShouldBe($"/v1/access/keys/{rotated.Json.Text("id")}");
    }

    [Fact]
    public async Task A_key_is_of_the_calendar_of_a_framework_that_there_is()
    {
        var cooperation = await Cooperation.Start(register.Host);

        (await Make(new { owner = "The room", calendarOf = cooperation.Framework })).Status.ShouldBe(201);

        (await register.Host.Post("/v1/access/keys", new { owner = "The room", calendarOf = Guid.NewGuid() }, "admin")).ShouldBeProblem(
            422,
            "invalid",
            "/calendarOf"
        );
    }

    [Fact]
    public async Task A_rotated_key_ends_when_its_overlap_is_over()
    {
        var made = await Make(new { owner = "The desk", role = "recorder" });

        (await register.Host.Post($"/v1/access/keys/{made.Json.Text("id")}/rotate", new { overlapHours = 0 }, "admin")).Status.ShouldBe(
            201
        );

        (await With(made.Json.Text("key"))).ShouldBeProblem(401, "unauthenticated");
    }

    /// <summary>Such as when the answer of the first time was lost.</summary>
    [Fact]
    public async Task A_key_that_is_rotated_again_within_its_overlap_gives_one_that_lasts_as_long_as_it_did()
    {
        var made = await Make(
            new
            {
                owner = "The desk",
                role = "recorder",
                expiresInDays = 30,
            }
        );
        var rotate = $"/v1/access/keys/{made.Json.Text("id")}/rotate";

        foreach (var hours in new[] { 24, 2, 48 })
        {
            var rotated = await register.Host.Post(rotate, new { overlapHours = hours }, "admin");
            rotated.Status.ShouldBe(201, rotated.ToString());
            Expiry(rotated.Json).ShouldBe(DateTime.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
            var next = await register.Host.Post($"/v1/access/keys/{rotated.Json.Text("id")}/rotate", new { }, "admin");
            Expiry(next.Json).ShouldBe(DateTime.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
        }

        var before = (await register.Host.Get($"/v1/access/keys/{made.Json.Text("id")}", "admin")).Json;
        Expiry(before).ShouldBe(DateTime.UtcNow.AddHours(2), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_key_without_an_end_that_is_rotated_twice_gives_keys_without_an_end()
    {
        var keys = register.Host.Services.GetRequiredService<ApiKeys>();
        var principal = await register.Host.Services.GetRequiredService<Principals>().Create("The desk", default);
        var (made, _) = (await keys.Create(new KeyToMake(principal, ["activity:read"]), null, default))!.Value;

        foreach (var _ in new[] { 1, 2 })
        {
            var rotated = await register.Host.Post($"/v1/access/keys/{made.Id}/rotate", new { }, "admin");
            rotated.Status.ShouldBe(201, rotated.ToString());
            rotated.Json["expiresAt"].ShouldBeNull();
        }
    }

    [Fact]
    public async Task No_key_and_no_name_of_a_principal_stands_in_a_table_as_it_is()
    {
        var name = $"Ada Lovelace {Guid.NewGuid():n}";
        var made = await Make(new { owner = name, role = "reader" });

        (await register.Host.Database.Holding([made.Json.Text("key"), name])).ShouldBeEmpty();
        (await register.Host.Get($"/v1/access/principals/{made.Json.Text("principalId")}", "admin")).Json.Text("name").ShouldBe(name);
    }

    [Fact]
    public async Task What_a_principal_began_ends_with_it_and_its_name_can_be_erased()
    {
        var made = await Make(
            new { owner = "The leaver", scopes = new[] { Scopes.SubscriptionsManage, Scopes.ActivityRead, Scopes.ActivityWrite } }
        );
        var (key, principal) = (made.Json.Text("key"), made.Json.Text("principalId"));
        var subscription = await register.Host.Post(
            "/v1/subscriptions",
            new { url = "https://example.org/hook" },
            null,
            ("X-Api-Key", key)
        );
        subscription.Status.ShouldBe(201, subscription.ToString());

        (await register.Host.Post($"/v1/access/principals/{principal}/end", new { eraseName = true }, "admin")).Status.ShouldBe(204);

        (await With(key)).ShouldBeProblem(401, "unauthenticated");
        (await register.Host.Get($"/v1/subscriptions/{subscription.Id}", "admin")).ShouldBeProblem(404, "not-found");
        var entry = (await register.Host.Get($"/v1/access/principals/{principal}", "admin")).Json;
        entry["name"].ShouldBeNull();
        entry["endedAt"].ShouldNotBeNull();
        (await register.Host.Post("/v1/access/keys", new { principalId = principal, role = "recorder" }, "admin")).ShouldBeProblem(
            422,
            "invalid",
            "/principalId"
        );
    }

    [Fact]
    public async Task A_queued_import_whose_caller_has_ended_records_nothing()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await host.AddKey("importer", [.. Scopes.Roles["recorder"]]);
        var principal = await database.Scalar<Guid>(
            "select principal_id from access.api_key where hash = $1",
            SHA256.HashData(Encoding.UTF8.GetBytes(host.Keys["importer"]))
        );

        // Nothing is queued while this rule stands, so that the caller ends between posting and recording.
        using var file = new ByteArrayContent(
            Encoding.UTF8.GetBytes("""{"type":"register-organisation","data":{"name":"DG HOME","shortName":"HOME"}}""")
        );
        file.Headers.ContentType = new("application/x-ndjson");
        await database.Rows("create rule held as on update to ingestion.import do instead nothing");
        await host.Post("/v1/imports", file, "importer");
        await host.Services.GetRequiredService<Principals>().End(principal, eraseName: false, default);
        await database.Rows("drop rule held on ingestion.import");
        await database.Rows("update ingestion.import set state = 'queued', bytes = 1 where finished_at is null");

        await Wait.Until("the import to end", async () =>
            await database.Scalar<long>("select count(*) from ingestion.import where finished_at is null") == 0
        );

        (await database.Scalar<string>("select state from ingestion.import")).ShouldBe("failed");
        (await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'")).ShouldBe(0);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Theory]
    [InlineData("the principal ended")]
    [InlineData("the key revoked")]
    public async Task An_import_that_runs_stops_at_once_where_its_caller_ends(string how)
    {
        // Many transactions, of which one is let pass, and another has all of its rows but is not over.
        const int Rows = 2_000;
        var made = await Make(new { owner = "The importer", role = "recorder" });
        var key = ("X-Api-Key", made.Json.Text("key"));
        using var file = new ByteArrayContent(
            Encoding.UTF8.GetBytes(
                string.Join(
                    '\n',
                    Enumerable
                        .Range(1, Rows)
                        .Select(i => $$$"""{"command":"register-organisation","data":{"name":"Harbour {{{i}}}","shortName":"H"}}""")
                )
            )
        );
        file.Headers.ContentType = new("application/x-ndjson");
        await using var held = await HeldAppends.Of(register.Host.Database);
        var posted = await register.Host.Post("/v1/imports", file, null, key);
        posted.Status.ShouldBe(202, posted.ToString());
        var path = $"/v1/imports/{posted.Json.Text("id")}";
        await held.LetPassUntil(async () => (await Import())["rows"]!.GetValue<long>() > 0);

        var answer =
            how == "the key revoked"
                ? await register.Host.Post($"/v1/access/keys/{made.Json.Text("id")}/revoke", null, "admin")
                : await register.Host.Post($"/v1/access/principals/{made.Json.Text("principalId")}/end", new { }, "admin");
        answer.Status.ShouldBe(204, answer.ToString());
        await held.DisposeAsync();

        await Wait.Until("the import's end", async () => (await Import()).Text("state") is "completed" or "failed");
        var ended = await Import();
        ended.Text("state").ShouldBe("failed", ended.ToJsonString());
        ended["rows"]!.GetValue<long>().ShouldBeLessThan(Rows);

        async Task<JsonNode> Import() => (await register.Host.Get(path, "admin")).Json;
    }

    [Theory]
    [InlineData("""{"role":"recorder"}""", "/owner")]
    [InlineData("""{"owner":"x"}""", "/role")]
    [InlineData("""{"owner":"x","role":"recorder","scopes":["admin"]}""", "/role")]
    [InlineData("""{"owner":"x","role":"clerk"}""", "/role")]
    [InlineData("""{"owner":"x","scopes":["activity:read","everything"]}""", "/scopes/1")]
    [InlineData("""{"owner":"x","scopes":["calendar:read"]}""", "/scopes/0")]
    [InlineData("""{"owner":"x","role":"recorder","expiresInDays":0}""", "/expiresInDays")]
    [InlineData("""{"owner":"x","role":"recorder","key":"mine"}""", "/key")]
    [InlineData("""{"owner":"x","role":"recorder","sources":[]}""", "/sources")]
    [InlineData("""{"owner":"x","role":"recorder","sources":["desk","ada@example.org"]}""", "/sources/1")]
    public async Task A_key_that_cannot_be_made_is_refused_by_member(string body, string pointer) =>
        (await register.Host.Post("/v1/access/keys", body, "admin")).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task What_happens_at_the_door_is_counted_for_auditors_and_a_flood_hides_nothing_that_was_done()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => host.Get("/v1/meetings", null, ("X-Api-Key", ApiKeys.NewKey()))));
        (await host.Post("/v1/organisations", new { name = "x", shortName = "x" }, "analyst")).Status.ShouldBe(403);
        var before = await Listed();
        foreach (var network in Enumerable.Range(0, 1_000))
            host.Services.GetRequiredService<SecurityEvents>()
                .Note(SecurityEvents.WrongToken, $"2001:db8::{network:x}", Guid.Empty, "/v1/meetings");
        var made = await host.Post("/v1/access/keys", new { owner = "x", role = "reader" }, "admin");

        var after = await Listed();

        var wrong = before.Where(e => e.Text("kind") == SecurityEvents.WrongKey).ToList();
        wrong.Sum(e => e["count"]!.GetValue<long>()).ShouldBe(60);
        wrong.Count.ShouldBeLessThan(10);
        before.ShouldContain(e =>
            e.Text("kind") == SecurityEvents.Forbidden && e["principal"] != null && e.Text("detail") == "/v1/organisations"
        );
        var flood = after.Where(e => e.Text("kind") == SecurityEvents.WrongToken).ToList();
        flood.Sum(e => e["count"]!.GetValue<long>()).ShouldBe(1_000);
        flood.Count.ShouldBeLessThan(500);
        after.ShouldContain(e =>
            e.Text("kind") == SecurityEvents.KeyMade && e["principal"] != null && e.Text("detail") == made.Json.Text("id")
        );
        (await host.Get("/v1/audit/security-events", "analyst")).ShouldBeProblem(403, "forbidden");

        async Task<IReadOnlyList<JsonNode>> Listed() =>
            [.. (await host.Get("/v1/audit/security-events?limit=500", "auditor")).Json["items"]!.AsArray().Select(e => e!)];
    }

    private Task<Answer> With(string key) => register.Host.Get("/v1/meetings", null, ("X-Api-Key", key));

    private static DateTime Expiry(JsonNode key) =>
        DateTime.Parse(key.Text("expiresAt"), null, System.Globalization.DateTimeStyles.AdjustToUniversal);

    private async Task<Answer> Make(object body)
    {
        var made = await register.Host.Post("/v1/access/keys", body, "admin");
        made.Status.ShouldBe(201, made.ToString());
        return made;
    }

    private async Task<Guid> Register(string key)
    {
        var answer = await register.Host.Post("/v1/organisations", new { name = "DG HOME", shortName = "HOME" }, null, ("X-Api-Key", key));
        answer.Status.ShouldBe(201, answer.ToString());
        return answer.Id;
    }

    private async Task<IEnumerable<string>> Ids(string path) => (await Items(path, "admin")).Select(i => i.Text("id"));

    private async Task<IReadOnlyList<JsonNode>> Items(string path, string role)
    {
        var items = new List<JsonNode>();
        for (string? next = path; next is not null; )
        {
            var page = await register.Host.Get(next, role);
            page.Status.ShouldBe(200, page.ToString());
            items.AddRange(page.Json["items"]!.AsArray().Select(i => i!));
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        return items;
    }
}
