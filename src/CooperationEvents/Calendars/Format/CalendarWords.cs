using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Calendars.Format;

/// <summary>Texts of a calendar as they are recorded and compared.</summary>
internal static partial class CalendarWords
{
    /// <summary>In normal form on one line, each run of blanks and control characters one blank.</summary>
    public static string OneLine(string? text) => string.IsNullOrEmpty(text) ? "" : NormalForm.OfLine(Blanks().Replace(text, " "));

    /// <summary>Whether two texts are one on a line.</summary>
    public static bool AreOne(string? text, string? other) => text == other || OneLine(text) == OneLine(other);

    /// <summary>A UID in normal form, and without what escapes a character (RFC 5545, 3.3.11), so that its spellings are one.</summary>
    public static string Uid(string text) => NormalForm.OfLine(Escaped().Replace(text, "$1"));

    [GeneratedRegex(@"\\([\\;,])")]
    private static partial Regex Escaped();

    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Blanks();
}
