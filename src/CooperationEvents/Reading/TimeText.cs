using System.Globalization;
using System.Text.RegularExpressions;

namespace CooperationEvents.Reading;

/// <summary>Reads a moment from a query: RFC 3339, a minute, or a day for its beginning in UTC.</summary>
public static partial class TimeText
{
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
            BeyondTicks().Replace(text, "$1").ToUpperInvariant(),
            Formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? (time, null)
            : (null, "Must be a time such as 2026-01-31T12:00:00Z, or a day such as 2026-01-31 for its beginning in UTC.");
    }

    [GeneratedRegex(@"(\.[0-9]{7})[0-9]{1,2}(?=[^0-9]|$)")]
    private static partial Regex BeyondTicks();
}
