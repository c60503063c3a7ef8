using System.Globalization;
using System.Text;

namespace CooperationEvents.Kernel;

/// <summary>
/// Unicode's normalization form C (UAX #15), from its own table: the service runs without ICU, and .NET composes nothing then.
/// </summary>
internal static class CanonicalForm
{
    private const string Resource = "CooperationEvents.Kernel.canonical-forms.txt";

    private const int HangulSyllables = 0xAC00;
    private const int Leading = 0x1100;
    private const int Vowels = 0x1161;
    private const int Trailing = 0x11A7;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;
    private const int SyllableCount = 19 * VowelCount * TrailingCount;

    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly Dictionary<int, int> Classes = [];

    static CanonicalForm()
    {
        using var stream = typeof(CanonicalForm).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var lines = new StreamReader(stream);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var parts = line.Split(' ');
            if (parts[0].Split("..") is [var first, var last])
            {
                for (var value = Hex(first); value <= Hex(last); value++)
                    Classes[value] = int.Parse(parts[1], CultureInfo.InvariantCulture);
                continue;
            }

            var composes = parts[^1] == "=";
            int[] decomposed = [.. parts.Skip(1).Where(p => p != "=").Select(Hex)];
            Decompositions[Hex(parts[0])] = decomposed;
            if (composes)
                Compositions[(decomposed[0], decomposed[1])] = Hex(parts[0]);
        }
    }

    /// <summary>The text with everything composed that can be.</summary>
    public static string Compose(string text)
    {
        var composed = Composed(Decomposed(text));
        var form = new StringBuilder(text.Length);
        foreach (var value in composed)
            form.Append(new Rune(value).ToString());
        return form.ToString();
    }

    /// <summary>The characters of the text, each taken apart and the marks of each in their order.</summary>
    public static List<int> Decomposed(string text)
    {
        var values = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, values);

        // Marks of different classes are sorted; the order of those of one class says which stands nearer, and stays.
        for (var i = 1; i < values.Count; i++)
        {
            var (value, its) = (values[i], ClassOf(values[i]));
            var place = i;
            if (its == 0)
                continue;
            while (place > 0 && ClassOf(values[place - 1]) > its)
            {
                values[place] = values[place - 1];
                place--;
            }

            values[place] = value;
        }

        return values;
    }

    private static void Decompose(int value, List<int> into)
    {
        if (value - HangulSyllables is >= 0 and < SyllableCount and var syllable)
        {
            into.Add(Leading + syllable / (VowelCount * TrailingCount));
            into.Add(Vowels + syllable % (VowelCount * TrailingCount) / TrailingCount);
            if (syllable % TrailingCount is > 0 and var trailing)
                into.Add(Trailing + trailing);
        }
        else if (Decompositions.TryGetValue(value, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add(value);
        }
    }

    private static List<int> Composed(List<int> values)
    {
        var composed = new List<int>(values.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var value in values)
        {
            var its = ClassOf(value);
            var adjacent = starter == composed.Count - 1;
            if (starter >= 0 && (adjacent || lastClass < its && lastClass != 0) && Compose(composed[starter], value) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }

            if (its == 0)
                starter = composed.Count;
            lastClass = its;
            composed.Add(value);
        }

        return composed;
    }

    private static int? Compose(int first, int second)
    {
        if (first - Leading is >= 0 and < 19 and var leading && second - Vowels is >= 0 and < VowelCount and var vowel)
            return HangulSyllables + (leading * VowelCount + vowel) * TrailingCount;
        if (
            first - HangulSyllables is >= 0 and < SyllableCount and var syllable
            && syllable % TrailingCount == 0
            && second - Trailing is > 0 and < TrailingCount and var trailing
        )
            return first + trailing;
        return Compositions.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int ClassOf(int value) => Classes.GetValueOrDefault(value);

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
