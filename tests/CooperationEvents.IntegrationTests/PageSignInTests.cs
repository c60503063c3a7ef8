using System.Web;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>People who sign in to the pages at a real OpenID provider, and others who would like to be them.</summary>
public sealed class PageSignInTests(PageSignInTests.Register register) : IClassFixture<PageSignInTests.Register>
{
    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;

    private static readonly (string, string) Page = ("X-Requested-With", "page");
    private static readonly (string, string) SameOrigin = ("Sec-Fetch-Site", "same-origin");
    private static readonly (string, string) CrossSite = ("Sec-Fetch-Site", "cross-site");

    private readonly RegisterHost _host = register.Host;

    [Fact]
    public async Task Who_signs_in_at_the_provider_reads_by_a_closed_cookie_what_their_roles_allow()
    {
        using var browser = Browser.At(_host);
        (await browser.Get("/")).Text.ShouldContain("href=\"/sign-in\"");
        (await browser.Get("/v1/meetings", SameOrigin)).ShouldBeProblem(401, "unauthenticated");

        var sent = await browser.Get("/sign-in");
        var asked = HttpUtility.ParseQueryString(new Uri(sent.Header("Location")!).Query);
        (asked["response_type"], asked["code_challenge_method"]).ShouldBe(("code", "S256"));
        asked["redirect_uri"].ShouldBe("http://localhost/signed-in");
        foreach (var name in new[] { "code_challenge", "state", "nonce" })
            asked[name]!.Length.ShouldBeGreaterThan(30, name);

        var back = await browser.SignIn("ada", "eu-secretariat");
        (back.Status, back.Header("Location")).ShouldBe((302, "/"), back.ToString());
        var cookie = browser.Set.Last(c => c.StartsWith("cooperation=", StringComparison.Ordinal));
        foreach (var flag in new[] { "httponly", "samesite=strict", "path=/" })
            cookie.ShouldContain(flag, Case.Insensitive);
        cookie.ShouldNotContain("domain", Case.Insensitive);
        cookie.ShouldNotContain("expires", Case.Insensitive);
        foreach (var set in browser.Set)
            (set.Contains("httponly", Ignoring) && set.Contains("samesite=", Ignoring)).ShouldBeTrue(set);

        (await browser.Get("/v1/meetings", SameOrigin)).ShouldBeRead();
        (await browser.Get("/v1/people", SameOrigin)).Header("Vary")!.Split(", ").ShouldContain("Cookie");
        (await browser.Get("/v1/access/keys", SameOrigin)).ShouldBeProblem(403, "forbidden");
        (await _host.Get("/v1/access/principals", "admin")).Text.ShouldContain("The user ada");
    }

    [Fact]
    public async Task Another_site_changes_nothing_and_reads_nothing_by_the_session_of_a_page()
    {
        using var browser = Browser.At(_host);
        await browser.SignIn("ada", "eu-admins");
        var forged = new (string, string)[][]
        {
            [CrossSite],
            [CrossSite, Page],
            [("Sec-Fetch-Site", "same-site"), Page],
            [("Sec-Fetch-Site", "none"), Page],
            [SameOrigin],
            [Page],
            [],
            [("Origin", "https://evil.example.org"), Page],
            [("Origin", "null"), Page],
            [("Origin", "http://localhost:81"), Page],
            [("Origin", "https://localhost"), Page],
            [SameOrigin, CrossSite, Page],
        };

        foreach (var headers in forged)
        {
            (await browser.Post("/v1/audit/replays", headers)).ShouldBeProblem(403, "cross-site");
            (await browser.Post("/sign-out", headers)).ShouldBeProblem(403, "cross-site");
        }

        (await browser.Get("/v1/audit/export", CrossSite)).ShouldBeProblem(403, "cross-site");
        (await browser.Get("/v1/meetings", ("Sec-Fetch-Site", "same-site"))).ShouldBeProblem(403, "cross-site");
        (await browser.Get("/v1/meetings", ("Sec-Fetch-Site", "none"))).ShouldBeRead();
        (await browser.Post("/v1/organisations", SameOrigin, Page)).Status.ShouldBe(422);
        (await browser.Post("/v1/organisations", ("Origin", "http://localhost"), Page)).Status.ShouldBe(422);
        (await _host.Get("/v1/audit/security-events?limit=500", "admin")).Text.ShouldContain("\"cross-site\"");
    }

    [Fact]
    public async Task A_session_that_was_ended_reads_nothing_also_by_a_copy_of_its_cookie()
    {
        using var browser = Browser.At(_host);
        await browser.SignIn("ada", "eu-secretariat");
        var copy = ("Cookie", browser.Cookies);
        (await _host.Get("/v1/meetings", null, copy)).ShouldBeRead();

        var left = await browser.Post("/sign-out", SameOrigin, Page);

        left.Status.ShouldBe(200, left.ToString());
        left.Json.Text("providerSignOut").ShouldStartWith($"{register.Provider.Issuer}leave?client_id=register-pages");
        browser.Cookies.ShouldNotContain("cooperation=");
        (await browser.Get("/v1/meetings", SameOrigin)).ShouldBeProblem(401, "unauthenticated");
        (await _host.Get("/v1/meetings", null, copy)).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task A_session_ends_with_its_principal_and_with_its_time_and_not_with_the_process()
    {
        using var browser = Browser.At(_host);
        await browser.SignIn("grace", "eu-secretariat");
        var copy = ("Cookie", browser.Cookies);
        await using (var next = await RegisterHost.Start(register.Database, _host.DataDirectory, settings: register.Settings))
            (await next.Get("/v1/meetings", null, copy)).ShouldBeRead();

        await register.Database.Rows("update access.session set expires_at = now() - interval '1 second'");
        (await _host.Get("/v1/meetings", null, copy)).ShouldBeProblem(401, "unauthenticated");

        await browser.SignIn("grace", "eu-secretariat");
        (await browser.Get("/v1/meetings", SameOrigin)).ShouldBeRead();
        var principal = await register.Database.Scalar<Guid>("select principal_id from access.session where expires_at > now()");
        (await _host.Post($"/v1/access/principals/{principal}/end", new { eraseName = true }, "admin")).Status.ShouldBe(204);
        (await browser.Get("/v1/meetings", SameOrigin)).ShouldBeProblem(401, "unauthenticated");
        (await browser.SignIn("grace", "eu-secretariat")).ShouldBeProblem(401, "sign-in-refused");
    }

    /// <summary>A node that knew the principal a moment ago asks the database before it begins a session.</summary>
    [Fact]
    public async Task Who_was_ended_at_another_node_a_moment_ago_does_not_sign_in()
    {
        using var browser = Browser.At(_host);
        await browser.SignIn("hedy", "eu-secretariat");
        var principal = await register.Database.Scalar<Guid>("select principal_id from access.session order by expires_at desc limit 1");
        await using (var other = await RegisterHost.Start(register.Database, _host.DataDirectory, settings: register.Settings))
            (await other.Post($"/v1/access/principals/{principal}/end", new { eraseName = false }, "admin")).Status.ShouldBe(204);

        // What the node keeps of her lasts for seconds: she is known anew, by a token that was taken before the end.
        (await browser.SignIn("hedy", "eu-secretariat")).ShouldBeProblem(401, "sign-in-refused");
        (await register.Database.Scalar<long>("select count(*) from access.session where principal_id = $1", principal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_way_back_is_taken_from_the_browser_that_went_only_once_and_unchanged()
    {
        using var browser = Browser.At(_host);
        using var other = Browser.At(_host);
        var before = await register.Database.Scalar<long>("select count(*) from access.session");
        var mine = await browser.WayBack("ada", "eu-secretariat");
        var theirs = await other.WayBack("eve", "eu-secretariat");

        (await other.Get(mine)).ShouldBeProblem(401, "sign-in-refused");
        (await browser.Get(Changed(mine, "state", "x"))).ShouldBeProblem(401, "sign-in-refused");
        (await browser.Get(Changed(mine, "state", ""))).ShouldBeProblem(401, "sign-in-refused");
        (await browser.Get("/signed-in")).ShouldBeProblem(401, "sign-in-refused");
        (await browser.Get("/signed-in?error=access_denied")).ShouldBeProblem(401, "sign-in-refused");
        var page = await browser.Get("/signed-in?error=access_denied", ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"));
        (page.Status, page.Header("Content-Type")).ShouldBe((401, "text/html; charset=utf-8"));
        page.Text.ShouldContain("<style>");
        page.Text.ShouldContain("<a href=\"/sign-in\">");

        // The code of another, in one's own way back: its verifier is not at hand.
        var code = HttpUtility.ParseQueryString(new Uri(theirs).Query)["code"]!;
        (await browser.Get(Changed(mine, "code", code))).ShouldBeProblem(401, "sign-in-refused");
        browser.Set.ShouldNotContain(c => c.StartsWith("cooperation=", StringComparison.Ordinal));
        (await register.Database.Scalar<long>("select count(*) from access.session")).ShouldBe(before);

        var good = await browser.WayBack("ada", "eu-secretariat");
        (await browser.Get(good)).Status.ShouldBe(302);
        (await browser.Get(good)).ShouldBeProblem(401, "sign-in-refused");
    }

    [Fact]
    public async Task An_identity_token_that_answers_another_request_is_refused()
    {
        using var browser = Browser.At(_host);
        var before = await register.Database.Scalar<long>("select count(*) from access.session");

        var back = await browser.WayBack("ada", "eu-secretariat", there => Changed(there, "nonce", new string('n', 60)));

        (await browser.Get(back)).ShouldBeProblem(401, "sign-in-refused");
        (await register.Database.Scalar<long>("select count(*) from access.session")).ShouldBe(before);
    }

    [Fact]
    public async Task A_cookie_of_ones_own_making_is_nobody()
    {
        foreach (var value in new[] { "x", new string('x', 4_000), Convert.ToBase64String(new byte[200]) })
            (await _host.Get("/v1/meetings", null, ("Cookie", $"cooperation={value}"))).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Where_the_provider_does_not_answer_it_is_said_and_keys_go_on()
    {
        await using var database = await TestDatabase.Create();
        (string, string)[] unreached = [.. register.Settings[1..], ("Authentication:Issuer", "http://127.0.0.1:1/")];
        await using var host = await RegisterHost.Start(database, settings: unreached);
        using var browser = Browser.At(host);

        (await browser.Get("/sign-in")).ShouldBeProblem(503, "busy");

        (await host.Get("/v1/meetings")).ShouldBeRead();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task The_keys_that_protect_cookies_are_sealed_in_the_database()
    {
        using var browser = Browser.At(_host);
        await browser.SignIn("ada", "eu-secretariat");

        var elements = await register.Database.Rows("select element from access.cookie_key");

        elements.ShouldNotBeEmpty();
        foreach (var element in elements)
        {
            ((string)element[0]!).ShouldContain(nameof(Authentication.CookieKeySeal));
            ((string)element[0]!).ShouldNotContain("masterKey");
        }
    }

    private static string Changed(string address, string name, string value)
    {
        var uri = new UriBuilder(address);
        var query = HttpUtility.ParseQueryString(uri.Query);
        query[name] = value;
        uri.Query = query.ToString();
        return uri.Uri.ToString();
    }

    /// <summary>A register whose pages people sign in to, and their provider.</summary>
    public sealed class Register : IAsyncLifetime
    {
        public TestDatabase Database { get; private set; } = null!;

        public IdentityProvider Provider { get; private set; } = null!;

        public RegisterHost Host { get; private set; } = null!;

        public (string Name, string Value)[] Settings =>
            [
                ("Authentication:Issuer", Provider.Issuer),
                ("Authentication:Audience", "register"),
                ("Authentication:Roles:eu-secretariat", "secretariat"),
                ("Authentication:Roles:eu-admins", "admin"),
                ("Authentication:ClientId", "register-pages"),
                ("Authentication:ClientSecret", "any"),
            ];

        public async ValueTask InitializeAsync()
        {
            Database = await TestDatabase.Create();
            Provider = await IdentityProvider.Start();
            Host = await RegisterHost.Start(Database, settings: Settings);
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
