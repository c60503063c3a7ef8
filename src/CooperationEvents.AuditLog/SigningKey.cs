using System.Text;

namespace CooperationEvents.AuditLog;

/// <summary>
/// The secret half of a key. Its text form <c>PRIVATE+KEY+name+hash+base64</c> is the one other tools for signed notes use.
/// </summary>
public sealed class SigningKey
{
    private const string Prefix = "PRIVATE+KEY+";

    private readonly byte[] _seed;

    private SigningKey(VerifierKey verifier, byte[] seed) => (Verifier, _seed) = (verifier, seed);

    /// <summary>Its public half.</summary>
    public VerifierKey Verifier { get; }

    /// <summary>A new key from the system's random numbers.</summary>
    public static SigningKey Generate(string name, SignatureType type = SignatureType.Note) => FromSeed(name, Ed25519.NewSeed(), type);

    /// <exception cref="ArgumentException">No name of a key, or a seed that has not 32 bytes.</exception>
    public static SigningKey FromSeed(string name, ReadOnlySpan<byte> seed, SignatureType type = SignatureType.Note)
    {
        if (seed.Length != Ed25519.KeyLength)
            throw new ArgumentException($"The seed of an Ed25519 key has {Ed25519.KeyLength} bytes.", nameof(seed));
        var own = seed.ToArray();
        return new SigningKey(VerifierKey.Of(name, type, Ed25519.PublicKeyOf(own)), own);
    }

    /// <exception cref="FormatException">Not a signing key; the message does not repeat it.</exception>
    public static SigningKey Parse(string text)
    {
        var parts = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split('+', 3) : [];
        if (
            parts.Length != 3
            || Base64Text.Decode(parts[2]) is not [var type, .. var seed]
            || !Enum.IsDefined((SignatureType)type)
            || seed.Length != Ed25519.KeyLength
            || !VerifierKey.IsName(parts[0])
        )
        {
            throw new FormatException("Not a signing key: expected PRIVATE+KEY+name+hash+base64 with an Ed25519 key.");
        }

        var key = FromSeed(parts[0], seed, (SignatureType)type);
        return key.ToSecret() == text ? key : throw new FormatException("The hash of the signing key is not that of the key.");
    }

    /// <summary>The key itself, to be stored where nobody else reads.</summary>
    public string ToSecret() => $"{Prefix}{Verifier.Name}+{Verifier.Id:x8}+{Convert.ToBase64String([(byte)Verifier.Type, .. _seed])}";

    /// <summary>Signs the text of a note.</summary>
    /// <exception cref="InvalidOperationException">A key for cosignatures, which state a time: <see cref="Cosign"/>.</exception>
    public NoteSignature Sign(string text) =>
        Verifier.Type == SignatureType.Note
            ? new NoteSignature(Verifier.Name, Verifier.Id, Ed25519.Sign(_seed, Encoding.UTF8.GetBytes(text)))
            : throw new InvalidOperationException("A key for cosignatures signs no plain note.");

    /// <summary>Cosigns a checkpoint as seen at a time, as a witness does.</summary>
    /// <exception cref="InvalidOperationException">Not a key for cosignatures.</exception>
    public NoteSignature Cosign(string text, DateTimeOffset at)
    {
        if (Verifier.Type != SignatureType.Cosignature)
            throw new InvalidOperationException("Only a key for cosignatures cosigns.");
        var timestamp = at.ToUnixTimeSeconds();
        return new NoteSignature(
            Verifier.Name,
            Verifier.Id,
            new Cosignature(timestamp, Ed25519.Sign(_seed, Cosignature.Message(text, timestamp))).ToBytes()
        );
    }

    /// <summary>The verifier key: the secret is never written by accident.</summary>
    public override string ToString() => Verifier.ToString();
}
