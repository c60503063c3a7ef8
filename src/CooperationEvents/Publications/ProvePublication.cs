using CooperationEvents.Audit;
using CooperationEvents.Audit.History;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// What proves a published figure to whoever has no export: the entry of the publication and those of its evidence, each with the hashes
/// that lead to one checkpoint, cosigned where witnesses did. <c>cooperation-verify publication</c> checks it without the service.
/// </summary>
public static class ProvePublicationEndpoint
{
    [WolverineGet("/v1/statistics/publications/{publicationId}/proof", OperationId = "prove-publication"), RequiresScope(Scopes.AuditRead)]
    [Answers(
        "application/x-ndjson",
        "A line with a checkpoint, then one for the entry of the publication and for each of its evidence: "
            + "{\"index\",\"hashes\",\"entry\"}.",
        HasPosition = true,
        Refuses = ["409"]
    )]
    public static async Task<IResult> Get(
        string publicationId,
        HttpContext http,
        Reader reader,
        FiguresReader figures,
        EventHistory history
    )
    {
        var (view, _, refused) = await reader.Found<PublicationView>(http, publicationId, waits: true);
        if (view is null)
            return refused!;
        var cancellation = http.RequestAborted;
        var (published, altered) = await PublicProofEndpoint.Published(view, history, cancellation);
        if (published is null)
            return altered!;
        var evidence = await figures.Evidence(Frozen.Question(view.Question, view.AsOf, view.Definition, view.Position), cancellation);
        if (await history.AlteredOf(evidence, cancellation) is [var first, ..])
            return ProblemResult.Of(
                AuditProblems.Altered.Because(
                    $"The event {first} is evidence of publication {view.Id}, and is not the one that was recorded: it was altered or "
                        + $"removed."
                )
            );
        return
            await http.RequestServices.GetRequiredService<PublishedLog>().ProveAll([published.Id, .. evidence.Order()], cancellation)
                is { } lines
            ? Results.Text(string.Concat(lines.Select(l => l + "\n")), "application/x-ndjson")
            : ProblemResult.Of(
                AuditProblems.NotCovered.Because("No checkpoint covers this publication yet. Ask again.") with
                {
                    RetryAfter = 1,
                }
            );
    }
}
