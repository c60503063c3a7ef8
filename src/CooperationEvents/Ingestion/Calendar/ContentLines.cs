using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CooperationEvents.Ingestion.Files;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A content line of RFC 5545, unfolded; <paramref name="Number"/> is that of its first line in the file.</summary>
/// <param name="Fault">Why it cannot be read; its text then holds little more than its name.</param>
internal sealed record ContentLine(int Number, string Text, string? Fault = null)
{
    /// <summary>The property's name in capitals; empty where the line has none.</summary>
    public string Name { get; } = NameOf(Text);

    /// <summary>The text after the colon that ends the parameters.</summary>
    public string Value => ValueAt < 0 ? "" : Text[(ValueAt + 1)..].Trim();

    /// <summary>Where the parameters end. A day or time holds no colon, so that one in a TZID without quotes does not mislead.</summary>
    private int ValueAt
    {
        get
        {
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
            ? (part[..equals].Trim().ToUpperInvariant(), Decoded(part[(equals + 1)..].Trim().Trim('"')))
            : null;

    private static string Readably(string part) =>
        Read(part) switch
        {
            null => $";{part}",
            ("TZID", var zone) when zone.AsSpan().IndexOfAny(":;,") >= 0 => $";TZID=\"{zone}\"",
            ("VALUE", var type) => $";VALUE={type!.ToUpperInvariant()}",
            var (name, _) => $";{name}{part[part.IndexOf('=', StringComparison.Ordinal)..]}",
        };

    private static string Decoded(string value)
    {
        if (!value.Contains('^', StringComparison.Ordinal))
            return value;
        var decoded = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var escaped =
                value[i] != '^' || i + 1 == value.Length
                    ? null
                    : value[i + 1] switch
                    {
                        'n' => "\n",
                        '\'' => "\"",
                        '^' => "^",
                        _ => null,
                    };
            decoded.Append(escaped ?? value[i].ToString());
            i += escaped is null ? 0 : 1;
        }

        return decoded.ToString();
    }

    private static string NameOf(string text)
    {
        var end = text.AsSpan().IndexOfAny(':', ';');
        var name = end <= 0 ? "" : text[..end];
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? name[(name.LastIndexOf('.') + 1)..].ToUpperInvariant()
            : "";
    }
}

/// <summary>Splits a stream into content lines: unfolded as octets, then read as UTF-8, so that a character may be folded within.</summary>
internal static class ContentLines
{
    public static async IAsyncEnumerable<ContentLine> Read(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var line = new Unfolding();
        var buffer = new byte[32 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0; )
        {
            for (var from = 0; from < read; )
            {
                var length = buffer.AsSpan(from, read - from).IndexOf((byte)'\n');
                var rest = buffer.AsMemory(from, length < 0 ? read - from : length);
                if (line.Take(rest.Span, length >= 0) is { } whole)
                    yield return whole;
                from += rest.Length + (length < 0 ? 0 : 1);
            }
        }

        if (line.Finish() is { } last)
            yield return last;
    }

    private sealed class Unfolding
    {
        private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

        private readonly List<byte> _octets = [];
        private bool _atStart = true;
        private bool _tooLong;
        private int _physical = 1;
        private int _number = 1;

        /// <summary>Takes part of a line of the file. Where it begins another content line, the one before is returned.</summary>
        public ContentLine? Take(ReadOnlySpan<byte> part, bool ends)
        {
            ContentLine? whole = null;
            if (_atStart && part.Length > 0)
            {
                if (part[0] is (byte)' ' or (byte)'\t')
                {
                    part = part[1..];
                }
                else
                {
                    whole = Finish();
                    _number = _physical;
                }

                _atStart = false;
            }

            _tooLong |= _octets.Count + part.Length > CalendarReader.LongestLine;
            if (!_tooLong)
                _octets.AddRange(part);
            if (ends)
            {
                if (_octets is [.., (byte)'\r'])
                    _octets.RemoveAt(_octets.Count - 1);
                _physical++;
                _atStart = true;
            }

            return whole;
        }

        public ContentLine? Finish()
        {
            ReadOnlySpan<byte> octets = CollectionsMarshal.AsSpan(_octets);
            if (octets.StartsWith(Encoding.UTF8.Preamble))
                octets = octets[Encoding.UTF8.Preamble.Length..];
            var line = octets.IsEmpty ? null : Line(octets);
            _octets.Clear();
            _tooLong = false;
            return line;
        }

        private ContentLine Line(ReadOnlySpan<byte> octets)
        {
            if (_tooLong)
                return Faulty(octets, $"The line is longer than {CalendarReader.LongestLine} octets.");
            try
            {
                var text = Utf8.GetString(octets).TrimEnd();
                return FileTextStream.Unreadable(text) is { } found
                    ? Faulty(octets, $"The line holds the byte {found}, which is no character of the file's encoding.")
                    : new ContentLine(_number, text);
            }
            catch (DecoderFallbackException)
            {
                return Faulty(octets, "The line is not UTF-8. Save the file as UTF-8.");
            }
        }

        /// <summary>A line with as much of the text as tells its name, and that it has a value.</summary>
        private ContentLine Faulty(ReadOnlySpan<byte> octets, string fault) =>
            new(_number, Encoding.Latin1.GetString(octets[..Math.Min(octets.Length, 1_000)]), fault);
    }
}
