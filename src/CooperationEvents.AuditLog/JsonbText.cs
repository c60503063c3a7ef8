using System.Buffers;

namespace CooperationEvents.AuditLog;

/// <summary>
/// The text that PostgreSQL writes of a <c>jsonb</c>: of each value there is one. Two readers could take another text for two things, such
/// as one with a member twice, and no event has one. It is read without recursion, since it may be deep.
/// </summary>
internal ref struct JsonbText
{
    /// <summary>PostgreSQL keeps no more digits behind a point.</summary>
    private const int MostDecimals = 16_383;

    private static readonly SearchValues<byte> EndOfPlain = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(c => (byte)c),
        (byte)'"',
        (byte)'\\',
    ]);

    private readonly ReadOnlySpan<byte> _text;

    /// <summary>The objects and arrays that are open.</summary>
    private readonly Stack<Open> _open = new();

    private int _at;

    private JsonbText(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>What keeps valid UTF-8 from being such a text, and at which byte of it; null where nothing does.</summary>
    public static string? FaultIn(ReadOnlySpan<byte> text)
    {
        var reader = new JsonbText(text);
        return reader.Read() is { } fault ? $"is not as PostgreSQL writes jsonb, at its byte {reader._at}: {fault}" : null;
    }

    /// <summary>
    /// The character that an escape stands for, and how many bytes it has; null where PostgreSQL writes that character otherwise, or has
    /// none.
    /// </summary>
    public static (char Character, int Length)? Escape(ReadOnlySpan<byte> escape) =>
        escape switch
        {
            [(byte)'\\', (byte)'"', ..] => ('"', 2),
            [(byte)'\\', (byte)'\\', ..] => ('\\', 2),
            [(byte)'\\', (byte)'b', ..] => ('\b', 2),
            [(byte)'\\', (byte)'f', ..] => ('\f', 2),
            [(byte)'\\', (byte)'n', ..] => ('\n', 2),
            [(byte)'\\', (byte)'r', ..] => ('\r', 2),
            [(byte)'\\', (byte)'t', ..] => ('\t', 2),
            [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', var high and ((byte)'0' or (byte)'1'), var low, ..] => Control(high, low),
            _ => null,
        };

    /// <summary>The character of <c>\u00xx</c>, where PostgreSQL has no shorter form for it and it exists in a text.</summary>
    private static (char, int)? Control(byte high, byte low)
    {
        if (low is not ((>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f')))
            return null;
        var c = (char)(((high - '0') << 4) | (low <= '9' ? low - '0' : low - 'a' + 10));
        return c is '\0' or '\b' or '\f' or '\n' or '\r' or '\t' ? null : (c, 6);
    }

    private string? Read()
    {
        while (true)
        {
            if (Opens("{"u8, "{}"u8))
            {
                _open.Push(new Open(IsObject: true, 0, -1));
                if (Member() is { } fault)
                    return fault;
                continue;
            }

            if (Opens("["u8, "[]"u8))
            {
                _open.Push(new Open(IsObject: false, 0, -1));
                continue;
            }

            if (!Scalar())
                return "expected a value in its one form";
            while (_open.TryPeek(out var inner) && Skip(inner.IsObject ? "}"u8 : "]"u8))
                _open.Pop();
            if (_open.Count == 0)
                return _at == _text.Length ? null : "expected its end";
            if (!Skip(", "u8))
                return "expected a comma and one space, or the end of the object or array";
            if (_open.Peek().IsObject && Member() is { } wrong)
                return wrong;
        }
    }

    /// <summary>The name of a member, up to its value. PostgreSQL orders names by their bytes, shorter ones first.</summary>
    private string? Member()
    {
        var start = _at;
        if (!String())
            return "expected the name of a member";
        var (before, length) = (_open.Pop(), _at - start - 2);
        if (before.Length >= 0 && Compare(_text.Slice(before.Start, before.Length), _text.Slice(start + 1, length)) is >= 0 and var order)
        {
            _at = start;
            return order == 0 ? "the member stands there twice" : "the member stands behind one that comes after it";
        }

        _open.Push(new Open(IsObject: true, start + 1, length));
        return Skip(": "u8) ? null : "expected a colon and one space";
    }

    private static int Compare(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        var x = Unescaped(name);
        var y = Unescaped(other);
        return x.Length != y.Length ? x.Length - y.Length : x.SequenceCompareTo(y);
    }

    private static ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> name)
    {
        if (!name.Contains((byte)'\\'))
            return name;
        var (bytes, count) = (new byte[name.Length], 0);
        for (var at = 0; at < name.Length; count++)
        {
            var (character, length) = name[at] == '\\' ? Escape(name[at..])!.Value : ((char)name[at], 1);
            bytes[count] = (byte)character;
            at += length;
        }

        return bytes.AsSpan(0, count);
    }

    private bool Opens(ReadOnlySpan<byte> bracket, ReadOnlySpan<byte> empty) => !_text[_at..].StartsWith(empty) && Skip(bracket);

    private bool Scalar() =>
        Skip("null"u8)
        || Skip("true"u8)
        || Skip("false"u8)
        || Skip("{}"u8)
        || Skip("[]"u8)
        || (_text[_at..] is [(byte)'"', ..] ? String() : Number());

    private bool String()
    {
        if (!Skip("\""u8))
            return false;
        while (_text[_at..].IndexOfAny(EndOfPlain) is >= 0 and var plain)
        {
            _at += plain;
            if (Skip("\""u8))
                return true;
            if (Escape(_text[_at..]) is not { Length: var length })
                return false;
            _at += length;
        }

        return false;
    }

    /// <summary>Without exponent and leading zeros. There is no negative zero.</summary>
    private bool Number()
    {
        var start = _at;
        var isNegative = Skip("-"u8);
        var whole = Digits();
        if (whole is [] or [(byte)'0', _, ..] || (Skip("."u8) && Digits().Length is 0 or > MostDecimals))
            return false;
        return !isNegative || _text[start.._at].ContainsAnyInRange((byte)'1', (byte)'9');
    }

    private ReadOnlySpan<byte> Digits()
    {
        var rest = _text[_at..];
        var length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = length < 0 ? rest : rest[..length];
        _at += digits.Length;
        return digits;
    }

    private bool Skip(ReadOnlySpan<byte> text)
    {
        if (!_text[_at..].StartsWith(text))
            return false;
        _at += text.Length;
        return true;
    }

    /// <summary>An object or an array, and where the last name in it stands, without its quotes; -1 is the length of none.</summary>
    private readonly record struct Open(bool IsObject, int Start, int Length);
}
