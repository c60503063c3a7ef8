using System.Globalization;
using System.Text.Json.Serialization;
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
    string? OrgView,
    PartAsked? Part,
    string Measure,
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

public static class ExplanationEndpoint
{
    private const int LargestPage = 10_000;

    [WolverineGet("/v1/statistics/explain", OperationId = "explain-statistics")]
    [Statistic(typeof(Explanation), "measure", "limit", "cursor")]
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
        var counted = await reader.Count(question, http.RequestAborted);
        var figure = measure.Figure(counted.Whole, counted.NotCounted);
        Guid? largest = null;
        if (measure.Name == "staff.atLeast" && counted.Whole.Staff.AtLeast > counted.Whole.Staff.Known)
        {
            largest = counted.LargestMeeting;
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
                question.OrgView,
                PartAsked.Of(question.Part),
                measure.Name,
                figure,
                largest,
                [.. items.Take(limit)]),
            Json.Options);
    }
}
