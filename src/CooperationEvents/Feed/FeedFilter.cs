using CooperationEvents.Kernel;
using CooperationEvents.Reading;

namespace CooperationEvents.Feed;

/// <summary>Which events a reader wants: those of <paramref name="Types"/>, of <paramref name="StreamTypes"/> and of <paramref name="Stream"/>; what is null asks for nothing.</summary>
public sealed record FeedFilter(ValueList<string>? Types = null, ValueList<string>? StreamTypes = null, Guid? Stream = null)
{
    public static FeedFilter Everything { get; } = new();

    /// <summary>The stored types that pass, or null where all do.</summary>
    public string[]? PassingTypes { get; } = (Types, StreamTypes) switch
    {
        (null, null) => null,
        ({ } types, null) => [.. types],
        (null, { } streams) => [.. streams.SelectMany(PublicData.TypesIn)],
        ({ } types, { } streams) => [.. streams.SelectMany(PublicData.TypesIn).Intersect(types)],
    };

    public bool Passes(FeedItem item) =>
        (PassingTypes is null || PassingTypes.Contains(item.Type)) && (Stream is null || Stream == item.Stream);

    /// <summary>The filter in a query: <c>type</c>, <c>streamType</c> and <c>stream</c>.</summary>
    public static FeedFilter Read(QueryParameters query)
    {
        ValueList<string>? types = query.OneOf("type", [.. PublicData.Types]) is { } type ? [type] : null;
        ValueList<string>? streamTypes = query.OneOf("streamType", [.. PublicData.StreamTypes]) is { } streamType ? [streamType] : null;
        return new FeedFilter(types, streamTypes, query.Id("stream"));
    }
}
