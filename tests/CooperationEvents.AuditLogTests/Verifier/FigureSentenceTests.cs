namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>The sentence that the entries give for a figure, word by word.</summary>
public sealed class FigureSentenceTests
{
    private const string Since = "Since the start of the cooperation in July 2012, ";

    private static readonly Guid Framework = SampleLog.Id(1, 1);
    private static readonly Guid Iom = SampleLog.Id(2, 1);

    private readonly FigureHistory _history = new();

    public FigureSentenceTests()
    {
        _history.Register(Iom, "IOM");
        _history.Establish(Framework, "2012-07", ["EU", "IOM"], ("som", "Senior Officials Meeting"));
        _history.Join(Framework, Iom, "IOM", "2012-07");
    }

    [Theory]
    [InlineData(1, "exact", "1 member of EU and IOM staff")]
    [InlineData(1, "minimum", "at least 1 member of EU and IOM staff")]
    [InlineData(2, "exact", "2 EU and IOM staff")]
    [InlineData(99, "exact", "99 EU and IOM staff")]
    [InlineData(99, "minimum", "at least 99 EU and IOM staff")]
    [InlineData(100, "exact", "100 EU and IOM staff")]
    [InlineData(100, "minimum", "at least 100 EU and IOM staff")]
    [InlineData(101, "exact", "over 100 EU and IOM staff")]
    [InlineData(101, "minimum", "over 100 EU and IOM staff")]
    [InlineData(199, "exact", "over 100 EU and IOM staff")]
    [InlineData(200, "exact", "200 EU and IOM staff")]
    [InlineData(1_234, "minimum", "over 1200 EU and IOM staff")]
    public void Staff_is_stated_in_full_hundreds_only_where_there_are_more(int heads, string precision, string staff)
    {
        Meet("2018-04-04");
        _history.CountHeads(SampleLog.Id(3, 1), Iom, heads, precision);
        SentenceOf(new { }).ShouldBe($"{Since}1 meeting has taken place at all levels, involving {staff}.");
    }

    [Fact]
    public void Nobody_known_of_a_head_count_that_is_an_estimate_is_not_stated()
    {
        Meet("2018-04-04");
        _history.CountHeads(SampleLog.Id(3, 1), Iom, 20, "estimated");
        SentenceOf(new { }).ShouldBe($"{Since}1 meeting has taken place at all levels.");
        SentenceOf(new { }, definition: "1")
            .ShouldBe($"{Since}1 meeting has taken place at all levels, involving at least 0 EU and IOM staff.");
    }

    [Fact]
    public void By_the_first_definition_one_is_no_member()
    {
        Meet("2018-04-04");
        _history.CountHeads(SampleLog.Id(3, 1), Iom, 1, "exact");
        SentenceOf(new { }, definition: "1").ShouldBe($"{Since}1 meeting has taken place at all levels, involving 1 EU and IOM staff.");
    }

    [Theory]
    [InlineData(0, null, "no meetings have taken place.")]
    [InlineData(1, null, "1 meeting has taken place at all levels. Of 1 meeting, no attendance is recorded.")]
    [InlineData(2, null, "2 meetings have taken place at all levels. Of 2 meetings, no attendance is recorded.")]
    [InlineData(0, 2018, "no meetings took place.")]
    [InlineData(1, 2018, "1 meeting took place at all levels. Of 1 meeting, no attendance is recorded.")]
    [InlineData(2, 2018, "2 meetings took place at all levels. Of 2 meetings, no attendance is recorded.")]
    public void Meetings_are_one_or_several_and_are_over_or_go_on(int meetings, int? year, string sentence)
    {
        for (var i = 0; i < meetings; i++)
            Meet("2018-04-04");
        SentenceOf(new { year }).ShouldBe((year is null ? Since : $"In {year}, ") + sentence);
    }

    [Theory]
    [InlineData(2018, null, "2018-12-31", "In 2018, ")]
    [InlineData(2018, null, "2018-12-30", "From 1 January 2018 to 30 December 2018, ")]
    [InlineData(null, "2017-03", "2019-05-05", "From 1 March 2017 to 5 May 2019, ")]
    [InlineData(2018, "2017-03", "2019-05-05", "From 1 January 2018 to 31 December 2018, ")]
    [InlineData(2018, "2018-03", "2019-05-05", "From 1 March 2018 to 31 December 2018, ")]
    [InlineData(2018, "2017-03", "2018-05-05", "From 1 January 2018 to 5 May 2018, ")]
    [InlineData(2018, "2018-03-04", "2018-05-05", "From 4 March 2018 to 5 May 2018, ")]
    public void A_year_that_is_not_over_or_begins_later_is_stated_by_its_days(int? year, string? from, string asOf, string start) =>
        SentenceOf(new { year, from }, asOf).ShouldBe($"{start}no meetings took place.");

    [Fact]
    public void By_the_first_definition_a_year_is_stated_as_one_also_before_it_is_over() =>
        SentenceOf(new { year = 2018 }, "2018-05-05", "1").ShouldBe("In 2018, no meetings took place.");

    [Theory]
    [InlineData("2011", "in 2011")]
    [InlineData("2011-03", "in March 2011")]
    [InlineData("2012-06-30", "on 30 June 2012")]
    [InlineData("2012-07-02", "in July 2012")]
    public void The_cooperation_began_with_the_oldest_framework(string establishedOn, string since)
    {
        _history.Establish(SampleLog.Id(1, 2), establishedOn, ["EU"]);
        SentenceOf(new { }).ShouldBe($"Since the start of the cooperation {since}, no meetings have taken place.");
    }

    /// <summary>Three from 2018 on was recorded after Two from 2020 on; and of two from 2022 on Five is the later one.</summary>
    [Theory]
    [InlineData("2017-12-31", "IOM")]
    [InlineData("2018-01-01", "Three")]
    [InlineData("2019-12-31", "Three")]
    [InlineData("2020-01-01", "Two")]
    [InlineData("2022-01-01", "Five")]
    public void An_organisation_is_called_by_its_name_of_the_day(string asOf, string name)
    {
        foreach (var (shortName, on) in new[] { ("Two", "2020"), ("Three", "2018"), ("Four", "2022-01"), ("Five", "2022") })
            _history.Add(
                "organisation_renamed",
                new
                {
                    organisationId = Iom,
                    name = shortName,
                    shortName,
                    on,
                }
            );
        SentenceOf(new { organisation = Iom }, asOf).ShouldBe($"{Since}no meetings with counted {name} staff have taken place.");
    }

    private void Meet(string day)
    {
        var meeting = SampleLog.Id(3, 1 + _history.Entries.Count(e => e.Type == "meeting_held"));
        _history.Schedule(meeting, day, day, "som", Framework);
        _history.Hold(meeting, day, day);
    }

    private string SentenceOf(object question, string asOf = "2023-12-31", string definition = "2") =>
        Recounted.Of(_history, question, asOf, definition).Sentence;
}
