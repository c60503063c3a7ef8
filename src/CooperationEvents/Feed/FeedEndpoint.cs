using System.Globalization;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Feed;

/// <summary>
/// The history after a position, as pages or, by <c>Accept: text/event-stream</c>, as a stream. A page with a link to the next
/// one is to be followed, also where a filter has left it empty; after one without, whoever asks on asks after the page's
/// <c>Cooperation-Position</c>: everything up to there was shown.
/// </summary>
public static class FeedEndpoint
{
    public const string StreamMediaType = "text/event-stream";

    private const string Description =
        "Committed events in order of position, each once and none left out; protected members of their data are not shown, and published "
        + "figures only to statistics:read. "
        + "Follow the link to the next page while there is one, also from a page that a filter has left empty; from a page without, "
        + "ask on after its Cooperation-Position. As text/event-stream each event has its position as id, its type as event and the item "
        + "as data; "
        + "Last-Event-ID goes before after, and an id without data says how far a filter has looked.";

    [WolverineGet("/v1/feed", OperationId = "read-feed"), Unlimited]
    [Query(
        Scopes.ActivityRead,
        typeof(Page<FeedItem>),
        "after",
        "type",
        "streamType",
        "stream",
        "limit",
        Description = Description,
        MediaTypes = ["application/json", StreamMediaType],
        Refuses = ["400"]
    )]
    public static async Task<IResult> Get(HttpContext http, Reader reader, ReadPosition position, FeedReader feed, FeedStreams streams)
    {
        var query = new QueryParameters(http.Request.Query);
        var after = query.Position("after") ?? 0;
        var filter = FeedFilter.Read(query, http.User);
        var limit = query.Number("limit", 1, Reader.LargestPage);
        http.Response.Headers.Vary = "Accept";
        var asStream = MediaTypes.Preferred(http.Request, "application/json", StreamMediaType) == StreamMediaType;
        if (asStream && limit is not null)
            query.Refuse("limit", "A stream of events has no end; leave the limit out.");
        var (settled, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return refused;

        if (asStream)
        {
            var (last, unreadable) = LastEventId(http.Request);
            if (unreadable is not null)
                return ProblemResult.Of(unreadable);
            after = last ?? after;
        }

        if (after > settled)
        {
            (settled, var late) = await position.Reach(after, http.RequestAborted);
            http.Response.Headers[CommandEndpoint.PositionHeader] = settled.ToString(CultureInfo.InvariantCulture);
            if (late is not null)
                return ProblemResult.Of(late);
        }

        if (asStream)
            return RequestCheck.IsHead(http) ? Results.Text("", StreamMediaType) : streams.Open(after, filter, http.User.PrincipalId());
        var batch = await feed.Read(after, settled, filter, limit ?? Reader.DefaultPageSize, http.RequestAborted);
        if (batch is { Items.Count: 0, Newer: { } newer })
            return ProblemResult.Of(newer.Problem);
        if (batch.More)
            Cursor.LinkTo(http, new KeyValuePair<string, string?>("after", batch.Reached.ToString(CultureInfo.InvariantCulture)));
        return Results.Json(new Page<FeedItem>(batch.Items), Json.Options);
    }

    /// <summary>One event as the feed shows it: where the events behind a figure are opened.</summary>
    [
        WolverineGet("/v1/feed/events/{eventId}", OperationId = "read-event"),
        Query(
            Scopes.ActivityRead,
            typeof(FeedItem),
            Description = "One event as the feed shows it; published figures only to statistics:read."
        )
    ]
    public static async Task<IResult> GetOne(string eventId, HttpContext http, Reader reader, FeedReader feed)
    {
        var (settled, refused) = await reader.Begin(http, new QueryParameters(http.Request.Query));
        if (refused is not null)
            return refused;
        return
            Uuid.Read(eventId) is { } id
            && await feed.Find(id, settled, http.RequestAborted) is { } item
            && FeedFilter.Of(http.User).Passes(item)
            ? Results.Json(item, Json.Options)
            : ProblemResult.Of(KernelProblems.NotFound.Because($"There is no event {eventId} up to position {settled}."));
    }

    /// <summary>Where a client that was cut off says it had come to.</summary>
    private static (long? Position, Problem? Problem) LastEventId(HttpRequest request)
    {
        var given = request.Headers["Last-Event-ID"];
        if (given.Count == 0 || given is [""])
            return (null, null);
        return given is [{ } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? (position, null)
            : (null, RecordingProblems.InvalidHeader.Because("Last-Event-ID must be the id of an event of this stream: a position."));
    }
}
