using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using Microsoft.AspNetCore.Authorization;
using Npgsql;
using Wolverine.Http;

namespace CooperationEvents.Hosting;

/// <summary>
/// Live: the process answers. Ready: so does the database, the read models can be read, the clock is right, nobody waits long for a
/// place, and the node was not told to stop. A database that takes no posts is said, and the node goes on answering reads.
/// </summary>
public static class HealthEndpoints
{
    [WolverineGet("/health/live", OperationId = "live"), AllowAnonymous, Unlimited(Everything = true)]
    public static string Live() => "live";

    [WolverineGet("/health/ready", OperationId = "ready"), AllowAnonymous, Unlimited(Everything = true)]
    [Answers(
        "text/plain",
        "ready; and what is worth knowing all the same: a clock that is a little off, an audit log that is still read after the start, a "
            + "database that takes no posts, or events that get no entry in the audit log."
    )]
    public static async Task<IResult> Ready(
        HttpContext http,
        NpgsqlDataSource database,
        ReadPosition position,
        Recorder recorder,
        ClockCheck clock,
        LeavesAtStart leaves,
        Limits limits,
        Drain drain
    )
    {
        if (drain.HasBegun)
            return ProblemResult.Of(KernelProblems.Busy.Because("The node is stopping.") with { RetryAfter = 1 });
        await position.Current(http.RequestAborted);
        if (limits.IsExhausted)
            return ProblemResult.Of(
                KernelProblems.Busy.Because("Callers wait for a place for longer than a second.") with
                {
                    RetryAfter = 1,
                }
            );
        if (clock.Refusal is { } refusal)
            return ProblemResult.Of(refusal);
        var beyond = await PositionsGivenOut.CountBeyond(database, http.RequestAborted);
        string?[] told =
        [
            "ready",
            clock.Warning,
            leaves.Warning,
            recorder.Refuses is { } why ? $"posts are refused: {why}" : null,
            beyond > 0 ? $"events at positions that were never given out, without an entry in the audit log: {beyond}" : null,
        ];
        return Results.Text(string.Join("; ", told.OfType<string>()));
    }
}
