using System.Text.RegularExpressions;

namespace CooperationEvents.Calendars.Format;

/// <summary>A content line of RFC 5545, unfolded; <paramref name="Number"/> is that of its first line in the file.</summary>
/// <param name="Fault">Why it cannot be read; its text then holds little more than its name.</param>
internal sealed partial record ContentLine(int Number, string Text, string? Fault = null)
{
    /// <summary>The property's name in capitals; empty where the line has none.</summary>
    public string Name { get; } = NameOf(Text);

    /// <summary>The text after the colon that ends the parameters.</summary>
    public string Value => ValueAt < 0 ? "" : Text[(ValueAt + 1)..].Trim();

    /// <summary>
    /// Where the parameters end. A day or time holds no colon, so that one in a TZID without quotes does not mislead; a stamp may hold some
    /// behind its date.
    /// </summary>
    private int ValueAt
    {
        get
        {
            if (Name is "LAST-MODIFIED" or "DTSTAMP" && Dated().Match(Text) is { Success: true } dated)
                return dated.Index;
            if (IsOfTime)
                return Text.LastIndexOf(':');
            var quoted = false;
            for (var i = 0; i < Text.Length; i++)
            {
                if (Text[i] == '"')
                    quoted = !quoted;
                else if (Text[i] == ':' && !quoted)
                    return i;
            }

            return -1;
        }
    }

    [GeneratedRegex(@":(?=\s*\d{4}-?\d{2}-?\d{2})")]
    private static partial Regex Dated();

    private bool IsOfTime => Name is "DTSTART" or "DTEND" or "RECURRENCE-ID" or "EXDATE" or "RDATE" or "LAST-MODIFIED" or "DTSTAMP";

    /// <summary>The value of a parameter without its quotes, decoded as RFC 6868 says; null where it is absent.</summary>
    public string? Parameter(string name) => Parameters.FirstOrDefault(p => p.Name == name).Value;

    /// <summary>
    /// The line as the library reads it: with the names of its parameters in capitals, its zone in quotes, so that no character of the
    /// zone ends the parameter, and a leap second as the second before it (RFC 5545, 3.3.12).
    /// </summary>
    public string Readable
    {
        get
        {
            var head = string.Concat(Parts.Select(Readably).Prepend(Name));
            return ValueAt < 0 ? head
                : IsOfTime || Name == "RRULE" ? $"{head}:{CalendarTime.WithoutLeapSeconds(Value)}"
                : head + Text[ValueAt..];
        }
    }

    private IEnumerable<(string Name, string? Value)> Parameters => Parts.Select(Read).OfType<(string Name, string? Value)>();

    /// <summary>What stands between the property's name and its value, at each semicolon outside quotes.</summary>
    private IEnumerable<string> Parts
    {
        get
        {
            var head = ValueAt < 0 ? Text : Text[..ValueAt];
            var quoted = false;
            for (int i = 0, from = -1; i <= head.Length; i++)
            {
                if (i < head.Length && head[i] == '"')
                    quoted = !quoted;
                if (i < head.Length && (head[i] != ';' || quoted))
                    continue;
                if (from >= 0)
                    yield return head[from..i];
                from = i + 1;
            }
        }
    }

    /// <summary>A parameter by its name in capitals; null where the part is none.</summary>
    private static (string Name, string? Value)? Read(string part) =>
        part.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
            ? (part[..equals].Trim().ToUpperInvariant(), ParameterText.Decoded(part[(equals + 1)..].Trim().Trim('"')))
            : null;

    private static string Readably(string part) =>
        Read(part) switch
        {
            null => $";{part}",
            ("TZID", var zone) when zone.AsSpan().IndexOfAny(":;,") >= 0 => $";TZID=\"{zone}\"",
            ("VALUE", var type) => $";VALUE={type!.ToUpperInvariant()}",
            var (name, _) => $";{name}{part[part.IndexOf('=', StringComparison.Ordinal)..]}",
        };

    private static string NameOf(string text)
    {
        var end = text.AsSpan().IndexOfAny(':', ';');
        var name = end <= 0 ? "" : text[..end];
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? name[(name.LastIndexOf('.') + 1)..].ToUpperInvariant()
            : "";
    }
}
