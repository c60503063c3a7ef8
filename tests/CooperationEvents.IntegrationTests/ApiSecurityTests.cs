using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// The OWASP API Security Top 10 (2023), where no other test stands for a risk: broken authentication is in <see cref="ApiKeyTests"/> and
/// <see cref="TokenTests"/>, consumption of resources in <see cref="LimitTests"/> and the FairShareTests, functions in
/// <see cref="AccessTests"/>, requests forged by the server and what receivers answer in the tests of webhooks.
/// </summary>
public sealed partial class ApiSecurityTests(SharedRegister register)
{
    [Fact]
    public async Task API1_what_belongs_to_one_caller_is_not_there_for_another_whatever_id_it_guesses()
    {
        await register.Host.AddKey("mine", [.. Scopes.Roles["recorder"], Scopes.SubscriptionsManage]);
        await register.Host.AddKey("theirs", [.. Scopes.Roles["recorder"], Scopes.SubscriptionsManage]);
        using var file = new ByteArrayContent("""{"type":"register-organisation","data":{"name":"DG HOME","shortName":"HOME"}}"""u8.ToArray());
        file.Headers.ContentType = new("application/x-ndjson");
        var import = (await register.Host.Post("/v1/imports?dryRun=true", file, "mine")).Json.Text("id");
        var subscription = (await register.Host.Post("/v1/subscriptions", new { url = "https://example.org/hook" }, "mine")).Json.Text("id");

        foreach (var path in new[] { $"/v1/imports/{import}", $"/v1/subscriptions/{subscription}", $"/v1/subscriptions/{subscription}/dead-letters" })
        {
            (await register.Host.Get(path, "mine")).Status.ShouldBe(200, path);
            (await register.Host.Get(path, "theirs")).ShouldBeProblem(404, "not-found");
        }

        (await register.Host.Post($"/v1/imports/{import}/cancel", null, "theirs")).ShouldBeProblem(404, "not-found");
        (await register.Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "theirs")).ShouldBeProblem(404, "not-found");
        (await register.Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "mine")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task API3_no_member_is_taken_that_is_not_the_callers_to_set_and_none_is_shown_that_is_not_its_to_see()
    {
        foreach (var member in new[] { "actor", "version", "position", "recordedAt", "voided", "isAdmin" })
        {
            var body = new JsonObject { ["name"] = "DG HOME", ["shortName"] = "HOME", [member] = "x" };
            (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(422, "invalid", $"/{member}");
        }

        var name = $"Ada {Guid.NewGuid():n}";
        var person = (await register.Host.Post("/v1/people", new { name, email = $"{name.Replace(' ', '.')}@example.org" })).ShouldBeAccepted(201);
        foreach (var path in new[] { $"/v1/people/{person.Id}", "/v1/feed?limit=500", $"/v1/feed?stream={person.Id}" })
            (await register.Host.Read(path, person.Position, "analyst")).Text.ShouldNotContain(name);
    }

    [Fact]
    public async Task API8_what_fails_says_nothing_of_how_the_service_is_made()
    {
        foreach (var path in new[] { "/v1/meetings/x", "/v1/nothing", "/v1/feed?after=x", "/.git/config", "/v1/../../etc/passwd", "/appsettings.json", "/swagger" })
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
        var documented = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(o => o.Key is "get" or "post" or "delete" or "put" or "patch").Select(o => $"{o.Key} {p.Key}"));

        var served =
            from endpoint in register.Host.Endpoints
            where endpoint.RoutePattern.RawText is { } path && (path.StartsWith("/v1/", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            where method != "HEAD"
            select $"{method.ToLowerInvariant()} {CatchAll().Replace(endpoint.RoutePattern.RawText!, "{$1}")}";

        served.Except(documented).ShouldBeEmpty();
    }

    [GeneratedRegex(@"   at |\.cs:line|Npgsql|Marten|Wolverine|StackTrace|/home/|/usr/", RegexOptions.None)]
    private static partial Regex Inner();

    [GeneratedRegex(@"\{\*(\w+)\}")]
    private static partial Regex CatchAll();
}
