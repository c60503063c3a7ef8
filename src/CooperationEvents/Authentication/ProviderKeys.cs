using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace CooperationEvents.Authentication;

/// <summary>
/// Whether the keys of the identity provider can be read now. That is asked where somebody sends a token of a key that is not known, which
/// anybody can, so one look serves all who ask within <see cref="LookStandsFor"/>.
/// </summary>
internal sealed class ProviderKeys(TimeProvider clock)
{
    private static readonly TimeSpan LookStandsFor = TimeSpan.FromSeconds(10);

    /// <summary>How long the provider has to answer. The caller who sent the token waits for that.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<bool>? _look;
    private long _lookedAt;

    public Task<bool> CanBeRead(JwtBearerOptions options)
    {
        lock (_lock)
        {
            if (_look is null || (_look.IsCompleted && clock.GetElapsedTime(_lookedAt) >= LookStandsFor))
                (_look, _lookedAt) = (Look(options), clock.GetTimestamp());
            return _look;
        }
    }

    private static async Task<bool> Look(JwtBearerOptions options)
    {
        using var soon = new CancellationTokenSource(Timeout);
        var documents = new HttpDocumentRetriever(options.Backchannel) { RequireHttps = options.RequireHttpsMetadata };
        try
        {
            await OpenIdConnectConfigurationRetriever.GetAsync(options.MetadataAddress, documents, soon.Token);
            return true;
        }
        catch (Exception)
        {
            // Whatever is wrong there, no key can be read.
            return false;
        }
    }
}
