using System.Globalization;
using CooperationEvents.AuditLog;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Audit.History;

public static class ListAuditEventsEndpoint
{
    [WolverineGet("/v1/audit/events", OperationId = "list-audit-events")]
    [Query(
        Scopes.AuditRead,
        typeof(Page<EventAnswer>),
        "after",
        "stream",
        "history:type",
        "actor",
        "source",
        "correlation",
        "recorded:from",
        "recorded:to",
        "limit"
    )]
    public static Task<IResult> List(HttpContext http, EventHistory history)
    {
        var query = new QueryParameters(http.Request.Query);
        var conditions = new List<(string, object)>();
        Add("e.stream_id = ?", query.Id("stream"));
        Add("e.type = ?", query.OneOf("type", [.. StreamTypes.All.Keys.Order()]));
        Add("e.user_name = ?", query.Id("actor")?.ToString());
        Add("e.headers ->> 'source' = ?", query.Text("source"));
        Add("e.correlation_id = ?", query.Text("correlation"));
        var (from, to) = (query.Time("from"), query.Time("to"));
        query.RefuseAfter(from, to);
        Add("e.timestamp >= ?", from);
        Add("e.timestamp < ?", to);
        return EventPages.Answer(http, query, history, conditions);

        void Add(string sql, object? value)
        {
            if (value is not null)
                conditions.Add((sql, value));
        }
    }
}

public static class GetAuditStreamEndpoint
{
    [WolverineGet("/v1/audit/streams/{streamId}", OperationId = "get-audit-stream")]
    [Query(Scopes.AuditRead, typeof(Page<EventAnswer>), "after", "limit")]
    public static Task<IResult> Get(string streamId, HttpContext http, EventHistory history) =>
        Uuid.Read(streamId) is { } id
            ? EventPages.Answer(
                http,
                new QueryParameters(http.Request.Query),
                history,
                [("e.stream_id = ?", id)],
                unknown: $"There is no stream {streamId}."
            )
            : Task.FromResult(ProblemResult.Of(KernelProblems.NotFound.Because($"There is no stream {streamId}; ids are UUIDs.")));
}

/// <summary>Pages of the history, each beginning after a position.</summary>
internal static class EventPages
{
    /// <param name="unknown">What is said where nothing meets the conditions; null where that is an answer.</param>
    public static async Task<IResult> Answer(
        HttpContext http,
        QueryParameters query,
        EventHistory history,
        IReadOnlyList<(string Sql, object Value)> conditions,
        string? unknown = null
    )
    {
        var after = query.Position("after") ?? 0;
        var limit = query.Number("limit", 1, Reader.LargestPage) ?? Reader.DefaultPageSize;
        var (settled, refused) = await history.Begin(http, query);
        if (refused is not null)
            return refused;
        var events = (
            await history.Find([.. conditions, ("e.seq_id > ?", after), ("e.seq_id <= ?", settled)], limit + 1, http.RequestAborted)
        ).ToList();
        if (events.Count == 0 && after == 0 && unknown is not null)
            return ProblemResult.Of(KernelProblems.NotFound.Because(unknown));
        if (events.Count > limit)
        {
            events.RemoveAt(limit);
            Cursor.LinkTo(http, new KeyValuePair<string, string?>("after", events[^1].Seq.ToString(CultureInfo.InvariantCulture)));
        }

        var answers = new List<EventAnswer>(events.Count);
        foreach (var e in events)
            answers.Add(await history.Answer(http, e));
        return Results.Json(new Page<EventAnswer>(answers), Json.Options);
    }
}
