using CooperationEvents.Kernel;
using CooperationEvents.Publications;

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

    [Fact]
    public void A_figure_is_published() => PublishFigure.Decide(null, Published, null, [], acknowledged: false).ShouldRecord(Published);

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
                null,
                [new SmallCell("staffKnown", 1, Some.Publication)],
                acknowledged: false
            )
            .ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_another_question_is_refused() =>
        PublishFigure
            .Decide([Published], Published with { Question = new PublishedQuestion(Some.OtherFramework) }, null, [], acknowledged: false)
            .ShouldBeRefused(KernelProblems.IdInUse, "/question/framework");

    [Fact]
    public void A_default_that_is_spelled_out_is_another_question() =>
        PublishFigure
            .Decide(
                [Published],
                Published with
                {
                    Question = new PublishedQuestion(Some.Framework, Some.Date("2018-04-04")),
                },
                null,
                [],
                acknowledged: false
            )
            .ShouldBeRefused(KernelProblems.IdInUse, "/question/asOf");

    [Fact]
    public void A_figure_of_so_few_that_they_could_be_recognised_is_refused_until_that_is_acknowledged()
    {
        var cells = SmallCells.Of(Published with { Figure = new PublishedFigure(1, 2, 0, 2, 2, 2) }, []);
        cells.ShouldHaveSingleItem().InWords.ShouldStartWith("staffKnown would be 2, which tells of 2 people.");
        PublishFigure
            .Decide(null, Published, null, cells, acknowledged: false)
            .ShouldBeRefused(PublicationProblems.SmallCells, "/acknowledgeSmallCells");
        PublishFigure.Decide(null, Published, null, cells, acknowledged: true).ShouldRecord(Published);
    }

    [Fact]
    public void What_no_sentence_could_say_is_refused_and_where_it_was_published_before_a_repeat_is_not()
    {
        var unsayable = Published with { Question = new PublishedQuestion(Some.Framework, Party: "not-stated") };

        var why = KernelProblems.Invalid.At("/party", "No sentence says what has no party.");

        PublishFigure.Decide(null, unsayable, why, [], acknowledged: true).ShouldBeRefused(KernelProblems.Invalid, "/party");
        PublishFigure.Decide([unsayable], unsayable, why, [], acknowledged: true).ShouldRecordNothing();
    }
}
