using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// What happened in all, up to a day: the question with its defaults, the figures, and the same figures by framework, level, year, party
/// and organisation.
/// </summary>
public sealed record CumulativeStatistics(
    Question Question,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never), JsonPropertyOrder(-2)] PartialDate? Since,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff,
    NotCounted NotCounted,
    ValueList<FrameworkFigures> ByFramework,
    ValueList<LevelFigures> ByLevel,
    ValueList<YearFigures> ByYear,
    ValueList<PartyFigures> ByParty,
    ValueList<OrganisationFigures> ByOrganisation
) : Statistic(Question);

public sealed record FrameworkFigures(Guid Framework, string FrameworkName, Figures Figures) : FiguresRow(Figures);

public sealed record LevelFigures(Guid Framework, string Level, string LevelName, Figures Figures) : FiguresRow(Figures);

public sealed record YearFigures(int Year, Figures Figures) : FiguresRow(Figures);

public sealed record PartyFigures(Guid Framework, string Party, string PartyName, Figures Figures) : FiguresRow(Figures);

/// <summary><paramref name="Organisation"/> is an id, or <c>unallocated</c>: what went through a split that names no default.</summary>
public sealed record OrganisationFigures(string Organisation, string? ShortName, string? OrganisationName, Figures Figures)
    : FiguresRow(Figures);

public static class CumulativeStatisticsEndpoint
{
    private static readonly Representations<CumulativeStatistics> Forms = new("cumulative", Table);

    [WolverineGet("/v1/statistics/cumulative", OperationId = "get-cumulative-statistics")]
    [Statistic(typeof(CumulativeStatistics), MediaTypes = ["application/json", CsvLines.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Forms.Answer(http, questions, figures, (question, cancellation) => Of(question, figures, cancellation));

    [WolverineGet("/v1/statistics/cumulative.csv", OperationId = "get-cumulative-statistics-csv")]
    [Statistic(typeof(string), MediaTypes = [CsvLines.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    [WolverineGet("/v1/statistics/cumulative.csv-metadata.json", OperationId = "get-cumulative-statistics-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Get(http, questions, figures);

    internal static async Task<CumulativeStatistics> Of(Question question, FiguresReader figures, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        var having = await figures.FrameworksThatHave(question, cancellation);
        var counted = await figures.Count(
            question,
            cancellation,
            [Dimension.Framework],
            [Dimension.Level],
            [Dimension.Year],
            [Dimension.Party],
            [Dimension.Organisation]
        );
        var none = Figures.None.By(question);
        var (ofFramework, ofLevel, ofParty) = (ByCode(0), ByCode(1), ByCode(3));
        var whole = counted.Whole;
        return new CumulativeStatistics(
            question,
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            whole.MeetingsHeld,
            whole.MeetingsWithoutAttendance,
            whole.Attendances,
            whole.Unnamed,
            whole.Staff,
            counted.NotCounted,
            [
                .. from known in having
                select new FrameworkFigures(known.Id, known.Name, ofFramework.GetValueOrDefault((known.Id, known.Id.ToString()), none)),
            ],
            [
                .. from level in await figures.Levels(question, cancellation)
                where question.Filter.Level is null || question.Filter.Level == level.Code
                let f = ofLevel.GetValueOrDefault((level.Framework, level.Code), none)
                select new LevelFigures(level.Framework, level.Code, level.Name, f),
            ],
            [
                .. from cell in counted.Tables[2]
                select new YearFigures(int.Parse(cell.First.Code, CultureInfo.InvariantCulture), cell.Figures),
            ],
            [
                .. from known in having
                from party in known.Parties
                where question.Filter.Party is null || question.Filter.Party == party.Code
                let f = ofParty.GetValueOrDefault((known.Id, party.Code), none)
                select new PartyFigures(known.Id, party.Code, party.Name, f),
            ],
            [
                .. from cell in counted.Tables[4]
                where !cell.First.IsUnstated
                select new OrganisationFigures(cell.First.Code, cell.First.ShortName, cell.First.Name, cell.Figures),
            ]
        );

        Dictionary<(Guid?, string), Figures> ByCode(int table) =>
            counted.Tables[table].Where(c => !c.First.IsUnstated).ToDictionary(c => (c.First.Framework, c.First.Code), c => c.Figures);
    }

    /// <summary>How many columns only the total has.</summary>
    private const int OfTheTotal = 6;

    /// <summary>The whole, and then every cell.</summary>
    private static DataTable Table(CumulativeStatistics s)
    {
        string[] keys =
        [
            "framework",
            "frameworkName",
            "level",
            "levelName",
            "year",
            "party",
            "partyName",
            "organisation",
            "shortName",
            "organisationName",
        ];
        return new DataTable(
            "Cumulative figures",
            new Asked(s.Question),
            [
                new("dimension", DataType.Text, "What the row is about: total, framework, level, year, party or organisation."),
                .. DataColumn.Keys(keys),
                .. DataColumn.Figures(),
                new("since", DataType.Text, "Of the total: when the cooperation started; empty where there is none yet."),
                new("observers", DataType.Number, "Of the total: attendances of observers, who are not counted."),
                new("interpreters", DataType.Number, "Of the total: attendances of interpreters, who are not counted."),
                new("support", DataType.Number, "Of the total: attendances of support staff, who are not counted."),
                new("guests", DataType.Number, "Of the total: attendances for organisations that were no members, which are not counted."),
                new("guestHeads", DataType.Number, "Of the total: heads of delegations of organisations that were no members."),
            ],
            [
                [
                    .. Row("total", null, new Figures(s.MeetingsHeld, s.MeetingsWithoutAttendance, s.Attendances, s.Unnamed, s.Staff)),
                    s.Since?.ToString(),
                    s.NotCounted.Observers,
                    s.NotCounted.Interpreters,
                    s.NotCounted.Support,
                    s.NotCounted.Guests,
                    s.NotCounted.GuestHeads,
                ],
                .. Parts().Select(part => (object?[])[.. part, .. new object?[OfTheTotal]]),
            ]
        );

        IEnumerable<object?[]> Parts() =>
            [
                .. s.ByFramework.Select(r => Row("framework", r.Framework, r.Figures)),
                .. s.ByLevel.Select(r => Row("level", r.Framework, r.Figures, ("level", r.Level), ("levelName", r.LevelName))),
                .. s.ByYear.Select(r => Row("year", null, r.Figures, ("year", r.Year))),
                .. s.ByParty.Select(r => Row("party", r.Framework, r.Figures, ("party", r.Party), ("partyName", r.PartyName))),
                .. from r in s.ByOrganisation
                select Row(
                    "organisation",
                    null,
                    r.Figures,
                    ("organisation", r.Organisation),
                    ("shortName", r.ShortName),
                    ("organisationName", r.OrganisationName)
                ),
            ];

        object?[] Row(string dimension, Guid? framework, Figures figures, params (string Key, object? Value)[] values) =>
            [
                dimension,
                framework,
                s.ByFramework.FirstOrDefault(f => f.Framework == framework)?.FrameworkName,
                .. keys.Skip(2).Select(key => values.FirstOrDefault(v => v.Key == key).Value),
                .. DataTable.Cells(figures),
            ];
    }
}
