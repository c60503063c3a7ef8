using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Hosting;

/// <summary>Live: the process answers. Ready: so does the database, the read models can be read, and nobody waits long for a place.</summary>
public static class HealthEndpoints
{
    [WolverineGet("/health/live", OperationId = "live"), AllowAnonymous, Unlimited(Everything = true)]
    public static string Live() => "live";

    [WolverineGet("/health/ready", OperationId = "ready"), AllowAnonymous, Unlimited(Everything = true)]
    public static async Task<IResult> Ready(HttpContext http, ReadPosition position, Limits limits)
    {
        await position.Current(http.RequestAborted);
        return limits.IsExhausted
            ? ProblemResult.Of(KernelProblems.Busy.Because("Callers wait for a place for longer than a second.") with { RetryAfter = 1 })
            : Results.Text("ready");
    }
}
