using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using CooperationEvents.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace CooperationEvents.Access;

/// <summary>Authenticates by <c>X-Api-Key</c>, and by HTTP Basic where an endpoint takes it; what it refuses is answered as a problem.</summary>
public sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "ApiKey";
    public const string Header = "X-Api-Key";
    public const string ScopeClaim = "scope";

    private const string Basic = "Basic";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var values = Request.Headers[Header];
        if ((values.Count == 0 ? OfBasic() : values.Count == 1 ? values[0] : null) is not { Length: > 0 and <= 200 } key)
            return AuthenticateResult.NoResult();
        if (await keys.Find(key, Context.RequestAborted) is not { } principal)
            return AuthenticateResult.Fail("Unknown or expired key.");
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, principal.Id.ToString()), .. principal.Scopes.Select(s => new Claim(ScopeClaim, s))], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var challenge = $"{Name} header=\"{Header}\"";
        Response.Headers.WWWAuthenticate = TakesBasic ? new StringValues([challenge, $"{Basic} realm=\"CooperationEvents\", charset=\"UTF-8\""]) : challenge;
        return ProblemResult.Of(AccessProblems.Unauthenticated.Because($"Send a valid key in the header {Header}.")).ExecuteAsync(Context);
    }

    private bool TakesBasic => Context.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>() is { TakesBasic: true };

    /// <summary>The password of HTTP Basic (RFC 7617), whatever the user's name; null where there is none, or where it is not taken.</summary>
    private string? OfBasic()
    {
        if (!TakesBasic || !AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var given) || !string.Equals(given.Scheme, Basic, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[given.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(given.Parameter ?? "", bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope;
        return ProblemResult.Of(scope is null ? AccessProblems.Forbidden.Because("Nobody may do this.") : AccessProblems.Lacking(scope)).ExecuteAsync(Context);
    }
}
