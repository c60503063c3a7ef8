using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Authentication;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>A key that is held to sources names these and no others, however it posts.</summary>
public sealed class KeySourceTests(SharedRegister register)
{
    private const string Desk = "https://desk.example.org/";

    [Fact]
    public async Task A_header_names_a_source_of_the_key_or_is_refused()
    {
        var key = await Make("desk", Desk);

        var refused = (await Register(key, "crm")).ShouldBeProblem(403, "source-not-allowed");
        refused.Json.Text("detail").ShouldContain($"'desk' or '{Desk}'");
        (await Source(await Register(key, Desk))).ShouldBe(Desk);
        (await Source(await Register(key, null))).ShouldBeNull();
        (await Register(key, "Desk")).ShouldBeProblem(403, "source-not-allowed");
        (await Source(await Register(await Make(), "crm"))).ShouldBe("crm");
    }

    /// <summary>One rule for all ways in: a source is never erased, and an address is somebody's.</summary>
    [Theory]
    [InlineData("ana@example.org")]
    [InlineData("mailto:ana")]
    [InlineData("MailTo:ana")]
    [InlineData("mailto:ana.vidal%40example.org")]
    [InlineData("mailto%3Aana.vidal%40example.org")]
    [InlineData("urn:x:ana%40example.org")]
    [InlineData("urn:x:ana%2540example.org")]
    public async Task An_address_is_no_source_however_it_comes_in(string source)
    {
        var key = await Make();

        (await Register(key, source)).ShouldBeProblem(400, "invalid-header").Json.Text("detail").ShouldContain("percent-encoded");
        using var file = Content("", "application/x-ndjson");
        (await register.Host.Post("/v1/imports", file, "recorder", ("Cooperation-Source", source))).ShouldBeProblem(400, "invalid-header");
        (await Post(key, "", Event(source))).ShouldBeProblem(422, "invalid").Json.Text("detail").ShouldContain("percent-encoded");
        var items = (await Post(key, "-batch", new JsonArray(Event(source), Event("urn:desk:100%25")))).Json["items"]!.AsArray();
        items.Select(i => (i!.Text("source"), i!.Text("outcome"))).ShouldBe([(source, "refused"), ("urn:desk:100%25", "accepted")]);
        using var binary = Content("{\"name\":\"A\",\"shortName\":\"A\"}", "application/json");
        (
            await register.Host.Post(
                "/v1/events",
                binary,
                "recorder",
                ("ce-specversion", "1.0"),
                ("ce-id", $"{Guid.NewGuid()}"),
                ("ce-source", source.Replace("%", "%25", StringComparison.Ordinal)),
                ("ce-type", "org.cooperation.register-organisation.v1")
            )
        ).ShouldBeProblem(422, "invalid");
        (
            await register.Host.Post(
                "/v1/access/keys",
                new
                {
                    owner = "The CRM",
                    role = "recorder",
                    sources = new[] { "crm", source },
                },
                "admin"
            )
        ).ShouldBeProblem(422, "invalid", "/sources/1");
    }

    /// <summary>As a version before made it, which took an address for a source.</summary>
    [Fact]
    public async Task A_key_of_before_whose_only_source_is_an_address_records_nothing_under_it_and_is_not_rotated()
    {
        var key = await Make("desk");
        await register.Host.Database.Rows(
            "update access.api_key set sources = '{mailto:ana@example.org}' where id = $1",
            Guid.Parse(key.Id)
        );

        (await Register(key, null)).ShouldBeProblem(400, "invalid-header").Json.Text("detail").ShouldContain("only source of this key");
        using var file = Content("", "application/x-ndjson");
        (await register.Host.Post("/v1/imports", file, null, ("X-Api-Key", key.Sent))).ShouldBeProblem(400, "invalid-header");
        var rotated = await register.Host.Post($"/v1/access/keys/{key.Id}/rotate", new { }, "admin");
        rotated.ShouldBeProblem(409, "source-not-taken").Json.Text("detail").ShouldContain("Make a new key");
    }

    [Fact]
    public async Task What_says_no_source_comes_from_the_only_one_of_the_key()
    {
        var key = await Make("desk");

        (await Source(await Register(key, null))).ShouldBe("desk");
        using var file = Content("", "application/x-ndjson");
        var import = await register.Host.Post("/v1/imports", file, null, ("X-Api-Key", key.Sent));
        (import.Status, import.Json.Text("source")).ShouldBe((202, "desk"));
        using var other = Content("", "application/x-ndjson");
        (await register.Host.Post("/v1/imports", other, null, ("X-Api-Key", key.Sent), ("Cooperation-Source", "crm"))).ShouldBeProblem(
            403,
            "source-not-allowed"
        );
    }

    [Fact]
    public async Task An_event_of_another_source_is_refused_and_the_others_of_its_batch_are_taken()
    {
        var key = await Make("desk", Desk);

        var items = (await Post(key, "-batch", new JsonArray(Event(Desk), Event("/crm"), Event("desk")))).Json["items"]!.AsArray();

        items.Select(i => i!.Text("outcome")).ShouldBe(["accepted", "refused", "accepted"]);
        items[1]!["problem"]!.Text("type").ShouldBe("/problems/source-not-allowed");
        var recorded = await register.Host.Database.Rows(
            "select headers->>'source' from register.mt_events where stream_id = $1",
            items[0]!["recordId"]!.GetValue<Guid>()
        );
        recorded.ShouldBe([
            [Desk],
        ]);
        (await Post(key, "", Event("/crm"))).ShouldBeProblem(403, "source-not-allowed");
    }

    [Fact]
    public async Task A_remembered_answer_is_not_given_to_who_may_not_name_its_source()
    {
        var free = await Make();
        var held = await Make(free.Principal, "desk");
        (string, string) idempotency = ("Idempotency-Key", $"{Guid.NewGuid()}");
        var posted = Event("/crm");
        (await Register(free, "crm", idempotency)).ShouldBeAccepted(201);
        (await Post(free, "", posted)).Json.Text("outcome").ShouldBe("accepted");

        (await Register(held, "crm", idempotency)).ShouldBeProblem(403, "source-not-allowed");
        (await Register(held, null, idempotency)).ShouldBeProblem(422, "idempotency-key-reused");
        (await Post(held, "", posted)).ShouldBeProblem(403, "source-not-allowed");
        (await Post(free, "", posted)).Json.Text("outcome").ShouldBe("duplicate");

        (string, string) own = ("Idempotency-Key", $"{Guid.NewGuid()}");
        var first = (await Register(held, "desk", own)).ShouldBeAccepted(201);
        (await Register(held, null, own)).ShouldBeAccepted(201).Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task Rotation_keeps_the_sources_and_the_list_shows_them()
    {
        var key = await Make("desk", Desk, "desk");

        var rotated = await register.Host.Post($"/v1/access/keys/{key.Id}/rotate", new { }, "admin");

        Sources(rotated.Json).ShouldBe(["desk", Desk]);
        Sources((await register.Host.Get($"/v1/access/keys/{rotated.Json.Text("id")}", "admin")).Json).ShouldBe(["desk", Desk]);
        (await Register(key with { Sent = rotated.Json.Text("key") }, "crm")).ShouldBeProblem(403, "source-not-allowed");
        var any = await Make();
        (await register.Host.Get($"/v1/access/keys/{any.Id}", "admin")).Json["sources"].ShouldBeNull();
    }

    [Fact]
    public async Task The_command_line_makes_such_a_key_too()
    {
        var (source, services) = ($"desk-{Guid.NewGuid():n}", register.Host.Services);
        string[] command = ["access", "create-key", "--owner", "The desk", "--role", "recorder", "--source"];

        (
            await AuthenticationCommands.Run(services, [.. command, source, "--source", Desk], TestContext.Current.CancellationToken)
        ).ShouldBe(0);
        (await AuthenticationCommands.Run(services, [.. command, "ada@example.org"], TestContext.Current.CancellationToken)).ShouldBe(1);

        var made = await register.Host.Database.Rows("select id from access.api_key where $1 = any(sources)", source);
        var listed = (await register.Host.Get($"/v1/access/keys/{made.ShouldHaveSingleItem()[0]}", "admin")).Json;
        Sources(listed).ShouldBe([source, Desk]);
    }

    private static JsonObject Event(string source) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = $"{Guid.NewGuid()}",
            ["source"] = source,
            ["type"] = "org.cooperation.register-organisation.v1",
            ["data"] = new JsonObject { ["name"] = "Ferry Board", ["shortName"] = "FB" },
        };

    private static IEnumerable<string> Sources(JsonNode key) => key["sources"]!.AsArray().Select(s => s!.GetValue<string>());

    private static StringContent Content(string body, string type) => new(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));

    private Task<Answer> Register(Key key, string? source, params (string, string)[] headers) =>
        register.Host.Post(
            "/v1/organisations",
            new { name = "Ferry Board", shortName = "FB" },
            null,
            [("X-Api-Key", key.Sent), .. source is null ? [] : new[] { ("Cooperation-Source", source) }, .. headers]
        );

    private async Task<Answer> Post(Key key, string mode, JsonNode events)
    {
        using var content = Content(events.ToJsonString(), $"application/cloudevents{mode}+json");
        return await register.Host.Post("/v1/events", content, null, ("X-Api-Key", key.Sent));
    }

    /// <summary>The source of what was recorded.</summary>
    private async Task<string?> Source(Answer recorded) =>
        (string?)
            (
                await register.Host.Database.Rows(
                    "select headers->>'source' from register.mt_events where stream_id = $1",
                    recorded.ShouldBeAccepted(201).Id
                )
            ).Single()[0];

    private Task<Key> Make(params string[] sources) => Make(null, sources);

    private async Task<Key> Make(Guid? principal, params string[] sources)
    {
        var body = new JsonObject { ["role"] = "recorder" };
        if (sources.Length > 0)
            body["sources"] = JsonSerializer.SerializeToNode(sources);
        body[principal is null ? "owner" : "principalId"] = principal is null ? "The desk" : $"{principal}";
        var made = await register.Host.Post("/v1/access/keys", body, "admin");
        made.Status.ShouldBe(201, made.ToString());
        return new Key(made.Json.Text("id"), made.Json["principalId"]!.GetValue<Guid>(), made.Json.Text("key"));
    }

    private sealed record Key(string Id, Guid Principal, string Sent);
}
