using System.Globalization;
using System.Text.RegularExpressions;

namespace CooperationEvents.Kernel;

/// <summary>Reads a moment from a query: RFC 3339, a minute, or a day for its beginning in UTC.</summary>
public static partial class TimeText
{
    /// <summary>What a moment is written as, save that each month has its days.</summary>
    public const string Pattern =
        "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([Tt]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)(\\.[0-9]{1,9})?)?"
        + "([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$";

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>
    /// The moment, or in words that complete a sentence why there is none. Digits beyond a ten-millionth of a second are cut.
    /// </summary>
    public static (DateTimeOffset? Time, string? Fault) Read(string text)
    {
        if (text.Contains(' ', StringComparison.Ordinal))
            return (null, "Holds a blank. A + in a query stands for a blank; write %2B for the sign of an offset.");
        return DateTimeOffset.TryParseExact(
            BeyondTicks().Replace(Spelled(text), "$1"),
            Formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? (time, null)
            : (null, "Must be a time such as 2026-01-31T12:00:00Z, or a day such as 2026-01-31 for its beginning in UTC.");
    }

    /// <summary>
    /// The same time in capitals, and a leap second as the last moment before it is over: clocks here have none.
    /// </summary>
    public static string Spelled(string text)
    {
        var capitals = text.ToUpperInvariant();
        var second = LeapSecond().Replace(capitals, "$1:59.999999");
        return
            second != capitals
            && DateTimeOffset.TryParse(second, CultureInfo.InvariantCulture, out var time)
            && time.UtcDateTime is { Hour: 23, Minute: 59 }
            ? second
            : capitals;
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}):60(?:\.[0-9]+)?(?=Z$|[+-][0-9]{2}:[0-9]{2}$)")]
    private static partial Regex LeapSecond();

    [GeneratedRegex(@"(\.[0-9]{7})[0-9]{1,2}(?=[^0-9]|$)")]
    private static partial Regex BeyondTicks();
}
