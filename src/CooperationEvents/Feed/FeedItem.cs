using System.Text.Json;
using CooperationEvents.Kernel;

namespace CooperationEvents.Feed;

/// <summary>
/// An event of the history as other systems see it: its place, its metadata, and its data without the protected members.
/// <paramref name="At"/> is the time of recording in UTC, which need not ascend; <paramref name="Position"/> does.
/// </summary>
public sealed record FeedItem(
    long Position,
    Guid Id,
    Guid Stream,
    string StreamType,
    long Version,
    string Type,
    string At,
    string? Actor,
    string? OnBehalfOf,
    string? Source,
    string? Correlation,
    string? Causation,
    JsonElement Data
);

/// <summary>
/// The events that a filter leaves above <paramref name="After"/> up to <paramref name="Reached"/>, all of them and in order.
/// <paramref name="More"/>: what was asked for reaches further.
/// </summary>
public sealed record FeedBatch(long After, IReadOnlyList<FeedItem> Items, long Reached, bool More)
{
    /// <summary>What the next event is, where this node does not know its type: nothing follows here.</summary>
    public NewerVersionException? Newer { get; init; }
}
