using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;

namespace CooperationEvents.Audit.History;

/// <summary>A moment in the life of a stream: everything up to a position, and, where one is given, up to a version.</summary>
/// <param name="Day">The day on which that is looked at, in UTC: that of the time asked for; else today.</param>
public sealed record PointInHistory(long Position, long? Version, string Words, DateOnly Day);

/// <summary>A moment in the life of a stream as somebody asks for it.</summary>
public sealed record AskedMoment(long? Version, AskedPoint Point)
{
    public const string Forms = "a version (3), a time (2026-01-31T12:00:00Z) or a position (position:120)";

    private const string PositionPrefix = "position:";

    /// <summary>Reads <c>version</c>, <c>at</c> or <c>position</c>; the newest settled position where there is none of them.</summary>
    public static AskedMoment Read(QueryParameters query, TimeProvider clock)
    {
        var (version, at, position) = (query.Version("version"), Time(query, "at", clock), query.Position("position"));
        if (new object?[] { version, at, position }.Count(m => m is not null) > 1)
            query.Refuse("version", "Give one of version, at and position.");
        return new AskedMoment(version, new AskedPoint(position, at));
    }

    /// <summary>Reads a parameter that may hold a moment in any of <see cref="Forms"/>.</summary>
    public static AskedMoment Read(QueryParameters query, string name, bool required, TimeProvider clock)
    {
        var text = query.Text(name);
        if (text is null && required)
            query.Refuse(name, $"Give {Forms}.");
        return text switch
        {
            null => new AskedMoment(null, default),
            _ when text.StartsWith(PositionPrefix, StringComparison.Ordinal) && Number(text[PositionPrefix.Length..]) is { } position =>
                new AskedMoment(null, new AskedPoint(position)),
            _ when text.All(char.IsAsciiDigit) => new AskedMoment(query.Version(name), default),
            _ => new AskedMoment(null, new AskedPoint(null, Time(query, name, clock))),
        };
    }

    /// <param name="newest">The newest settled position.</param>
    public async Task<(PointInHistory? Point, Problem? Problem)> Resolve(
        SettledPositions settled,
        long newest,
        TimeProvider clock,
        CancellationToken cancellation
    )
    {
        var (position, unsettled) = await settled.Resolve(Point, newest, cancellation);
        if (unsettled is not null)
            return (null, unsettled);
        var words =
            Point.Time is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFF}Z")
            : Version is { } version ? $"version {version}"
            : $"position {position}";
        var day = DateOnly.FromDateTime((Point.Time ?? clock.GetUtcNow()).UtcDateTime);
        return (new PointInHistory(position, Version, words, day), null);
    }

    private static DateTimeOffset? Time(QueryParameters query, string name, TimeProvider clock)
    {
        var time = query.Time(name);
        if (AskedPoint.Fault(time, clock) is { } fault)
            query.Refuse(name, fault);
        return time;
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
