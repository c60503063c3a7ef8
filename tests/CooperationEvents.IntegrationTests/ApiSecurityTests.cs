using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Authorization;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// The OWASP API Security Top 10 (2023), a test for each risk. More of API2 is in <see cref="ApiKeyTests"/>, <see cref="TokenTests"/> and
/// <see cref="PageSignInTests"/>, of API4 in <see cref="LimitTests"/> and the FairShareTests, of API5 in <see cref="AccessTests"/> (every
/// operation with every scope), of API6 in <see cref="Statistics.PublicationTests"/> and <see cref="ErasureTests"/>, of API7 and API10 in
/// <see cref="Webhooks.SubscriptionTests"/>, <see cref="Webhooks.WebhookDeliveryTests"/> and <see cref="Audit.WitnessTests"/>.
/// </summary>
public sealed partial class ApiSecurityTests(SharedRegister register)
{
    [Fact]
    public async Task API1_what_belongs_to_one_caller_is_not_there_for_another_whatever_id_it_guesses()
    {
        await register.Host.AddKey("mine", [.. Scopes.Roles["recorder"], Scopes.SubscriptionsManage]);
        await register.Host.AddKey("theirs", [.. Scopes.Roles["recorder"], Scopes.SubscriptionsManage]);
        using var file = new ByteArrayContent(
            """{"type":"register-organisation","data":{"name":"DG HOME","shortName":"HOME"}}"""u8.ToArray()
        );
        file.Headers.ContentType = new("application/x-ndjson");
        var import = (await register.Host.Post("/v1/imports?dryRun=true", file, "mine")).Json.Text("id");
        var subscription = (await register.Host.Post("/v1/subscriptions", new { url = "https://example.org/hook" }, "mine")).Json.Text(
            "id"
        );

        foreach (
            var path in new[]
            {
                $"/v1/imports/{import}",
                $"/v1/subscriptions/{subscription}",
                $"/v1/subscriptions/{subscription}/dead-letters",
            }
        )
        {
            (await register.Host.Get(path, "mine")).Status.ShouldBe(200, path);
            (await register.Host.Get(path, "theirs")).ShouldBeProblem(404, "not-found");
        }

        (await register.Host.Post($"/v1/imports/{import}/cancel", null, "theirs")).ShouldBeProblem(404, "not-found");
        (await register.Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "theirs")).ShouldBeProblem(
            404,
            "not-found"
        );
        (await register.Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "mine")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task API2_nobody_is_known_by_anything_but_a_key_that_stands_where_a_key_belongs()
    {
        var host = register.Host;
        var key = host.Keys["admin"];
        var ended = (
            await host.Post(
                "/v1/access/keys",
                new
                {
                    owner = "Somebody",
                    role = "admin",
                    expiresInDays = 1,
                },
                "admin"
            )
        ).Json;
        (await host.Post($"/v1/access/keys/{ended.Text("id")}/revoke", null, "admin")).Status.ShouldBe(204);
        var basic = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"admin:{key}"));
        (string, string)[] credentials =
        [
            ("X-Api-Key", ended.Text("key")),
            ("X-Api-Key", key[..^1]),
            ("X-Api-Key", key + "A"),
            ("X-Api-Key", key.ToUpperInvariant()),
            ("X-Api-Key", $"'{key}' or '1'='1"),
            ("Authorization", key),
            ("Authorization", $"Bearer {key}"),
            ("Authorization", $"Basic {basic}"),
            ("Authorization", $"ApiKey {key}"),
            ("Cookie", $"X-Api-Key={key}; cooperation={key}"),
            ("X-Forwarded-User", "admin"),
            ("X-Original-URL", "/health/live"),
            ("Forwarded", "for=127.0.0.1"),
        ];

        var refusals = new HashSet<string>();
        foreach (var credential in credentials)
        {
            var answer = (await host.Get("/v1/access/keys", null, credential)).ShouldBeProblem(401, "unauthenticated");
            if (credential.Item1 == "X-Api-Key")
                refusals.Add(answer.Json.Text("detail"));
        }

        // Why a key is none is told to nobody.
        refusals.ShouldHaveSingleItem();
        foreach (var query in new[] { $"?key={key}", $"?api_key={key}", $"?access_token={key}", $"?X-Api-Key={key}" })
            (await host.Get($"/v1/access/keys{query}", null)).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task API3_no_member_is_taken_that_is_not_the_callers_to_set_and_none_is_shown_that_is_not_its_to_see()
    {
        foreach (var member in new[] { "actor", "version", "position", "recordedAt", "voided", "isAdmin" })
        {
            var body = new JsonObject
            {
                ["name"] = "DG HOME",
                ["shortName"] = "HOME",
                [member] = "x",
            };
            (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(422, "invalid", $"/{member}");
        }

        var name = $"Ada {Guid.NewGuid():n}";
        var person = (
            await register.Host.Post("/v1/people", new { name, email = $"{name.Replace(' ', '.')}@example.org" })
        ).ShouldBeAccepted(201);
        foreach (var path in new[] { $"/v1/people/{person.Id}", "/v1/feed?limit=500", $"/v1/feed?stream={person.Id}" })
            (await register.Host.Read(path, person.Position, "analyst")).Text.ShouldNotContain(name);
    }

    [Fact]
    public async Task API4_what_would_cost_much_is_refused_or_ends_before_it_does()
    {
        var host = register.Host;
        var started = System.Diagnostics.Stopwatch.GetTimestamp();

        (await host.Post("/v1/organisations", new { name = new string('x', 2_000_000), shortName = "X" })).ShouldBeProblem(
            413,
            "too-large"
        );
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);
        (await host.Post("/v1/organisations", deep)).ShouldBeProblem(400, "unreadable");
        var many = Enumerable.Repeat(new { frameworkId = Guid.NewGuid(), level = "x" }, 51);
        (
            await host.Post(
                "/v1/meetings",
                new
                {
                    title = "x",
                    frameworks = many,
                    start = "2020",
                }
            )
        ).ShouldBeProblem(422, "invalid", "/frameworks");
        foreach (var path in new[] { "/v1/meetings", "/v1/feed", "/v1/people", "/v1/audit/events" })
            (await host.Get($"{path}?limit=100000", "admin")).Status.ShouldBeOneOf(400, 422);
        (await host.Get($"/v1/meetings?{new string('x', 9_000)}=1")).ShouldBeProblem(414, "target-too-long");
        (await host.Get("/v1/meetings?minPosition=999999999999")).ShouldBeProblem(503, "busy").Header("Retry-After").ShouldNotBeNull();

        System.Diagnostics.Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Wait.Patience);
    }

    [Fact]
    public async Task API5_no_function_of_an_administrator_is_reached_by_another_way_than_its_own()
    {
        var host = register.Host;
        (string, string)[] disguises =
        [
            ("X-HTTP-Method-Override", "POST"),
            ("X-Method-Override", "POST"),
            ("X-Original-URL", "/v1/access/keys"),
            ("X-Rewrite-URL", "/v1/access/keys"),
            ("X-Role", "admin"),
        ];
        foreach (var disguise in disguises)
            (await host.Get("/v1/meetings", "recorder", disguise)).ShouldBeRead()["items"].ShouldNotBeNull();

        string[] spellings =
        [
            "/v1/access/keys",
            "/V1/ACCESS/KEYS",
            "/v1//access/keys",
            "/v1/access/keys/",
            "/v1/./access/keys",
            "/v1/meetings/../access/keys",
            "/v1/access%2Fkeys",
        ];
        foreach (var path in spellings)
            (await host.Get(path, "recorder")).Status.ShouldBeOneOf([403, 404], path);

        var person = (await host.Post("/v1/people", new { name = "Ada" })).ShouldBeAccepted(201).Id;
        foreach (var role in new[] { "recorder", "secretariat", "analyst", "auditor" })
        {
            (await host.Post("/v1/access/keys", new { owner = "Me", role = "admin" }, role)).ShouldBeProblem(403, "forbidden");
            (await host.Post($"/v1/people/{person}/erase", new { reason = "x" }, role)).ShouldBeProblem(403, "forbidden");
        }
    }

    [Fact]
    public async Task API6_publishing_and_erasing_are_for_who_may_and_are_done_on_purpose_whatever_way_they_are_asked_for()
    {
        var host = register.Host;
        var cooperation = await Cooperation.Start(host);
        var person = await cooperation.Person();
        var held = (
            await host.Post(
                "/v1/meetings/record-held",
                cooperation.Meeting(
                    (
                        "attendees",
                        new JsonArray(
                            new JsonObject
                            {
                                ["personId"] = person,
                                ["organisationId"] = cooperation.Home,
                                ["status"] = "attended",
                            }
                        )
                    )
                )
            )
        ).ShouldBeAccepted(201);
        await host.Reaches(held.Position);
        const string Count = "select count(*) from register.mt_events where type in ('figure_published', 'person_erased')";
        var before = await host.Database.Scalar<long>(Count);

        // A figure of one person is stated in public by nobody who does not say that they know it.
        var figure = new { framework = cooperation.Framework, acknowledgeSmallCells = true };
        var unsaid = await host.Post("/v1/statistics/publications", new { framework = cooperation.Framework }, "analyst");
        (unsaid.Status, unsaid.Json.Text("type")).ShouldBe((409, "/problems/small-cells"), unsaid.ToString());
        (await host.Post("/v1/statistics/publications", figure, "recorder")).ShouldBeProblem(403, "forbidden");
        foreach (
            var (type, data) in new (string, object)[]
            {
                ("erase-person", new { personId = person, reason = "x" }),
                (
                    "restrict-person",
                    new
                    {
                        personId = person,
                        reason = "x",
                        restricted = true,
                    }
                ),
                ("publish-figure", figure),
            }
        )
        {
            var posted = await host.Post("/v1/events", CloudEvent(type, data), "recorder");
            posted.Status.ShouldBeOneOf([403, 422], posted.ToString());
            using var file = new ByteArrayContent(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { command = type, data }));
            file.Headers.ContentType = new("application/x-ndjson");
            var import = await host.Post("/v1/imports?mode=partial", file, "recorder");
            import.Status.ShouldBe(202, import.ToString());
            await Wait.Until("the import's end", async () =>
                (import = await host.Get($"/v1/imports/{import.Json.Text("id")}")).Json.Text("state")
                    is "completed"
                        or "refused"
                        or "failed"
            );
            import.Json["accepted"]!.GetValue<long>().ShouldBe(0, import.Text);
        }

        (await host.Database.Scalar<long>(Count)).ShouldBe(before);

        static ByteArrayContent CloudEvent(string type, object data)
        {
            var content = new ByteArrayContent(
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        specversion = "1.0",
                        id = Guid.NewGuid(),
                        source = "https://desk.example.org",
                        type = $"org.cooperation.{type}.v1",
                        data,
                    }
                )
            );
            content.Headers.ContentType = new("application/cloudevents+json");
            return content;
        }
    }

    [Fact]
    public async Task API7_nothing_that_a_caller_names_is_called_but_a_public_receiver_of_webhooks()
    {
        await using var database = await TestDatabase.Create();
        await using var inside = await Receiver.Start();
        await using var provider = await IdentityProvider.Start();
        (string, string)[] settings = [("Authentication:Issuer", provider.Issuer), ("Authentication:Audience", "register")];
        await using var host = await RegisterHost.Start(database, settings: settings);
        var cooperation = await Cooperation.Start(host);
        var meeting = (await cooperation.Schedule()).Id;

        await cooperation.Do(
            $"/v1/meetings/{meeting}/documents",
            new
            {
                title = "Minutes",
                url = $"{inside.Url}/minutes",
                status = "adopted",
            }
        );
        var decision = new
        {
            kind = "decision",
            text = new { en = "x" },
            documentUrl = $"{inside.Url}/decision",
        };
        (await host.Post($"/v1/meetings/{meeting}/outcomes", decision)).ShouldBeAccepted(201);
        string[] within =
        [
            inside.Url,
            $"{inside.Url.Replace("http:", "https:", StringComparison.Ordinal)}/x",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://[fd00::1]/",
            "ftp://example.org/",
            "file:///etc/passwd",
        ];
        foreach (var url in within)
            (await host.Post("/v1/subscriptions", new { url }, "admin")).ShouldBeProblem(422, "invalid", "/url");
        foreach (var header in new[] { "jku", "x5u", "iss" })
        {
            var head = Base64Url($$"""{"alg":"RS256","typ":"at+jwt","kid":"x","{{header}}":"{{inside.Url}}/keys"}""");
            var claims = Base64Url($$"""{"iss":"{{inside.Url}}","sub":"ada","aud":"register","exp":4000000000}""");
            var token = $"{head}.{claims}.{Base64Url("x")}";
            (await host.Get("/v1/meetings", null, ("Authorization", $"Bearer {token}"))).ShouldBeProblem(401, "unauthenticated");
        }

        inside.All.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);

        static string Base64Url(string text) => Base64UrlEncoder.Encode(text);
    }

    [Fact]
    public async Task API8_what_fails_says_nothing_of_how_the_service_is_made()
    {
        foreach (
            var path in new[]
            {
                "/v1/meetings/x",
                "/v1/nothing",
                "/v1/feed?after=x",
                "/.git/config",
                "/v1/../../etc/passwd",
                "/appsettings.json",
                "/swagger",
            }
        )
        {
            var answer = await register.Host.Get(path, "admin");
            answer.Status.ShouldBeInRange(400, 422, path);
            answer.Header("Server").ShouldBeNull();
            Inner().IsMatch(answer.Text).ShouldBeFalse(answer.Text);
        }

        foreach (var method in new[] { "TRACE", "OPTIONS", "CONNECT" })
            (await register.Host.Send(new HttpMethod(method), "/v1/meetings", null, "admin")).Status.ShouldBeOneOf(404, 405);
    }

    [Fact]
    public async Task API9_every_operation_that_is_served_is_in_the_document_and_nothing_else_is()
    {
        var document = (await register.Host.Get("/openapi/v1.json", null)).Json;
        var documented = document["paths"]!
            .AsObject()
            .SelectMany(p =>
                p.Value!.AsObject().Where(o => o.Key is "get" or "post" or "delete" or "put" or "patch").Select(o => $"{o.Key} {p.Key}")
            )
            .ToList();

        var served = (
            from endpoint in register.Host.Endpoints
            let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
            let api = path.StartsWith("/v1/", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            where method != "HEAD"
            select (Operation: $"{method.ToLowerInvariant()} {CatchAll().Replace(path, "{$1}")}", IsOfTheApi: api)
        ).ToList();

        served.Where(s => s.IsOfTheApi).Select(s => s.Operation).Except(documented).ShouldBeEmpty();
        documented.Except(served.Select(s => s.Operation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("huge")]
    [InlineData("garbage")]
    [InlineData("redirect")]
    [InlineData("other-keys")]
    [InlineData("cut")]
    public async Task API10_what_an_identity_provider_answers_wrongly_lets_nobody_in_and_keeps_nobody_out(string way)
    {
        await using var elsewhere = await Receiver.Start();
        var junk = new byte[64 * 1024];
        await using var provider = await Receiver.Start(
            async (_, http) =>
            {
                var self = $"http://{http.Request.Host}";
                switch (way)
                {
                    case "huge":
                        for (var i = 0; i < 4_000; i++)
                            await http.Response.Body.WriteAsync(junk, http.RequestAborted);
                        break;
                    case "garbage":
                        await http.Response.WriteAsync("{\"issuer\": [[[");
                        break;
                    case "redirect":
                        http.Response.Redirect($"{elsewhere.Url}{http.Request.Path}");
                        break;
                    case "other-keys":
                        await http.Response.WriteAsync(
                            http.Request.Path == "/keys"
                                ? """{"keys":[{"kty":"oct","kid":"x","k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"}]}"""
                                : $$"""{"issuer":"{{elsewhere.Url}}","jwks_uri":"{{self}}/keys"}"""
                        );
                        break;
                    default:
                        http.Abort();
                        break;
                }
            }
        );
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings:
            [
                ("Authentication:Issuer", provider.Url),
                ("Authentication:Audience", "register"),
                ("Authentication:ClientId", "pages"),
                ("Authentication:ClientSecret", "any"),
            ]
        );
        var token = new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = provider.Url,
                Audience = "register",
                Claims = new Dictionary<string, object> { ["sub"] = "ada", ["roles"] = "admin" },
                Expires = DateTime.UtcNow.AddMinutes(5),
                TokenType = "at+jwt",
                SigningCredentials = new(new SymmetricSecurityKey("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"u8.ToArray()) { KeyId = "x" }, "HS256"),
            }
        );

        // Keys that were read tell a token; where none could be, nobody can.
        var answer = await host.Get("/v1/access/keys", null, ("Authorization", $"Bearer {token}"));
        if (way == "other-keys")
            answer.ShouldBeProblem(401, "unauthenticated");
        else
            answer.ShouldBeProblem(503, "identity-provider-unreachable");
        (await host.Get("/v1/access/keys", "admin")).Status.ShouldBe(200);
        if (way != "other-keys")
            (await host.Get("/sign-in", null)).ShouldBeProblem(503, "busy");

        provider.All.ShouldNotBeEmpty();
        elsewhere.All.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [GeneratedRegex(@"   at |\.cs:line|Npgsql|Marten|Wolverine|StackTrace|/home/|/usr/", RegexOptions.None)]
    private static partial Regex Inner();

    [GeneratedRegex(@"\{\*(\w+)\}")]
    private static partial Regex CatchAll();
}
