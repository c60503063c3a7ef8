using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Statistics;

/// <summary>What happened in all, up to a day: the question with its defaults, the figures, and the same figures by level, year, party and organisation.</summary>
public sealed record CumulativeStatistics(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] PartialDate? Since,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
    int MeetingsHeld,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff,
    NotCounted NotCounted,
    ValueList<LevelFigures> ByLevel,
    ValueList<YearFigures> ByYear,
    ValueList<PartyFigures> ByParty,
    ValueList<OrganisationFigures> ByOrganisation);

public sealed record LevelFigures(Guid Framework, string Level, int MeetingsHeld, int Attendances, int Unnamed, StaffInvolved Staff);

public sealed record YearFigures(int Year, int MeetingsHeld, int Attendances, int Unnamed, StaffInvolved Staff);

public sealed record PartyFigures(Guid Framework, string Party, int MeetingsHeld, int Attendances, int Unnamed, StaffInvolved Staff);

/// <summary><paramref name="Organisation"/> is an id, or <c>unallocated</c>: what went through a split that names no default.</summary>
public sealed record OrganisationFigures(string Organisation, string? ShortName, int MeetingsHeld, int Attendances, int Unnamed, StaffInvolved Staff);

public static class CumulativeStatisticsEndpoint
{
    private static readonly Forms<CumulativeStatistics> Forms = new("cumulative", Table);

    [WolverineGet("/v1/statistics/cumulative", OperationId = "get-cumulative-statistics")]
    [Statistic(typeof(CumulativeStatistics), MediaTypes = ["application/json", Csv.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Forms.Preferred(http));

    [WolverineGet("/v1/statistics/cumulative.csv", OperationId = "get-cumulative-statistics-csv")]
    [Statistic(typeof(string), MediaTypes = [Csv.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.Csv);

    [WolverineGet("/v1/statistics/cumulative.csv-metadata.json", OperationId = "get-cumulative-statistics-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.CsvMetadata);

    internal static async Task<CumulativeStatistics> Of(Question question, FiguresReader figures, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        var counted = await figures.Count(question, cancellation, [Dimension.Level], [Dimension.Year], [Dimension.Party], [Dimension.Organisation]);
        var facts = await figures.Facts(question, cancellation);
        var levels = counted.Tables[0].ToDictionary(c => (c.First.Framework, c.First.Code), c => c.Figures);
        var parties = counted.Tables[2].ToDictionary(c => (c.First.Framework, c.First.Code), c => c.Figures);
        return new CumulativeStatistics(
            question.Framework,
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            question.AsOf,
            question.KnownAt,
            question.Position,
            Question.Definition,
            question.OrgView,
            PartAsked.Of(question.Part),
            counted.Whole.MeetingsHeld,
            counted.Whole.Attendances,
            counted.Whole.Unnamed,
            counted.Whole.Staff,
            counted.NotCounted,
            [
                .. from level in await figures.Levels(question, cancellation)
                   where question.Part.Level is null || question.Part.Level == level.Code
                   let f = levels.GetValueOrDefault((level.Framework, level.Code), Figures.None)
                   select new LevelFigures(level.Framework, level.Code, f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from cell in counted.Tables[1]
                   let f = cell.Figures
                   select new YearFigures(int.Parse(cell.First.Code, CultureInfo.InvariantCulture), f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from known in frameworks
                   from party in known.Parties
                   where question.Part.Party is null || question.Part.Party == party
                   let f = parties.GetValueOrDefault((known.Id, party), Figures.None)
                   select new PartyFigures(known.Id, party, f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from cell in counted.Tables[3]
                   where cell.First.Code != Question.NotStated
                   let f = cell.Figures
                   select new OrganisationFigures(cell.First.Code, facts.ShortName(question, cell.First.Code), f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ]);
    }

    private static async Task<IResult> Answer(HttpContext http, Questions questions, FiguresReader figures, Form form)
    {
        var (question, refused) = await questions.Read(http);
        return refused ?? Forms.Write(http, form, await Of(question!, figures, http.RequestAborted));
    }

    /// <summary>The whole, and then every cell.</summary>
    private static DataTable Table(CumulativeStatistics s) => new(
        "Cumulative figures",
        new Asked(s.Framework, s.AsOf, s.Position, s.OrgView, s.Part),
        [
            new("dimension", DataType.Text, "What the row is about: total, level, year, party or organisation."),
            .. DataColumn.Keys("framework", "level", "year", "party", "organisation", "shortName"),
            .. DataColumn.Figures(),
        ],
        [
            Row("total", null, null, null, null, null, null, s.MeetingsHeld, s.Attendances, s.Unnamed, s.Staff),
            .. s.ByLevel.Select(r => Row("level", r.Framework, r.Level, null, null, null, null, r.MeetingsHeld, r.Attendances, r.Unnamed, r.Staff)),
            .. s.ByYear.Select(r => Row("year", null, null, r.Year, null, null, null, r.MeetingsHeld, r.Attendances, r.Unnamed, r.Staff)),
            .. s.ByParty.Select(r => Row("party", r.Framework, null, null, r.Party, null, null, r.MeetingsHeld, r.Attendances, r.Unnamed, r.Staff)),
            .. s.ByOrganisation.Select(r => Row("organisation", null, null, null, null, r.Organisation, r.ShortName, r.MeetingsHeld, r.Attendances, r.Unnamed, r.Staff)),
        ]);

    private static object?[] Row(
        string dimension, Guid? framework, string? level, int? year, string? party, string? organisation, string? shortName,
        int meetingsHeld, int attendances, int unnamed, StaffInvolved staff) =>
        [dimension, framework, level, year, party, organisation, shortName, meetingsHeld, attendances, unnamed, staff.Known, staff.AtLeast, staff.AtMost];
}
