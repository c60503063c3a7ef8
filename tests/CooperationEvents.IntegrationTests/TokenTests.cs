using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CooperationEvents.IntegrationTests;

/// <summary>Bearer tokens of a real OpenID provider, and forgeries of them.</summary>
public sealed class TokenTests(TokenTests.Register register) : IClassFixture<TokenTests.Register>
{
    [Fact]
    public async Task A_token_brings_the_scopes_of_its_roles_and_events_the_principal_and_not_the_subject()
    {
        var token = await register.Provider.Token("grace", "eu-recorders other-group");
        var posted = await register.Post(token);
        posted.Status.ShouldBe(201, posted.ToString());
        var again = await register.Post(await register.Provider.Token("grace", "eu-recorders"));

        (await register.Get(token, "/v1/statistics/cumulative")).ShouldBeProblem(403, "forbidden");
        (await register.Get(await register.Provider.Token("eve", "recorder admin"), "/v1/meetings")).ShouldBeProblem(403, "forbidden");
        var actors = await register.Database.Rows(
            "select distinct user_name from register.mt_events where stream_id = any($1)",
            new[] { posted.Id, again.Id }
        );
        Guid.TryParse((string)actors.ShouldHaveSingleItem()[0]!, out var principal).ShouldBeTrue();
        (await register.Host.Get($"/v1/access/principals/{principal}", "admin")).Json.Text("name").ShouldBe("The client grace");

        (await register.Host.Post($"/v1/access/principals/{principal}/end", new { eraseName = true }, "admin")).Status.ShouldBe(204);
        var ended = (await register.Get(token, "/v1/meetings")).ShouldBeProblem(401, "unauthenticated").Json.Text("detail");
        ended.ShouldContain("an administrator has ended the access of its subject");
        var forged = $"{token[..token.LastIndexOf('.')]}.{new string('A', 342)}";
        (await register.Get(forged, "/v1/meetings")).ShouldBeProblem(401, "unauthenticated").Json.Text("detail").ShouldNotContain("ended");
        (await register.Get(await register.Provider.Token("grace", "eu-recorders"), "/v1/meetings")).ShouldBeProblem(
            401,
            "unauthenticated"
        );
    }

    [Fact]
    public async Task Tokens_of_new_keys_are_taken_as_soon_as_the_provider_has_them_and_those_of_old_ones_no_more()
    {
        // Of its own: a key that is not known is asked for at most twice a minute, and a forged token has one, too.
        await using var own = new Register();
        await own.InitializeAsync();
        var old = await own.Provider.Token("ada", "eu-recorders");
        (await own.Get(old, "/v1/meetings")).Status.ShouldBe(200);

        await own.Provider.ChangeKeys();

        var token = await own.Provider.Token("ada", "eu-recorders");
        await Wait.Until("the new keys to be read", async () => (await own.Get(token, "/v1/meetings")).Status == 200);
        (await own.Get(old, "/v1/meetings")).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Forged_tokens_are_no_tokens()
    {
        var genuine = await register.Provider.Token("ada", "eu-admins");
        (await register.Get(genuine, "/v1/access/keys")).Status.ShouldBe(200);
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = await register.Provider.KeyId() };
        var mine = new SigningCredentials(key, SecurityAlgorithms.RsaSha256);
        var parts = genuine.Split('.');
        await using var other = await IdentityProvider.Start();

        var forgeries = new Dictionary<string, string>
        {
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["algorithm none"] = $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""")}.{parts[1]}.",
            ["algorithm None, signed"] = $"{Base64UrlEncoder.Encode("""{"alg":"None","typ":"JWT"}""")}.{parts[1]}.{parts[2]}",
            ["another key under the id of the provider's"] = Token(mine, register.Provider.Issuer, "register"),
            ["a shared secret that is public"] = Token(
                new SigningCredentials(
                    new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('k', 64))) { KeyId = key.KeyId },
                    SecurityAlgorithms.HmacSha256
                ),
                register.Provider.Issuer,
                "register"
            ),
            ["a key that the token brings along"] = Token(
                new SigningCredentials(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256),
                register.Provider.Issuer,
                "register",
                jwk: rsa
            ),
            ["a genuine one of another provider"] = await other.Token("ada", "eu-admins"),
            ["changed roles"] = $"{parts[0]}.{Changed(parts[1], body => body["roles"] = "eu-admins eu-recorders")}.{parts[2]}",
            ["a later end"] = $"{parts[0]}.{Changed(parts[1], body => body["exp"] = body["exp"]!.GetValue<long>() + 100_000)}.{parts[2]}",
            ["a genuine one for somebody else"] = await register.Provider.Token("ada", "eu-admins", audience: "another-service"),
            ["an identity token, which is for the client of who signed in"] = await register.Provider.IdentityToken(
                "register-pages",
                "ada",
                "eu-admins"
            ),
            ["a genuine one with an extension that must be understood"] = await register.Provider.Token(
                "ada",
                "eu-admins",
                critical: "x-limits"
            ),
            ["no token"] = "x",
            ["three dots"] = "..",
        };
        foreach (var (what, token) in forgeries)
            (await register.Get(token, "/v1/access/keys")).Status.ShouldBe(401, what);
        (await register.Get(genuine, "/v1/access/keys")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_token_past_its_time_is_no_token()
    {
        await using var provider = await IdentityProvider.Start(tokenSeconds: 3);
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings:
            [
                ("Authentication:Issuer", provider.Issuer),
                ("Authentication:Audience", "register"),
                ("Authentication:ClockSkewSeconds", "0"),
            ]
        );
        (string, string) token = default;
        await Wait.Until("a token to be taken within its time", async () =>
        {
            token = ("Authorization", $"Bearer {await provider.Token("ada", "recorder")}");
            return (await host.Get("/v1/meetings", null, token)).Status == 200;
        });

        await Wait.Until("the token to end", async () => (await host.Get("/v1/meetings", null, token)).Status == 401);

        // By a clock that may be as far from the provider's it is still good.
        await using var lenient = await RegisterHost.Start(
            database,
            host.DataDirectory,
            null,
            ("Authentication:Issuer", provider.Issuer),
            ("Authentication:Audience", "register"),
            ("Authentication:ClockSkewSeconds", "300")
        );
        (await lenient.Get("/v1/meetings", null, token)).Status.ShouldBe(200);

        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task While_the_provider_does_not_answer_a_token_is_put_off_and_keys_are_taken()
    {
        string token,
            issuer;
        await using (var provider = await IdentityProvider.Start())
            (token, issuer) = (await provider.Token("ada", "recorder"), provider.Issuer);
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("Authentication:Issuer", issuer), ("Authentication:Audience", "register")]
        );

        var answer = await host.Get("/v1/meetings", null, ("Authorization", $"Bearer {token}"));

        answer.ShouldBeProblem(503, "identity-provider-unreachable");
        answer.Header("Retry-After").ShouldBe("10");
        (await host.Get("/v1/meetings")).Status.ShouldBe(200);
        (await host.Get("/v1/audit/security-events", "admin")).Text.ShouldNotContain("wrong-token");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>Its key may be a new one of the provider, which nobody can read now.</summary>
    [Fact]
    public async Task While_the_provider_does_not_answer_a_token_of_a_key_that_is_not_known_is_put_off_and_known_ones_are_taken()
    {
        await using var own = new Register();
        await own.InitializeAsync();
        var known = await own.Provider.Token("ada", "eu-recorders");
        (await own.Get(known, "/v1/meetings")).Status.ShouldBe(200);
        await own.Provider.DisposeAsync();
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = "another" };

        var answer = await own.Get(
            Token(new SigningCredentials(key, SecurityAlgorithms.RsaSha256), own.Provider.Issuer, "register"),
            "/v1/meetings"
        );

        answer.ShouldBeProblem(503, "identity-provider-unreachable");
        (await own.Get(known, "/v1/meetings")).Status.ShouldBe(200);
    }

    private static string Changed(string part, Action<JsonNode> change)
    {
        var body = JsonNode.Parse(Base64UrlEncoder.Decode(part))!;
        change(body);
        return Base64UrlEncoder.Encode(body.ToJsonString());
    }

    private static string Token(SigningCredentials credentials, string issuer, string audience, RSA? jwk = null) =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer,
                Audience = audience,
                Subject = new ClaimsIdentity([new Claim("sub", "ada"), new Claim("roles", "eu-admins")]),
                Expires = DateTime.UtcNow.AddMinutes(5),
                SigningCredentials = credentials,
                TokenType = "at+jwt",
                AdditionalHeaderClaims = jwk is null
                    ? null
                    : new Dictionary<string, object>
                    {
                        ["jwk"] = new Dictionary<string, string>
                        {
                            ["kty"] = "RSA",
                            ["n"] = Base64UrlEncoder.Encode(jwk.ExportParameters(false).Modulus),
                            ["e"] = "AQAB",
                        },
                    },
            }
        );

    /// <summary>A register, and the provider whose tokens it takes.</summary>
    public sealed class Register : IAsyncLifetime
    {
        public TestDatabase Database { get; private set; } = null!;

        public IdentityProvider Provider { get; private set; } = null!;

        public RegisterHost Host { get; private set; } = null!;

        public Task<Answer> Get(string token, string path) => Host.Get(path, null, ("Authorization", $"Bearer {token}"));

        public Task<Answer> Post(string token) =>
            Host.Post("/v1/organisations", new { name = "DG HOME", shortName = "HOME" }, null, ("Authorization", $"Bearer {token}"));

        public async ValueTask InitializeAsync()
        {
            Database = await TestDatabase.Create();
            Provider = await IdentityProvider.Start();
            Host = await RegisterHost.Start(
                Database,
                settings:
                [
                    ("Authentication:Issuer", Provider.Issuer),
                    ("Authentication:Audience", "register"),
                    ("Authentication:Roles:eu-recorders", "recorder"),
                    ("Authentication:Roles:eu-admins", "admin"),
                ]
            );
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            Directory.Delete(Host.DataDirectory, recursive: true);
            await Provider.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
