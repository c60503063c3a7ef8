using System.Buffers;
using System.Globalization;
using System.Text;

namespace CooperationEvents.Files;

/// <summary>From what the encoding of a file is known.</summary>
public enum EncodingBasis
{
    /// <summary>Its media type says so, by <c>charset</c>.</summary>
    Declared,

    /// <summary>The byte-order mark it begins with.</summary>
    Mark,

    /// <summary>Its format: calendars and lines of JSON are UTF-8 where nothing else is said.</summary>
    Format,

    /// <summary>What stands in it is UTF-8.</summary>
    Content,

    /// <summary>It is not UTF-8, and says nothing: Windows-1252 is what older programs write most.</summary>
    Guessed,
}

/// <summary>In which encoding a file is written, by the name of IANA.</summary>
public sealed record FileEncoding(string Name, EncodingBasis Basis);

/// <summary>
/// A file as text in UTF-8, whatever it was written in. A byte that is no character of its encoding is marked, so that who
/// reads a row finds it there: see <see cref="Unreadable"/>. It can be set back to its first byte, where the file can be.
/// </summary>
public sealed class FileTextStream : Stream
{
    /// <summary>Stands before the two hexadecimal digits of a byte that cannot be read. It is no character, in no encoding.</summary>
    public const char Mark = '\uFDD0';

    private const int Piece = 32 * 1024;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEF");

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Stream _file;
    private readonly Decoder _decoder;
    private readonly bool _controlsAreUnreadable;
    private readonly byte[] _bytes = new byte[Piece];
    private byte[] _text = [];
    private int _next;
    private bool _ended;
    private char _half;

    public FileTextStream(Stream file, string encoding)
    {
        _file = file;
        var read = Find(encoding) ?? throw new InvalidOperationException($"The encoding {encoding} was known when the file came in.");
        _decoder = Encoding.GetEncoding(read.CodePage, EncoderFallback.ReplacementFallback, new Marking()).GetDecoder();
        _controlsAreUnreadable = read.IsSingleByte;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set
        {
            _file.Position = value;
            _decoder.Reset();
            (_text, _next, _ended, _half) = ([], 0, false, default);
        }
    }

    /// <summary>The encoding of that name or label; null where there is none, or none that is safe to read.</summary>
    public static Encoding? Find(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        name = name.Trim();
        foreach (var label in new[] { name, Relabelled(name) })
        {
            try
            {
                return Encoding.GetEncoding(label);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                // The framework's way to say that it has none of that name.
            }
        }

        return null;
    }

    /// <summary>The first byte of the text that could not be read, as two hexadecimal digits; null where there is none.</summary>
    public static string? Unreadable(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf(Mark);
        if (at < 0)
            return null;

        // The noncharacter itself may stand in the file, and then no digits follow: in UTF-8 it begins with EF.
        var digits = text.Slice(at + 1, Math.Min(2, text.Length - at - 1));
        return digits.Length == 2 && byte.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out _) ? new string(digits) : "EF";
    }

    /// <summary>The text for people: with a replacement character for each byte that could not be read.</summary>
    public static string Shown(string text)
    {
        if (!text.Contains(Mark, StringComparison.Ordinal))
            return text;
        var shown = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            shown.Append(text[i] == Mark ? '\uFFFD' : text[i]);
            if (text[i] == Mark && i + 2 < text.Length && text.AsSpan(i + 1, 2).IndexOfAnyExcept(HexDigits) < 0)
                i += 2;
        }

        return shown.ToString();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_next == _text.Length && !_ended)
        {
            var read = await _file.ReadAsync(_bytes, cancellationToken);
            _ended = read == 0;
            _text = Decoded(_bytes.AsSpan(0, read));
            _next = 0;
        }

        var count = Math.Min(buffer.Length, _text.Length - _next);
        _text.AsMemory(_next, count).CopyTo(buffer);
        _next += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private byte[] Decoded(ReadOnlySpan<byte> bytes)
    {
        var characters = ArrayPool<char>.Shared.Rent(_decoder.GetCharCount(bytes, flush: _ended) + 1);
        try
        {
            // Half of a pair waits for the other half, which the next piece begins with.
            var from = _half == 0 ? 0 : 1;
            if (from > 0)
                characters[0] = _half;
            var text = characters.AsSpan(0, from + _decoder.GetChars(bytes, characters.AsSpan(from), flush: _ended));
            _half = !_ended && text is [.., var last] && char.IsHighSurrogate(last) ? last : '\0';
            if (_half != 0)
                text = text[..^1];
            return Utf8.GetBytes(_controlsAreUnreadable ? WithControlsMarked(text).ToArray() : text.ToArray());
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    /// <summary>The framework reads a byte that has no character as a control character of the kind that no text has.</summary>
    private static ReadOnlySpan<char> WithControlsMarked(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\u0080', '\u009F') < 0)
            return text;
        var marked = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (character is >= '\u0080' and <= '\u009F')
                marked.Append(Mark).Append(CultureInfo.InvariantCulture, $"{(int)character:X2}");
            else
                marked.Append(character);
        }

        return marked.ToString();
    }

    /// <summary>Names that programs write and IANA does not list.</summary>
    private static string Relabelled(string name)
    {
        var bare = name.ToLowerInvariant().Replace("_", "-", StringComparison.Ordinal);
        return bare switch
        {
            "utf8" or "utf-8-sig" or "utf8mb4" => "utf-8",
            "utf16" or "utf-16le" or "utf16le" or "ucs-2" or "unicode" => "utf-16",
            "utf16be" => "utf-16BE",
            "utf32" or "utf-32le" => "utf-32",
            "ansi" or "latin-1" => bare == "ansi" ? "windows-1252" : "iso-8859-1",
            "ascii" => "us-ascii",
            "sjis" or "cp932" or "ms932" => "shift_jis",
            "cp936" => "gbk",
            _ when bare.StartsWith("cp125", StringComparison.Ordinal) => "windows-" + bare[2..],
            _ when bare.StartsWith("cp", StringComparison.Ordinal) => "ibm" + bare[2..],
            _ when bare.StartsWith("win", StringComparison.Ordinal) => "windows-" + bare[3..].TrimStart('-'),
            _ when bare.StartsWith("iso8859", StringComparison.Ordinal) => "iso-8859-" + bare[7..].TrimStart('-'),
            _ when bare.StartsWith("8859", StringComparison.Ordinal) => "iso-8859-" + bare[4..].TrimStart('-'),
            _ => bare,
        };
    }

    /// <summary>
    /// Marks bytes that cannot be read. Where the framework gives up a pair of them, what is plain ASCII stays: it may end a cell or a row.
    /// </summary>
    private sealed class Marking : DecoderFallback
    {
        public override int MaxCharCount => 12;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

        private sealed class Buffer : DecoderFallbackBuffer
        {
            private string _text = "";
            private int _at;

            public override int Remaining => _text.Length - _at;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                var text = new StringBuilder();
                foreach (var (value, i) in bytesUnknown.Select((b, i) => (b, i)))
                {
                    if (i > 0 && value < 0x80)
                        text.Append((char)value);
                    else
                        text.Append(Mark).Append(CultureInfo.InvariantCulture, $"{value:X2}");
                }

                (_text, _at) = (text.ToString(), 0);
                return true;
            }

            public override char GetNextChar() => _at < _text.Length ? _text[_at++] : '\0';

            public override bool MovePrevious()
            {
                if (_at == 0)
                    return false;
                _at--;
                return true;
            }

            public override void Reset() => (_text, _at) = ("", 0);
        }
    }
}
