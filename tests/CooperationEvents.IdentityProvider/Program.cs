// A real OpenID provider for tests: OpenIddict, in a process of its own, with keys that are new at every start. A client that
// asks for a token by its credentials says who it is and which roles it has, and is believed.
using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

var builder = WebApplication.CreateBuilder(args);
var lifetime = TimeSpan.FromSeconds(builder.Configuration.GetValue("TokenSeconds", 300));
builder.Services.AddOpenIddict().AddServer(options =>
{
    options.SetIssuer(new Uri(builder.Configuration["Issuer"]!));
    options.SetTokenEndpointUris("token");
    options.AllowClientCredentialsFlow();
    options.EnableDegradedMode();
    options.DisableAccessTokenEncryption();
    options.AddEphemeralSigningKey().AddEphemeralEncryptionKey();
    options.SetAccessTokenLifetime(lifetime);
    options.UseAspNetCore().DisableTransportSecurityRequirement();
    options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => default));
    options.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
    {
        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        identity.AddClaim(new Claim(Claims.Subject, context.Request.ClientId!));
        identity.AddClaim(new Claim(Claims.Name, $"The client {context.Request.ClientId}"));
        foreach (var role in ((string?)context.Request["roles"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            identity.AddClaim(new Claim("roles", role));
        identity.SetAudiences((string?)context.Request["service"] ?? "register");
        identity.SetDestinations(static _ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
        return default;
    }));
});
var app = builder.Build();
app.UseAuthentication();
app.MapGet("/ready", () => "ready");
app.Run();
