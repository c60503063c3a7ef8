using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// The figures of each year, quarter or month by the last day of meetings, and all up to its end; from the first to the last that has a
/// meeting.
/// </summary>
public sealed record Series(Question Question, Per Per, ValueList<SeriesRow> Items) : Statistic(Question);

/// <summary>
/// One period, such as <c>2018</c>, <c>2018-Q2</c> or <c>2018-04</c>, from its first day to its last; or <c>unplaced</c>: what is
/// known less finely, which counts in the cumulative figures from the last day it may mean.
/// </summary>
public sealed record SeriesRow(string Period, DateOnly? From, DateOnly? To, Figures InPeriod, Figures? Cumulative);

public static class SeriesEndpoint
{
    /// <summary>The months of 200 years. A meeting whose year is mistyped must not make an answer of megabytes.</summary>
    internal const int MostPeriods = 12 * 200;

    /// <summary>The prefix of cumulative measures, and of cumulative columns of the CSV: up to the end of each period.</summary>
    private const string CumulativePrefix = "cumulative";

    /// <summary>The measures that can be drawn: in each period, and cumulative.</summary>
    internal static IReadOnlyList<string> Measures { get; } =
    [.. ChartedMeasure.All.Select(m => m.Name), .. ChartedMeasure.All.Select(Cumulative)];

    private static readonly Representations<Series> Forms = new("series", Table, new(Measures, Drawn));

    [WolverineGet("/v1/statistics/series", OperationId = "get-series")]
    [Statistic(
        typeof(Series),
        "drawn-over-time:measure",
        MediaTypes = ["application/json", CsvLines.MediaType, ChartDrawing.MediaType],
        Description = ChartedMeasure.OfChartsOnly
    )]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures)
    {
        var per = Per.Year;
        return Forms.Answer(
            http,
            questions,
            figures,
            (question, cancellation) => Of(question, per, figures, cancellation),
            query => per = Questions.ReadPer(query) ?? per,
            (question, cancellation) => TooLong(question, per, figures, cancellation)
        );
    }

    [WolverineGet("/v1/statistics/series.csv", OperationId = "get-series-csv")]
    [Statistic(typeof(string), MediaTypes = [CsvLines.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    [WolverineGet("/v1/statistics/series.csv-metadata.json", OperationId = "get-series-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Get(http, questions, figures);

    [WolverineGet("/v1/statistics/series.svg", OperationId = "get-series-chart")]
    [Statistic(typeof(string), "drawn-over-time:measure", MediaTypes = [ChartDrawing.MediaType])]
    public static Task<IResult> GetChart(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    private static async Task<Problem?> TooLong(Question question, Per per, FiguresReader figures, CancellationToken cancellation) =>
        await figures.PeriodsOf(question, per, cancellation) is > MostPeriods and var periods
            ? KernelProblems.Invalid.At(
                "/per",
                $"The series would have {periods} periods, and has {MostPeriods} at most. Ask per year, or give the first day in 'from'."
            )
            : null;

    private static async Task<Series> Of(Question question, Per per, FiguresReader figures, CancellationToken cancellation)
    {
        var counted = await figures.CountSeries(question, per, cancellation);
        var rows = counted.Periods.Select(p => new SeriesRow(
            p.Period.ToString(),
            p.Period.FirstDay,
            p.Period.LastDay,
            p.InPeriod,
            p.Cumulative
        ));
        return new Series(
            question,
            per,
            counted.Unplaced is { } rest ? [.. rows, new SeriesRow(Period.UnplacedWord, null, null, rest, null)] : [.. rows]
        );
    }

    private static Chart Drawn(Series series, string name, AskedInWords words)
    {
        var measure = ChartedMeasure.All.First(m => m.Name == name || Cumulative(m) == name);
        var cumulative = name != measure.Name;
        var rows = series
            .Items.Select(r => (r.Period, Figures: cumulative ? r.Cumulative : r.InPeriod))
            .Where(r => r.Figures is not null)
            .Select(r => new ChartRow(r.Period, [measure.Of(r.Figures!)]) { IsApart = r.Period == Period.UnplacedWord })
            .ToList();
        var per = Json.Word(series.Per);
        return new Chart(
            cumulative ? $"{measure.Words} up to the end of each {per}" : $"{measure.Words} in each {per}",
            words.Lines,
            measure.Axis,
            $"{char.ToUpperInvariant(per[0])}{per[1..]} of the last day of meetings",
            [""],
            rows,
            [.. ChartedMeasure.Notes(rows.Select(r => r.Figures[0]!.Value)), words.Source],
            Upright: true
        );
    }

    private static string Cumulative(ChartedMeasure measure) =>
        $"{CumulativePrefix}{char.ToUpperInvariant(measure.Name[0])}{measure.Name[1..]}";

    private static DataTable Table(Series series) =>
        new(
            $"Figures per {Json.Word(series.Per)}",
            new Asked(series.Question),
            [
                new DataColumn("period", DataType.Text, "A year, a quarter or a month; or unplaced, for what is known less finely."),
                new DataColumn("from", DataType.Day, "The first day of the period."),
                new DataColumn("to", DataType.Day, "The last day of the period."),
                .. DataColumn.Figures(of: ", in the period"),
                .. DataColumn.Figures(CumulativePrefix, ", up to the end of the period"),
            ],
            [
                .. series.Items.Select(r =>
                    (object?[])[r.Period, r.From, r.To, .. DataTable.Cells(r.InPeriod), .. DataTable.Cells(r.Cumulative)]
                ),
            ]
        );
}
