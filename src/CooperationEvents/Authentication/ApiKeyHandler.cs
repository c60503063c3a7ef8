using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace CooperationEvents.Authentication;

/// <summary>
/// Authenticates by <c>X-Api-Key</c>, and by HTTP Basic where an endpoint takes it; what is refused of any caller is answered as
/// a problem. What is open to anybody looks no key up.
/// </summary>
public sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKeys keys,
    KeyAttempts attempts,
    SecurityEvents events
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "ApiKey";
    public const string Header = "X-Api-Key";

    private const string Basic = "Basic";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var values = Request.Headers[Header];
        if (
            Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || (
                values.Count == 0 ? OfBasic()
                : values.Count == 1 ? values[0]
                : null
            )
                is not { Length: > 0 and <= 200 } key
        )
            return AuthenticateResult.NoResult();
        var digest = ApiKeys.DigestOf(key);
        if (keys.IsAttempt(digest) && !attempts.May(Context))
        {
            events.Note(SecurityEvents.TooManyKeys, Context);
            return AuthenticateResult.Fail(KeyAttempts.Refusal);
        }

        if (await keys.Find(digest, Context.RequestAborted) is { } caller)
            return AuthenticateResult.Success(new AuthenticationTicket(caller, Name));
        events.Note(SecurityEvents.WrongKey, Context);
        return AuthenticateResult.Fail("Unknown or expired key.");
    }

    /// <summary>Where tokens are taken, one that is sent is not answered here.</summary>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((await HandleAuthenticateOnceSafeAsync()).Failure?.Message == KeyAttempts.Refusal)
        {
            await ProblemResult.Of(KeyAttempts.TooMany).ExecuteAsync(Context);
            return;
        }

        var sendsToken =
            Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && Request.Headers[Header].Count == 0;
        await Challenge(Context, sendsToken ? "Bearer tokens are not taken here: the service has no issuer configured. " : "");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Forbid(Context, events);

    /// <summary>Answers who is not known, whatever was sent.</summary>
    /// <param name="because">What was wrong, as a sentence with a blank after it, where that is known.</param>
    internal static Task Challenge(HttpContext http, string because = "")
    {
        var challenge = $"{Name} header=\"{Header}\"";
        http.Response.Headers.WWWAuthenticate = TakesBasic(http)
            ? new StringValues([challenge, $"{Basic} realm=\"CooperationEvents\", charset=\"UTF-8\""])
            : challenge;
        return ProblemResult
            .Of(AuthenticationProblems.Unauthenticated.Because($"{because}Send a valid key in the header {Header}."))
            .ExecuteAsync(http);
    }

    /// <summary>Answers who is known and lacks a scope.</summary>
    internal static Task Forbid(HttpContext http, SecurityEvents events)
    {
        events.Note(SecurityEvents.Forbidden, http);
        var lacking = http.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>()?.Lacking(http.User.Scopes());
        return ProblemResult
            .Of(lacking is null ? AuthenticationProblems.Forbidden.Because("Nobody may do this.") : AuthenticationProblems.Lacking(lacking))
            .ExecuteAsync(http);
    }

    private static bool TakesBasic(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>() is { TakesBasic: true };

    /// <summary>
    /// The password of HTTP Basic (RFC 7617), under any user name. Null where the request has none, or the endpoint takes none.
    /// </summary>
    private string? OfBasic()
    {
        if (
            !TakesBasic(Context)
            || !AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var given)
            || !string.Equals(given.Scheme, Basic, StringComparison.OrdinalIgnoreCase)
        )
            return null;
        var bytes = new byte[given.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(given.Parameter ?? "", bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }
}
