using System.Buffers.Binary;
using System.Text;

namespace CooperationEvents.AuditLog;

/// <summary>
/// What a witness states (C2SP tlog-cosignature, <c>cosignature/v1</c>): at this time, in seconds since 1970, this was the
/// largest tree it had seen of the log, consistent with all before.
/// </summary>
public sealed record Cosignature(long Timestamp, ReadOnlyMemory<byte> Signature)
{
    /// <summary>How far the clock of a witness may be ahead of ours.</summary>
    public static readonly TimeSpan MayBeAhead = TimeSpan.FromMinutes(5);

    private const int TimestampLength = 8;

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(Timestamp);

    /// <summary>Whether it states a time that is still to come, so that nothing can have been seen then.</summary>
    public bool IsAheadOf(DateTimeOffset now) => At > now + MayBeAhead;

    /// <summary>What is signed: a header, the time, and the text of the checkpoint.</summary>
    public static byte[] Message(string text, long timestamp) =>
        Encoding.UTF8.GetBytes($"cosignature/v1\ntime {PlainNumber.Of(timestamp)}\n{text}");

    /// <summary>Those of a witness under a note; whether they are good is for <see cref="SignedNote.SignedBy"/>.</summary>
    public static IEnumerable<Cosignature> Of(SignedNote note, VerifierKey witness)
    {
        foreach (var signature in note.Signatures.Where(s => s.IsBy(witness)))
        {
            if (TryRead(signature.Bytes.Span, out var cosignature))
                yield return cosignature;
        }
    }

    /// <summary>Reads the bytes of a signature, without the key id before it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> signature, out Cosignature cosignature)
    {
        cosignature = null!;
        if (signature.Length != TimestampLength + Ed25519.SignatureLength)
            return false;
        var timestamp = BinaryPrimitives.ReadInt64BigEndian(signature);
        if (timestamp < 0 || timestamp > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return false;
        cosignature = new Cosignature(timestamp, signature[TimestampLength..].ToArray());
        return true;
    }

    internal byte[] ToBytes()
    {
        var bytes = new byte[TimestampLength + Signature.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Timestamp);
        Signature.Span.CopyTo(bytes.AsSpan(TimestampLength));
        return bytes;
    }
}
