using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// Freezes the figures of a question as they are stated in public: of a framework (absent: of all together), up to a day
/// (absent: today, UTC), as known at a position or time (absent: the newest settled position). All of it is public record. Where so few
/// people are behind it that they could be recognised, it is published only with <paramref name="AcknowledgeSmallCells"/>.
/// </summary>
public sealed record PublishFigure(
    Guid? Id = null,
    Reference? Framework = null,
    PartialDate? AsOf = null,
    [property: Text(40)] PositionOrTime? KnownAt = null,
    [property: Text(40)] string? Level = null,
    [property: Bounds(1000, 9999)] int? Year = null,
    [property: Text(40)] string? Party = null,
    Reference? Organisation = null,
    [property: Text(20, Pattern = "^(atMeeting|lineage)$", Words = "atMeeting or lineage")] string? OrgView = null,
    ExternalReference? ExternalReference = null,
    PartialDate? From = null,
    bool AcknowledgeSmallCells = false
) : ICommand
{
    /// <summary>A repeat asks the same; what it would be answered by now does not matter, since the first answer was published.</summary>
    /// <param name="today">In UTC.</param>
    /// <param name="smallCells">Figures of so few people that it would state, or tell by its difference from earlier ones.</param>
    public static Decision Decide(
        ValueList<object>? created,
        FigurePublished published,
        DateOnly today,
        IReadOnlyList<SmallCell> smallCells,
        bool acknowledged
    )
    {
        var decision = Decision.Create(
            created,
            fault: created is not null ? null
                : published.AsOf > today
                    ? KernelProblems.Invalid.At("/asOf", $"Nothing can be stated of a day to come; today is {today:O}, UTC.")
                : published.Question is { Party: not null, Organisation: not null }
                    ? KernelProblems.Invalid.At("/party", "The sentence says either the party or the organisation. Name one of them.")
                : smallCells.Count > 0 && !acknowledged ? Refused(smallCells)
                : null,
            created is [FigurePublished first]
                ? first with
                {
                    Question = published.Question,
                    ExternalReference = published.ExternalReference,
                }
                : published
        );
        return decision is Decision.Refused { Problem: var problem }
            ? problem with
            {
                Errors = [.. problem.Errors.Select(InBody)],
            }
            : decision;

        // The body has the members of the question as its own.
        static FieldError InBody(FieldError error) =>
            error with
            {
                Pointer = error.Pointer.StartsWith("/question/", StringComparison.Ordinal)
                    ? error.Pointer["/question".Length..]
                    : error.Pointer,
            };
    }

    /// <summary>A question that has no answer now is refused, unless it repeats one that was published.</summary>
    public static Decision Unanswered(
        ValueList<object>? created,
        PublishedQuestion asked,
        ExternalReference? externalReference,
        Problem why
    ) =>
        created is [FigurePublished first]
            ? Decide(
                created,
                first with
                {
                    Question = asked,
                    ExternalReference = externalReference,
                },
                today: default,
                [],
                acknowledged: true
            )
            : why;

    private static Problem Refused(IReadOnlyList<SmallCell> cells) =>
        PublicationProblems.SmallCells.With(cells.Select(cell => new FieldError("/acknowledgeSmallCells", cell.InWords)));
}

public static class PublishFigureEndpoint
{
    [WolverinePost("/v1/statistics/publications", OperationId = "publish-figure")]
    [Command(Scopes.FiguresPublish, CreatesAt = "/v1/statistics/publications/", HttpOnly = true, NeedsBody = true)]
    public static CommandRule Post(PublishFigure command, FrozenFigures figures, Reader reader, CancellationToken cancellation) =>
        new(async work =>
        {
            // Of two that are published at once, the second is held against the first.
            await work.LockRule("publish-figure");
            var (ids, unknown) = await work.Resolve(
                new References()
                    .Add(StreamKind.Framework, command.Framework, "/framework")
                    .Add(StreamKind.Organisation, command.Organisation, "/organisation")
            );
            if (unknown is not null)
                return unknown;
            var asked = new PublishedQuestion(
                ids.OfOptional(StreamKind.Framework, command.Framework),
                command.AsOf,
                command.KnownAt?.Text,
                command.Level,
                command.Year,
                command.Party,
                ids.OfOptional(StreamKind.Organisation, command.Organisation),
                command.OrgView,
                command.From
            );
            var (stated, refused) = await State(asked, work.Today(timeZone: null), figures, cancellation);
            if (refused is not null)
                return await work.Create<Publication>(command.Id, command.ExternalReference, (_, created) =>
                    PublishFigure.Unanswered(created?.Events, asked, command.ExternalReference, refused)
                );
            var earlier = new List<PublicationView>();
            await foreach (var some in reader.All<PublicationView>([], Reader.LargestPage, cancellation))
                earlier.AddRange(some);
            var organisations = earlier.Select(e => e.Question.Organisation).Append(asked.Organisation).OfType<Guid>();
            var question = Frozen.Question(asked, stated!.AsOf, stated.Definition, stated.Position);
            var kin = await figures.KinOf(organisations, question, cancellation);
            var daysOf = await figures.DaysOfMeetings(question, cancellation);
            return await work.Create<Publication>(command.Id, command.ExternalReference, (id, created) =>
                PublishFigure.Decide(
                    created?.Events,
                    stated with
                    {
                        PublicationId = id,
                        ExternalReference = command.ExternalReference,
                    },
                    work.Today(timeZone: null),
                    SmallCells.Of(stated, earlier, kin, daysOf),
                    command.AcknowledgeSmallCells
                )
            );
        });

    private static async Task<(FigurePublished? Stated, Problem? Problem)> State(
        PublishedQuestion asked,
        DateOnly today,
        FrozenFigures figures,
        CancellationToken cancellation
    )
    {
        var (question, refused) = await figures.Ask(
            Frozen.Question(asked, asked.AsOf?.LastDay ?? today, Question.NewestDefinition),
            asked.KnownAt,
            cancellation
        );
        if (refused is not null)
            return (null, refused);
        var frozen = await figures.At(question!, cancellation);
        return (
            new FigurePublished(
                Guid.Empty,
                asked,
                question!.AsOf,
                question.Position,
                frozen.Definition,
                Frozen.Figure(frozen),
                frozen.Sentence,
                Frozen.Evidence(frozen)
            ),
            null
        );
    }
}
