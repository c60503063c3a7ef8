using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Files;

/// <summary>
/// Finds out in which encoding a file is written while it comes in. Its mark says it; else its media type; else, of a table,
/// what stands in it, as far as that tells.
/// </summary>
/// <param name="declared">The name that its media type gives; null where it gives none.</param>
/// <param name="isUtf8">Whether the format is UTF-8 where nothing else is said.</param>
public sealed partial class EncodingDetector(string? declared, bool isUtf8)
{
    /// <summary>What to send in place of a workbook.</summary>
    public const string NoWorkbook =
        "The file is a workbook (such as .xlsx) or a zip archive, and no text. Save the sheet as CSV in UTF-8 and send it as text/csv, or "
        + "as Unicode text and send it as text/tab-separated-values; take a file that is packed out of its archive.";

    private const string Western = "windows-1252";

    /// <summary>In so many bytes a file shows what it is.</summary>
    private const int LongestStart = 1024;

    /// <summary>
    /// How many bytes that are not UTF-8 are passed over for each character beyond ASCII that is: in another encoding few bytes look like
    /// UTF-8.
    /// </summary>
    private const int StraysACharacter = 10;

    /// <summary>Bytes without a character in Windows-1252.</summary>
    private static readonly SearchValues<byte> NotWestern = SearchValues.Create([0x81, 0x8D, 0x8F, 0x90, 0x9D]);

    /// <summary>
    /// The characters of Windows-1252 that may follow a capital letter at the end of a quote or a clause: … ’ ” – — › no-break space ».
    /// </summary>
    private static readonly SearchValues<byte> Closing = SearchValues.Create([0x85, 0x92, 0x94, 0x96, 0x97, 0x9B, 0xA0, 0xBB]);

    /// <summary>A text of which more than one byte in so many is zero is written in two or four bytes a character.</summary>
    private const int BytesAZero = 4;

    private readonly List<byte> _start = [];
    private byte[] _rest = [];
    private long _bytes;
    private long _zeros;
    private long _characters;
    private long _perhaps;
    private long _strays;
    private bool _notWestern;

    /// <summary>Looks at the next bytes of the file.</summary>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        _start.AddRange(bytes[..Math.Min(LongestStart - _start.Count, bytes.Length)]);
        _bytes += bytes.Length;
        _zeros += bytes.Count((byte)0);
        if (declared is null && !isUtf8)
            Count([.. _rest, .. bytes], last: false);
    }

    /// <summary>The encoding, once all of the file was looked at; or what its sender is to say.</summary>
    public (FileEncoding? Encoding, Problem? Problem) Find()
    {
        if (NoText is { } what)
            return (null, KernelProblems.UnsupportedMediaType.Because(what));
        if (Marked() is { } marked)
            return (new FileEncoding(marked, EncodingBasis.Mark), null);
        if (declared is not null)
            return (new FileEncoding(declared, EncodingBasis.Declared), null);
        if (isUtf8)
            return (new FileEncoding("utf-8", EncodingBasis.Format), null);
        Count(_rest, last: true);
        var isWide = _zeros * BytesAZero > _bytes;
        if (!isWide && (_strays == 0 || (_characters > 0 && _characters * StraysACharacter >= _strays)))
            return (new FileEncoding("utf-8", EncodingBasis.Content), null);
        if (!isWide && _characters == 0 && _perhaps == 0 && !_notWestern)
            return (new FileEncoding(Western, EncodingBasis.Guessed), null);
        return (
            null,
            KernelProblems.UnsupportedMediaType.Because(
                "The file does not say in which encoding it is written, and what stands in it does not tell: it is neither UTF-8 nor "
                    + "Windows-1252. "
                    + "Send it as Content-Type: text/csv; charset=… with the name of its encoding, such as windows-1250, or save it as "
                    + "UTF-8."
            )
        );
    }

    /// <summary>What the file is by its first bytes, and what to send instead; null where it may be a text.</summary>
    private string? NoText =>
        _start switch
        {
            [(byte)'P', (byte)'K', 0x03, 0x04, ..] or [0xD0, 0xCF, 0x11, 0xE0, ..] => NoWorkbook,
            [0x1F, 0x8B, ..] => Compressed("gzip"),
            [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => Compressed("xz"),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Compressed("zstd"),
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => Compressed("7z"),
            _ => OtherText,
        };

    /// <summary>What the file is by its first letters, if it is a text that no table is. They are ASCII in every encoding.</summary>
    private string? OtherText
    {
        get
        {
            var text = Encoding.ASCII.GetString([.. _start.Where(b => b is > 0 and < 0x80)]).TrimStart();
            return text.StartsWith("%PDF-", StringComparison.Ordinal) ? Instead("a PDF")
                : Page().IsMatch(text) ? Instead("an HTML page, which some programs save as a spreadsheet (.xls)")
                : !Xml().IsMatch(text) ? null
                : text.Contains("urn:schemas-microsoft-com:office:spreadsheet", StringComparison.Ordinal)
                || text.Contains("\"Excel.Sheet\"", StringComparison.Ordinal)
                    ? Instead("a spreadsheet in XML (SpreadsheetML)")
                : Instead("an XML document");
        }
    }

    private static string Instead(string found) =>
        $"The file is {found}, and not what it was sent as. Export a table as CSV in UTF-8 and send it as text/csv; export a calendar as "
        + "iCalendar (.ics).";

    [GeneratedRegex(@"^(<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head|body|table|meta|div)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Page();

    [GeneratedRegex(@"^<(\?xml\s|(\w+:)?workbook\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Xml();

    private static string Compressed(string by) => $"The file is compressed ({by}), and no text. Unpack it, and send what is in it.";

    private string? Marked() =>
        _start switch
        {
            [0xEF, 0xBB, 0xBF, ..] => "utf-8",
            [0xFF, 0xFE, 0x00, 0x00, ..] => "utf-32",
            [0x00, 0x00, 0xFE, 0xFF, ..] => "utf-32BE",
            [0xFF, 0xFE, ..] => "utf-16",
            [0xFE, 0xFF, ..] => "utf-16BE",
            [0x84, 0x31, 0x95, 0x33, ..] => "gb18030",
            _ => null,
        };

    private void Count(ReadOnlySpan<byte> bytes, bool last)
    {
        while (bytes.IndexOfAnyExceptInRange((byte)0, (byte)0x7F) is >= 0 and var at)
        {
            bytes = bytes[at..];
            var status = Rune.DecodeFromUtf8(bytes, out _, out var length);
            if (status == OperationStatus.NeedMoreData && !last)
            {
                _rest = bytes.ToArray();
                return;
            }

            if (status != OperationStatus.Done)
            {
                _strays += length;
                _notWestern |= bytes[..length].ContainsAny(NotWestern);
            }
            else if (bytes[0] is >= 0xC4 and <= 0xDF && Closing.Contains(bytes[1]))
            {
                _perhaps++;
            }
            else
            {
                _characters++;
            }

            bytes = bytes[length..];
        }

        _rest = [];
    }
}
