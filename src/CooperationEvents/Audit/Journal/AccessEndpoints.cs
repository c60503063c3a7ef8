using System.Globalization;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Audit.Journal;

/// <summary>
/// A day of the access journal: what its newest seal in the history says, and what the journal holds now. Its seals agree with the journal
/// where <paramref name="Holds"/>.
/// </summary>
/// <param name="Sealed">Null for a day before a sealed one that has readings and no seal: they were slipped in, or their seal was taken
/// away.</param>
/// <param name="Found">More than was sealed, on a day that holds, were read after the clock of the database was set back to that day: they
/// are sealed once it is over.</param>
/// <param name="Holds">Null for a day that the journal has forgotten with everything before it, once it was old enough; its seals
/// stay.</param>
public sealed record AccessDay(DateOnly Day, SealedReadings? Sealed, SealedReadings Found, bool? Holds);

/// <summary>How many readings, and the SHA-256, in hexadecimal, of their lines.</summary>
public sealed record SealedReadings(long Count, string Sha256);

/// <summary>The access journal for auditors, with its seals held against it.</summary>
public static class AccessEndpoints
{
    [WolverineGet("/v1/audit/access", OperationId = "list-sealed-days"), Query(Scopes.AuditRead, typeof(Page<AccessDay>))]
    public static async Task<IResult> Days(HttpContext http, AccessSeal seals, Reader reader)
    {
        var (_, refused) = await reader.Begin(http, new QueryParameters(http.Request.Query));
        return refused ?? Results.Json(new Page<AccessDay>(await seals.Check(http.RequestAborted)), Json.Options);
    }

    [WolverineGet("/v1/audit/access/{day}", OperationId = "get-access-journal"), RequiresScope(Scopes.AuditRead)]
    [Answers(
        LogEndpoints.Lines,
        "The readings of a day (UTC), a line of JSON each: id, time, reader, request, purpose. The SHA-256 of the answer is the one its "
            + "seal has."
    )]
    public static IResult Lines(string day, HttpContext http, AccessSeal seals) =>
        new QueryParameters(http.Request.Query).Fault() is { } fault ? ProblemResult.Of(fault)
        : DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? new LinesResult(seals.LinesOf(date, http.RequestAborted))
        : ProblemResult.Of(KernelProblems.NotFound.Because($"There is no day {day}; days are written as 2026-01-31."));

    [WolverineGet("/v1/audit/completeness", OperationId = "get-completeness"), Query(Scopes.AuditRead, typeof(CompletenessAnswer))]
    public static async Task<IResult> Completeness(HttpContext http, Reader reader)
    {
        var (_, refused) = await reader.Begin(http, new QueryParameters(http.Request.Query));
        if (refused is not null)
            return refused;
        var schedule = http.RequestServices.GetRequiredService<CompletenessSchedule>();
        return Results.Json(schedule.Last ?? await schedule.CheckNow(http.RequestAborted), Json.Options);
    }
}
