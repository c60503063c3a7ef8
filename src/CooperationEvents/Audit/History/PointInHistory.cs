using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;

namespace CooperationEvents.Audit.History;

/// <summary>A moment in the life of a stream: everything up to a position, and, where one is given, up to a version.</summary>
public sealed record PointInHistory(long Position, long? Version, string Words)
{
    public const string Forms = "a version (3), a time (2026-01-31T12:00:00Z) or a position (position:120)";

    private const string PositionPrefix = "position:";

    /// <summary>Reads <c>version</c>, <c>at</c> or <c>position</c>; the newest settled position where there is none of them.</summary>
    public static Func<long, CancellationToken, Task<(PointInHistory? Point, Problem? Problem)>> Read(
        QueryParameters query,
        SettledPositions settled,
        TimeProvider clock
    )
    {
        var (version, at, position) = (query.Version("version"), query.Time("at"), query.Position("position"));
        if (new object?[] { version, at, position }.Count(m => m is not null) > 1)
            query.Refuse("version", "Give one of version, at and position.");
        return (newest, cancellation) => Resolve(version, at, position, newest, settled, clock, cancellation);
    }

    /// <summary>Reads a parameter that may hold a moment in any of <see cref="Forms"/>.</summary>
    public static Func<long, CancellationToken, Task<(PointInHistory? Point, Problem? Problem)>> Read(
        QueryParameters query,
        string name,
        bool required,
        SettledPositions settled,
        TimeProvider clock
    )
    {
        var text = query.Text(name);
        long? version = null,
            position = null;
        DateTimeOffset? at = null;
        if (text is null && required)
            query.Refuse(name, $"Give {Forms}.");
        else if (
            text is not null
            && text.StartsWith(PositionPrefix, StringComparison.Ordinal)
            && Number(text[PositionPrefix.Length..]) is { } p
        )
            position = p;
        else if (text is not null && text.All(char.IsAsciiDigit))
            version = query.Version(name);
        else if (text is not null)
            at = query.Time(name);
        return (newest, cancellation) => Resolve(version, at, position, newest, settled, clock, cancellation);
    }

    private static async Task<(PointInHistory? Point, Problem? Problem)> Resolve(
        long? version,
        DateTimeOffset? at,
        long? position,
        long newest,
        SettledPositions settled,
        TimeProvider clock,
        CancellationToken cancellation
    )
    {
        if (position > newest)
            return (
                null,
                KernelProblems.Busy.Because($"Position {position} is not settled yet; the newest settled position is {newest}.") with
                {
                    RetryAfter = 1,
                }
            );
        if (at > clock.GetUtcNow())
            return (null, KernelProblems.Invalid.At("/at", "Must not be in the future: what will be recorded cannot be known yet."));
        return at is { } time
            ? (
                new PointInHistory(
                    await settled.At(time, cancellation),
                    null,
                    string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFF}Z")
                ),
                null
            )
            : (new PointInHistory(position ?? newest, version, version is { } v ? $"version {v}" : $"position {position ?? newest}"), null);
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
