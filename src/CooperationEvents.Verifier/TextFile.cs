using System.Text;

namespace CooperationEvents.Verifier;

/// <summary>A text that an auditor keeps, as editors and shells of any system save it.</summary>
internal static class TextFile
{
    private static readonly (byte[] Mark, Encoding Encoding)[] Marked =
    [
        ([0xef, 0xbb, 0xbf], new UTF8Encoding(false, throwOnInvalidBytes: true)),
        ([0xff, 0xfe], new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true)),
        ([0xfe, 0xff], new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true)),
    ];

    /// <summary>
    /// Reads UTF-8, or what begins with a byte order mark of UTF-8 or UTF-16. The mark is left out, and CR LF becomes a line feed.
    /// </summary>
    /// <exception cref="InvalidDataException">It is neither. Says what to do.</exception>
    public static string Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var (mark, encoding) = Marked.FirstOrDefault(m => bytes.AsSpan().StartsWith(m.Mark), ([], Marked[0].Encoding));
        try
        {
            var text = encoding.GetString(bytes.AsSpan(mark.Length));
            if (!text.Contains('\0', StringComparison.Ordinal))
                return text.Replace("\r\n", "\n", StringComparison.Ordinal);
        }
        catch (DecoderFallbackException)
        {
            // Said below, with what to do.
        }

        throw new InvalidDataException($"'{path}' is no text in UTF-8, nor in UTF-16 with a byte order mark: save it as UTF-8.");
    }

    /// <summary>Reads the lines of a text. Each ends with LF, CR or CR LF.</summary>
    /// <inheritdoc cref="Read"/>
    public static string[] Lines(string path) => Read(path).Split(['\n', '\r']);
}
