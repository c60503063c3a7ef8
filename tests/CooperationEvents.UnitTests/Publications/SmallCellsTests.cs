using CooperationEvents.Kernel;
using CooperationEvents.Publications;

namespace CooperationEvents.UnitTests.Publications;

public sealed class SmallCellsTests
{
    private static readonly PublishedQuestion All = new(Some.Framework);

    [Theory]
    [InlineData(0, 0, 0, null)]
    [InlineData(1, 1, 0, "staffKnown")]
    [InlineData(4, 4, 0, "staffKnown")]
    [InlineData(5, 5, 0, null)]
    [InlineData(0, 0, 3, "staffKnown with unnamed")]
    [InlineData(0, 3, 8, "staffAtLeast")]
    public void One_to_four_people_are_few(int known, int atLeast, int unnamed, string? named) =>
        SmallCells.Of(Stated(All, known, atLeast, unnamed), []).Select(c => c.Member).ShouldBe(named is null ? [] : [named]);

    [Fact]
    public void What_is_more_by_one_than_an_earlier_figure_singles_somebody_out()
    {
        var cell = SmallCells.Of(Stated(All, 21), [Earlier(All, 20)]).ShouldHaveSingleItem();
        (cell.People, cell.Than).ShouldBe((1, Some.Publication));
        SmallCells.Of(Stated(All, 26), [Earlier(All, 20)]).ShouldBeEmpty();
        SmallCells.Of(Stated(All, 20), [Earlier(All, 20)]).ShouldBeEmpty();
    }

    [Fact]
    public void A_part_is_told_from_the_whole_and_the_whole_from_a_part()
    {
        var experts = All with { Level = "experts" };
        SmallCells.Of(Stated(experts, 18), [Earlier(All, 20)]).ShouldHaveSingleItem();
        SmallCells.Of(Stated(All, 20), [Earlier(experts, 18)]).ShouldHaveSingleItem();
        SmallCells.Of(Stated(All with { From = PartialDate.Parse("2014") }, 18), [Earlier(All, 20)]).ShouldHaveSingleItem();
        SmallCells.Of(Stated(new PublishedQuestion(), 20), [Earlier(experts, 18)]).ShouldHaveSingleItem();
    }

    [Fact]
    public void Figures_that_do_not_hold_each_other_tell_nothing_together()
    {
        SmallCells.Of(Stated(All with { Level = "experts" }, 18), [Earlier(All with { Level = "officials" }, 20)]).ShouldBeEmpty();
        SmallCells.Of(Stated(All, 18), [Earlier(new PublishedQuestion(Some.OtherFramework), 20)]).ShouldBeEmpty();
        SmallCells.Of(Stated(All with { Level = "experts" }, 18), [Earlier(All with { Year = 2018 }, 20)]).ShouldBeEmpty();
    }

    private static FigurePublished Stated(PublishedQuestion question, int known, int? atLeast = null, int unnamed = 0) =>
        new(
            Some.OtherMeeting,
            question,
            Some.Day("2018-04-04"),
            100,
            "2",
            new PublishedFigure(15, 40, unnamed, known, atLeast ?? known),
            "",
            new PublishedEvidence(1, "")
        );

    private static PublicationView Earlier(PublishedQuestion question, int known) =>
        new(
            Some.Publication,
            1,
            "",
            default,
            question,
            Some.Day("2018-04-04"),
            90,
            "2",
            new PublishedFigure(15, 40, 0, known, known),
            "",
            new PublishedEvidence(1, "")
        );
}
