using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
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
    [WolverineGet("/v1/statistics/cumulative", OperationId = "get-cumulative-statistics")]
    [Query(Scopes.StatisticsRead, typeof(CumulativeStatistics), "framework", "asOf", "knownAt", "level", "year", "party", "organisation", "orgView")]
    public static async Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures)
    {
        var (question, refused) = await questions.Read(http);
        if (refused is not null)
            return refused;
        var (statistics, unknown) = await Answer(question!, figures, http.RequestAborted);
        return unknown is null ? Results.Json(statistics, Json.Options) : ProblemResult.Of(unknown);
    }

    internal static Problem UnknownFramework(long position, Guid framework) =>
        KernelProblems.NotFound.Because($"At position {position} there is no framework {framework}.");

    internal static async Task<(CumulativeStatistics? Statistics, Problem? Unknown)> Answer(Question question, FiguresReader figures, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        if (question.Framework is { } framework && frameworks.Count == 0)
            return (null, UnknownFramework(question.Position, framework));
        var cells = await figures.Figures(question, cancellation);
        var names = await figures.ShortNames(question, cancellation);
        var total = cells.GetValueOrDefault(new Cell("total", null, null), Figures.None);
        return (new CumulativeStatistics(
            question.Framework,
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            question.AsOf,
            question.KnownAt,
            question.Position,
            Question.Definition,
            question.Lineage ? Questions.LineageView : null,
            total.MeetingsHeld,
            total.Attendances,
            total.Unnamed,
            total.Staff,
            await figures.NotCounted(question, cancellation),
            [
                .. from level in await figures.Levels(question, cancellation)
                   where question.Level is null || question.Level == level.Code
                   let f = cells.GetValueOrDefault(new Cell("level", level.Framework.ToString(), level.Code), Figures.None)
                   select new LevelFigures(level.Framework, level.Code, f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from cell in cells
                   where cell.Key.Dimension == "year"
                   let year = int.Parse(cell.Key.Value!, CultureInfo.InvariantCulture)
                   orderby year
                   select new YearFigures(year, cell.Value.MeetingsHeld, cell.Value.Attendances, cell.Value.Unnamed, cell.Value.Staff),
            ],
            [
                .. from known in frameworks
                   from party in known.Parties
                   where question.Party is null || question.Party == party
                   let f = cells.GetValueOrDefault(new Cell("party", known.Id.ToString(), party), Figures.None)
                   select new PartyFigures(known.Id, party, f.MeetingsHeld, f.Attendances, f.Unnamed, f.Staff),
            ],
            [
                .. from cell in cells
                   where cell.Key.Dimension == "organisation"
                   let id = cell.Key.Value!
                   let name = names.GetValueOrDefault(id)
                   orderby name is null, name, id
                   select new OrganisationFigures(id, name, cell.Value.MeetingsHeld, cell.Value.Attendances, cell.Value.Unnamed, cell.Value.Staff),
            ]), null);
    }
}
