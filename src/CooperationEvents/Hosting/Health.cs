using CooperationEvents.Http;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Hosting;

/// <summary>Live: the process answers. Ready: so does the database, the read models can be read, and the node's clock is right.</summary>
public static class HealthEndpoints
{
    [WolverineGet("/health/live", OperationId = "live"), AllowAnonymous, Unlimited(Everything = true)]
    public static string Live() => "live";

    [WolverineGet("/health/ready", OperationId = "ready"), AllowAnonymous, Unlimited(Everything = true)]
    [Answers("text/plain", "ready; and what is worth knowing all the same, such as a clock that is a little off.")]
    public static async Task<IResult> Ready(HttpContext http, ReadPosition position, ClockCheck clock)
    {
        await position.Current(http.RequestAborted);
        return clock.Refusal is { } refusal ? ProblemResult.Of(refusal) : Results.Text(clock.Warning is { } warning ? $"ready; {warning}" : "ready");
    }
}
