using System.Xml.Linq;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_figure_is_a_number_an_interval_or_open()
    {
        (ChartFigure Figure, string Label, string Words)[] cases =
        [
            (ChartFigure.Of(7), "7", "7"),
            (ChartFigure.Of(new StaffInvolved(3, 5, 9)), "5–9", "5 to 9"),
            (ChartFigure.Of(new StaffInvolved(3, 5, null)), "5+", "5 or more"),
        ];

        foreach (var (figure, label, words) in cases)
            (figure.Label, figure.InWords).ShouldBe((label, words));
    }

    [Theory]
    [InlineData(9, 3, "First", 9, 3)]
    [InlineData(3, 9, "Second", 9, 3)]
    [InlineData(6, 6, "First, Second", 36, 1)]
    public void A_table_in_two_ways_is_told_apart_by_shades_only_where_there_are_enough(
        int firsts,
        int seconds,
        string title,
        int rows,
        int series
    )
    {
        var cells = (
            from first in Enumerable.Range(10, firsts)
            from second in Enumerable.Range(10, seconds)
            select ($"a{first}", $"b{second}", ChartFigure.Of(100 * first + second))
        ).ToList();

        var drawn = Chart.InTwoWays("First", "Second", cells);

        (drawn.Rows, drawn.Items.Count, drawn.Series.Count).ShouldBe((title, rows, series));
        drawn.Items.SelectMany(r => r.Figures).Select(f => f!.Value.AtLeast).Order().ShouldBe(cells.Select(c => c.Item3.AtLeast).Order());
    }

    [Fact]
    public void A_cell_in_which_nothing_happened_has_no_bar_and_is_0_in_words()
    {
        var (rows, series, items) = Chart.InTwoWays("Level", "Year", [("a", "2018", ChartFigure.Of(2)), ("b", "2019", ChartFigure.Of(3))]);

        items
            .Select(i => i.Figures)
            .ShouldBe([
                [ChartFigure.Of(2), null],
                [null, ChartFigure.Of(3)],
            ]);
        new Chart("Title", [], "Meetings", rows, series, items, [], Upright: false).InWords.ShouldBe(
            "a: 2018 2, 2019 0. b: 2018 0, 2019 3."
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_chart_is_the_same_bytes_and_its_words_are_text(bool upright)
    {
        var chart = Of(upright, "2018", "2019 & after", "a\u0001b");

        var svg = ChartDrawing.Write(chart);

        ChartDrawing.Write(chart).ShouldBe(svg);
        var texts = XElement.Parse(svg).Descendants(Svg + "text").Select(t => t.Value).ToList();
        foreach (var text in new[] { "Title", "Asked", "Note", "Meetings", "Period", "2018", "2019 & after", "a\uFFFDb", "5–9" })
            texts.ShouldContain(text);
        XElement.Parse(svg).Descendants().Attributes("id").ShouldBeEmpty("Two charts on a page would share it.");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(3)]
    public void Long_labels_are_broken_and_do_not_overlap(int rows)
    {
        var label = "An organisation with a name that is as long as names of organisations are";
        var chart = Of(false, [.. Enumerable.Range(100, rows).Select(i => $"{i} {label}")]);

        var heights = XElement
            .Parse(ChartDrawing.Write(chart))
            .Descendants(Svg + "text")
            .Where(t => t.Value.StartsWith("An org", StringComparison.Ordinal) || t.Value.Contains(" An org", StringComparison.Ordinal))
            .Select(t =>
                double.Parse(t.Attribute("transform")!.Value.Split(',', ')')[1], System.Globalization.CultureInfo.InvariantCulture)
            )
            .ToList();

        heights.Count.ShouldBe(rows);
        heights.Zip(heights.Skip(1), (one, next) => next - one).ShouldAllBe(between => between > 3 * 12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(600)]
    public void A_bar_that_is_of_no_period_has_its_label_and_stands_apart(int periods)
    {
        var rows = Enumerable.Range(0, periods).Select(i => $"{1900 + i / 4}-Q{1 + i % 4}").ToArray();
        var chart = Of(true, [.. rows, "unplaced"]);
        chart = chart with { Items = [.. chart.Items.SkipLast(1), chart.Items[^1] with { IsApart = true }] };

        var drawn = XElement.Parse(ChartDrawing.Write(chart));

        var labels = drawn
            .Descendants(Svg + "text")
            .Where(t => t.Value == "unplaced" || rows.Contains(t.Value))
            .Select(t => (t.Value, At: Number(t.Attribute("transform")!.Value.Split('(', ',')[1])))
            .OrderBy(t => t.At)
            .ToList();
        labels[^1].Value.ShouldBe("unplaced");
        (labels[^1].At - labels[^2].At).ShouldBeGreaterThan(48, "A label of a period is half as wide, and so is this one.");
        labels[^1].At.ShouldBeLessThan(960 - 24);
        var bars = drawn
            .Descendants(Svg + "rect")
            .Where(r => r.Attribute("style")?.Value.StartsWith("fill:rgb(18,54,95)", StringComparison.Ordinal) == true)
            .Select(r => (From: Number(r.Attribute("x")!.Value), Width: Number(r.Attribute("width")!.Value)))
            .Distinct()
            .OrderBy(b => b.From)
            .ToList();
        var (last, before, one) = (bars[^1], bars[^2], bars[^3]);
        (last.From - before.From - (before.From - one.From)).ShouldBeGreaterThan(20);
        last.Width.ShouldBe(before.Width, 0.2);
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static Chart Of(bool upright, params string[] rows) =>
        new(
            "Title",
            ["Asked"],
            "Meetings",
            "Period",
            [""],
            [.. rows.Select(r => new ChartRow(r, [new ChartFigure(5, 9)]))],
            ["Note"],
            upright
        );
}
