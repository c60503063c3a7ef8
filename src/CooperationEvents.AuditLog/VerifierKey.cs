using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CooperationEvents.AuditLog;

/// <summary>What a key signs: notes as they are, or checkpoints with the time a witness saw them.</summary>
public enum SignatureType
{
    /// <summary>Ed25519 over the text of a note.</summary>
    Note = 0x01,

    /// <summary>A witness's Ed25519 cosignature of a checkpoint (C2SP tlog-cosignature).</summary>
    Cosignature = 0x04,
}

/// <summary>
/// The public half of a key, written <c>name+hash+base64</c> (C2SP signed-note). The name is the log's origin, or the
/// name of a witness.
/// </summary>
public sealed record VerifierKey
{
    private readonly byte[] _publicKey;

    private VerifierKey(string name, SignatureType type, byte[] publicKey)
    {
        (Name, Type, _publicKey) = (name, type, publicKey);
        Id = IdOf(name, type, publicKey);
    }

    public string Name { get; }

    /// <summary>The first four bytes of a hash over name, type and key; it tells keys of one name apart.</summary>
    public uint Id { get; }

    public SignatureType Type { get; }

    /// <summary>The key as 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <exception cref="ArgumentException">No name of a key, or no Ed25519 key.</exception>
    public static VerifierKey Of(string name, SignatureType type, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name))
            throw new ArgumentException(
                $"'{name}' is no name of a key: it is empty or holds a space, a plus sign or a control character.",
                nameof(name)
            );
        if (publicKey.Length != Ed25519.KeyLength)
            throw new ArgumentException($"An Ed25519 key has {Ed25519.KeyLength} bytes.", nameof(publicKey));
        return new VerifierKey(name, type, publicKey.ToArray());
    }

    /// <summary>Reads <c>name+hash+base64</c>; refuses a hash that is not that of the key, and other kinds of keys.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static VerifierKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]))
            throw new FormatException($"'{text}' is no verifier key: expected name+hash+base64.");
        if (
            Base64Text.Decode(parts[2]) is not [var type, .. var key]
            || !Enum.IsDefined((SignatureType)type)
            || key.Length != Ed25519.KeyLength
        )
            throw new FormatException($"The key of '{parts[0]}' is not an Ed25519 key for notes (type 1) or cosignatures (type 4).");
        var verifier = new VerifierKey(parts[0], (SignatureType)type, key);
        if (verifier.ToString() != text)
            throw new FormatException($"The hash of the key of '{parts[0]}' is not {parts[1]}: the key was altered or miscopied.");
        return verifier;
    }

    /// <summary>Whether a signature, without the key id before it, is by this key over the text of a note.</summary>
    public bool Verifies(string text, ReadOnlySpan<byte> signature) =>
        Type switch
        {
            SignatureType.Note => Ed25519.Verify(_publicKey, Encoding.UTF8.GetBytes(text), signature.ToArray()),
            _ => Cosignature.TryRead(signature, out var cosignature)
                && Ed25519.Verify(_publicKey, Cosignature.Message(text, cosignature.Timestamp), cosignature.Signature.ToArray()),
        };

    public bool Equals(VerifierKey? other) =>
        other is not null && Name == other.Name && Type == other.Type && _publicKey.AsSpan().SequenceEqual(other._publicKey);

    public override int GetHashCode() => HashCode.Combine(Name, Id);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([(byte)Type, .. _publicKey])}");

    /// <summary>Not empty, and without Unicode spaces, plus and control characters.</summary>
    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static uint IdOf(string name, SignatureType type, byte[] publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(Digest.Of([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. publicKey]).ToArray());
}
