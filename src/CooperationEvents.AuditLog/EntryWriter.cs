using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CooperationEvents.AuditLog;

/// <summary>Writes an entry in its one form.</summary>
internal static class EntryWriter
{
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(Entry entry, ArrayBufferWriter<byte> bytes)
    {
        bytes.Write("{\"seq\":"u8);
        Number(bytes, entry.Seq);
        bytes.Write(",\"id\":"u8);
        Id(bytes, entry.Id);
        bytes.Write(",\"stream\":"u8);
        Id(bytes, entry.Stream);
        bytes.Write(",\"streamType\":"u8);
        Text(bytes, entry.StreamType);
        bytes.Write(",\"version\":"u8);
        Number(bytes, entry.Version);
        bytes.Write(",\"type\":"u8);
        Text(bytes, entry.Type);
        bytes.Write(",\"at\":"u8);
        Time(bytes, entry.At);
        bytes.Write(",\"actor\":"u8);
        Text(bytes, entry.Actor);
        bytes.Write(",\"onBehalfOf\":"u8);
        Text(bytes, entry.OnBehalfOf);
        bytes.Write(",\"source\":"u8);
        Text(bytes, entry.Source);
        bytes.Write(",\"correlation\":"u8);
        Text(bytes, entry.Correlation);
        bytes.Write(",\"causation\":"u8);
        Text(bytes, entry.Causation);
        bytes.Write(",\"data\":"u8);
        Data(bytes, entry.Data);
        bytes.Write("}"u8);
    }

    /// <summary>A string as PostgreSQL's <c>to_json(text)</c> writes it; null as <c>null</c>.</summary>
    public static void Text(IBufferWriter<byte> bytes, string? text)
    {
        if (text is null)
        {
            bytes.Write("null"u8);
            return;
        }

        bytes.Write("\""u8);
        var span = text.AsSpan();
        while (span.Length > 0)
        {
            var plain = span.IndexOfAny(Escaped);
            Raw(bytes, plain < 0 ? span : span[..plain]);
            if (plain < 0)
                break;
            Escape(bytes, span[plain]);
            span = span[(plain + 1)..];
        }

        bytes.Write("\""u8);
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);

    private static void Escape(IBufferWriter<byte> bytes, char c)
    {
        if (c == '\0')
            throw new ArgumentException("PostgreSQL has no text with U+0000.");
        bytes.Write(
            c switch
            {
                '"' => "\\\""u8,
                '\\' => "\\\\"u8,
                '\b' => "\\b"u8,
                '\f' => "\\f"u8,
                '\n' => "\\n"u8,
                '\r' => "\\r"u8,
                '\t' => "\\t"u8,
                _ => Strict.GetBytes("\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture)),
            }
        );
    }

    private static void Raw(IBufferWriter<byte> bytes, ReadOnlySpan<char> text)
    {
        try
        {
            Strict.GetBytes(text, bytes);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The text holds half of a surrogate pair.", e);
        }
    }

    private static void Number(ArrayBufferWriter<byte> bytes, long number)
    {
        if (number < 1)
            throw new ArgumentException($"seq and version count from 1; {number} is none.");
        Utf8Formatter.TryFormat(number, bytes.GetSpan(20), out var written);
        bytes.Advance(written);
    }

    private static void Id(ArrayBufferWriter<byte> bytes, Guid id)
    {
        bytes.Write("\""u8);
        id.TryFormat(bytes.GetSpan(36), out var written);
        bytes.Advance(written);
        bytes.Write("\""u8);
    }

    private static void Time(ArrayBufferWriter<byte> bytes, DateTimeOffset at)
    {
        if (at.UtcTicks % TimeSpan.TicksPerMicrosecond != 0)
            throw new ArgumentException($"{at:O} is finer than a microsecond.");
        bytes.Write("\""u8);
        at.UtcDateTime.TryFormat(bytes.GetSpan(32), out var written, TimeFormat, CultureInfo.InvariantCulture);
        bytes.Advance(written);
        bytes.Write("\""u8);
    }

    private static void Data(ArrayBufferWriter<byte> bytes, string data)
    {
        var start = bytes.WrittenCount;
        Raw(bytes, data);
        if (JsonbText.FaultIn(bytes.WrittenSpan[start..]) is { } fault)
            throw new ArgumentException($"The data {fault}.");
    }
}
