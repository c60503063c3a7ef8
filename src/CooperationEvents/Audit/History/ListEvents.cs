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
        typeof(EventPage),
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
    [Query(Scopes.AuditRead, typeof(EventPage), "after", "limit")]
    public static Task<IResult> Get(string streamId, HttpContext http, EventHistory history) =>
        Uuid.Read(streamId) is { } id
            ? EventPages.Answer(http, new QueryParameters(http.Request.Query), history, [("e.stream_id = ?", id)], stream: id)
            : Task.FromResult(ProblemResult.Of(KernelProblems.NotFound.Because($"There is no stream {streamId}; ids are UUIDs.")));
}

/// <summary>Pages of the history, each beginning after a position.</summary>
internal static class EventPages
{
    /// <param name="stream">The stream that must be there, where the page is one of a stream.</param>
    public static async Task<IResult> Answer(
        HttpContext http,
        QueryParameters query,
        EventHistory history,
        IReadOnlyList<(string Sql, object Value)> conditions,
        Guid? stream = null
    )
    {
        var after = query.Position("after") ?? 0;
        var limit = query.Number("limit", 1, Reader.LargestPage) ?? Reader.DefaultPageSize;
        var (settled, refused) = await history.Begin(http, query, after);
        if (refused is not null)
            return refused;
        var events = (
            await history.Find([.. conditions, ("e.seq_id > ?", after), ("e.seq_id <= ?", settled)], limit + 1, http.RequestAborted)
        ).ToList();
        var versions = stream is { } one ? await history.Missing(one, settled, null, http.RequestAborted) : null;
        if (events.Count == 0 && versions is null && stream is { } asked && (after == 0 || !await IsThere(asked)))
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no stream {stream}."));
        var isLast = events.Count <= limit;
        if (!isLast)
        {
            events.RemoveAt(limit);
            Cursor.LinkTo(http, new KeyValuePair<string, string?>("after", events[^1].Seq.ToString(CultureInfo.InvariantCulture)));
        }

        var answers = new List<EventAnswer>(events.Count);
        foreach (var e in events)
            answers.Add(await history.Answer(http, e));
        IReadOnlyList<MissingEvent> missing =
            versions is not null ? [.. versions.Select(version => new MissingEvent(Version: version))]
            : conditions.Count == 0 ? await history.Missing(after, isLast ? settled : events[^1].Seq, http.RequestAborted)
            : [];
        return Results.Json(new EventPage(answers, missing.Count == 0 ? null : [.. missing]), Json.Options);

        async Task<bool> IsThere(Guid id) =>
            (await history.Find([("e.stream_id = ?", id), ("e.seq_id <= ?", settled)], 1, http.RequestAborted)).Count > 0;
    }
}
