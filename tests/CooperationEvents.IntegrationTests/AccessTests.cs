using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed partial class AccessTests(SharedRegister register)
{
    /// <summary>
    /// What anybody may read: the probes, the description of the service, its dashboard's page, and what makes the log public.
    /// </summary>
    private static readonly string[] Anonymous =
    [
        "/health/",
        "/openapi/",
        "/docs",
        "/sign-in",
        "/signed-in",
        "/sign-out",
        "/problems",
        "/public/figures/",
        "/schemas",
        "/v1/audit/log/checkpoint",
        "/v1/audit/log/checkpoints",
        "/v1/audit/log/keys",
        "/v1/audit/log/tile/",
    ];

    [Fact]
    public void Every_endpoint_names_its_scope_or_is_open_to_anybody_on_purpose()
    {
        var endpoints = register.Host.Endpoints;

        endpoints.ShouldNotBeEmpty();
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
                Scopes.All.ShouldContain(endpoint.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope, endpoint.RoutePattern.RawText);
            else
                (endpoint.RoutePattern.RawText is "/" || Anonymous.Any(endpoint.RoutePattern.RawText!.StartsWith)).ShouldBeTrue(
                    endpoint.RoutePattern.RawText
                );
        }
    }

    /// <summary>Where it is not, it is written there: run it again, and look at what has changed.</summary>
    [Fact]
    public async Task The_table_of_rights_in_the_documentation_is_what_the_operations_say()
    {
        const string Begin = "<!-- operations -->\n",
            End = "<!-- end -->";
        var path = Path.Combine(Repository.Root, "docs", "access.md");
        var document = await File.ReadAllTextAsync(path);
        var (from, to) = (
            document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length,
            document.IndexOf(End, StringComparison.Ordinal)
        );

        var table = RightsTable();

        if (document[from..to] == table)
            return;
        await File.WriteAllTextAsync(path, document[..from] + table + document[to..]);
        Assert.Fail("The table of rights in docs/access.md was not that of the operations, and is written anew.");
    }

    private string RightsTable()
    {
        var roles = Scopes.Roles.Keys.ToList();
        var rows =
            from endpoint in register.Host.Endpoints
            let needed = endpoint.Metadata.GetMetadata<RequiresScopeAttribute>()
            let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            where method != "HEAD"
            orderby path, method
            select $"| {method} `{path}` | {needed?.Needed ?? "open"} | "
                + $"{string.Join(" | ", roles.Select(role => needed is null || needed.Allows([.. Scopes.Roles[role]]) ? "yes" : "·"))} |\n";
        return $"| operation | needs | {string.Join(" | ", roles)} |\n| --- | --- "
            + $"|{string.Concat(roles.Select(_ => " :-: |"))}\n{string.Concat(rows.Distinct())}";
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
    public async Task A_key_opens_what_its_scopes_say_and_nothing_else()
    {
        foreach (var (request, needed) in Guarded())
        {
            var scopes = new[] { needed.Scope, needed.Also }.OfType<string>().ToList();
            (await Ask(request, await KeyWith([.. scopes]))).Status.ShouldNotBeOneOf(401, 403, 500);
            foreach (var scope in scopes)
            {
                (await Ask(request, await KeyWith([.. Scopes.All.Where(s => s != scope)])))
                    .ShouldBeProblem(403, "forbidden")
                    .Json.Text("detail")
                    .ShouldContain(scope);
            }
        }

        await Audit.Log.EndReplay(register.Host);
    }

    [Fact]
    public async Task Who_has_statistics_alone_reads_publications_alone()
    {
        await register.Host.AddKey("reader", [.. Scopes.Roles["reader"]]);

        (await register.Host.Get("/v1/statistics/publications", "reader")).Status.ShouldBe(200);
        foreach (
            var path in new[]
            {
                "/v1/statistics/cumulative",
                "/v1/statistics/series",
                "/v1/statistics/breakdown",
                "/v1/statistics/explain",
                "/v1/statistics/factsheet",
                "/v1/statistics/series.svg",
            }
        )
            (await register.Host.Get(path, "reader")).ShouldBeProblem(403, "forbidden").Json.Text("detail").ShouldContain("activity:read");
    }

    [Fact]
    public async Task A_figure_is_published_under_a_scope_of_its_own_and_the_feed_shows_it_to_who_reads_statistics()
    {
        var body = new
        {
            id = Guid.NewGuid(),
            asOf = "2012",
            acknowledgeSmallCells = true,
        };
        (await register.Host.Post("/v1/statistics/publications", body, "recorder")).ShouldBeProblem(403, "forbidden");
        var published = (await register.Host.Post("/v1/statistics/publications", body, "secretariat")).ShouldBeAccepted(201);
        (
            await register.Host.Post($"/v1/statistics/publications/{published.Id}/withdraw", new { reason = "an error" }, "recorder")
        ).ShouldBeProblem(403, "forbidden");

        var path = $"/v1/feed?after={published.Position - 1}";
        var read = await register.Host.Read(path, published.Position, "analyst");
        read.Text.ShouldContain($"{published.Id}");
        var one = $"/v1/feed/events/{read.Json["items"]!.AsArray().First(item => item!.Text("stream") == $"{published.Id}")!.Text("id")}";
        (await register.Host.Read(one, published.Position, "analyst")).Json.Text("type").ShouldBe("figure_published");
        (await register.Host.Read(one, published.Position, "recorder")).ShouldBeProblem(404, "not-found");
        foreach (
            var asked in new[] { path, path + "&type=figure_published", path + "&streamType=publication", path + $"&stream={published.Id}" }
        )
        {
            var seen = await register.Host.Read(asked, published.Position, "recorder");
            seen.Status.ShouldBe(200, seen.ToString());
            seen.Text.ShouldNotContain($"{published.Id}");
        }
    }

    [Fact]
    public async Task A_calendars_key_reads_the_calendar_of_its_framework_and_nothing_else()
    {
        var (mine, other) = (await Cooperation.Start(register.Host), await Cooperation.Start(register.Host));
        var meeting = await mine.Schedule();
        await register.Host.Reaches(meeting.Position);
        var keys = register.Host.Services.GetRequiredService<ApiKeys>();
        var principal = await register.Host.Services.GetRequiredService<Principals>().Create("The calendar of the meeting room", default);
        var (_, key) = (await keys.Create(new KeyToMake(principal, [Scopes.CalendarRead], mine.Framework), null, default))!.Value;

        (await Ask(("GET", $"/v1/calendar.ics?framework={mine.Framework}"), key)).Status.ShouldBe(200);
        foreach (
            var path in new[]
            {
                "/v1/calendar.ics",
                $"/v1/calendar.ics?framework={other.Framework}",
                $"/v1/meetings/{meeting.Id}.ics",
                "/v1/meetings",
                "/v1/feed",
                "/v1/statistics/cumulative",
            }
        )
            (await Ask(("GET", path), key)).ShouldBeProblem(403, "forbidden");
        (await Ask(("GET", "/v1/calendar.ics"), await KeyWith(Scopes.CalendarRead))).ShouldBeProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_joint_meeting_stands_whole_in_the_calendar_of_each_of_its_frameworks()
    {
        var (mine, other) = (await Cooperation.Start(register.Host), await Cooperation.Start(register.Host));
        var both = new JsonArray([.. new[] { mine, other }.Select(Placement)]);
        var meeting = await mine.Schedule(("frameworks", both));
        var alone = await other.Schedule();
        await register.Host.Reaches(alone.Position);
        var keys = register.Host.Services.GetRequiredService<ApiKeys>();
        var principal = await register.Host.Services.GetRequiredService<Principals>().Create("The calendar of the meeting room", default);
        var (_, key) = (await keys.Create(new KeyToMake(principal, [Scopes.CalendarRead], mine.Framework), null, default))!.Value;

        var text = (await Ask(("GET", $"/v1/calendar.ics?framework={mine.Framework}"), key)).Text;

        var entry = Ical.Net.Calendar.Load(text)!.Events.ShouldHaveSingleItem();
        entry.Uid.ShouldBe($"{meeting.Id}");
        entry.Description!.Split('\n').Count(line => line == "Framework: EU-IOM cooperation").ShouldBe(2);

        static JsonNode Placement(Cooperation cooperation) =>
            new JsonObject { ["frameworkId"] = cooperation.Framework, ["level"] = "senior-officials" };
    }

    [Fact]
    public async Task Keys_of_development_end_with_their_file_and_the_roles_keep_their_principals()
    {
        await using var database = await TestDatabase.Create();
        string old;
        string directory;
        await using (var host = await RegisterHost.Start(database))
        {
            (old, directory) = (host.Keys["recorder"], host.DataDirectory);
            (await host.Get("/v1/meetings", null, ("X-Api-Key", old))).Status.ShouldBe(200);
        }

        File.Delete(Path.Combine(directory, DevelopmentKeys.FileName));
        await using var next = await RegisterHost.Start(database, directory);

        (await next.Get("/v1/meetings", null, ("X-Api-Key", old))).ShouldBeProblem(401, "unauthenticated");
        (await next.Get("/v1/meetings")).Status.ShouldBe(200);
        (await database.Scalar<long>("select count(distinct principal_id) from access.api_key")).ShouldBe(next.Keys.Count);
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("recorder", "activity:read", "activity:write", "people:write")]
    [InlineData("secretariat", "activity:read", "activity:write", "figures:publish", "people:read", "people:write", "statistics:read")]
    [InlineData("analyst", "activity:read", "figures:publish", "statistics:read")]
    [InlineData("auditor", "activity:read", "audit:read", "statistics:read")]
    [InlineData("privacy", "activity:read", "people:read", "privacy:manage")]
    [InlineData(
        "admin",
        "activity:read",
        "activity:write",
        "admin",
        "audit:read",
        "figures:publish",
        "people:read",
        "people:write",
        "privacy:manage",
        "statistics:read",
        "subscriptions:manage"
    )]
    public async Task The_role_has_the_scopes_of_the_design(string role, params string[] scopes)
    {
        var stored = await register.Host.Database.Rows(
            "select unnest(scopes) from access.api_key where hash = $1",
            SHA256.HashData(Encoding.UTF8.GetBytes(register.Host.Keys[role]))
        );

        stored.Select(row => (string)row[0]!).ShouldBe(scopes, ignoreOrder: true);
    }

    [Fact]
    public async Task A_key_past_its_time_is_not_known()
    {
        var key = await KeyWith(Scopes.ActivityRead);
        await register.Host.Database.Rows(
            "update access.api_key set expires_at = now() - interval '1 second' where hash = $1",
            SHA256.HashData(Encoding.UTF8.GetBytes(key))
        );

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
            File.GetUnixFileMode(Path.Combine(register.Host.DataDirectory, "dev-keys.json"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Every_answer_says_what_a_browser_and_a_cache_may_do_with_it()
    {
        foreach (
            var (path, role) in new[]
            {
                ("/v1/meetings", "analyst"),
                ("/v1/feed", "analyst"),
                ($"/v1/people/{Guid.NewGuid()}", "privacy"),
                ("/v1/statistics/cumulative", "analyst"),
                ("/v1/audit/events", "auditor"),
                ("/v1/meetings", null),
            }
        )
        {
            var answer = await register.Host.Get(path, role);
            answer.Header("Cache-Control").ShouldBe("no-store", path);
            answer.Header("Vary")!.Split(", ").ShouldContain("X-Api-Key", path);
            answer.Header("Vary")!.Split(", ").ShouldContain("Authorization", path);
            answer.Header("Content-Security-Policy").ShouldBe("default-src 'none'; frame-ancestors 'none'", path);
            ShouldBeClosed(answer, path);
        }

        foreach (
            var path in new[] { "/", "/docs/", "/openapi/v1.json", "/problems", "/health/live", "/nothing-here", "/v1/audit/log/keys" }
        )
        {
            var answer = await register.Host.Get(path, null);
            ShouldBeClosed(answer, path);
            answer.Header("Content-Security-Policy")!.ShouldContain("frame-ancestors 'none'", customMessage: path);
            answer
                .Header("Content-Security-Policy")!
                .Split("; ")
                .Single(d =>
                    path is "/" or "/docs/"
                        ? d.StartsWith("script-src", StringComparison.Ordinal)
                        : d.StartsWith("default-src", StringComparison.Ordinal)
                )
                .ShouldNotContain("unsafe", customMessage: path);
        }

        foreach (
            var (status, method, body) in new (int, HttpMethod, object?)[]
            {
                (405, HttpMethod.Delete, null),
                (413, HttpMethod.Post, new { name = new string('x', 2_000_000) }),
                (415, HttpMethod.Post, new StringContent("name: DG HOME")),
                (422, HttpMethod.Post, new { name = "" }),
            }
        )
        {
            var answer = await register.Host.Send(method, "/v1/organisations", body, "recorder");
            answer.Status.ShouldBe(status, answer.ToString());
            ShouldBeClosed(answer, $"{status}");
        }
    }

    internal static void ShouldBeClosed(Answer answer, string path)
    {
        answer.Header("X-Content-Type-Options").ShouldBe("nosniff", path);
        answer.Header("X-Frame-Options").ShouldBe("DENY", path);
        answer.Header("Referrer-Policy").ShouldBe("no-referrer", path);
        answer.Header("Content-Security-Policy")!.ShouldContain("frame-ancestors 'none'", customMessage: path);
    }

    /// <summary>Every endpoint that is not open to anybody, as a request to it, with its scope.</summary>
    private List<((string Method, string Path) Request, RequiresScopeAttribute Needed)> Guarded()
    {
        var guarded = (
            from endpoint in register.Host.Endpoints
            let needed = endpoint.Metadata.GetMetadata<RequiresScopeAttribute>()
            where needed is not null
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            select ((method, Parameter().Replace(endpoint.RoutePattern.RawText!, _ => Guid.NewGuid().ToString())), needed)
        ).ToList();
        guarded.ShouldNotBeEmpty();
        return guarded;
    }

    private Task<Answer> Ask((string Method, string Path) request, string? key) =>
        register.Host.Send(
            new HttpMethod(request.Method),
            request.Path,
            request.Method == "POST" ? new { } : null,
            null,
            key is null ? [] : [("X-Api-Key", key)]
        );

    private async Task<string> KeyWith(params string[] scopes)
    {
        var key = ApiKeys.NewKey();
        await register.Host.Services.GetRequiredService<ApiKeys>().Add(key, scopes, CancellationToken.None);
        return key;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
