using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace CooperationEvents.AuditLog;

/// <summary>Reads an entry byte by byte in the one order and form there is.</summary>
internal ref struct EntryReader
{
    private const int TimeLength = 27;
    private const int IdLength = 36;

    private readonly ReadOnlySpan<byte> _leaf;
    private int _at;

    private EntryReader(ReadOnlySpan<byte> leaf) => _leaf = leaf;

    public static Entry Read(ReadOnlySpan<byte> leaf)
    {
        if (leaf.Length > Entry.MaxBytes)
            throw new FormatException($"it has {leaf.Length} bytes; at most {Entry.MaxBytes} are allowed");
        if (!Utf8.IsValid(leaf))
            throw new FormatException("it is not UTF-8");
        return new EntryReader(leaf).Read();
    }

    private Entry Read()
    {
        Expect("{\"seq\":"u8);
        var seq = Number();
        Expect(",\"id\":"u8);
        var id = Id();
        Expect(",\"stream\":"u8);
        var stream = Id();
        Expect(",\"streamType\":"u8);
        var streamType = Text();
        Expect(",\"version\":"u8);
        var version = Number();
        Expect(",\"type\":"u8);
        var type = Text();
        Expect(",\"at\":"u8);
        var at = Time();
        Expect(",\"actor\":"u8);
        var actor = TextOrNull();
        Expect(",\"onBehalfOf\":"u8);
        var onBehalfOf = TextOrNull();
        Expect(",\"source\":"u8);
        var source = TextOrNull();
        Expect(",\"correlation\":"u8);
        var correlation = TextOrNull();
        Expect(",\"causation\":"u8);
        var causation = TextOrNull();
        Expect(",\"data\":"u8);
        var data = Data();
        return new Entry(seq, id, stream, streamType, version, type, at, actor, onBehalfOf, source, correlation, causation, data);
    }

    private readonly FormatException Fault(string what) => new($"at byte {_at}: {what}");

    private void Expect(ReadOnlySpan<byte> text)
    {
        if (!_leaf[_at..].StartsWith(text))
            throw Fault($"expected {Encoding.UTF8.GetString(text)}");
        _at += text.Length;
    }

    private long Number()
    {
        var length = _leaf[_at..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (
            length is <= 0 or > 19
            || !PlainNumber.TryParse(Encoding.ASCII.GetString(_leaf.Slice(_at, length)), out var number)
            || number < 1
        )
            throw Fault("expected a number from 1, in decimal digits without leading zeros");
        _at += length;
        return number;
    }

    private Guid Id()
    {
        Expect("\""u8);
        Span<byte> again = stackalloc byte[IdLength];
        if (
            _leaf.Length - _at < IdLength
            || !Guid.TryParseExact(Encoding.ASCII.GetString(_leaf.Slice(_at, IdLength)), "D", out var id)
            || !id.TryFormat(again, out _)
            || !again.SequenceEqual(_leaf.Slice(_at, IdLength))
        )
        {
            throw Fault("expected a UUID in lower case with hyphens");
        }

        _at += IdLength;
        Expect("\""u8);
        return id;
    }

    private DateTimeOffset Time()
    {
        Expect("\""u8);
        if (
            _leaf.Length - _at < TimeLength
            || !DateTimeOffset.TryParseExact(
                Encoding.ASCII.GetString(_leaf.Slice(_at, TimeLength)),
                EntryWriter.TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var at
            )
        )
        {
            throw Fault("expected a time as 2025-01-31T23:59:59.123456Z");
        }

        _at += TimeLength;
        Expect("\""u8);
        return at;
    }

    private string? TextOrNull()
    {
        if (!_leaf[_at..].StartsWith("null"u8))
            return Text();
        _at += 4;
        return null;
    }

    private string Text()
    {
        Expect("\""u8);
        var text = new StringBuilder();
        while (true)
        {
            var plain = _leaf[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (plain < 0)
                throw Fault("the string does not end");
            var raw = _leaf.Slice(_at, plain);
            if (raw.IndexOfAnyInRange((byte)0, (byte)0x1f) is >= 0 and var control)
            {
                _at += control;
                throw Fault("a control character is not escaped");
            }

            text.Append(Encoding.UTF8.GetString(raw));
            _at += plain;
            if (_leaf[_at] == '"')
            {
                _at++;
                return text.ToString();
            }

            text.Append(Escape());
        }
    }

    private char Escape()
    {
        if (JsonbText.Escape(_leaf[_at..]) is not (var character, var length))
            throw Fault("the escape is not the one PostgreSQL writes");
        _at += length;
        return character;
    }

    private string Data()
    {
        if (_leaf[^1] != '}' || _leaf.Length - 1 <= _at)
            throw Fault("expected data, and } after it");
        var data = _leaf[_at..^1];
        if (JsonbText.FaultIn(data) is { } fault)
            throw Fault("the data " + fault);
        return Encoding.UTF8.GetString(data);
    }
}
