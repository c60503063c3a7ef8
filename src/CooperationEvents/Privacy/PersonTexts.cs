using System.Text;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>The words that name a person, as they were recorded: names, e-mail addresses, and the ids of other systems.</summary>
public sealed partial record PersonTexts(IReadOnlyCollection<string> Words)
{
    /// <summary>The most octets that one character of a word takes: decomposed, each part escaped, in the widest encoding.</summary>
    private const int WidestCharacter = 96;

    /// <summary>A word shorter than this is found in too much that is not the person.</summary>
    public const int ShortestWord = 4;

    private readonly string[] _plain = [.. Words.Where(word => word.Length >= ShortestWord).Select(Plain)];

    /// <summary>The names among them, in both orders, as words between blanks.</summary>
    private readonly string[] _names =
    [
        .. Words
            .Where(word => word.Length >= ShortestWord && !word.Contains('@', StringComparison.Ordinal))
            .SelectMany(Orders)
            .Select(order => $" {order} "),
    ];

    /// <summary>How many octets at the end of a part of a file may be the beginning of a word that ends in the next.</summary>
    public int Reach => Words.Select(word => word.Length).DefaultIfEmpty().Max() * WidestCharacter;

    /// <summary>
    /// Whether the text holds one of the words, also in other capitals, without its accents, and with the last of its parts first, as some
    /// programs write a name. Normal forms and escapes make no difference.
    /// </summary>
    public bool AreIn(string text)
    {
        if (_plain.Length == 0)
            return false;
        var plain = Plain(text);
        if (_plain.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase)))
            return true;
        var parts = $" {string.Join(' ', NormalForm.Words(plain))} ";
        return _names.Any(name => parts.Contains(name, StringComparison.Ordinal));
    }

    /// <summary>The parts of a word as they are written, and with the last one first.</summary>
    private static string[] Orders(string word)
    {
        var parts = NormalForm.Words(Plain(word));
        return [string.Join(' ', parts), string.Join(' ', parts.TakeLast(1).Concat(parts.SkipLast(1)))];
    }

    /// <summary>Whether a part of a file holds one of the words, also where lines of a calendar are folded within it.</summary>
    public bool AreIn(byte[] file, Encoding encoding)
    {
        if (AreIn(encoding.GetString(file)))
            return true;

        // A fold may lie within a character: it is taken out of the octets.
        var octets = Encoding.Latin1.GetString(file);
        var unfolded = Fold().Replace(octets, "");
        return unfolded.Length < octets.Length && AreIn(encoding.GetString(Encoding.Latin1.GetBytes(unfolded)));
    }

    /// <summary>The text without what JSON and calendars escape in it, however often, in its normal form.</summary>
    private static string Plain(string text)
    {
        string before;
        do
        {
            before = text;
            text = Escape()
                .Replace(text, m => m.Groups[1].Success ? $"{(char)Convert.ToUInt16(m.Groups[1].Value, 16)}" : m.Groups[2].Value);
        } while (text.Length < before.Length);
        return Ascii.IsValid(text) ? text : NormalForm.Of(text);
    }

    [GeneratedRegex(@"\\(?:u([0-9A-Fa-f]{4})|([""\\/,;]))")]
    private static partial Regex Escape();

    [GeneratedRegex(@"\r?\n[ \t]")]
    private static partial Regex Fold();
}
