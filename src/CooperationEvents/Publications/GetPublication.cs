using System.Globalization;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// A published figure, and what has become of it: <paramref name="Reproduced"/> says whether its question, asked again at its
/// position and by its definition, has the figure and the evidence that were published; <paramref name="Today"/> is the same question as
/// it is known now. <paramref name="ByNewestDefinition"/> is what the newest definition says at that position, where it was published by
/// another. These two and <paramref name="Changes"/> are not public. They are absent for a caller without <c>activity:read</c>.
/// </summary>
public sealed record PublicationAnswer(
    Guid Id,
    long Version,
    DateTimeOffset PublishedAt,
    PublishedQuestion Question,
    DateOnly AsOf,
    long Position,
    string Definition,
    PublishedFigure Figure,
    string Sentence,
    PublishedEvidence Evidence,
    ExternalReference? ExternalReference,
    Withdrawal? Withdrawn,
    bool Reproduced,
    FigureToday? Today,
    FigureByDefinition? ByNewestDefinition,
    ValueList<ChangeSince>? Changes
);

/// <summary>The figure as it is known now, and by how much it is more than what was published.</summary>
public sealed record FigureToday(
    long Position,
    string Definition,
    PublishedFigure Figure,
    string Sentence,
    PublishedEvidence Evidence,
    PublishedFigure Difference
);

/// <summary>The figure as another definition states it, and by how much it is more than what was published.</summary>
public sealed record FigureByDefinition(
    string Definition,
    PublishedFigure Figure,
    string Sentence,
    PublishedEvidence Evidence,
    PublishedFigure Difference
);

/// <summary>
/// An event that changed the figure or what it rests on since it was published: by how much, and what the figure was from it on.
/// </summary>
public sealed record ChangeSince(
    long Position,
    Guid EventId,
    string Type,
    DateTimeOffset RecordedAt,
    PublishedFigure Figure,
    PublishedFigure Difference,
    PublishedEvidence Evidence
);

public static class GetPublicationEndpoint
{
    internal const int MostChanges = 100;

    [WolverineGet("/v1/statistics/publications/{publicationId}", OperationId = "get-publication")]
    [Query(
        Scopes.StatisticsRead,
        typeof(PublicationAnswer),
        "changes:limit",
        "cursor",
        HasTag = true,
        Description = "today, byNewestDefinition and changes were not published. They need activity:read too, and are absent without it."
    )]
    public static async Task<IResult> Get(string publicationId, HttpContext http, Reader reader, FrozenFigures figures)
    {
        var query = new QueryParameters(http.Request.Query);
        var limit = query.Number("limit", 1, MostChanges) ?? MostChanges;
        var cursor = Cursor.ReadNumber(http, query);
        var (reached, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return refused;
        var cancellation = http.RequestAborted;
        if (Uuid.Read(publicationId) is not { } id || await reader.Find<PublicationView>(id, cancellation) is not { } view)
            return ProblemResult.Of(KernelProblems.NotFound.Because(Reader.Absent($"{StreamKind.Publication}", publicationId)));

        var asked = Frozen.Question(view.Question, view.AsOf, view.Definition, view.Position);
        var published = await figures.At(asked, cancellation);
        http.Response.Headers.ETag = $"\"{view.Version}\"";
        var reproduced = (Frozen.Figure(published), Frozen.Evidence(published)) == (view.Figure, view.Evidence);
        if (!http.User.Has(Scopes.ActivityRead))
            return Results.Json(PublicationMapper.ToAnswer(view, reproduced, null, null, null), Json.Options);

        var question = asked with { Position = reached, KnownAt = reached.ToString(CultureInfo.InvariantCulture) };
        var changes = await figures.Changes(question, Math.Max(cursor ?? 0, view.Position), limit + 1, cancellation);
        if (changes.Count > limit)
            Cursor.Link(http, $"{changes[limit - 1].Position}");
        return Results.Json(
            PublicationMapper.ToAnswer(
                view,
                reproduced,
                Today(view, reached, await figures.At(question, cancellation)),
                view.Definition == Question.NewestDefinition
                    ? null
                    : ByNewestDefinition(view, await figures.At(asked with { Definition = Question.NewestDefinition }, cancellation)),
                [.. changes.Take(limit).Select(Change)]
            ),
            Json.Options
        );
    }

    private static FigureToday Today(PublicationView view, long position, FrozenFigure today) =>
        new(
            position,
            today.Definition,
            Frozen.Figure(today),
            today.Sentence,
            Frozen.Evidence(today),
            Frozen.Difference(view.Figure, Frozen.Figure(today))
        );

    private static FigureByDefinition ByNewestDefinition(PublicationView view, FrozenFigure newest) =>
        new(
            newest.Definition,
            Frozen.Figure(newest),
            newest.Sentence,
            Frozen.Evidence(newest),
            Frozen.Difference(view.Figure, Frozen.Figure(newest))
        );

    private static ChangeSince Change(FigureChange change) =>
        new(
            change.Position,
            change.EventId,
            change.Type,
            change.RecordedAt,
            Frozen.Figure(change.After),
            Frozen.Difference(Frozen.Figure(change.Before), Frozen.Figure(change.After)),
            Frozen.Evidence(change.After)
        );
}
