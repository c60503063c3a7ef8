using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Statistics;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// Freezes the figures of a question as they are stated in public: of a framework (absent: of all together), up to a day
/// (absent: today, UTC), as known at a position or time (absent: the newest settled position). All of it is public record.
/// </summary>
public sealed record PublishFigure(
    Guid? Id = null,
    Reference? Framework = null,
    PartialDate? AsOf = null,
    [property: Text(40)] string? KnownAt = null,
    [property: Text(40)] string? Level = null,
    [property: Bounds(1000, 9999)] int? Year = null,
    [property: Text(40)] string? Party = null,
    Reference? Organisation = null,
    [property: Text(20, Pattern = "^(atMeeting|lineage)$", Words = "atMeeting or lineage")] string? OrgView = null,
    ExternalReference? ExternalReference = null) : ICommand
{
    /// <summary>A repeat asks the same; what it would be answered by now does not matter, since the first answer was published.</summary>
    public static Decision Decide(ValueList<object>? created, FigurePublished published) => Decision.Create(
        created,
        fault: null,
        created is [FigurePublished first] && Asks(first, published) ? first : published);

    private static bool Asks(FigurePublished first, FigurePublished again) =>
        (first.Question, first.ExternalReference) == (again.Question, again.ExternalReference);
}

public static class PublishFigureEndpoint
{
    [WolverinePost("/v1/statistics/publications", OperationId = "publish-figure"), Command<PublishFigure>(Scopes.FiguresPublish, CreatesAt = "/v1/statistics/publications/", AtItsPathOnly = true)]
    public static Task<IResult> Post(HttpContext http, CommandEndpoint endpoint, FrozenFigures figures) =>
        endpoint.Answer<PublishFigure>(http, (command, work) => Handle(command, work, figures, http.RequestAborted));

    public static async Task<Change> Handle(PublishFigure command, Work work, FrozenFigures figures, CancellationToken cancellation)
    {
        var (ids, unknown) = await work.Resolve(new References()
            .Add("framework", command.Framework, "/framework")
            .Add("organisation", command.Organisation, "/organisation"));
        if (unknown is not null)
            return unknown;
        var asked = new PublishedQuestion(
            ids.OfOptional("framework", command.Framework),
            command.AsOf,
            command.KnownAt,
            command.Level,
            command.Year,
            command.Party,
            ids.OfOptional("organisation", command.Organisation),
            command.OrgView);
        var (stated, refused) = await State(asked, work.Today(timeZone: null), figures, cancellation);
        return refused is not null
            ? refused
            : await work.Create<Publication>(command.Id, command.ExternalReference, (id, created) => PublishFigure.Decide(
                created, stated! with { PublicationId = id, ExternalReference = command.ExternalReference }));
    }

    private static async Task<(FigurePublished? Stated, Problem? Refused)> State(
        PublishedQuestion asked, DateOnly today, FrozenFigures figures, CancellationToken cancellation)
    {
        var (question, refused) = await figures.Ask(Frozen.Question(asked, asked.AsOf?.LastDay ?? today), asked.KnownAt, cancellation);
        if (refused is not null)
            return (null, refused);
        var frozen = await figures.At(question!, cancellation);
        return (new FigurePublished(
            Guid.Empty,
            asked,
            question!.AsOf,
            question.Position,
            frozen.Definition,
            Frozen.Figure(frozen),
            frozen.Sentence,
            Frozen.Evidence(frozen)), null);
    }
}
