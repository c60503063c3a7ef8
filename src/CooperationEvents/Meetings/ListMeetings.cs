using System.Text.Json;
using CooperationEvents.Access;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Meetings by the first day they were recorded with, which a new day does not change. From and to are days; a meeting is listed where any of its days lies between them, both included.</summary>
public static class ListMeetingsEndpoint
{
    [WolverineGet("/v1/meetings", OperationId = "list-meetings")]
    [Query(Scopes.ActivityRead, typeof(Page<MeetingSummary>), "framework", "level", "state", "from", "to", "organisation", "topic", "system", "id", "limit", "cursor", MediaTypes = ["application/json", ListTable.MediaType])]
    public static Task<IResult> Get(HttpContext http, Reader reader)
    {
        var query = new QueryParameters(http.Request.Query);
        return reader.List<MeetingView, MeetingSummary>(http, query, MeetingFilter.Of(query), MeetingSummary.Of);
    }
}

/// <summary>Which meetings a query asks for, as conditions on their read models.</summary>
internal static class MeetingFilter
{
    public static List<(string Sql, object Value)> Of(QueryParameters query)
    {
        var filter = new List<(string, object)>();
        var framework = query.Id("framework");
        var level = query.Text("level");
        if (framework is not null || level is not null)
            Holds(new { frameworks = new[] { new { frameworkId = framework, level } } });
        if (query.OneOf("state", "scheduled", "postponed", "cancelled", "held", "did-not-take-place", "voided") is { } state)
            filter.Add(("state = ?", state));
        if (query.Day("from") is { } from)
            filter.Add(("last_day >= ?", from));
        if (query.Day("to") is { } to)
            filter.Add(("first_day <= ?", to));
        if (query.Id("organisation") is { } organisation)
            Holds(new { organisations = new[] { organisation } });
        if (query.Text("topic") is { } topic)
            Holds(new { topics = new[] { topic } });
        return filter;

        void Holds(object part) => filter.Add(("data @> ?::jsonb", JsonSerializer.Serialize(part, Json.Options)));
    }
}
