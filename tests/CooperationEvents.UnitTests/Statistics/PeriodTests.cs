using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class PeriodTests
{
    [Theory]
    [InlineData(Per.Year, "2018-05-31", "2018", "2018-01-01", "2018-12-31")]
    [InlineData(Per.Quarter, "2018-03-31", "2018-Q1", "2018-01-01", "2018-03-31")]
    [InlineData(Per.Quarter, "2018-12-31", "2018-Q4", "2018-10-01", "2018-12-31")]
    [InlineData(Per.Month, "2020-02-29", "2020-02", "2020-02-01", "2020-02-29")]
    [InlineData(Per.Month, "9999-12-31", "9999-12", "9999-12-01", "9999-12-31")]
    [InlineData(Per.Quarter, "2012-07", "2012-Q3", "2012-07-01", "2012-09-30")]
    [InlineData(Per.Year, "2021", "2021", "2021-01-01", "2021-12-31")]
    public void A_date_is_in_the_period_of_its_last_day(Per per, string date, string name, string first, string last)
    {
        var period = Period.Of(per, PartialDate.Parse(date), PartialDate.Parse(date).LastDay);

        period.ToString().ShouldBe(name);
        (period.FirstDay, period.LastDay).ShouldBe((DateOnly.Parse(first), DateOnly.Parse(last)));
        Period.Parse(name, per).ShouldBe(period);
        Period.Parse(name, null).ShouldBe(period);
    }

    [Theory]
    [InlineData(Per.Quarter)]
    [InlineData(Per.Month)]
    public void A_year_is_in_no_finer_period(Per per)
    {
        Period.Of(per, PartialDate.Parse("2021"), Some.Day("2021-12-31")).ToString().ShouldBe("unplaced");
        Period.Parse("unplaced", per).ShouldBe(new Period(per, null));
    }

    [Theory]
    [InlineData("2018-Q0")]
    [InlineData("2018-Q5")]
    [InlineData("2018-13")]
    [InlineData("0999")]
    [InlineData("unplaced")]
    [InlineData("2018-4")]
    [InlineData("20I8")]
    public void What_is_no_period_is_not_read(string text) => Period.Parse(text, null).ShouldBeNull();

    [Fact]
    public void Every_meeting_is_of_a_year() => Period.Parse("unplaced", Per.Year).ShouldBeNull();
}
