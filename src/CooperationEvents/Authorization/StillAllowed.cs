using Microsoft.AspNetCore.Authentication;

namespace CooperationEvents.Authorization;

/// <summary>For requests that go on for so long that what was true at their beginning may not be true any more.</summary>
public static class StillAllowed
{
    /// <summary>Whether the caller would be let in now: the credentials of the request are looked at anew.</summary>
    public static async Task<bool> IsStillAllowed(this HttpContext http, string scope)
    {
        // A provider of its own gives a handler that remembers nothing of the first look.
        await using var services = http.RequestServices.CreateAsyncScope();
        var scheme = http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket?.AuthenticationScheme
            ?? throw new InvalidOperationException("The caller was not authenticated.");
        var handler = await services.ServiceProvider.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(http, scheme)
            ?? throw new InvalidOperationException($"The scheme {scheme} has no handler.");
        return await handler.AuthenticateAsync() is { Succeeded: true, Principal: { } caller } && caller.Has(scope);
    }
}
