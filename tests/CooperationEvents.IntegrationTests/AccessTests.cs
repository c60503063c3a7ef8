using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CooperationEvents.Access;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed partial class AccessTests(SharedRegister register)
{
    /// <summary>What anybody may read: the probes, the description of the service, its dashboard's page, and what makes the log public.</summary>
    private static readonly string[] Anonymous =
    [
        "/health/", "/openapi/", "/docs", "/problems", "/schemas", "/v1/audit/log/checkpoint", "/v1/audit/log/checkpoints", "/v1/audit/log/keys", "/v1/audit/log/tile/",
    ];

    [Fact]
    public void Every_endpoint_names_its_scope_or_is_open_to_anybody_on_purpose()
    {
        var endpoints = register.Host.Endpoints;

        endpoints.ShouldNotBeEmpty();
        foreach (var endpoint in endpoints)
        {
            var scope = endpoint.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope;
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
                Scopes.All.ShouldContain(scope, endpoint.RoutePattern.RawText);
            else
                (endpoint.RoutePattern.RawText is "/" || Anonymous.Any(endpoint.RoutePattern.RawText!.StartsWith)).ShouldBeTrue(endpoint.RoutePattern.RawText);
        }
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_key_that_is_known()
    {
        foreach (var (request, _) in Guarded())
        {
            (await Ask(request, null)).ShouldBeProblem(401, "unauthenticated").Header("WWW-Authenticate").ShouldNotBeNullOrEmpty();
            (await Ask(request, ApiKeys.NewKey())).ShouldBeProblem(401, "unauthenticated");
        }
    }

    [Fact]
    public async Task A_key_opens_what_its_scope_says_and_nothing_else()
    {
        foreach (var scope in Guarded().Select(g => g.Scope).Distinct())
        {
            var (only, allBut) = (await KeyWith(scope), await KeyWith([.. Scopes.All.Where(s => s != scope)]));
            foreach (var (request, _) in Guarded().Where(g => g.Scope == scope))
            {
                (await Ask(request, allBut)).ShouldBeProblem(403, "forbidden").Json.Text("detail").ShouldContain(scope);
                (await Ask(request, only)).Status.ShouldNotBeOneOf(401, 403, 500);
            }
        }
    }

    [Theory]
    [InlineData("recorder", "activity:read", "activity:write", "people:write")]
    [InlineData("analyst", "activity:read", "statistics:read")]
    [InlineData("auditor", "activity:read", "audit:read", "statistics:read")]
    [InlineData("privacy", "activity:read", "people:read", "privacy:manage")]
    [InlineData("admin", "activity:read", "activity:write", "admin", "audit:read", "people:read", "people:write", "privacy:manage", "statistics:read")]
    public async Task The_role_has_the_scopes_of_the_design(string role, params string[] scopes)
    {
        var stored = await register.Host.Database.Rows(
            "select unnest(scopes) from access.api_key where hash = $1", SHA256.HashData(Encoding.UTF8.GetBytes(register.Host.Keys[role])));

        stored.Select(row => (string)row[0]!).ShouldBe(scopes, ignoreOrder: true);
    }

    [Fact]
    public async Task A_key_past_its_time_is_not_known()
    {
        var key = await KeyWith(Scopes.ActivityRead);
        await register.Host.Database.Rows("update access.api_key set expires_at = now() - interval '1 second' where hash = $1", SHA256.HashData(Encoding.UTF8.GetBytes(key)));

        (await Ask(("GET", "/v1/meetings"), key)).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Two_keys_at_once_and_an_empty_one_are_no_key()
    {
        var key = register.Host.Keys["admin"];

        (await register.Host.Get("/v1/meetings", null, ("X-Api-Key", key), ("X-Api-Key", key))).ShouldBeProblem(401, "unauthenticated");
        (await register.Host.Get("/v1/meetings", null, ("X-Api-Key", ""))).ShouldBeProblem(401, "unauthenticated");
        (await register.Host.Get("/v1/meetings", null, ("X-Api-Key", new string('k', 10_000)))).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task No_key_is_stored_and_the_file_of_the_development_keys_is_its_owners_alone()
    {
        foreach (var key in register.Host.Keys.Values)
            Convert.FromBase64String(key.Replace('-', '+').Replace('_', '/') + "=").Length.ShouldBe(32);
        (await register.Host.Database.Holding(register.Host.Keys.Values)).ShouldBeEmpty();

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(register.Host.DataDirectory, "dev-keys.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Every endpoint that is not open to anybody, as a request to it, with its scope.</summary>
    private List<((string Method, string Path) Request, string Scope)> Guarded()
    {
        var guarded = (
            from endpoint in register.Host.Endpoints
            let scope = endpoint.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope
            where scope is not null
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            select ((method, Parameter().Replace(endpoint.RoutePattern.RawText!, _ => Guid.NewGuid().ToString())), scope)).ToList();
        guarded.ShouldNotBeEmpty();
        return guarded;
    }

    private Task<Answer> Ask((string Method, string Path) request, string? key) =>
        register.Host.Send(new HttpMethod(request.Method), request.Path, request.Method == "POST" ? new { } : null, null, key is null ? [] : [("X-Api-Key", key)]);

    private async Task<string> KeyWith(params string[] scopes)
    {
        var key = ApiKeys.NewKey();
        await register.Host.Services.GetRequiredService<ApiKeys>().Add(key, scopes, CancellationToken.None);
        return key;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
