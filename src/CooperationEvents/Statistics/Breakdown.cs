using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Statistics;

/// <summary>
/// The figures cut by one or two dimensions. What belongs to several cells is in each of them: <paramref name="Overlap"/> says by
/// how much the rows together exceed the <paramref name="Total"/>.
/// </summary>
public sealed record Breakdown(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
    ValueList<string> By,
    ValueList<BreakdownRow> Items,
    Overlap Overlap,
    CellFigures Total);

/// <summary>One cell: its values, those of its dimensions alone, and its figures.</summary>
public sealed record BreakdownRow(CellFigures Figures)
{
    public Guid? Framework { get; init; }

    public string? Level { get; init; }

    public string? Party { get; init; }

    /// <summary>An id, or <c>not-stated</c>; likewise the hosts.</summary>
    public string? Organisation { get; init; }

    public string? ShortName { get; init; }

    public string? Area { get; init; }

    public string? Host { get; init; }

    public string? HostShortName { get; init; }

    public string? CoHost { get; init; }

    public string? CoHostShortName { get; init; }

    public string? Country { get; init; }

    public string? Mode { get; init; }

    public string? Role { get; init; }

    public int? Year { get; init; }

    [JsonIgnore]
    public CellFigures Figures { get; } = Figures;

    [JsonPropertyOrder(1)]
    public int MeetingsHeld => Figures.MeetingsHeld;

    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? Attendances => Figures.Attendances;

    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? Unnamed => Figures.Unnamed;

    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public StaffInvolved? Staff => Figures.Staff;

    [JsonPropertyOrder(1)]
    public bool Suppressed => Figures.Suppressed;

    /// <summary>The same row with the value of a dimension.</summary>
    internal BreakdownRow With(string dimension, DimensionName name, string? shortName) => dimension switch
    {
        "level" => this with { Framework = name.Framework, Level = name.Code },
        "party" => this with { Framework = name.Framework, Party = name.Code },
        "organisation" => this with { Organisation = name.Code, ShortName = shortName },
        "area" => this with { Area = name.Code },
        "host" => this with { Host = name.Code, HostShortName = shortName },
        "co-host" => this with { CoHost = name.Code, CoHostShortName = shortName },
        "country" => this with { Country = name.Code },
        "mode" => this with { Mode = name.Code },
        "role" => this with { Role = name.Code },
        "year" => this with { Year = int.Parse(name.Code, CultureInfo.InvariantCulture) },
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "No dimension."),
    };

    /// <summary>The columns a dimension has in a table.</summary>
    internal static IEnumerable<string> ColumnsOf(string dimension) => dimension switch
    {
        "level" or "party" => ["framework", dimension],
        "organisation" => ["organisation", "shortName"],
        "host" => ["host", "hostShortName"],
        "co-host" => ["coHost", "coHostShortName"],
        _ => [dimension],
    };

    internal object? Column(string column) => column switch
    {
        "framework" => Framework,
        "level" => Level,
        "party" => Party,
        "organisation" => Organisation,
        "shortName" => ShortName,
        "area" => Area,
        "host" => Host,
        "hostShortName" => HostShortName,
        "coHost" => CoHost,
        "coHostShortName" => CoHostShortName,
        "country" => Country,
        "mode" => Mode,
        "role" => Role,
        "year" => Year,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No column."),
    };
}

/// <summary>The sum of the rows minus the total, of each figure that could add up. Distinct people never do.</summary>
public sealed record Overlap(
    int MeetingsHeld,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Attendances,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Unnamed,
    bool Suppressed);

public static class BreakdownEndpoint
{
    private static readonly Forms<Breakdown> Forms = new("breakdown", Table) { HasChart = true };

    [WolverineGet("/v1/statistics/breakdown", OperationId = "get-breakdown")]
    [Statistic(typeof(Breakdown), "by", "drawn:measure", MediaTypes = ["application/json", Csv.MediaType, ChartDrawing.MediaType], Description = ChartedMeasure.OfChartsOnly)]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Forms.Preferred(http));

    [WolverineGet("/v1/statistics/breakdown.csv", OperationId = "get-breakdown-csv")]
    [Statistic(typeof(string), "by", MediaTypes = [Csv.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.Csv);

    [WolverineGet("/v1/statistics/breakdown.csv-metadata.json", OperationId = "get-breakdown-csv-metadata")]
    [Statistic(typeof(CsvMetadata), "by", MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.CsvMetadata);

    [WolverineGet("/v1/statistics/breakdown.svg", OperationId = "get-breakdown-chart")]
    [Statistic(typeof(string), "by", "drawn:measure", MediaTypes = [ChartDrawing.MediaType])]
    public static Task<IResult> GetChart(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.Chart);

    private static async Task<IResult> Answer(HttpContext http, Questions questions, FiguresReader figures, Form form)
    {
        Dimension[] by = [Dimension.Level];
        string? measure = null;
        var (question, refused) = await questions.Read(http, query =>
        {
            by = ReadBy(query) ?? by;
            if (form == Form.Chart)
                measure = query.OneOf("measure", [.. ChartedMeasure.All.Select(m => m.Name)]);
        });
        if (refused is not null)
            return refused;
        var breakdown = await Of(question!, by, SmallCells.ShownTo(http), figures, http.RequestAborted);
        return Forms.Write(http, form, breakdown, form == Form.Chart
            ? Drawn(breakdown, ChartedMeasure.All.First(m => measure is null || m.Name == measure), await AskedInWords.Of(question!, figures, http.RequestAborted))
            : null);
    }

    internal static async Task<Breakdown> Of(Question question, Dimension[] by, bool showsSmall, FiguresReader figures, CancellationToken cancellation)
    {
        var counted = await figures.Count(question, cancellation, by);
        var facts = await figures.Facts(question, cancellation);
        var cells = by is [var one] ? await WithEmpty(one, counted.Tables[0], question, figures, cancellation) : counted.Tables[0];
        var all = cells.Select(c => c.Figures).ToList();
        var (suppressed, sum) = showsSmall ? (new bool[cells.Count], false) : SmallCells.Suppress(all, Lines(cells));
        sum |= !showsSmall && SmallCells.IsSmall(counted.Whole);
        return new Breakdown(
            question.Framework,
            question.AsOf,
            question.KnownAt,
            question.Position,
            Question.Definition,
            question.OrgView,
            PartAsked.Of(question.Part),
            [.. by.Select(d => d.Name)],
            [.. cells.Select((cell, i) => Row(cell, suppressed[i]))],
            new Overlap(
                all.Sum(f => f.MeetingsHeld) - counted.Whole.MeetingsHeld,
                sum ? null : all.Sum(f => f.Attendances) - counted.Whole.Attendances,
                sum ? null : all.Sum(f => f.Unnamed) - counted.Whole.Unnamed,
                sum),
            CellFigures.Of(counted.Whole, sum));

        BreakdownRow Row(CountedCell cell, bool hidden)
        {
            var row = new BreakdownRow(CellFigures.Of(cell.Figures, hidden)).With(by[0].Name, cell.First, ShortName(cell.First));
            return cell.Second is { } second ? row.With(by[1].Name, second, ShortName(second)) : row;
        }

        string? ShortName(DimensionName name) => facts.ShortName(question, name.Code);
    }

    /// <summary>Levels and parties have a row also where nothing happened.</summary>
    private static async Task<IReadOnlyList<CountedCell>> WithEmpty(
        Dimension dimension, IReadOnlyList<CountedCell> cells, Question question, FiguresReader figures, CancellationToken cancellation)
    {
        IEnumerable<(Guid Framework, string Code)> known = dimension.Name switch
        {
            "level" => (await figures.Levels(question, cancellation)).Where(l => question.Part.Level is null || l.Code == question.Part.Level),
            "party" => (await figures.Frameworks(question, cancellation))
                .SelectMany(f => f.Parties.Select(p => (f.Id, p))).Where(p => question.Part.Party is null || p.p == question.Part.Party),
            _ => [],
        };
        var counted = cells.ToDictionary(c => (c.First.Framework, c.First.Code));
        return
        [
            .. known.Select(k => counted.Remove((k.Framework, k.Code), out var cell)
                ? cell
                : new CountedCell(new DimensionName(k.Framework, k.Code, default), null, Figures.None)).ToList(),
            .. cells.Where(c => counted.ContainsKey((c.First.Framework, c.First.Code))),
        ];
    }

    /// <summary>The rows and columns of a table in two ways, by the indexes of their cells.</summary>
    private static IReadOnlyList<IReadOnlyList<int>> Lines(IReadOnlyList<CountedCell> cells) => cells.Count == 0 || cells[0].Second is null
        ? []
        : [.. Along(cells, c => c.First), .. Along(cells, c => c.Second!)];

    private static IEnumerable<IReadOnlyList<int>> Along(IReadOnlyList<CountedCell> cells, Func<CountedCell, DimensionName> value) =>
        cells.Select((cell, i) => (Value: value(cell), Index: i)).GroupBy(c => (c.Value.Framework, c.Value.Code), c => c.Index).Select(g => (IReadOnlyList<int>)[.. g]);

    private static Dimension[]? ReadBy(QueryParameters query)
    {
        if (query.Text("by") is not { } text)
            return null;
        var by = text.Split(',').Select(name => Dimension.All.FirstOrDefault(d => d.Name == name)).ToArray();
        if (by.Length <= 2 && by.All(d => d is not null) && by.Distinct().Count() == by.Length)
            return by!;
        query.Refuse("by", $"Must be one or two of {string.Join(", ", Dimension.All.Select(d => d.Name))}, as in by=level,year.");
        return null;
    }

    private static Chart Drawn(Breakdown breakdown, ChartedMeasure measure, AskedInWords words)
    {
        var names = breakdown.By.Select(AskedInWords.Spaced).ToList();
        var titles = names.Select(n => $"{char.ToUpperInvariant(n[0])}{n[1..]}").ToList();
        var values = breakdown.By.Select(by => words.Values(breakdown.Items, by)).ToList();
        var figures = breakdown.Items.Select(r => measure.Of(r.Figures)).ToList();
        var (rows, series, items) = values is [var first, var second]
            ? Chart.InTwoWays(titles[0], titles[1], [.. figures.Select((f, i) => (first[i], second[i], f))])
            : (titles[0], [""], [.. figures.Select((f, i) => new ChartRow(values[0][i], [f]))]);
        return new Chart(
            $"{measure.Words} by {string.Join(" and ", names)}",
            words.Lines,
            measure.Axis,
            rows,
            series,
            items,
            [
                .. ChartedMeasure.Notes(figures),
                $"In all: {measure.Of(breakdown.Total).InWords}. What belongs to several bars is in each of them.",
                words.Source,
            ],
            Upright: false);
    }

    private static DataTable Table(Breakdown breakdown)
    {
        var columns = breakdown.By.SelectMany(BreakdownRow.ColumnsOf).Distinct().ToList();
        var none = columns.Select(_ => (object?)null).ToList();
        var overlap = breakdown.Overlap;
        return new DataTable(
            $"Figures by {string.Join(" and ", breakdown.By)}",
            new Asked(breakdown.Framework, breakdown.AsOf, breakdown.Position, breakdown.OrgView, breakdown.Part),
            [
                new DataColumn("row", DataType.Text, "cell; or overlap: the sum of the cells minus the total; or total."),
                .. DataColumn.Keys(columns),
                .. DataColumn.Figures(),
                DataColumn.Suppressed,
            ],
            [
                .. breakdown.Items.Select(r => (object?[])["cell", .. columns.Select(r.Column), .. DataTable.Cells(r.Figures), r.Suppressed]),
                ["overlap", .. none, overlap.MeetingsHeld, overlap.Attendances, overlap.Unnamed, null, null, null, overlap.Suppressed],
                ["total", .. none, .. DataTable.Cells(breakdown.Total), breakdown.Total.Suppressed],
            ]);
    }
}
