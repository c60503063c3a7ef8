using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Statistics;

/// <summary>
/// The items behind a figure. Their number equals the figure; of delegations, the sum of their heads. A figure that is a
/// largest meeting's names that meeting.
/// </summary>
public sealed record Explanation(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string Measure,
    string? Level,
    int? Year,
    string? Party,
    string? Organisation,
    string? OrgView,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Figure,
    Guid? Meeting,
    ValueList<Explained> Items);

/// <summary>One item: a meeting, an attendance (a pair of person and meeting), a person, or a delegation, with the events that made it.</summary>
public sealed record Explained(
    string Kind,
    Guid? MeetingId,
    Guid? PersonId,
    Guid? OrganisationId,
    string? Role,
    int? Heads,
    string? Precision,
    string? Title,
    string? Start,
    ValueList<Guid> Events);

/// <summary>A figure that can be taken apart: the SQL of its items, over the relations of <see cref="CountedFacts"/>, and how it is read off the figures.</summary>
internal sealed record Measure(string Name, string Items, Func<Figures, NotCounted, int?> Figure)
{
    private const string Columns = "kind, meeting_id, person_id, organisation_id, role, heads, precision, title, starts, evidence, last_day";

    private static string Meetings => """
        select distinct 'meeting' as kind, meeting_id, null::uuid as person_id, null::uuid as organisation_id, null::text as role, null::int as heads,
               null::text as precision, title, starts, evidence, last_day
        from scope
        """;

    private static string Pairs(string where = "true") => $"""
        select distinct 'attendance' as kind, c.meeting_id, c.person_id, c.organisation_id, c.role, null::int as heads, null::text as precision,
               m.title, m.starts, c.evidence, m.last_day
        from (
            select c.meeting_id, c.person_id, (array_agg(c.organisation_id order by c.organisation_id, c.role))[1] as organisation_id,
                   (array_agg(c.role order by c.organisation_id, c.role))[1] as role, array_agg(distinct event order by event) as evidence
            from counted c, unnest(c.evidence) event where {where} group by c.meeting_id, c.person_id
        ) c join meeting m using (meeting_id)
        """;

    private static string Persons => """
        select 'person' as kind, null::uuid as meeting_id, person_id, null::uuid as organisation_id, null::text as role, null::int as heads, null::text as precision,
               null::text as title, null::text as starts, array_agg(distinct event order by event) as evidence, null::date as last_day
        from counted, unnest(evidence) event group by person_id
        """;

    private static string Delegations(string where = "true") => $"""
        select distinct 'delegation' as kind, h.meeting_id, null::uuid as person_id, h.organisation_id, null::text as role, h.heads, h.precision,
               m.title, m.starts, h.evidence, m.last_day
        from heads h join meeting m using (meeting_id) where {where}
        """;

    private static string Uncounted(string category) => $"""
        select distinct 'attendance' as kind, u.meeting_id, u.person_id, u.organisation_id, u.role, null::int as heads, null::text as precision,
               m.title, m.starts, u.evidence, m.last_day
        from uncounted u join meeting m using (meeting_id) where u.category = '{category}'
        """;

    private static string GuestHeads => """
        select distinct 'delegation' as kind, h.meeting_id, null::uuid as person_id, h.organisation_id, null::text as role, h.heads, h.precision,
               m.title, m.starts, h.evidence, m.last_day
        from guest_heads h join meeting m using (meeting_id)
        """;

    public static IReadOnlyList<Measure> All { get; } =
    [
        new("meetingsHeld", Meetings, (f, _) => f.MeetingsHeld),
        new("attendances", Pairs(), (f, _) => f.Attendances),
        new("unnamed", Delegations(), (f, _) => f.Unnamed),
        new("staff.known", Persons, (f, _) => f.Staff.Known),
        new("staff.atLeast", Persons, (f, _) => f.Staff.AtLeast),
        new("staff.atMost", $"select {Columns} from ({Persons}) p union all select {Columns} from ({Delegations()}) d", (f, _) => f.Staff.AtMost),
        new("notCounted.observers", Uncounted("observers"), (_, n) => n.Observers),
        new("notCounted.interpreters", Uncounted("interpreters"), (_, n) => n.Interpreters),
        new("notCounted.support", Uncounted("support"), (_, n) => n.Support),
        new("notCounted.guests", Uncounted("guests"), (_, n) => n.Guests),
        new("notCounted.guestHeads", GuestHeads, (_, n) => n.GuestHeads),
    ];

    /// <summary>The people of one meeting, which are more than all the persons known.</summary>
    public static Measure LargestMeeting(Measure atLeast, Guid meetingId) => atLeast with
    {
        Items = $"""
            select {Columns} from ({Pairs($"c.meeting_id = '{meetingId}'")}) p
            union all
            select {Columns} from ({Delegations($"h.meeting_id = '{meetingId}' and h.precision <> 'estimated'")}) d
            """,
    };
}

public static class ExplanationEndpoint
{
    private const int LargestPage = 10_000;

    [WolverineGet("/v1/statistics/explain", OperationId = "explain-statistics")]
    [Query(Scopes.StatisticsRead, typeof(Explanation), "framework", "asOf", "knownAt", "level", "year", "party", "organisation", "orgView", "measure", "limit", "cursor")]
    public static async Task<IResult> Get(HttpContext http, Questions questions, FiguresReader reader)
    {
        string? name = null;
        var (limit, skip) = (LargestPage, 0);
        var (question, refused) = await questions.Read(http, query =>
        {
            name = query.OneOf("measure", [.. Measure.All.Select(m => m.Name)]);
            limit = query.Number("limit", 1, LargestPage) ?? LargestPage;
            if (query.Text("cursor") is { } cursor && Cursor.Read(cursor, query) is { } key && !int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out skip))
                query.Refuse("cursor", "Must be a cursor from a Link header of this list.");
        });
        if (refused is not null)
            return refused;

        if (question!.Framework is { } framework && await reader.Frameworks(question, http.RequestAborted) is [])
            return ProblemResult.Of(CumulativeStatisticsEndpoint.UnknownFramework(question.Position, framework));
        var measure = Measure.All.First(m => m.Name == (name ?? "meetingsHeld"));
        var cells = await reader.Figures(question, http.RequestAborted);
        var total = cells.GetValueOrDefault(new Cell("total", null, null), Figures.None);
        var figure = measure.Figure(total, await reader.NotCounted(question, http.RequestAborted));
        Guid? largest = null;
        if (measure.Name == "staff.atLeast" && total.Staff.AtLeast > total.Staff.Known)
        {
            largest = await reader.LargestMeeting(question, http.RequestAborted);
            measure = Measure.LargestMeeting(measure, largest!.Value);
        }

        // One more than asked for tells whether there is a next page; the position is fixed in its link.
        var items = await reader.Explain(question, measure, skip, limit + 1, http.RequestAborted);
        if (items.Count > limit)
            Cursor.Link(http, Cursor.Write((skip + limit).ToString(CultureInfo.InvariantCulture)), new("knownAt", question.Position.ToString(CultureInfo.InvariantCulture)), new("asOf", question.AsOf.ToString("O", CultureInfo.InvariantCulture)));
        return Results.Json(
            new Explanation(
                question.Framework,
                question.AsOf,
                question.KnownAt,
                question.Position,
                Question.Definition,
                measure.Name,
                question.Level,
                question.Year,
                question.Party,
                question.Organisation,
                question.Lineage ? Questions.LineageView : null,
                figure,
                largest,
                [.. items.Take(limit)]),
            Json.Options);
    }
}
