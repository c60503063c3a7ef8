using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>A published figure as it is read, exactly as it was frozen.</summary>
public sealed record PublicationView(
    Guid Id,
    long Version,
    string SortKey,
    DateTimeOffset PublishedAt,
    PublishedQuestion Question,
    DateOnly AsOf,
    long Position,
    string Definition,
    PublishedFigure Figure,
    string Sentence,
    PublishedEvidence Evidence,
    ExternalReference? ExternalReference = null,
    Withdrawal? Withdrawn = null
) : IView
{
    public static StreamKind Stream => StreamKind.Publication;

    public static string Table => $"{ReadModel.Schema}.mt_doc_publicationview";
}

/// <summary>That and why a figure is no longer stated.</summary>
public sealed record Withdrawal(DateTimeOffset At, string Reason);

/// <summary>A published figure as it is answered in lists.</summary>
public sealed record PublicationSummary(
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
    Withdrawal? Withdrawn
);

/// <summary>Answers of a publication, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class PublicationMapper
{
    public static partial PublicationSummary ToSummary(PublicationView view);

    public static partial PublicationAnswer ToAnswer(
        PublicationView view,
        bool reproduced,
        FigureToday? today,
        FigureByDefinition? byNewestDefinition,
        ValueList<ChangeSince>? changes
    );
}

public sealed partial class PublicationViewProjection() : ViewProjection<PublicationView>(StreamKind.Publication)
{
    public override PublicationView? Evolve(PublicationView? snapshot, Guid id, IEvent e)
    {
        var view = e.Data switch
        {
            FigurePublished p => new PublicationView(
                id,
                0,
                ReadModel.SortKey(e.Sequence),
                e.Timestamp,
                p.Question,
                p.AsOf,
                p.Position,
                p.Definition,
                p.Figure,
                p.Sentence,
                p.Evidence,
                p.ExternalReference
            ),
            FigureWithdrawn w => snapshot! with { Withdrawn = new Withdrawal(e.Timestamp, w.Reason) },
            _ => snapshot,
        };
        return view is null ? null : view with { Version = e.Version };
    }
}

public static class ListPublicationsEndpoint
{
    [
        WolverineGet("/v1/statistics/publications", OperationId = "list-publications"),
        Query(Scopes.StatisticsRead, typeof(Page<PublicationSummary>), "limit", "cursor")
    ]
    public static Task<IResult> Get(HttpContext http, Reader reader) =>
        reader.List<PublicationView, PublicationSummary>(http, new QueryParameters(http.Request.Query), [], PublicationMapper.ToSummary);
}
