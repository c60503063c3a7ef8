using System.Security.Claims;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;

namespace CooperationEvents.Feed;

/// <summary>
/// Which events a reader wants: those of <paramref name="Types"/>, of <paramref name="StreamTypes"/> and of <paramref name="Stream"/>. One
/// that is null restricts nothing.
/// </summary>
/// <param name="WithFigures">Whether the reader may see published figures.</param>
public sealed record FeedFilter(
    ValueList<string>? Types = null,
    ValueList<string>? StreamTypes = null,
    Guid? Stream = null,
    bool WithFigures = true
)
{
    private static readonly string FigureStream = $"{StreamKind.Publication}";

    /// <summary>Whether the reader may see published figures. Not to be changed afterwards: what passes was worked out from it.</summary>
    public bool WithFigures { get; } = WithFigures;

    public static FeedFilter Everything { get; } = new();

    /// <summary>The stored types that pass, or null where all do.</summary>
    public string[]? PassingTypes { get; } =
        Passing(Types, StreamTypes) is var passing && WithFigures
            ? passing
            : [.. (passing ?? PublicData.Types).Except(PublicData.TypesIn(FigureStream))];

    public bool Passes(FeedItem item) =>
        (PassingTypes is null || PassingTypes.Contains(item.Type)) && (Stream is null || Stream == item.Stream);

    /// <summary>Everything that the reader may see; figures only for <c>statistics:read</c>.</summary>
    public static FeedFilter Of(ClaimsPrincipal reader) => new(WithFigures: reader.Has(Scopes.StatisticsRead));

    /// <summary>The filter in a query: <c>type</c>, <c>streamType</c> and <c>stream</c>; figures only for <c>statistics:read</c>.</summary>
    public static FeedFilter Read(QueryParameters query, ClaimsPrincipal reader)
    {
        ValueList<string>? types = query.OneOf("type", [.. PublicData.Types]) is { } type ? [type] : null;
        ValueList<string>? streamTypes = query.OneOf("streamType", [.. PublicData.StreamTypes]) is { } streamType ? [streamType] : null;
        return new FeedFilter(types, streamTypes, query.Id("stream"), reader.Has(Scopes.StatisticsRead));
    }

    private static string[]? Passing(ValueList<string>? types, ValueList<string>? streams) =>
        (types, streams) switch
        {
            (null, null) => null,
            (not null, null) => [.. types],
            (null, not null) => [.. streams.SelectMany(PublicData.TypesIn)],
            _ => [.. types.Where(type => EventType.Find(type) is not { } known || streams.Contains($"{known.Stream}"))],
        };
}
