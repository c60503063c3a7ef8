using System.Text.Json.Serialization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Statistics;

/// <summary>The figures of each year, quarter or month by the last day of meetings, and all up to its end; from the first to the last that has a meeting.</summary>
public sealed record Series(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
    Per Per,
    ValueList<SeriesRow> Items);

/// <summary>
/// One period, such as <c>2018</c>, <c>2018-Q2</c> or <c>2018-04</c>, from its first day to its last; or <c>unplaced</c>: what is
/// known less finely, which counts in the cumulative figures from the last day it may mean.
/// </summary>
public sealed record SeriesRow(string Period, DateOnly? From, DateOnly? To, CellFigures InPeriod, CellFigures? Cumulative);

public static class SeriesEndpoint
{
    private const string Name = "series";

    [WolverineGet("/v1/statistics/series", OperationId = "get-series")]
    [Statistic(typeof(Series), MediaTypes = ["application/json", Csv.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, series => DataTable.Preferred(http, Name, series, Table));

    [WolverineGet("/v1/statistics/series.csv", OperationId = "get-series-csv")]
    [Statistic(typeof(string), MediaTypes = [Csv.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, series => Csv.Of(http, Name, Table(series)));

    [WolverineGet("/v1/statistics/series.csv-metadata.json", OperationId = "get-series-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, series => CsvMetadata.Of(http, Name, Table(series)));

    internal static async Task<IResult> Answer(HttpContext http, Questions questions, FiguresReader figures, Func<Series, IResult> write)
    {
        var per = Per.Year;
        var (question, refused) = await questions.Read(http, query => per = Questions.ReadPer(query) ?? Per.Year);
        if (refused is not null)
            return refused;
        if (question!.Framework is { } framework && await figures.Frameworks(question, http.RequestAborted) is [])
            return ProblemResult.Of(CumulativeStatisticsEndpoint.UnknownFramework(question.Position, framework));
        return write(await Of(question, per, SmallCells.ShownTo(http), figures, http.RequestAborted));
    }

    internal static async Task<Series> Of(Question question, Per per, bool showsSmall, FiguresReader figures, CancellationToken cancellation)
    {
        var counted = await figures.CountSeries(question, per, cancellation);
        var (periods, cumulative, unplaced) = showsSmall
            ? (new bool[counted.Periods.Count], new bool[counted.Periods.Count], false)
            : SmallCells.SuppressSeries([.. counted.Periods.Select(p => p.InPeriod)], [.. counted.Periods.Select(p => p.Cumulative)], counted.Unplaced);
        var rows = counted.Periods.Select((p, i) => new SeriesRow(
            p.Period.ToString(),
            p.Period.FirstDay,
            p.Period.LastDay,
            CellFigures.Of(p.InPeriod, periods[i]),
            CellFigures.Of(p.Cumulative, cumulative[i])));
        return new Series(
            question.Framework,
            question.AsOf,
            question.KnownAt,
            question.Position,
            Question.Definition,
            question.OrgView,
            PartAsked.Of(question.Part),
            per,
            counted.Unplaced is { } rest ? [.. rows, new SeriesRow(Period.UnplacedWord, null, null, CellFigures.Of(rest, unplaced), null)] : [.. rows]);
    }

    private static DataTable Table(Series series) => new(
        $"Figures per {FactStore.Word(series.Per)}",
        new Asked(series.Framework, series.AsOf, series.Position, series.OrgView, series.Part),
        [
            new DataColumn("period", DataType.Text, "A year, a quarter or a month; or unplaced, for what is known less finely."),
            new DataColumn("from", DataType.Day, "The first day of the period."),
            new DataColumn("to", DataType.Day, "The last day of the period."),
            .. DataColumn.Figures(of: ", in the period"),
            DataColumn.Suppressed,
            .. DataColumn.Figures("cumulative", ", up to the end of the period"),
            new DataColumn("cumulativeSuppressed", DataType.Truth, "Whether the cumulative figures about people are left out because so few are behind them."),
        ],
        [
            .. series.Items.Select(r => (object?[])
            [
                r.Period, r.From, r.To, .. DataTable.Cells(r.InPeriod), r.InPeriod.Suppressed, .. DataTable.Cells(r.Cumulative), r.Cumulative?.Suppressed,
            ]),
        ]);
}
