using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Audit.History;

/// <summary>A stream as it was at a moment: at which version and position, and what its events up to then come to.</summary>
/// <param name="Altered">Its events that are no longer the ones the log has: the state is not what was recorded. Absent where there is
/// none.</param>
/// <param name="Missing">The versions up to then whose events are gone: the state lacks what they said. Absent where there is none.</param>
public sealed record StreamStateAnswer(
    Guid Stream,
    string StreamType,
    long Version,
    long Position,
    JsonObject State,
    ValueList<Guid>? Altered = null,
    ValueList<long>? Missing = null
);

public static class GetStreamStateEndpoint
{
    [WolverineGet("/v1/audit/streams/{streamId}/state", OperationId = "get-stream-state")]
    [Query(Scopes.AuditRead, typeof(StreamStateAnswer), "version", "at", "position", Refuses = ["409"])]
    public static async Task<IResult> Get(
        string streamId,
        HttpContext http,
        EventHistory history,
        StreamStates states,
        PersonalData personalData,
        SettledPositions settled,
        TimeProvider clock
    )
    {
        var query = new QueryParameters(http.Request.Query);
        var asked = AskedMoment.Read(query, clock);
        var (newest, refused) = await history.Begin(http, query);
        if (refused is not null)
            return refused;
        if (Uuid.Read(streamId) is not { } stream)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no stream {streamId}; ids are UUIDs."));
        var (point, unknown) = await asked.Resolve(settled, newest, clock, http.RequestAborted);
        if (point is null)
            return ProblemResult.Of(unknown!);
        var missing = await history.Missing(stream, point.Position, point.Version, http.RequestAborted);
        if (EventHistory.Gone(stream, point, missing) is { } gone)
            return ProblemResult.Of(gone);
        var (state, none) = await states.At(http, stream, point);
        if (state is null)
            return ProblemResult.Of(none!);

        // What they were before the erasure reads null too, and the events up to then do not say why.
        if (
            state.StreamType == $"{StreamKind.Person}"
            && await personalData.Standing(stream, http.RequestAborted) == PersonalStanding.Erased
        )
            state.State["erased"] = true;
        return Results.Json(
            new StreamStateAnswer(
                stream,
                state.StreamType,
                state.Version,
                state.Position,
                state.State,
                await history.Altered(stream, state.Position, http.RequestAborted),
                missing
            ),
            Json.Options
        );
    }
}
