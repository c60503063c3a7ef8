using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Feed;

/// <summary>Reads the feed as its documentation says, by pages or as a stream.</summary>
internal static partial class FeedClient
{
    /// <summary>Every item of the pages from there on, and the position to ask on after.</summary>
    public static async Task<(IReadOnlyList<JsonNode> Items, long Reached)> ReadOn(this RegisterHost host, long after, string filter = "")
    {
        var items = new List<JsonNode>();
        var next = string.Create(CultureInfo.InvariantCulture, $"/v1/feed?after={after}{filter}");
        while (true)
        {
            var page = await host.Get(next, "analyst");
            items.AddRange(page.ShouldBeRead()["items"]!.AsArray().Select(i => i!));
            if (Next(page) is not { } link)
                return (items, page.PositionHeader);
            next = link;
        }
    }

    /// <summary>The items of a stream that is open, by .NET's own reader of server-sent events; it ends where the stream does.</summary>
    public static async IAsyncEnumerable<SseItem<string>> Events(this HttpResponseMessage stream)
    {
        await foreach (var item in SseParser.Create(await stream.Content.ReadAsStreamAsync()).EnumerateAsync())
            yield return item;
    }

    /// <summary>The next so many events of a stream.</summary>
    public static async Task<IReadOnlyList<SseItem<string>>> Take(this HttpResponseMessage stream, int count)
    {
        using var patience = new CancellationTokenSource(Wait.Patience);
        return await stream.Events().Take(count).ToListAsync(patience.Token);
    }

    /// <summary>The committed events, as the table has them.</summary>
    public static async Task<IReadOnlyList<(long Position, Guid Id)>> History(this TestDatabase database, long after = 0) =>
        [
            .. (
                await database.Rows(
                    "select seq_id, id from register.mt_events where type <> 'tombstone' and seq_id > $1 order by seq_id",
                    after
                )
            ).Select(row => ((long)row[0]!, (Guid)row[1]!)),
        ];

    public static (long Position, Guid Id) Place(this JsonNode item) => (item["position"]!.GetValue<long>(), item["id"]!.GetValue<Guid>());

    public static string? Next(Answer page) =>
        page.Header("Link") is { } link
            ? NextLink().Match(link) is { Success: true } match
                ? match.Groups[1].Value
                : throw new InvalidOperationException(link)
            : null;

    [GeneratedRegex("^<([^>]+)>; rel=\"next\"$")]
    private static partial Regex NextLink();
}
