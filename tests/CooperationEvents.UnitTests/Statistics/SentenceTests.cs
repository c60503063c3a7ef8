using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class SentenceTests
{
    [Theory]
    [InlineData(301, null, "over 300")]
    [InlineData(399, 399, "over 300")]
    [InlineData(101, 101, "over 100")]
    [InlineData(300, 300, "300")]
    [InlineData(300, 310, "between 300 and 310")]
    [InlineData(300, null, "at least 300")]
    [InlineData(100, 100, "100")]
    [InlineData(99, 99, "99")]
    [InlineData(99, null, "at least 99")]
    [InlineData(12, 20, "between 12 and 20")]
    [InlineData(0, 0, "0")]
    [InlineData(199, null, "over 100")]
    [InlineData(342, 402, "over 300")]
    [InlineData(2001, 2001, "over 2000")]
    [InlineData(12, null, "at least 12")]
    [InlineData(99, 250, "between 99 and 250")]
    [InlineData(200, 201, "between 200 and 201")]
    public void Staff_is_stated_by_the_first_form_that_holds(int atLeast, int? atMost, string stated) =>
        Sentence.Staff(new StaffInvolved(atLeast, atLeast, atMost)).ShouldBe(stated);

    [Theory]
    [InlineData(10, 8, 4, false, 10, 14)]
    [InlineData(10, 12, 4, false, 12, 14)]
    [InlineData(10, 12, 4, true, 12, null)]
    [InlineData(0, 0, 0, false, 0, 0)]
    public void Staff_involved_is_an_interval(int known, int largest, int unnamed, bool uncertain, int atLeast, int? atMost) =>
        StaffInvolved.Of(known, largest, unnamed, uncertain).ShouldBe(new StaffInvolved(known, atLeast, atMost));

    [Fact]
    public void The_figure_is_the_one_in_the_design() =>
        Sentence
            .Of(Some.Date("2012-07"), ["EU", "IOM"], new Figures(15, 0, 400, 0, new StaffInvolved(312, 312, 312)))
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and "
                    + "IOM staff."
            );

    [Theory]
    [InlineData("2012-07", "in July 2012")]
    [InlineData("2012", "in 2012")]
    [InlineData("2012-07-09", "on 9 July 2012")]
    public void The_start_is_stated_as_finely_as_it_is_known(string since, string stated) =>
        Sentence
            .Of(PartialDate.Parse(since), ["EU", "IOM"], Fifteen)
            .ShouldBe(
                $"Since the start of the cooperation {stated}, 15 meetings have taken place at all levels, involving over 300 EU and IOM "
                    + $"staff."
            );

    [Fact]
    public void All_parties_are_named() =>
        Sentence.Of(PartialDate.Parse("2012-07"), ["EU", "IOM", "AU"], Fifteen).ShouldEndWith("involving over 300 EU, IOM and AU staff.");

    [Fact]
    public void One_meeting_is_no_plural() =>
        Sentence
            .Of(PartialDate.Parse("2012-07"), ["EU"], new Figures(1, 0, 2, 0, new StaffInvolved(2, 2, 2)))
            .ShouldBe("Since the start of the cooperation in July 2012, 1 meeting has taken place at all levels, involving 2 EU staff.");

    [Fact]
    public void Where_nothing_took_place_nobody_was_involved() =>
        Sentence
            .Of(PartialDate.Parse("2012-07"), ["EU", "IOM"], Figures.None)
            .ShouldBe("Since the start of the cooperation in July 2012, no meetings have taken place.");

    [Fact]
    public void Of_nobody_who_is_known_there_is_no_clause_and_what_is_not_recorded_is_said() =>
        Sentence
            .Of(PartialDate.Parse("2012-07"), ["EU", "IOM"], new Figures(10, 10, 0, 0, new StaffInvolved(0, 0, null)))
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 10 meetings have taken place at all levels. Of 10 meetings, no "
                    + "attendance is recorded."
            );

    [Fact]
    public void Where_some_are_without_attendance_the_number_is_not_said_as_if_it_were_exact() =>
        Sentence
            .Of(PartialDate.Parse("2012-07"), ["EU", "IOM"], new Figures(3, 1, 8, 0, new StaffInvolved(7, 7, null)))
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 3 meetings have taken place at all levels, involving at least 7 EU and "
                    + "IOM staff. "
                    + "Of 1 meeting, no attendance is recorded."
            );

    [Theory]
    [InlineData(1, 1, "1 member of EU and IWA staff")]
    [InlineData(1, null, "at least 1 member of EU and IWA staff")]
    [InlineData(1, 3, "between 1 and 3 EU and IWA staff")]
    [InlineData(2, 2, "2 EU and IWA staff")]
    public void One_is_a_member_of_staff(int atLeast, int? atMost, string stated) =>
        Sentence
            .Of(PartialDate.Parse("2012-07"), ["EU", "IWA"], new Figures(2, 0, 2, 0, new StaffInvolved(1, atLeast, atMost)))
            .ShouldEndWith($"involving {stated}.");

    [Fact]
    public void Days_between_are_said_as_days_and_levels_by_their_names() =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                ["DG HOME"],
                new Figures(4, 0, 9, 0, new StaffInvolved(5, 5, 5)),
                level: "Meeting of technical experts",
                days: (Some.Day("2014-01-01"), Some.Day("2018-12-31"))
            )
            .ShouldBe(
                "From 1 January 2014 to 31 December 2018, 4 meetings took place at the level Meeting of technical experts, involving 5 DG "
                    + "HOME staff."
            );

    [Fact]
    public void A_year_that_is_not_over_is_said_by_its_days() =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                ["EU"],
                new Figures(4, 0, 9, 0, new StaffInvolved(5, 5, 5)),
                year: 2026,
                days: (Some.Day("2026-01-01"), Some.Day("2026-11-28"))
            )
            .ShouldBe("From 1 January 2026 to 28 November 2026, 4 meetings took place at all levels, involving 5 EU staff.");

    [Theory]
    [InlineData(0, "involving 0 EU and IOM staff.")]
    [InlineData(1, "involving 1 EU and IOM staff.")]
    public void The_first_definition_said_nobody_and_one_as_any_other_number(int known, string stated) =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                ["EU", "IOM"],
                new Figures(10, null, known, 0, new StaffInvolved(known, known, known)),
                byFirstDefinition: true
            )
            .ShouldEndWith(stated);

    [Theory]
    [InlineData(0, "no meetings with counted IOM staff have taken place.")]
    [InlineData(2, "2 meetings have taken place at all levels, involving 3 IOM staff.")]
    public void Where_nobody_of_a_party_counts_the_meetings_of_others_are_not_denied(int meetings, string stated) =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                ["IOM"],
                meetings == 0 ? Figures.None : new Figures(meetings, 0, 3, 0, new StaffInvolved(3, 3, 3)),
                part: MeetingsOf.Some
            )
            .ShouldBe($"Since the start of the cooperation in July 2012, {stated}");

    [Theory]
    [InlineData(1, "1 meeting with counted IOM staff has taken place at all levels.")]
    [InlineData(2, "2 meetings with counted IOM staff have taken place at all levels.")]
    public void Where_all_staff_of_a_party_is_estimated_the_sentence_says_whose_meetings_they_are(int meetings, string stated) =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                ["IOM"],
                new Figures(meetings, 0, 0, 12, new StaffInvolved(0, 0, null)),
                part: MeetingsOf.Some
            )
            .ShouldBe($"Since the start of the cooperation in July 2012, {stated}");

    [Theory]
    [InlineData(0, "In 2018, no meetings at which nobody is counted took place.")]
    [InlineData(1, "In 2018, 1 meeting at which nobody is counted took place at all levels. Of 1 meeting, no attendance is recorded.")]
    [InlineData(2, "In 2018, 2 meetings at which nobody is counted took place at all levels. Of 2 meetings, no attendance is recorded.")]
    public void Meetings_at_which_nobody_counts_are_said_to_be_those(int meetings, string stated) =>
        Sentence
            .Of(
                PartialDate.Parse("2012-07"),
                [],
                new Figures(meetings, meetings, 0, 0, new StaffInvolved(0, 0, null)),
                year: 2018,
                part: MeetingsOf.Nobody
            )
            .ShouldBe(stated);

    private static Figures Fifteen => new(15, 0, 700, 10, new StaffInvolved(342, 342, 352));
}
