using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>Texts of a calendar as they are recorded and compared.</summary>
internal static partial class CalendarWords
{
    /// <summary>On one line, composed (NFC), without invisible characters, each run of blanks one blank, none at the ends.</summary>
    public static string OneLine(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var visible = string.Concat(text.EnumerateRunes().Where(r => !IsInvisible(r)));
        return Blanks().Replace(visible.IsNormalized() ? visible : visible.Normalize(NormalizationForm.FormC), " ").Trim();
    }

    /// <summary>Whether two texts are one on a line.</summary>
    public static bool AreOne(string? text, string? other) => text == other || OneLine(text) == OneLine(other);

    /// <summary>Joiners stay: scripts and symbols need them.</summary>
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format && rune.Value is not (0x200C or 0x200D);

    /// <summary>Blanks and control characters, whatever their number.</summary>
    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Blanks();
}
