// A real OpenID provider for tests: OpenIddict, in a process of its own, with keys that are new at every start. A client that
// asks for a token by its credentials says who it is and which roles it has, and is believed. So is somebody with a browser, who says
// it in the query, as if in a form.
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

var builder = WebApplication.CreateBuilder(args);
var lifetime = TimeSpan.FromSeconds(builder.Configuration.GetValue("TokenSeconds", 300));
builder
    .Services.AddOpenIddict()
    .AddServer(options =>
    {
        options.SetIssuer(new Uri(builder.Configuration["Issuer"]!));
        options.SetTokenEndpointUris("token").SetAuthorizationEndpointUris("authorize").SetEndSessionEndpointUris("leave");
        options.AllowClientCredentialsFlow().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        options.RegisterScopes(Scopes.Profile);
        options.EnableDegradedMode();
        options.DisableAccessTokenEncryption();
        // Keys that are quickly made: those of the library's own have 4,096 bits, and take seconds to find.
        options
            .AddSigningKey(new RsaSecurityKey(RSA.Create(2048)))
            .AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));
        options.SetAccessTokenLifetime(lifetime);
        options.UseAspNetCore().DisableTransportSecurityRequirement();
        options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => default));
        options.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(_ => default));
        options.AddEventHandler<ValidateEndSessionRequestContext>(handler => handler.UseInlineHandler(_ => default));
        options.AddEventHandler<HandleEndSessionRequestContext>(handler =>
            handler.UseInlineHandler(context =>
            {
                context.SignOut();
                return default;
            })
        );
        options.AddEventHandler<HandleTokenRequestContext>(handler =>
            handler.UseInlineHandler(context =>
            {
                // Who brings a code was said when it was given out.
                if (context.Request.IsClientCredentialsGrantType())
                    context.SignIn(Named(context.Request.ClientId!, $"The client {context.Request.ClientId}", context.Request));
                return default;
            })
        );
        options.AddEventHandler<GenerateTokenContext>(handler =>
            handler
                .SetOrder(OpenIddictServerHandlers.Protection.GenerateIdentityModelToken.Descriptor.Order - 1)
                .UseInlineHandler(context =>
                {
                    if ((string?)context.Transaction.Request?["critical"] is { Length: > 0 } extension)
                        context.SecurityTokenDescriptor.AdditionalHeaderClaims = new Dictionary<string, object>
                        {
                            ["crit"] = new[] { extension },
                            [extension] = true,
                        };
                    return default;
                })
        );
        options.AddEventHandler<HandleAuthorizationRequestContext>(handler =>
            handler.UseInlineHandler(context =>
            {
                if ((string?)context.Request["user"] is { } user)
                    context.SignIn(Named(user, $"The user {user}", context.Request));
                else
                    context.Reject(Errors.AccessDenied);
                return default;
            })
        );
    });
var app = builder.Build();
app.UseAuthentication();
app.MapGet("/ready", () => "ready");
app.Run();

static ClaimsPrincipal Named(string subject, string name, OpenIddictRequest request)
{
    var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    identity.AddClaim(new Claim(Claims.Subject, subject));
    identity.AddClaim(new Claim(Claims.Name, name));
    foreach (var role in ((string?)request["roles"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        identity.AddClaim(new Claim("roles", role));
    identity.SetAudiences((string?)request["service"] ?? "register");
    identity.SetScopes(request.GetScopes());
    identity.SetDestinations(static _ => [Destinations.AccessToken, Destinations.IdentityToken]);
    return new ClaimsPrincipal(identity);
}
