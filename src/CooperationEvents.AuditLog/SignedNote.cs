using System.Buffers.Binary;
using System.Text;

namespace CooperationEvents.AuditLog;

/// <summary>A signature line of a note: who signed, by which key, and the bytes after the key id.</summary>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Bytes)
{
    private const string Dash = "\u2014 ";
    private const int IdLength = 4;

    public bool IsBy(VerifierKey key) => Name == key.Name && KeyId == key.Id;

    /// <summary>Reads a line without its line feed.</summary>
    public static bool TryParse(string line, out NoteSignature signature)
    {
        signature = null!;
        if (
            !line.StartsWith(Dash, StringComparison.Ordinal)
            || line[Dash.Length..].Split(' ') is not [var name, var base64]
            || !VerifierKey.IsName(name)
            || Base64Text.Decode(base64) is not { Length: > IdLength } bytes
        )
        {
            return false;
        }

        signature = new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(IdLength));
        return true;
    }

    public bool Equals(NoteSignature? other) =>
        other is not null && Name == other.Name && KeyId == other.KeyId && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => HashCode.Combine(Name, KeyId);

    /// <summary>The line without its line feed.</summary>
    public override string ToString()
    {
        var bytes = new byte[IdLength + Bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Bytes.Span.CopyTo(bytes.AsSpan(IdLength));
        return $"{Dash}{Name} {Convert.ToBase64String(bytes)}";
    }
}

/// <summary>A text and the signatures below it (C2SP signed-note). The text is worth nothing before a known key has verified it.</summary>
public sealed record SignedNote
{
    /// <summary>In characters: more than any checkpoint with its witnesses needs.</summary>
    public const int MaxLength = 1 << 20;

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures) => (Text, Signatures) = (text, signatures);

    /// <summary>What is signed, with its last line feed.</summary>
    public string Text { get; }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <exception cref="ArgumentException">The text does not end in a line feed or holds other control characters, or there is no
    /// signature.</exception>
    public static SignedNote Of(string text, params IReadOnlyList<NoteSignature> signatures)
    {
        if (!text.EndsWith('\n') || HasControls(text))
            throw new ArgumentException("The text of a note ends in a line feed and holds no other control character.", nameof(text));
        if (signatures.Count == 0)
            throw new ArgumentException("A note has a signature.", nameof(signatures));
        return new SignedNote(text, signatures);
    }

    /// <summary>Signs a text with every key given.</summary>
    public static SignedNote Sign(string text, params IEnumerable<SigningKey> keys) => Of(text, [.. keys.Select(k => k.Sign(text))]);

    /// <summary>Reads a note; who signed it is not checked.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static SignedNote Parse(string note)
    {
        if (note.Length > MaxLength)
            throw new FormatException($"The note is longer than {MaxLength} characters.");
        if (HasControls(note))
            throw new FormatException("The note holds a control character.");
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !note.EndsWith('\n') || end + 2 == note.Length)
            throw new FormatException("The note has no signatures after an empty line.");
        var signatures = new List<NoteSignature>();
        foreach (var line in note[(end + 2)..^1].Split('\n'))
            signatures.Add(
                NoteSignature.TryParse(line, out var signature) ? signature : throw new FormatException($"'{line}' is no signature line.")
            );
        return new SignedNote(note[..(end + 1)], signatures);
    }

    /// <summary>The note in the bytes of UTF-8.</summary>
    /// <exception cref="FormatException">Not UTF-8, or no note.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> note)
    {
        try
        {
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(note));
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("The note is not UTF-8.");
        }
    }

    /// <summary>
    /// The keys among those given that signed the note. Signatures of other keys are ignored; a false one of a known key
    /// spoils the note.
    /// </summary>
    /// <exception cref="FormatException">A signature that claims to be by a known key is not.</exception>
    public IReadOnlyList<VerifierKey> SignedBy(IEnumerable<VerifierKey> keys)
    {
        var signers = new List<VerifierKey>();
        foreach (var key in keys)
        {
            var claims = Signatures.Where(s => s.IsBy(key)).ToList();
            if (claims.Any(s => !key.Verifies(Text, s.Bytes.Span)))
                throw new FormatException(
                    $"The signature of {key.Name} (key {key.Id:x8}) is false: the note was altered, or the signature was."
                );
            if (claims.Count > 0)
                signers.Add(key);
        }

        return signers;
    }

    /// <summary>The same note with more signatures, those it has already left out.</summary>
    public SignedNote With(params IEnumerable<NoteSignature> signatures) => new(Text, [.. Signatures.Union(signatures)]);

    public bool Equals(SignedNote? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The whole note.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(s => s + "\n"))}";

    private static bool HasControls(string text) => text.Any(c => c < ' ' && c != '\n');
}
