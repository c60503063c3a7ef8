using System.Security.Claims;
using System.Text.Encodings.Web;
using CooperationEvents.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CooperationEvents.Access;

/// <summary>Authenticates by <c>X-Api-Key</c>; what it refuses is answered as a problem.</summary>
public sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "ApiKey";
    public const string Header = "X-Api-Key";
    public const string ScopeClaim = "scope";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Headers.TryGetValue(Header, out var values) || values.Count != 1 || values[0] is not { Length: > 0 and <= 200 } key)
            return AuthenticateResult.NoResult();
        if (await keys.Find(key, Context.RequestAborted) is not { } principal)
            return AuthenticateResult.Fail("Unknown or expired key.");
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, principal.Id.ToString()), .. principal.Scopes.Select(s => new Claim(ScopeClaim, s))], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = $"{Name} header=\"{Header}\"";
        return ProblemResult.Of(AccessProblems.Unauthenticated.Because($"Send a valid key in the header {Header}.")).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope;
        return ProblemResult.Of(scope is null ? AccessProblems.Forbidden.Because("Nobody may do this.") : AccessProblems.Lacking(scope)).ExecuteAsync(Context);
    }
}
