using System.Buffers;
using System.Globalization;
using System.Text;

namespace CooperationEvents.Kernel;

/// <summary>
/// The one form in which texts are taken, compared and looked up: NFC, without outer blanks and without characters that show
/// nothing. What a script needs to be written stays where it has an effect: joiners between letters that join and in emoji,
/// variation selectors of emoji and ideographs, the tags of a flag.
/// </summary>
public static class NormalForm
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int KeycapMark = 0x20E3;
    private const int FullwidthFirst = 0xFF01;
    private const int FullwidthLast = 0xFF5E;
    private const int BlackFlag = 0x1F3F4;

    /// <summary>The normal form of a text of any number of lines. Taken twice it is the same as taken once.</summary>
    public static string Of(string text)
    {
        if (IsPlain(text))
            return text.Trim(' ');

        // Each step may bring together what the next one composes; each that changes anything leaves less, so that it ends.
        while (true)
        {
            var next = Step(text);
            if (next == text)
                return text;
            text = next;
        }
    }

    /// <summary>The normal form of a text of one line: line breaks and tabs in it are blanks.</summary>
    public static string OfLine(string text)
    {
        var normal = Of(text);
        if (!normal.AsSpan().ContainsAny(AnyLineBreak))
            return normal;
        var line = new StringBuilder(normal.Length);
        foreach (var part in normal.Split(LineBreaks, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            line.Append(line.Length > 0 ? " " : "").Append(part);
        return Of(line.ToString());
    }

    /// <summary>
    /// The normal form of a text that is looked for in a file, such as the name of a column: in it blanks of any width and number are one,
    /// since they look alike.
    /// </summary>
    public static string OfName(string text)
    {
        var line = OfLine(text);
        if (IsPlain(line) && !line.Contains("  ", StringComparison.Ordinal))
            return line;
        var words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 ? Of(string.Join(' ', words)) : line;
    }

    /// <summary>
    /// The words of a name in lower case, without accents and what stands between them: alike however the name is written.
    /// </summary>
    public static IReadOnlyList<string> Words(string text) => WordsOf(text, Folded);

    /// <summary>
    /// The same words as records may have been noted under: a letter that shares its capital with another, or has a stroke, as it is.
    /// </summary>
    public static IReadOnlyList<string> EarlierWords(string text) =>
        WordsOf(text, letter => letter.Value == 'ß' ? "ss" : letter.ToString());

    /// <summary>
    /// The text as it is compared whatever its capitals: letters as in <see cref="Words"/>, without the accents that capitals may lack, and
    /// all else as it is.
    /// </summary>
    public static string WithoutCapitals(string text) =>
        IsPlain(text) ? text.ToLowerInvariant() : string.Concat(LettersOf(text).Select(letter => letter.Folded));

    /// <summary>What comes after the beginning of a text, whatever the capitals of either; null where the text begins otherwise.</summary>
    public static string? After(string beginning, string text)
    {
        var wanted = WithoutCapitals(beginning);
        var (matched, end) = (0, 0);
        foreach (var (next, folded) in LettersOf(text))
        {
            if (matched == wanted.Length && folded.Length > 0)
                break;
            if (matched + folded.Length > wanted.Length || string.CompareOrdinal(wanted, matched, folded, 0, folded.Length) != 0)
                return null;
            (matched, end) = (matched + folded.Length, next);
        }

        return matched == wanted.Length ? text[end..] : null;
    }

    /// <summary>Each character with where it ends, and as it is compared whatever the capitals.</summary>
    private static IEnumerable<(int End, string Folded)> LettersOf(string text)
    {
        var (end, hasCapital) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            end += rune.Utf16SequenceLength;
            var folded = "";
            foreach (var value in CanonicalForm.Decomposed(rune.ToString()))
            {
                var letter = new Rune(value);
                if (hasCapital && Rune.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark)
                    continue;
                var small = Rune.ToLowerInvariant(letter);
                hasCapital = small != letter || Rune.ToUpperInvariant(letter) != letter;
                folded += Folded(small);
            }

            yield return (end, folded);
        }
    }

    private static IReadOnlyList<string> WordsOf(string text, Func<Rune, string> inWords)
    {
        var folded = new StringBuilder(text.Length);
        if (IsPlain(text))
            AppendPlain(folded, text);
        else
            AppendFolded(folded, OfLine(text), inWords);
        var words = folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? words : [OfLine(text)];
    }

    /// <summary>Of a plain text: its letters have no accents, and ^ and ` are marks.</summary>
    private static void AppendPlain(StringBuilder folded, string text)
    {
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character))
                folded.Append(char.ToLowerInvariant(character));
            else if (character is not ('\'' or '^' or '`'))
                folded.Append(' ');
        }
    }

    private static void AppendFolded(StringBuilder folded, string line, Func<Rune, string> inWords)
    {
        foreach (var value in CanonicalForm.Decomposed(line))
        {
            var rune = new Rune(value is >= FullwidthFirst and <= FullwidthLast ? value - FullwidthFirst + '!' : value);
            if (Rune.IsLetterOrDigit(rune))
                folded.Append(inWords(Rune.ToLowerInvariant(rune)));
            else if (!IsMark(rune) && rune.Value is not ('\'' or 0x2019 or ZeroWidthNonJoiner or ZeroWidthJoiner))
                folded.Append(' ');
        }
    }

    /// <summary>
    /// A small letter as it is compared: one letter for those that share a capital, the plain one for a letter with a stroke, and the
    /// letters that a ligature stands for.
    /// </summary>
    private static string Folded(Rune letter) =>
        letter.Value switch
        {
            'ß' => "ss",
            'ς' => "σ",
            'ı' => "i",
            'ſ' => "s",
            'ł' => "l",
            'ø' => "o",
            'đ' or 'ð' => "d",
            'ħ' => "h",
            'ŧ' => "t",
            'þ' => "th",
            'æ' => "ae",
            'œ' => "oe",
            'ĳ' => "ij",
            'ﬀ' => "ff",
            'ﬁ' => "fi",
            'ﬂ' => "fl",
            'ﬃ' => "ffi",
            'ﬄ' => "ffl",
            'ﬅ' or 'ﬆ' => "st",
            _ => letter.ToString(),
        };

    private static readonly char[] LineBreaks = ['\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029'];

    /// <summary>The space separators of Unicode.</summary>
    private static readonly char[] Blanks =
    [
        ' ',
        '\u00A0',
        '\u1680',
        .. Enumerable.Range(0x2000, 11).Select(c => (char)c),
        '\u202F',
        '\u205F',
        '\u3000',
    ];
    private static readonly SearchValues<char> AnyLineBreak = SearchValues.Create(LineBreaks);

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string Step(string text)
    {
        var runes = CanonicalForm.Compose(text).EnumerateRunes().ToArray();
        var kept = new List<Rune>(runes.Length);
        for (var i = 0; i < runes.Length; i++)
        {
            if (Shows(kept, runes[i], runes.AsSpan(i + 1)))
                kept.Add(runes[i]);
        }

        var (first, last) = (0, kept.Count - 1);
        while (first <= last && IsBlank(kept[first]))
            first++;
        while (last >= first && IsBlank(kept[last]))
            last--;
        var form = new StringBuilder(text.Length);
        for (var i = first; i <= last; i++)
            form.Append(kept[i].ToString());
        return CanonicalForm.Compose(form.ToString());
    }

    /// <summary>Whether a character is seen, or changes how those beside it are.</summary>
    private static bool Shows(List<Rune> before, Rune rune, ReadOnlySpan<Rune> after) =>
        rune.Value switch
        {
            ZeroWidthNonJoiner or ZeroWidthJoiner => Joins(Base(before)) && Joins(Following(after)),
            (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F and not 0x180E) => before.Count > 0
                && !IsSelector(before[^1])
                && (Varies(before[^1].Value) || !after.IsEmpty && after[0].Value == KeycapMark),
            >= 0xE0020 and <= 0xE007F => before.Count > 0 && before[^1].Value is BlackFlag or (>= 0xE0020 and <= 0xE007E),
            0x115F or 0x1160 => before.Count > 0 && IsJamo(before[^1].Value) || !after.IsEmpty && IsJamo(after[0].Value),
            _ => !IsIgnorable(rune.Value),
        };

    /// <summary>The character that marks and selectors before a joiner belong to.</summary>
    private static int Base(List<Rune> before)
    {
        for (var i = before.Count - 1; i >= 0; i--)
        {
            if (!IsMark(before[i]))
                return before[i].Value;
        }

        return 0;
    }

    private static int Following(ReadOnlySpan<Rune> after)
    {
        foreach (var rune in after)
        {
            if (!IsMark(rune) && !IsIgnorable(rune.Value))
                return rune.Value;
        }

        return 0;
    }

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.ModifierSymbol;

    private static bool IsSelector(Rune rune) =>
        rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F);

    private static bool IsJamo(int value) =>
        value is (>= 0x1100 and <= 0x11FF and not 0x115F and not 0x1160) or (>= 0xA960 and <= 0xA97F) or (>= 0xD7B0 and <= 0xD7FF);

    /// <summary>
    /// Whether the character belongs to a script or to pictures in which joiners change what is seen; Latin, Greek and Cyrillic are none.
    /// </summary>
    private static bool Joins(int value) =>
        value
            is >= 0x0590
                and not (>= 0x1C80 and <= 0x1C8F)
                and not (>= 0x1D00 and <= 0x1FFF)
                and not (>= 0x2000 and <= 0x218F)
                and not (>= 0x2C60 and <= 0x2C7F)
                and not (>= 0xA640 and <= 0xA69F)
                and not (>= 0xA720 and <= 0xA7FF)
                and not (>= 0xAB30 and <= 0xAB6F)
                and not (>= 0xFB00 and <= 0xFB06)
                and not (>= 0xFF00 and <= 0xFF5E)
                and not (>= 0x1D400 and <= 0x1D7FF);

    /// <summary>Whether a variation selector after the character changes what is seen.</summary>
    private static bool Varies(int value) => value is 0xA9 or 0xAE or 0x203C or 0x2049 or 0x2122 or 0x2139 || Joins(value);

    /// <summary>Blanks, and what shows as one.</summary>
    private static bool IsBlank(Rune rune) => Rune.IsWhiteSpace(rune) || rune.Value == 0x2800;

    /// <summary>Unicode's default-ignorable characters, with those that annotate or direct text.</summary>
    private static bool IsIgnorable(int value) =>
        value
            is 0x00AD
                or 0x034F
                or 0x061C
                or 0x115F
                or 0x1160
                or 0x17B4
                or 0x17B5
                or (>= 0x180B and <= 0x180F)
                or (>= 0x200B and <= 0x200F)
                or (>= 0x202A and <= 0x202E)
                or (>= 0x2060 and <= 0x206F)
                or 0x3164
                or (>= 0xFE00 and <= 0xFE0F)
                or 0xFEFF
                or 0xFFA0
                or (>= 0xFFF0 and <= 0xFFFB)
                or (>= 0x1BCA0 and <= 0x1BCA3)
                or (>= 0x1D173 and <= 0x1D17A)
                or (>= 0xE0000 and <= 0xE0FFF);
}
