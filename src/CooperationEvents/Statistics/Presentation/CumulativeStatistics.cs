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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] PartialDate? Since,
    DateOnly? From,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
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
);

public sealed record FrameworkFigures(
    Guid Framework,
    string FrameworkName,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff
);

public sealed record LevelFigures(
    Guid Framework,
    string Level,
    string LevelName,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff
);

public sealed record YearFigures(
    int Year,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff
);

public sealed record PartyFigures(
    Guid Framework,
    string Party,
    string PartyName,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff
);

/// <summary><paramref name="Organisation"/> is an id, or <c>unallocated</c>: what went through a split that names no default.</summary>
public sealed record OrganisationFigures(
    string Organisation,
    string? ShortName,
    string? OrganisationName,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff
);

public static class CumulativeStatisticsEndpoint
{
    private static readonly Representations<CumulativeStatistics> Forms = new("cumulative", Table);

    [WolverineGet("/v1/statistics/cumulative", OperationId = "get-cumulative-statistics")]
    [Statistic(typeof(CumulativeStatistics), MediaTypes = ["application/json", Csv.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Forms.Preferred(http));

    [WolverineGet("/v1/statistics/cumulative.csv", OperationId = "get-cumulative-statistics-csv")]
    [Statistic(typeof(string), MediaTypes = [Csv.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Representation.Csv);

    [WolverineGet("/v1/statistics/cumulative.csv-metadata.json", OperationId = "get-cumulative-statistics-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Representation.CsvMetadata);

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
            question.Framework,
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            question.From,
            question.AsOf,
            question.KnownAt,
            question.Position,
            question.Definition,
            question.OrgView,
            PartAsked.Of(question.Part),
            whole.MeetingsHeld,
            whole.MeetingsWithoutAttendance,
            whole.Attendances,
            whole.Unnamed,
            whole.Staff,
            counted.NotCounted,
            [
                .. from known in having
                let f = ofFramework.GetValueOrDefault((known.Id, known.Id.ToString()), none)
                select new FrameworkFigures(
                    known.Id,
                    known.Name,
                    f.MeetingsHeld,
                    f.MeetingsWithoutAttendance,
                    f.Attendances,
                    f.Unnamed,
                    f.Staff
                ),
            ],
            [
                .. from level in await figures.Levels(question, cancellation)
                where question.Part.Level is null || question.Part.Level == level.Code
                let f = ofLevel.GetValueOrDefault((level.Framework, level.Code), none)
                select new LevelFigures(
                    level.Framework,
                    level.Code,
                    level.Name,
                    f.MeetingsHeld,
                    f.MeetingsWithoutAttendance,
                    f.Attendances,
                    f.Unnamed,
                    f.Staff
                ),
            ],
            [
                .. from cell in counted.Tables[2]
                let f = cell.Figures
                let year = int.Parse(cell.First.Code, CultureInfo.InvariantCulture)
                select new YearFigures(year, f.MeetingsHeld, f.MeetingsWithoutAttendance, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from known in having
                from party in known.Parties
                where question.Part.Party is null || question.Part.Party == party.Code
                let f = ofParty.GetValueOrDefault((known.Id, party.Code), none)
                select new PartyFigures(
                    known.Id,
                    party.Code,
                    party.Name,
                    f.MeetingsHeld,
                    f.MeetingsWithoutAttendance,
                    f.Attendances,
                    f.Unnamed,
                    f.Staff
                ),
            ],
            [
                .. from cell in counted.Tables[4]
                where cell.First.Code != Question.NotStated
                let f = cell.Figures
                select new OrganisationFigures(
                    cell.First.Code,
                    cell.First.ShortName,
                    cell.First.Name,
                    f.MeetingsHeld,
                    f.MeetingsWithoutAttendance,
                    f.Attendances,
                    f.Unnamed,
                    f.Staff
                ),
            ]
        );

        Dictionary<(Guid?, string), Figures> ByCode(int table) =>
            counted.Tables[table].ToDictionary(c => (c.First.Framework, c.First.Code), c => c.Figures);
    }

    private static async Task<IResult> Answer(HttpContext http, Questions questions, FiguresReader figures, Representation form)
    {
        var (question, refused) = await questions.Read(http);
        return refused ?? Forms.Write(http, form, question!, await Of(question!, figures, http.RequestAborted));
    }

    /// <summary>The whole, and then every cell.</summary>
    private static DataTable Table(Question question, CumulativeStatistics s)
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
            new Asked(question),
            [
                new("dimension", DataType.Text, "What the row is about: total, framework, level, year, party or organisation."),
                .. DataColumn.Keys(keys),
                .. DataColumn.Figures(),
            ],
            [
                Row("total", null, new Figures(s.MeetingsHeld, s.MeetingsWithoutAttendance, s.Attendances, s.Unnamed, s.Staff)),
                .. from r in s.ByFramework
                select Row("framework", r.Framework, new(r.MeetingsHeld, r.MeetingsWithoutAttendance, r.Attendances, r.Unnamed, r.Staff)),
                .. from r in s.ByLevel
                let figures = new Figures(r.MeetingsHeld, r.MeetingsWithoutAttendance, r.Attendances, r.Unnamed, r.Staff)
                select Row("level", r.Framework, figures, ("level", r.Level), ("levelName", r.LevelName)),
                .. from r in s.ByYear
                select Row(
                    "year",
                    null,
                    new(r.MeetingsHeld, r.MeetingsWithoutAttendance, r.Attendances, r.Unnamed, r.Staff),
                    ("year", r.Year)
                ),
                .. from r in s.ByParty
                let figures = new Figures(r.MeetingsHeld, r.MeetingsWithoutAttendance, r.Attendances, r.Unnamed, r.Staff)
                select Row("party", r.Framework, figures, ("party", r.Party), ("partyName", r.PartyName)),
                .. from r in s.ByOrganisation
                let figures = new Figures(r.MeetingsHeld, r.MeetingsWithoutAttendance, r.Attendances, r.Unnamed, r.Staff)
                select Row(
                    "organisation",
                    null,
                    figures,
                    ("organisation", r.Organisation),
                    ("shortName", r.ShortName),
                    ("organisationName", r.OrganisationName)
                ),
            ]
        );

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
