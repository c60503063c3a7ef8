using CooperationEvents.Kernel;
using CooperationEvents.Publications;
using CooperationEvents.Statistics.Presentation;

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
        CellsOf(Stated(All, known, atLeast, unnamed), []).Select(c => c.Member).ShouldBe(named is null ? [] : [named]);

    [Fact]
    public void What_is_more_by_one_than_an_earlier_figure_singles_somebody_out()
    {
        var cell = CellsOf(Stated(All, 21), [Earlier(All, 20)]).ShouldHaveSingleItem();
        (cell.People, cell.Than).ShouldBe((1, Some.Publication));
        cell.InWords.ShouldContain("tells of 1 person.");
        CellsOf(Stated(All, 26), [Earlier(All, 20)]).ShouldBeEmpty();
        CellsOf(Stated(All, 20), [Earlier(All, 20)]).ShouldBeEmpty();
    }

    [Fact]
    public void A_part_is_told_from_the_whole_and_the_whole_from_a_part()
    {
        var experts = All with { Level = "experts" };
        CellsOf(Stated(experts, 18), [Earlier(All, 20)]).ShouldHaveSingleItem();
        CellsOf(Stated(All, 20), [Earlier(experts, 18)]).ShouldHaveSingleItem();
        CellsOf(Stated(All with { From = PartialDate.Parse("2014") }, 18), [Earlier(All, 20)]).ShouldHaveSingleItem();
        CellsOf(Stated(new PublishedQuestion(), 20), [Earlier(experts, 18)]).ShouldHaveSingleItem();
    }

    [Fact]
    public void Figures_that_do_not_hold_each_other_tell_nothing_together()
    {
        CellsOf(Stated(All with { Level = "experts" }, 18), [Earlier(All with { Level = "officials" }, 20)]).ShouldBeEmpty();
        CellsOf(Stated(All, 18), [Earlier(new PublishedQuestion(Some.OtherFramework), 20)]).ShouldBeEmpty();
        CellsOf(Stated(All with { Level = "experts" }, 18), [Earlier(All with { Year = 2018 }, 20)]).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Who_is_left_of_a_whole_is_told_by_its_parts_together(
        PublishedQuestion whole,
        PublishedQuestion one,
        PublishedQuestion other
    )
    {
        var (first, second) = (Earlier(one, 10), Earlier(other, 9) with { Id = Some.OtherMeeting });
        var cell = CellsOf(Stated(whole, 21), [first, second]).ShouldHaveSingleItem();
        (cell.Member, cell.People, cell.Than).ShouldBe(("staffKnown", 2, null));
        cell.InWords.ShouldStartWith($"staffKnown would differ by 2 from the sum of the publications {first.Id}, {second.Id}");

        cell = CellsOf(Stated(other, 9), [first, Earlier(whole, 21) with { Id = Some.OtherMeeting }]).ShouldHaveSingleItem();
        (cell.People, cell.Than).ShouldBe((2, Some.OtherMeeting));
        cell.InWords.ShouldContain(
            $"the same of the publication {first.Id} would together differ by 2 from the publication {Some.OtherMeeting}"
        );

        CellsOf(Stated(whole, 24), [first, second]).ShouldBeEmpty("Five are left.");
        CellsOf(Stated(whole, 17), [first, second]).ShouldBeEmpty("Two are in both, and nobody is told to be left.");
        CellsOf(Stated(whole, 21), [first, Earlier(one, 9)]).ShouldBeEmpty("Both are of one part.");
    }

    public static TheoryData<PublishedQuestion, PublishedQuestion, PublishedQuestion> Cuts()
    {
        var asNow = All with { OrgView = "lineage" };
        return new()
        {
            { All, All with { Level = "experts" }, All with { Level = "officials" } },
            { All, All with { Party = "EU" }, All with { Party = "IOM" } },
            { All, All with { Year = 2016 }, All with { Year = 2017 } },
            { All, All with { Organisation = Some.DgHome }, All with { Organisation = Some.Iom } },
            { All, asNow with { Organisation = Some.DgHome }, asNow with { Organisation = Some.Iom } },
            { new(), All, new(Some.OtherFramework) },
            { All with { Year = 2017 }, All with { Year = 2017, Level = "experts" }, All with { Year = 2017, Level = "officials" } },
        };
    }

    [Fact]
    public void The_newest_of_each_part_is_taken_and_parts_of_other_days_or_of_another_kind_are_not()
    {
        var (experts, officials) = (All with { Level = "experts" }, All with { Level = "officials" });
        var newest = Earlier(experts, 10) with { PublishedAt = DateTimeOffset.UnixEpoch.AddDays(2), Id = Some.OtherMeeting };
        var before = Earlier(experts, 5) with { PublishedAt = DateTimeOffset.UnixEpoch };
        CellsOf(Stated(All, 21), [before, newest, Earlier(officials, 9)]).ShouldHaveSingleItem();
        CellsOf(Stated(All, 16), [before, newest, Earlier(officials, 9)]).ShouldBeEmpty();

        CellsOf(Stated(All, 21), [Earlier(experts, 10), Earlier(All with { Party = "EU" }, 9)]).ShouldBeEmpty();
        CellsOf(Stated(All, 21), [Earlier(experts, 10), Earlier(officials with { From = Some.Date("2014") }, 9)]).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_is_told_from_the_whole_only_where_the_whole_holds_it(PublishedQuestion whole, PublishedQuestion part, bool holds)
    {
        var told = holds ? 1 : 0;
        CellsOf(Stated(part, 18), [Earlier(whole, 20)]).Count.ShouldBe(told);
        CellsOf(Stated(whole, 20), [Earlier(part, 18)]).Count.ShouldBe(told);
    }

    public static TheoryData<PublishedQuestion, PublishedQuestion, bool> Parts()
    {
        var since2014 = All with { From = Some.Date("2014") };
        var home = All with { Organisation = Some.DgHome };
        var asNow = home with { OrgView = "lineage" };
        return new()
        {
            { All, All with { Party = "EU" }, true },
            { All with { Party = "EU" }, All with { Party = "IOM" }, false },
            { All with { Party = "EU" }, All with { Party = "EU", Level = "experts" }, true },
            { All with { Level = "experts" }, All with { Level = "experts", Year = 2018 }, true },
            { All, All with { Year = 2018 }, true },
            { All with { Year = 2018 }, All with { Year = 2018, Party = "EU" }, true },
            { All with { Year = 2018 }, All with { Year = 2017, Party = "EU" }, false },
            { All, home, true },
            { home, home with { Party = "EU" }, true },
            { home, All with { Organisation = Some.Eeas, Party = "EU" }, false },
            { asNow with { Party = "EU" }, home, true },
            { asNow with { Party = "IOM" }, home, false },
            { All, asNow, true },
            { since2014, All with { From = Some.Date("2015") }, true },
            { since2014, since2014 with { Party = "EU" }, true },
            { since2014, All with { From = Some.Date("2013"), Party = "EU" }, false },
            { since2014, All with { Party = "EU" }, false },
            { All with { Year = 2017 }, All with { From = Some.Date("2017-02"), Year = 2017 }, true },
            { since2014, All with { Year = 2017 }, true },
            { since2014, All with { Year = 2013 }, false },
            { All with { Year = 2018 }, All with { From = Some.Date("2018-02") }, true },
            { All with { From = Some.Date("2017-12") }, All with { Year = 2018 }, true },
            { All with { Party = "EU" }, home, true },
            { All with { Party = "EU" }, All with { Organisation = Some.Iom }, false },
            { asNow, home, true },
            { asNow, All with { Organisation = Some.Eeas }, true },
            { asNow, All with { Organisation = Some.Iom }, false },
            { home, All with { Organisation = Some.Eeas }, false },
        };
    }

    [Theory]
    [InlineData("2018-04-03", true)]
    [InlineData("2018-04-04", true)]
    [InlineData("2018-04-05", false)]
    public void A_part_that_goes_on_to_a_later_day_is_not_held(string asOf, bool holds) =>
        CellsOf(Stated(All with { Level = "experts" }, 18) with { AsOf = Some.Day(asOf) }, [Earlier(All, 20)])
            .Count.ShouldBe(holds ? 1 : 0);

    [Theory]
    [InlineData("2018-01-01", "2018-04-04", true)]
    [InlineData("2018-01-02", "2018-04-04", false)]
    [InlineData("2017-01-01", "2018-04-01", true)]
    [InlineData("2017-01-01", "2018-03-31", false)]
    public void Days_on_which_no_meeting_lies_make_no_difference(string from, string asOf, bool holds) =>
        CellsOf(
            Stated(All with { From = PartialDate.Parse(from) }, 20) with
            {
                AsOf = Some.Day(asOf),
            },
            [Earlier(All with { Level = "experts" }, 18)],
            (Some.Day("2018-01-01"), Some.Day("2018-04-01"))
        )
            .Count.ShouldBe(holds ? 1 : 0);

    /// <summary>DG HOME is a member for the EU, and EEAS was succeeded by it.</summary>
    private static IReadOnlyList<SmallCell> CellsOf(
        FigurePublished stated,
        IReadOnlyList<PublicationView> earlier,
        (DateOnly, DateOnly)? meetings = null
    ) =>
        SmallCells.Of(
            stated,
            earlier,
            new Dictionary<Guid, OrganisationKin>
            {
                [Some.DgHome] = new(new HashSet<string> { "EU" }, Some.DgHome),
                [Some.Eeas] = new(new HashSet<string> { "EU" }, Some.DgHome),
                [Some.Iom] = new(new HashSet<string> { "IOM" }, Some.Iom),
            },
            _ => meetings ?? (DateOnly.MinValue, DateOnly.MaxValue)
        );

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
