using CooperationEvents.Publications;

namespace CooperationEvents.UnitTests.Publications;

public sealed class WithdrawFigureTests
{
    [Fact]
    public void A_published_figure_is_withdrawn_once() =>
        Given
            .Events<Publication>(
                new FigurePublished(
                    Some.Publication,
                    new PublishedQuestion(),
                    Some.Day("2018-04-04"),
                    100,
                    "1",
                    new PublishedFigure(0, 0, 0, 0, 0, 0),
                    "No meetings have taken place.",
                    new PublishedEvidence(0, new string('c', 64))
                )
            )
            .When(publication => WithdrawFigure.Decide(publication, new WithdrawFigure(Some.Publication, "Superseded")))
            .Then(new FigureWithdrawn(Some.Publication, "Superseded"))
            .AndNothingWhenRepeated();
}
