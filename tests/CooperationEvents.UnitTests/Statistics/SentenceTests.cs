using CooperationEvents.Statistics;

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
        Sentence.Of(Some.Date("2012-07"), ["EU", "IOM"], new Figures(15, 400, 0, new StaffInvolved(312, 312, 312))).ShouldBe(
            "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and IOM staff.");
}
