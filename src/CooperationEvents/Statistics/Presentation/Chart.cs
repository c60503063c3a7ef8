using System.Globalization;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>A statistic as bars: what <see cref="ChartDrawing"/> draws, and nothing else.</summary>
/// <param name="Title">The question in words.</param>
/// <param name="Asked">The question: of which framework and filter, up to which day and as known when; a line each.</param>
/// <param name="Values">The title of the axis of figures.</param>
/// <param name="Rows">The title of the other axis.</param>
/// <param name="Series">The names of the bars of each row; one without a name where a row has one bar.</param>
/// <param name="Notes">What a reader must know to read it, and the source; a line each.</param>
/// <param name="Upright">Whether bars stand, as those of a time series do; otherwise they lie, and have room for long labels.</param>
public sealed record Chart(
    string Title,
    IReadOnlyList<string> Asked,
    string Values,
    string Rows,
    IReadOnlyList<string> Series,
    IReadOnlyList<ChartRow> Items,
    IReadOnlyList<string> Notes,
    bool Upright
)
{
    /// <summary>More shades than these cannot be told apart in grey.</summary>
    public const int MostSeries = 5;

    /// <summary>Whether the bars of a row have names, even if it is a single one.</summary>
    public bool HasLegend => Series is not [""];

    /// <summary>Every figure in words, for whoever cannot see the bars.</summary>
    public string InWords => string.Join(" ", [.. Asked, .. Items.Select(InWordsOf), .. Notes]);

    /// <summary>
    /// The cells of two dimensions as bars. A dimension with few values is told apart by shades; where neither has few, every cell is a row
    /// of its own.
    /// </summary>
    /// <param name="cells">In the order in which they are shown.</param>
    public static (string Rows, IReadOnlyList<string> Series, IReadOnlyList<ChartRow> Items) InTwoWays(
        string first,
        string second,
        IReadOnlyList<(string First, string Second, ChartFigure Figure)> cells
    )
    {
        var (firsts, seconds) = (cells.Select(c => c.First).Distinct().ToList(), cells.Select(c => c.Second).Distinct().ToList());
        if (seconds.Count <= MostSeries)
            return (first, seconds, InRows(cells, firsts, seconds));
        if (firsts.Count <= MostSeries)
            return (
                second,
                firsts,
                InRows([.. cells.Select(c => (c.Second, c.First, c.Figure))], [.. seconds.Order(StringComparer.Ordinal)], firsts)
            );
        return ($"{first}, {second}", [""], [.. cells.Select(c => new ChartRow($"{c.First}, {c.Second}", [c.Figure]))]);
    }

    private static List<ChartRow> InRows(
        IReadOnlyList<(string Row, string Series, ChartFigure Figure)> cells,
        List<string> rows,
        List<string> series
    )
    {
        var known = cells.ToDictionary(c => (c.Row, c.Series), c => c.Figure);
        return
        [
            .. rows.Select(row => new ChartRow(
                row,
                [.. series.Select(s => known.TryGetValue((row, s), out var figure) ? figure : (ChartFigure?)null)]
            )),
        ];
    }

    private string InWordsOf(ChartRow row) =>
        HasLegend
            ? $"{row.Label}: {string.Join(", ", row.Figures.Zip(Series, (figure, name) => $"{name} {figure?.InWords ?? "0"}"))}."
            : $"{row.Label}: {row.Figures[0]?.InWords ?? "0"}.";
}

/// <summary>One row of bars, a figure for each series; null where nothing happened.</summary>
public sealed record ChartRow(string Label, IReadOnlyList<ChartFigure?> Figures)
{
    /// <summary>Whether it is drawn behind a gap, as what has no place in time; the last row alone may be.</summary>
    public bool IsApart { get; init; }
}

/// <summary>A figure, or an interval where the two differ. Without <paramref name="AtMost"/> it is open.</summary>
public readonly record struct ChartFigure(int AtLeast, int? AtMost)
{
    public bool IsOpen => AtMost is null;

    /// <summary>The text at its bar.</summary>
    public string Label =>
        this switch
        {
            { IsOpen: true } => string.Create(CultureInfo.InvariantCulture, $"{AtLeast}+"),
            _ when AtLeast == AtMost => AtLeast.ToString(CultureInfo.InvariantCulture),
            _ => string.Create(CultureInfo.InvariantCulture, $"{AtLeast}–{AtMost}"),
        };

    public string InWords =>
        this switch
        {
            { IsOpen: true } => string.Create(CultureInfo.InvariantCulture, $"{AtLeast} or more"),
            _ when AtLeast != AtMost => string.Create(CultureInfo.InvariantCulture, $"{AtLeast} to {AtMost}"),
            _ => Label,
        };

    public static ChartFigure Of(int figure) => new(figure, figure);

    public static ChartFigure Of(StaffInvolved staff) => new(staff.AtLeast, staff.AtMost);
}
