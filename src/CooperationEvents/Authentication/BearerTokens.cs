using System.Net;
using System.Security.Claims;
using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CooperationEvents.Authentication;

/// <summary>
/// How bearer tokens of an OpenID provider are taken: its issuer, the audience that stands for this service, and which of our roles a
/// value of a claim brings. From <c>Authentication</c>; see docs/operators.md.
/// </summary>
/// <param name="Roles">Our role by the value of the claim; a value that is not in it brings nothing.</param>
public sealed record BearerTokens(
    string Issuer,
    string Audience,
    string RolesClaim,
    string NameClaim,
    IReadOnlyDictionary<string, string> Roles,
    IReadOnlyList<string> Algorithms,
    TimeSpan ClockSkew
)
{
    /// <summary>Signatures by a key of which the provider publishes the other half; never by a shared secret, and never by none.</summary>
    public static readonly IReadOnlyList<string> Asymmetric =
    [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
    ];

    /// <summary>How long the provider has to answer.</summary>
    public static readonly TimeSpan BackchannelTimeout = TimeSpan.FromSeconds(10);

    private static readonly string[] Defaults = ["RS256", "PS256", "ES256"];

    /// <summary>As it is configured; null where there is no issuer.</summary>
    public static BearerTokens? From(ProviderOptions options)
    {
        if (options.Issuer is not { Length: > 0 } issuer)
            return null;
        return new BearerTokens(
            issuer,
            options.Audience ?? "",
            options.RolesClaim is { Length: > 0 } claim ? claim : "roles",
            options.NameClaim is { Length: > 0 } name ? name : "name",
            options.Roles.Count > 0 ? options.Roles : Scopes.Roles.Keys.ToDictionary(role => role),
            options.Algorithms is { Length: > 0 } algorithms ? algorithms : Defaults,
            TimeSpan.FromSeconds(options.ClockSkewSeconds)
        );
    }

    /// <summary>What is wrong with it, each with what to do; nothing where it can be used.</summary>
    public IEnumerable<string> Faults()
    {
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && !IsOfThisMachine(url)))
            yield return $"Authentication:Issuer is {Issuer}; it must be the https URL of the OpenID provider.";
        if (Audience.Length == 0)
            yield return "Authentication:Audience is missing: what the tokens for this service have as their audience.";
        foreach (var (value, role) in Roles.Where(r => !Scopes.Roles.ContainsKey(r.Value)))
            yield return $"Authentication:Roles:{value} is {role}; it must be one of {string.Join(", ", Scopes.Roles.Keys)}.";
        foreach (var algorithm in Algorithms.Except(Asymmetric))
            yield return $"Authentication:Algorithms has {algorithm}; it must be one of {string.Join(", ", Asymmetric)}.";
        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(5))
            yield return "Authentication:ClockSkewSeconds must be from 0 to 300.";
    }

    /// <summary>Whether the provider is spoken to by https alone: everywhere but on this machine.</summary>
    public bool RequiresHttps => !(Uri.TryCreate(Issuer, UriKind.Absolute, out var url) && IsOfThisMachine(url));

    /// <summary>How the provider is asked: at its own addresses, and nowhere else that an answer might name by a redirect.</summary>
    public static HttpMessageHandler Backchannel() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };

    /// <summary>What a token of the provider must be.</summary>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="types">What it says that it is.</param>
    public TokenValidationParameters Parameters(string audience, string[] types) =>
        new()
        {
            ValidIssuer = Issuer,
            ValidAudience = audience,
            ValidAlgorithms = [.. Algorithms],
            ValidTypes = types,
            ClockSkew = ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuer = true,
            ValidateAudience = true,
            ValidateLifetime = true,
            ValidateIssuerSigningKey = true,
            TransformBeforeSignatureValidation = (token, _) => WithoutExtensions(token),
        };

    /// <summary>
    /// Refuses a token whose header has <c>crit</c>: it names extensions that must be understood (RFC 7515, 4.1.11), and none is
    /// understood here.
    /// </summary>
    private static SecurityToken WithoutExtensions(SecurityToken token) =>
        token is JsonWebToken signed && JsonElement.Parse(Base64UrlEncoder.DecodeBytes(signed.EncodedHeader)).TryGetProperty("crit", out _)
            ? throw new SecurityTokenException("The header of the token names extensions that are not understood here (crit).")
            : token;

    public void Configure(JwtBearerOptions options)
    {
        options.Authority = Issuer;
        options.RequireHttpsMetadata = RequiresHttps;
        (options.BackchannelTimeout, options.BackchannelHttpHandler) = (BackchannelTimeout, Backchannel());
        options.MapInboundClaims = false;
        options.SaveToken = false;

        // A key nobody has heard of yet makes the provider's keys be read again, though not more often than this.
        options.RefreshOnIssuerKeyNotFound = true;
        options.RefreshInterval = TimeSpan.FromSeconds(30);
        options.AutomaticRefreshInterval = TimeSpan.FromHours(1);
        options.TokenValidationParameters = Parameters(Audience, ["at+jwt", "JWT"]);
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = Know,
            OnAuthenticationFailed = async context =>
            {
                if (await IsUnreachable(context))
                    context.Fail(new ProviderUnreachableException());
                else
                    Events(context.HttpContext).Note(SecurityEvents.WrongToken, context.HttpContext);
            },
            OnChallenge = context =>
            {
                context.HandleResponse();
                if (context.AuthenticateFailure is ProviderUnreachableException)
                {
                    var problem = AuthenticationProblems.ProviderUnreachable.Because(
                        "The token cannot be checked: the keys of its issuer cannot be read. Send the request again later, or use an API "
                            + "key."
                    );
                    return ProblemResult.Of(problem with { RetryAfter = 10 }).ExecuteAsync(context.HttpContext);
                }

                context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                return ProblemResult
                    .Of(
                        AuthenticationProblems.Unauthenticated.Because(
                            context.AuthenticateFailure is NoPrincipalException
                                ? "The token is good, but it names no subject, or an administrator has ended the access of its subject. A "
                                    + "new token of the same subject is refused too; ask who runs the register."
                                : "The token is not one of the configured issuer for this service, or its time has passed."
                        )
                    )
                    .ExecuteAsync(context.HttpContext);
            },
            OnForbidden = context => ApiKeyHandler.Forbid(context.HttpContext, Events(context.HttpContext)),
        };
    }

    /// <summary>The scopes that the roles in a token bring.</summary>
    public IReadOnlyList<string> ScopesOf(ClaimsPrincipal token) =>
        [
            .. token
                .FindAll(RolesClaim)
                .Select(c => Roles.GetValueOrDefault(c.Value))
                .OfType<string>()
                .SelectMany(role => Scopes.Roles[role])
                .Distinct(),
        ];

    /// <summary>
    /// Whether a token was refused only because the provider's keys cannot be read: it is of a key that is not known, and may be of a new
    /// one. Keys that were read once are kept.
    /// </summary>
    private static async Task<bool> IsUnreachable(AuthenticationFailedContext context) =>
        context.Exception is SecurityTokenSignatureKeyNotFoundException
        && !await context.HttpContext.RequestServices.GetRequiredService<ProviderKeys>().CanBeRead(context.Options);

    private static bool IsOfThisMachine(Uri url) =>
        url.Scheme == Uri.UriSchemeHttp
        && (url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    private static SecurityEvents Events(HttpContext http) => http.RequestServices.GetRequiredService<SecurityEvents>();

    /// <summary>The principal of the token's subject, with the scopes of its roles; null where it names none, or that has ended.</summary>
    public async Task<Principal?> Know(ClaimsPrincipal? token, HttpContext http)
    {
        if (token?.FindFirstValue("sub") is not { Length: > 0 } subject)
            return null;
        var scopes = ScopesOf(token);
        var principals = http.RequestServices.GetRequiredService<Principals>();
        return await principals.OfToken(Issuer, subject, token.FindFirstValue(NameClaim), scopes, http.RequestAborted) is { } id
            ? new Principal(id, scopes)
            : null;
    }

    /// <summary>What goes on from here knows of no token.</summary>
    private async Task Know(TokenValidatedContext context)
    {
        if (await Know(context.Principal, context.HttpContext) is { } principal)
            context.Principal = CallerClaims.Of(principal, context.Scheme.Name);
        else
            context.Fail(new NoPrincipalException());
    }
}

/// <summary>The provider's keys cannot be read, so that no token can be told from another.</summary>
internal sealed class ProviderUnreachableException() : Exception("The keys of the identity provider cannot be read.");

/// <summary>A token that is good names nobody who may come in. Only who holds such a token is told so.</summary>
internal sealed class NoPrincipalException() : Exception("The token names no subject, or the principal has ended.");
