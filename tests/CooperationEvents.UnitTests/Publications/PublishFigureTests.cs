using CooperationEvents.Kernel;
using CooperationEvents.Publications;
using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.UnitTests.Publications;

public sealed class PublishFigureTests
{
    private static readonly FigurePublished Published = new(
        Some.Publication,
        new PublishedQuestion(Some.Framework),
        Some.Day("2018-04-04"),
        100,
        "1",
        new PublishedFigure(15, 401, 0, 328, 328, 328),
        "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and IOM staff.",
        new PublishedEvidence(416, new string('c', 64))
    );

    private static readonly DateOnly Today = Some.Day("2026-11-28");

    [Fact]
    public void A_figure_is_published() => PublishFigure.Decide(null, Published, Today, [], acknowledged: false).ShouldRecord(Published);

    [Fact]
    public void The_same_question_again_publishes_nothing_whatever_it_would_be_answered_by_now() =>
        PublishFigure
            .Decide(
                [Published],
                Published with
                {
                    AsOf = Some.Day("2020-01-01"),
                    Position = 200,
                    Figure = new PublishedFigure(16, 402, 0, 329, 329, 329),
                    Sentence = "Another",
                    Evidence = new PublishedEvidence(420, new string('d', 64)),
                },
                Today,
                [new SmallCell("staffKnown", 1, Some.Publication)],
                acknowledged: false
            )
            .ShouldRecordNothing();

    [Fact]
    public void The_same_question_again_publishes_nothing_though_it_has_no_answer_any_more()
    {
        var why = KernelProblems.Invalid.At("/organisation", "It is counted as another.");

        Decide([Published], Published.Question).ShouldRecordNothing();
        Decide([Published], new PublishedQuestion(Some.OtherFramework)).ShouldBeRefused(KernelProblems.IdInUse, "/framework");
        Decide(null, Published.Question).ShouldBeRefused(KernelProblems.Invalid, "/organisation");

        Decision Decide(ValueList<object>? created, PublishedQuestion asked) =>
            PublishFigure.Unanswered(created, asked, Published.ExternalReference, why);
    }

    [Fact]
    public void The_same_id_with_another_question_is_refused() =>
        PublishFigure
            .Decide([Published], Published with { Question = new PublishedQuestion(Some.OtherFramework) }, Today, [], acknowledged: false)
            .ShouldBeRefused(KernelProblems.IdInUse, "/framework");

    [Fact]
    public void A_default_that_is_spelled_out_is_another_question() =>
        PublishFigure
            .Decide(
                [Published],
                Published with
                {
                    Question = new PublishedQuestion(Some.Framework, Some.Date("2018-04-04")),
                },
                Today,
                [],
                acknowledged: false
            )
            .ShouldBeRefused(KernelProblems.IdInUse, "/asOf");

    [Fact]
    public void Nothing_is_stated_of_a_day_to_come_and_what_was_stated_stays()
    {
        var early = Published with { AsOf = Today.AddDays(1) };
        PublishFigure.Decide(null, early, Today, [], acknowledged: true).ShouldBeRefused(KernelProblems.Invalid, "/asOf");
        var present = Published with { AsOf = Today };
        PublishFigure.Decide(null, present, Today, [], acknowledged: true).ShouldRecord(present);
        PublishFigure.Decide([early], early, Today, [], acknowledged: true).ShouldRecordNothing();
    }

    [Fact]
    public void A_party_and_an_organisation_are_not_stated_together() =>
        PublishFigure
            .Decide(
                null,
                Published with
                {
                    Question = new PublishedQuestion(Some.Framework) { Party = "EU", Organisation = Some.Iom },
                },
                Today,
                [],
                acknowledged: true
            )
            .ShouldBeRefused(KernelProblems.Invalid, "/party");

    [Fact]
    public void A_figure_of_so_few_that_they_could_be_recognised_is_refused_until_that_is_acknowledged()
    {
        var cells = SmallCells.Of(
            Published with
            {
                Figure = new PublishedFigure(1, 2, 0, 2, 2, 2),
            },
            [],
            new Dictionary<Guid, OrganisationKin>(),
            _ => (DateOnly.MinValue, DateOnly.MaxValue)
        );
        cells.ShouldHaveSingleItem().InWords.ShouldStartWith("staffKnown would be 2, which tells of 2 people.");
        PublishFigure
            .Decide(null, Published, Today, cells, acknowledged: false)
            .ShouldBeRefused(PublicationProblems.SmallCells, "/acknowledgeSmallCells");
        PublishFigure.Decide(null, Published, Today, cells, acknowledged: true).ShouldRecord(Published);
    }
}
