using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Audit.History;

/// <summary>What changed in a stream between two moments, in words and member by member, and the events that changed it.</summary>
/// <param name="Altered">Its events that are no longer the ones the log has: nothing here is certain then. Absent where there is
/// none.</param>
/// <param name="Missing">Its versions whose events are gone: nothing here is certain then. Absent where there is none.</param>
public sealed record StreamDifference(
    Guid Stream,
    string StreamType,
    long FromVersion,
    long ToVersion,
    string Words,
    IReadOnlyList<MemberChange> Changes,
    IReadOnlyList<ChangingEvent> Events,
    ValueList<Guid>? Altered = null,
    ValueList<long>? Missing = null
);

/// <summary>
/// A member that differs, by JSON Pointer into the state; <c>before</c> or <c>after</c> is absent where it was or is not there.
/// </summary>
public sealed record MemberChange(string Member, string Words, JsonNode? Before, JsonNode? After);

/// <summary>An event between the two moments.</summary>
public sealed record ChangingEvent(long Seq, Guid Id, long Version, string Type, string At, string? Actor);

public static class GetStreamDifferenceEndpoint
{
    [WolverineGet("/v1/audit/streams/{streamId}/difference", OperationId = "get-stream-difference")]
    [Query(Scopes.AuditRead, typeof(StreamDifference), "moment:from", "moment:to", Refuses = ["409"])]
    public static async Task<IResult> Get(
        string streamId,
        HttpContext http,
        EventHistory history,
        StreamStates states,
        SettledPositions settled,
        TimeProvider clock
    )
    {
        var query = new QueryParameters(http.Request.Query);
        var (askedFrom, askedTo) = (
            AskedMoment.Read(query, "from", required: true, clock),
            AskedMoment.Read(query, "to", required: false, clock)
        );
        var (newest, refused) = await history.Begin(http, query);
        if (refused is not null)
            return refused;
        if (Uuid.Read(streamId) is not { } stream)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no stream {streamId}; ids are UUIDs."));
        var (from, badFrom) = await askedFrom.Resolve(settled, newest, clock, http.RequestAborted);
        var (to, badTo) = await askedTo.Resolve(settled, newest, clock, http.RequestAborted);
        if (from is null || to is null)
            return ProblemResult.Of((badFrom ?? badTo)!);
        var missing = await history.Missing(stream, to.Position, to.Version, http.RequestAborted);
        if ((EventHistory.Gone(stream, from, missing) ?? EventHistory.Gone(stream, to, missing)) is { } gone)
            return ProblemResult.Of(gone);
        var (before, noBefore) = await states.At(http, stream, from);
        var (after, noAfter) = await states.At(http, stream, to);
        if (before is null || after is null)
            return ProblemResult.Of((noBefore ?? noAfter)!);
        if (before.Version > after.Version)
            return ProblemResult.Of(
                KernelProblems.Invalid.At(
                    "/from",
                    $"Must not be later than 'to': it names version {before.Version}, and 'to' version {after.Version}."
                )
            );

        var changes = StateDifference.Between(before.State, after.State);
        var events = await history.Find(
            [("e.stream_id = ?", stream), ("e.version > ?", before.Version), ("e.version <= ?", after.Version)],
            int.MaxValue,
            http.RequestAborted
        );
        var difference = new StreamDifference(
            stream,
            after.StreamType,
            before.Version,
            after.Version,
            StateDifference.InWords(after.StreamType, from, to, changes),
            changes,
            [.. events.Select(e => new ChangingEvent(e.Seq, e.Id, e.Version, e.Type, e.AtText, e.Actor))],
            await history.Altered(stream, after.Position, http.RequestAborted),
            missing
        );
        return Results.Json(difference, Json.Options);
    }
}
