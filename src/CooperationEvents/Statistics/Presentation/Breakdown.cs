using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// The figures cut by one or two dimensions. What belongs to several cells is in each of them: <paramref name="Overlap"/> says by
/// how much the rows together exceed the <paramref name="Total"/>.
/// </summary>
public sealed record Breakdown(Question Question, ValueList<string> By, ValueList<BreakdownRow> Items, Overlap Overlap, Figures Total)
    : Statistic(Question);

/// <summary>One cell: its values with their names, those of its dimensions alone, and its figures.</summary>
public sealed record BreakdownRow(Figures Figures) : FiguresRow(Figures)
{
    public Guid? Framework { get; init; }

    public string? FrameworkName { get; init; }

    public string? Level { get; init; }

    public string? LevelName { get; init; }

    public string? Party { get; init; }

    public string? PartyName { get; init; }

    /// <summary>An id, or <c>not-stated</c>; likewise the hosts.</summary>
    public string? Organisation { get; init; }

    public string? ShortName { get; init; }

    public string? OrganisationName { get; init; }

    public string? Area { get; init; }

    public string? AreaName { get; init; }

    public string? Host { get; init; }

    public string? HostShortName { get; init; }

    public string? HostName { get; init; }

    public string? CoHost { get; init; }

    public string? CoHostShortName { get; init; }

    public string? CoHostName { get; init; }

    public string? Country { get; init; }

    public string? CountryName { get; init; }

    public string? Mode { get; init; }

    public string? Role { get; init; }

    public int? Year { get; init; }

    /// <summary>The same row with the value of a dimension.</summary>
    internal BreakdownRow With(string dimension, DimensionName name) =>
        dimension switch
        {
            "framework" => this with { Framework = name.Framework, FrameworkName = name.FrameworkName },
            "level" => this with
            {
                Framework = name.Framework,
                FrameworkName = name.FrameworkName,
                Level = name.Code,
                LevelName = name.Name,
            },
            "party" => this with
            {
                Framework = name.Framework,
                FrameworkName = name.FrameworkName,
                Party = name.Code,
                PartyName = name.Name,
            },
            "organisation" => this with { Organisation = name.Code, ShortName = name.ShortName, OrganisationName = name.Name },
            "area" => this with { Area = name.Code, AreaName = name.Name },
            "host" => this with { Host = name.Code, HostShortName = name.ShortName, HostName = name.Name },
            "co-host" => this with { CoHost = name.Code, CoHostShortName = name.ShortName, CoHostName = name.Name },
            "country" => this with { Country = name.Code, CountryName = name.Name },
            "mode" => this with { Mode = name.Code },
            "role" => this with { Role = name.Code },
            "year" => this with { Year = int.Parse(name.Code, CultureInfo.InvariantCulture) },
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "No dimension."),
        };

    /// <summary>The columns of a dimension in a table: what identifies the value, then its names.</summary>
    internal static IEnumerable<string> ColumnsOf(string dimension) =>
        dimension switch
        {
            "framework" => ["framework", "frameworkName"],
            "level" or "party" => ["framework", "frameworkName", dimension, $"{dimension}Name"],
            "organisation" => ["organisation", "shortName", "organisationName"],
            "host" => ["host", "hostShortName", "hostName"],
            "co-host" => ["coHost", "coHostShortName", "coHostName"],
            "area" or "country" => [dimension, $"{dimension}Name"],
            _ => [dimension],
        };

    /// <summary>The label of a value in a chart: its name (of an organisation the short one), or its code where it has none.</summary>
    internal string LabelOf(string dimension) =>
        dimension switch
        {
            "framework" => FrameworkName!,
            "level" => LevelName ?? Level!,
            "party" => PartyName ?? Party!,
            "organisation" => ShortName ?? Organisation!,
            "host" => HostShortName ?? Host!,
            "co-host" => CoHostShortName ?? CoHost!,
            "area" => AreaName ?? Area!,
            "country" => CountryName ?? Country!,
            _ => Convert.ToString(Column(dimension), CultureInfo.InvariantCulture)!,
        };

    internal object? Column(string column) =>
        column switch
        {
            "framework" => Framework,
            "frameworkName" => FrameworkName,
            "level" => Level,
            "levelName" => LevelName,
            "party" => Party,
            "partyName" => PartyName,
            "organisation" => Organisation,
            "shortName" => ShortName,
            "organisationName" => OrganisationName,
            "area" => Area,
            "areaName" => AreaName,
            "host" => Host,
            "hostShortName" => HostShortName,
            "hostName" => HostName,
            "coHost" => CoHost,
            "coHostShortName" => CoHostShortName,
            "coHostName" => CoHostName,
            "country" => Country,
            "countryName" => CountryName,
            "mode" => Mode,
            "role" => Role,
            "year" => Year,
            _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No column."),
        };
}

/// <summary>
/// The sum of the rows minus the total, of each figure that could add up. Distinct people never do: where it was asked for,
/// <paramref name="People"/> says in how many rows they were.
/// </summary>
public sealed record Overlap(
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    ValueList<PeopleInRows>? People
);

public static class BreakdownEndpoint
{
    private static readonly Representations<Breakdown> Forms = new(
        "breakdown",
        Table,
        new([.. ChartedMeasure.All.Select(m => m.Name)], Drawn)
    );

    [WolverineGet("/v1/statistics/breakdown", OperationId = "get-breakdown")]
    [Statistic(
        typeof(Breakdown),
        "by",
        "overlap",
        "drawn:measure",
        MediaTypes = ["application/json", CsvLines.MediaType, ChartDrawing.MediaType],
        Description = ChartedMeasure.OfChartsOnly
    )]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures)
    {
        Dimension[] by = [Dimension.Level];
        var withPeople = false;
        return Forms.Answer(
            http,
            questions,
            figures,
            (question, cancellation) => Of(question, by, withPeople, figures, cancellation),
            query =>
            {
                by = ReadBy(query) ?? by;
                withPeople = query.OneOf("overlap", "people") is not null;
                if (withPeople && by.Length > 1)
                    query.Refuse("overlap", "People are told by how many rows of one dimension they are in; name one in 'by'.");
            }
        );
    }

    [WolverineGet("/v1/statistics/breakdown.csv", OperationId = "get-breakdown-csv")]
    [Statistic(typeof(string), "by", "overlap", MediaTypes = [CsvLines.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    [WolverineGet("/v1/statistics/breakdown.csv-metadata.json", OperationId = "get-breakdown-csv-metadata")]
    [Statistic(typeof(CsvMetadata), "by", "overlap", MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Get(http, questions, figures);

    [WolverineGet("/v1/statistics/breakdown.svg", OperationId = "get-breakdown-chart")]
    [Statistic(typeof(string), "by", "overlap", "drawn:measure", MediaTypes = [ChartDrawing.MediaType])]
    public static Task<IResult> GetChart(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    private static async Task<Breakdown> Of(
        Question question,
        Dimension[] by,
        bool withPeople,
        FiguresReader figures,
        CancellationToken cancellation
    )
    {
        var counted = await figures.Count(question, cancellation, by);
        var cells = by is [var one] ? await WithEmpty(one, counted.Tables[0], question, figures, cancellation) : counted.Tables[0];
        var (all, whole) = (cells.Select(c => c.Figures).ToList(), counted.Whole);
        return new Breakdown(
            question,
            [.. by.Select(d => d.Name)],
            [.. cells.Select(Row)],
            new Overlap(
                all.Sum(f => f.MeetingsHeld) - whole.MeetingsHeld,
                whole.MeetingsWithoutAttendance is { } without ? all.Sum(f => f.MeetingsWithoutAttendance ?? 0) - without : null,
                all.Sum(f => f.Attendances) - whole.Attendances,
                all.Sum(f => f.Unnamed) - whole.Unnamed,
                withPeople ? [.. await figures.PeopleInRows(question, by[0], cancellation)] : null
            ),
            whole
        );

        BreakdownRow Row(CountedCell cell)
        {
            var row = new BreakdownRow(cell.Figures).With(by[0].Name, cell.First);
            return cell.Second is { } second ? row.With(by[1].Name, second) : row;
        }
    }

    /// <summary>Adds a row for each framework, level or party in which nothing happened, unless the filter excludes it.</summary>
    private static async Task<IReadOnlyList<CountedCell>> WithEmpty(
        Dimension dimension,
        IReadOnlyList<CountedCell> cells,
        Question question,
        FiguresReader figures,
        CancellationToken cancellation
    )
    {
        IEnumerable<DimensionName> known = dimension.Name switch
        {
            "framework" => (await figures.FrameworksThatHave(question, cancellation)).Select(f =>
                Named(f.Id, f.Name, f.Id.ToString(), f.Name)
            ),
            "level" => (await figures.Levels(question, cancellation))
                .Where(l => question.Filter.Level is null || l.Code == question.Filter.Level)
                .Select(l => Named(l.Framework, l.FrameworkName, l.Code, l.Name)),
            "party" => (await figures.FrameworksThatHave(question, cancellation)).SelectMany(f =>
                f.Parties.Where(p => question.Filter.Party is null || p.Code == question.Filter.Party)
                    .Select(p => Named(f.Id, f.Name, p.Code, p.Name))
            ),
            _ => [],
        };
        var counted = cells.Where(c => !c.First.IsUnstated).ToDictionary(c => (c.First.Framework, c.First.Code));
        return
        [
            .. known
                .Select(k =>
                    counted.Remove((k.Framework, k.Code), out var cell) ? cell : new CountedCell(k, null, Figures.None.By(question))
                )
                .ToList(),
            .. cells.Where(c => c.First.IsUnstated || counted.ContainsKey((c.First.Framework, c.First.Code))),
        ];

        static DimensionName Named(Guid framework, string frameworkName, string code, string name) =>
            new(framework, code, default) { FrameworkName = frameworkName, Name = name };
    }

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

    private static Chart Drawn(Breakdown breakdown, string name, AskedInWords words)
    {
        var measure = ChartedMeasure.All.First(m => m.Name == name);
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
            Upright: false
        );
    }

    private static DataTable Table(Breakdown breakdown)
    {
        var columns = breakdown.By.SelectMany(BreakdownRow.ColumnsOf).Distinct().ToList();
        var none = columns.Select(_ => (object?)null).ToList();
        var overlap = breakdown.Overlap;
        return new DataTable(
            $"Figures by {string.Join(" and ", breakdown.By)}",
            new Asked(breakdown.Question),
            [
                new DataColumn(
                    "row",
                    DataType.Text,
                    "cell; or overlap: the sum of the cells minus the total; or total; or people: the persons known who were in so many "
                        + "cells."
                ),
                .. DataColumn.Keys(columns),
                new DataColumn("inRows", DataType.Number, "In how many cells the persons of a row people were."),
                .. DataColumn.Figures(),
            ],
            [
                .. breakdown.Items.Select(r => (object?[])["cell", .. columns.Select(r.Column), null, .. DataTable.Cells(r.Figures)]),
                [
                    "overlap",
                    .. none,
                    null,
                    overlap.MeetingsHeld,
                    overlap.MeetingsWithoutAttendance,
                    overlap.Attendances,
                    overlap.Unnamed,
                    null,
                    null,
                    null,
                ],
                ["total", .. none, null, .. DataTable.Cells(breakdown.Total)],
                .. (overlap.People ?? []).Select(p =>
                    (object?[])["people", .. none, p.Rows, null, null, null, null, p.Persons, null, null]
                ),
            ]
        );
    }
}
