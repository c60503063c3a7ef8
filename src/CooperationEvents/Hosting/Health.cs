using CooperationEvents.Http;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Hosting;

/// <summary>Live: the process answers. Ready: so does the database, and the read models can be read.</summary>
public static class HealthEndpoints
{
    [WolverineGet("/health/live", OperationId = "live"), AllowAnonymous, Unlimited(Everything = true)]
    public static string Live() => "live";

    [WolverineGet("/health/ready", OperationId = "ready"), AllowAnonymous, Unlimited(Everything = true)]
    public static async Task<string> Ready(ReadPosition position, CancellationToken cancellation)
    {
        await position.Current(cancellation);
        return "ready";
    }
}
