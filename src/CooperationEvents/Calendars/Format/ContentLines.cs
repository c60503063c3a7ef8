using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CooperationEvents.Files;

namespace CooperationEvents.Calendars.Format;

/// <summary>Splits a stream into content lines: unfolded as octets, then read as UTF-8, so that a character may be folded within.</summary>
internal static class ContentLines
{
    /// <summary>The longest line read, in octets after unfolding.</summary>
    public const int Longest = 256 * 1024;

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

            _tooLong |= _octets.Count + part.Length > Longest;
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
                return Faulty(octets, $"The line is longer than {Longest} octets.");
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
