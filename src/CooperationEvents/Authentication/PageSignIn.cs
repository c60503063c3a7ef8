using System.Security.Claims;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace CooperationEvents.Authentication;

/// <summary>
/// How people sign in to the pages: by the authorization code flow of OpenID Connect with PKCE, at the provider that bearer tokens
/// come from. From <c>Authentication:ClientId</c> on; see docs/operators.md.
/// </summary>
public sealed record PageSignIn(
    BearerTokens Provider,
    string ClientId,
    string ClientSecret,
    IReadOnlyList<string> Scopes,
    TimeSpan SessionLasts
)
{
    /// <summary>The scheme of who is signed in.</summary>
    public const string Session = "Session";

    /// <summary>Where the provider sends people back to.</summary>
    public const string CallbackPath = "/signed-in";

    private static readonly string[] Defaults = ["openid", "profile"];

    /// <summary>As it is configured; null where there is no issuer, or no client at it.</summary>
    public static PageSignIn? From(ProviderOptions options)
    {
        if (options.ClientId is not { Length: > 0 } client || BearerTokens.From(options) is not { } provider)
            return null;
        return new PageSignIn(
            provider,
            client,
            options.ClientSecret ?? "",
            options.Scopes is { Length: > 0 } scopes ? scopes : Defaults,
            TimeSpan.FromMinutes(options.SessionMinutes)
        );
    }

    /// <summary>What is wrong with the settings, each with what to do; nothing where they can be used, or nobody signs in.</summary>
    public static IEnumerable<string> Faults(ProviderOptions options)
    {
        var isClient = options.ClientId is { Length: > 0 };
        if (options.ClientSecret is { Length: > 0 } && !isClient)
            yield return "Authentication:ClientSecret is given without Authentication:ClientId, the client at the OpenID provider.";
        if (!isClient)
            yield break;
        if (options.Issuer is not { Length: > 0 })
            yield return "Authentication:ClientId is given without Authentication:Issuer: say at which OpenID provider people sign in.";
        if (options.ClientSecret is not { Length: > 0 })
            yield return "Authentication:ClientSecret is missing: the secret of the client Authentication:ClientId.";
        if (options.ClientId == options.Audience)
            yield return "Authentication:Audience is Authentication:ClientId: the identity tokens of the pages would be taken as access "
                + "tokens. Give the tokens for this service an audience of their own at the OpenID provider.";
        if (options.Scopes is { Length: > 0 } scopes && !scopes.Contains("openid"))
            yield return "Authentication:Scopes has no openid; without it the provider says nobody's name.";
    }

    /// <summary>The session cookie, the flow that begins one, and the keys that protect both.</summary>
    /// <param name="secure">Whether cookies are sent by https alone.</param>
    internal void Add(AuthenticationBuilder authentication, bool secure)
    {
        var services = authentication.Services;
        services.AddSingleton(this).AddSingleton<Sessions>();
        services.AddDataProtection().SetApplicationName("CooperationEvents");
        services.AddSingleton<CookieKeys>().AddSingleton<CookieKeySeal>();
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<CookieKeys, CookieKeySeal>((options, keys, seal) => (options.XmlRepository, options.XmlEncryptor) = (keys, seal));
        authentication.AddCookie(Session, options => Configure(options, secure)).AddOpenIdConnect(options => Configure(options, secure));
    }

    private void Configure(CookieAuthenticationOptions options, bool secure)
    {
        Close(options.Cookie, secure, SameSiteMode.Strict);

        // With this name a browser takes it by https only, for this host alone.
        options.Cookie.Name = secure ? "__Host-cooperation" : "cooperation";
        options.Cookie.Path = "/";
        options.ExpireTimeSpan = SessionLasts;
        options.SlidingExpiration = false;
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = Know,
            OnRedirectToLogin = context =>
                ApiKeyHandler.Challenge(context.HttpContext, "Nobody is signed in, or no longer. Sign in at /sign-in. "),
            OnRedirectToAccessDenied = context => ApiKeyHandler.Forbid(context.HttpContext, Events(context.HttpContext)),
        };
    }

    private void Configure(OpenIdConnectOptions options, bool secure)
    {
        (options.Authority, options.ClientId, options.ClientSecret) = (Provider.Issuer, ClientId, ClientSecret);
        options.RequireHttpsMetadata = Provider.RequiresHttps;
        (options.BackchannelTimeout, options.BackchannelHttpHandler) = (BearerTokens.BackchannelTimeout, BearerTokens.Backchannel());
        options.SignInScheme = Session;
        options.CallbackPath = CallbackPath;

        // Nothing that somebody else can call ends a session.
        (options.RemoteSignOutPath, options.SignedOutCallbackPath) = (default, default);
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.GetClaimsFromUserInfoEndpoint = false;
        options.DisableTelemetry = true;
        options.ClaimActions.Clear();
        options.Scope.Clear();
        foreach (var scope in Scopes)
            options.Scope.Add(scope);
        options.TokenValidationParameters = Provider.Parameters(ClientId, ["JWT"]);

        // The provider sends people here from another site.
        Close(options.CorrelationCookie, secure, SameSiteMode.Lax);
        Close(options.NonceCookie, secure, SameSiteMode.Lax);
        options.Events = new OpenIdConnectEvents
        {
            OnMessageReceived = context =>
            {
                if (!context.HttpContext.RequestServices.GetRequiredService<KeyAttempts>().May(context.HttpContext))
                    context.Fail(KeyAttempts.Refusal);
                return Task.CompletedTask;
            },

            // Only then everything about the answer was looked at, its nonce last.
            OnTicketReceived = Begin,
            OnRemoteFailure = context =>
            {
                context.HandleResponse();
                return context.Failure?.Message == KeyAttempts.Refusal
                    ? ProblemResult.Of(KeyAttempts.TooMany).ExecuteAsync(context.HttpContext)
                    : Refuse(context.HttpContext, "The provider did not say who you are, or said it to another browser or too late.");
            },
        };
    }

    private static void Close(CookieBuilder cookie, bool secure, SameSiteMode sameSite)
    {
        cookie.HttpOnly = true;
        cookie.SecurePolicy = secure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        cookie.SameSite = sameSite;
    }

    private static Task Refuse(HttpContext http, string why)
    {
        Events(http).Note(SecurityEvents.SignInRefused, http, CallbackPath);
        var problem = AuthenticationProblems.SignInRefused;
        return MediaTypes.IsPageWanted(http.Request)
            ? PlainPage.Of(http, problem.Title, RefusedPage(problem.Title, why), problem.Status).ExecuteAsync(http)
            : ProblemResult.Of(problem.Because($"{why} Sign in again at /sign-in.")).ExecuteAsync(http);
    }

    private static string RefusedPage(string title, string why) =>
        $"""
            <h1>{title}</h1>
            <p>{why}</p>
            <p><a href="/sign-in">Sign in again</a>, or <a href="/">enter a key</a>.</p>
            """;

    private static SecurityEvents Events(HttpContext http) => http.RequestServices.GetRequiredService<SecurityEvents>();

    /// <summary>Finds the principal of who was signed in, and begins a session; of the provider's token nothing is kept.</summary>
    private async Task Begin(TicketReceivedContext context)
    {
        var http = context.HttpContext;
        var sessions = http.RequestServices.GetRequiredService<Sessions>();
        if (
            await Provider.Know(context.Principal, http) is not { } principal
            || await sessions.Begin(principal, SessionLasts, http.RequestAborted) is not { } session
        )
        {
            context.HandleResponse();
            await Refuse(http, "The provider names no subject, or an administrator has ended its access.");
            return;
        }

        context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(CallerClaims.Session, session)], Session));
        context.Properties = new AuthenticationProperties { RedirectUri = "/", IsPersistent = false };
        Events(http).Note(SecurityEvents.SignedIn, KeyAttempts.Address(http), principal.Id, CallbackPath);
    }

    private static async Task Know(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        if (
            context.Principal?.FindFirstValue(CallerClaims.Session) is { } session
            && await http.RequestServices.GetRequiredService<Sessions>().Find(session, http.RequestAborted) is { } principal
        )
        {
            var caller = CallerClaims.Of(principal, Session);
            ((ClaimsIdentity)caller.Identity!).AddClaim(new Claim(CallerClaims.Session, session));
            context.ReplacePrincipal(caller);
        }
        else
        {
            context.RejectPrincipal();
        }
    }
}

/// <summary>What <c>POST /sign-out</c> answers: where the session at the provider can be ended too, if it says so.</summary>
public sealed record SignedOut(string? ProviderSignOut);

public static class PageSignInEndpoints
{
    /// <summary>The header that a page of ours sends with what changes something; a form or a link of another site cannot.</summary>
    public const string PageHeader = "X-Requested-With";

    /// <summary><c>GET /sign-in</c>, which sends a browser to the provider, and <c>POST /sign-out</c>.</summary>
    public static void MapSignIn(this WebApplication app)
    {
        // As delegates: taken for request delegates, their results would be dropped.
        app.MapGet("/sign-in", (Delegate)SignIn).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(PageSignIn.CallbackPath, Nobody).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-out", (Delegate)SignOut).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>
    /// Refuses what another site has a signed-in browser send (cross-site request forgery). Behind authentication. By a key or a token
    /// nothing is refused here: no browser adds those by itself.
    /// </summary>
    public static void UseSameOrigin(this WebApplication app) =>
        app.Use(
            (http, next) =>
                http.User.Identity?.AuthenticationType != PageSignIn.Session || IsOfAPageOfOurs(http.Request)
                    ? next(http)
                    : CrossSite(http).ExecuteAsync(http)
        );

    private static IResult CrossSite(HttpContext http)
    {
        http.RequestServices.GetRequiredService<SecurityEvents>().Note(SecurityEvents.CrossSite, http);
        return ProblemResult.Of(
            AuthenticationProblems.CrossSite.Because(
                $"By the session of a page only that page may ask, and with the header {PageHeader} where something changes. "
                    + "Programs send a key or a token."
            )
        );
    }

    private static bool IsOfAPageOfOurs(HttpRequest request)
    {
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (!reads && request.Headers[PageHeader].Count == 0)
            return false;
        return (request.Headers["Sec-Fetch-Site"], request.Headers.Origin) switch
        {
            ({ Count: > 0 } site, _) => site == "same-origin" || (reads && site == "none"),
            (_, { Count: > 0 } origin) => origin == $"{request.Scheme}://{request.Host}",
            _ => reads,
        };
    }

    /// <summary>Where people sign in, the way back is answered before an endpoint is asked.</summary>
    private static IResult Nobody() =>
        ProblemResult.Of(
            KernelProblems.NotFound.Because("Nobody signs in here: no client of an OpenID provider is configured. Use an API key.")
        );

    private static async Task<IResult> SignIn(HttpContext http)
    {
        if (http.RequestServices.GetService<PageSignIn>() is null)
            return Nobody();
        return await Provider(http) is null
            ? ProblemResult.Of(
                KernelProblems.Busy.Because("The OpenID provider does not answer. Try again later, or use an API key.") with
                {
                    RetryAfter = 30,
                }
            )
            : Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectDefaults.AuthenticationScheme]);
    }

    private static async Task<IResult> SignOut(HttpContext http)
    {
        if (http.RequestServices.GetService<PageSignIn>() is not { } pages)
            return Results.Json(new SignedOut(null), Json.Options);
        if (!IsOfAPageOfOurs(http.Request))
            return CrossSite(http);
        var services = http.RequestServices;
        if (await http.AuthenticateAsync(PageSignIn.Session) is { Succeeded: true, Principal: var caller })
        {
            await services.GetRequiredService<Sessions>().End(caller.FindFirstValue(CallerClaims.Session)!, http.RequestAborted);
            services
                .GetRequiredService<SecurityEvents>()
                .Note(SecurityEvents.SignedOut, KeyAttempts.Address(http), caller.PrincipalId(), "/sign-out");
        }

        await http.SignOutAsync(PageSignIn.Session);
        var there = (await Provider(http))?.EndSessionEndpoint is { Length: > 0 } address
            ? new OpenIdConnectMessage
            {
                IssuerAddress = address,
                ClientId = pages.ClientId,
                PostLogoutRedirectUri = $"{http.Request.Scheme}://{http.Request.Host}/",
            }.CreateLogoutRequestUrl()
            : null;
        return Results.Json(new SignedOut(there), Json.Options);
    }

    /// <summary>What the provider says of itself; null where it does not answer.</summary>
    private static async Task<OpenIdConnectConfiguration?> Provider(HttpContext http)
    {
        try
        {
            var options = http.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>();
            var provider = options.Get(OpenIdConnectDefaults.AuthenticationScheme).ConfigurationManager!;
            return await provider.GetConfigurationAsync(http.RequestAborted);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
