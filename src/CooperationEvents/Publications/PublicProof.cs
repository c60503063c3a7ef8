using CooperationEvents.Audit;
using CooperationEvents.Audit.History;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.AuditLog;
using CooperationEvents.Http;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// What proves to everybody, without a key, that a statement stands in the audit log as it was published: its entry, and that the log has
/// it. The entry names no person and no meeting; who published is an id. <c>cooperation-verify proof</c> takes both.
/// </summary>
public static class PublicProofEndpoint
{
    [
        WolverineGet("/public/figures/{publicationId}.tlog-proof", OperationId = "read-public-figure-proof"),
        AllowAnonymous,
        Answers(
            "text/plain",
            "That the entry of a published figure is in the log: a C2SP tlog-proof@v1 against the newest checkpoint.",
            HasPosition = true,
            Refuses = ["409"]
        )
    ]
    public static Task<IResult> Proof(string publicationId, HttpContext http, Reader reader, EventHistory history) =>
        Answer(publicationId, http, reader, history, async (log, _, index, newest) =>
            Results.Text($"{await log.Prove(index, newest, http.RequestAborted)}", "text/plain")
        );

    [
        WolverineGet("/public/figures/{publicationId}.entry", OperationId = "read-public-figure-entry"),
        AllowAnonymous,
        Answers(
            "application/json",
            "The entry of a published figure, as its leaf in the log is made from it.",
            Answer = typeof(EventAnswer),
            HasPosition = true,
            Refuses = ["409"]
        )
    ]
    public static Task<IResult> Entry(string publicationId, HttpContext http, Reader reader, EventHistory history) =>
        Answer(publicationId, http, reader, history, (_, published, _, _) =>
            Task.FromResult(Results.Bytes(published.ToLeaf(), "application/json"))
        );

    private static async Task<IResult> Answer(
        string publicationId,
        HttpContext http,
        Reader reader,
        EventHistory history,
        Func<PublishedLog, StoredEvent, long, CheckpointLine, Task<IResult>> written
    )
    {
        var (view, _, refused) = await reader.Found<PublicationView>(http, publicationId, waits: true);
        if (view is null)
            return refused!;
        var cancellation = http.RequestAborted;
        var log = http.RequestServices.GetRequiredService<PublishedLog>();
        var (published, altered) = await Published(view, history, cancellation);
        if (published is null)
            return altered!;
        if (
            await log.IndexOf(published.Id, cancellation) is not { } index
            || await log.Newest(cancellation) is not { } newest
            || newest.Checkpoint.Size <= index
        )
            return ProblemResult.Of(
                AuditProblems.NotCovered.Because("No checkpoint covers this publication yet. Ask again.") with
                {
                    RetryAfter = 1,
                }
            );
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return await written(log, published, index, newest);
    }

    /// <summary>The event of a publication; or the refusal where it is not the one that the log has, or is gone.</summary>
    internal static async Task<(StoredEvent? Published, IResult? Refused)> Published(
        PublicationView view,
        EventHistory history,
        CancellationToken cancellation
    ) =>
        await history.Find([("e.stream_id = ?", view.Id), ("e.version = ?", 1L)], 1, cancellation) is [{ IsAltered: false } published]
            ? (published, null)
            : (null, Altered(view));

    /// <summary>The refusal where an event of the publication is not the one that the log has, or is gone; null where none is.</summary>
    internal static async Task<IResult?> RefusedAsAltered(PublicationView view, EventHistory history, CancellationToken cancellation)
    {
        var events = await history.Find([("e.stream_id = ?", view.Id), ("e.version <= ?", view.Version)], int.MaxValue, cancellation);
        return events.Count == view.Version && !events.Any(e => e.IsAltered) ? null : Altered(view);
    }

    private static IResult Altered(PublicationView view) =>
        ProblemResult.Of(
            AuditProblems.Altered.Because($"An event of publication {view.Id} is not the one that was recorded: it was altered or removed.")
        );
}
