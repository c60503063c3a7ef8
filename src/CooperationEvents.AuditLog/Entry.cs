using System.Buffers;

namespace CooperationEvents.AuditLog;

/// <summary>
/// One event as the log holds it: a line of JSON of one form, byte for byte, so that everybody hashes the same. Its
/// bytes without the line feed are the leaf.
/// </summary>
/// <param name="Seq">The position of the event in the whole history, from 1; it has gaps.</param>
/// <param name="Version">The place of the event in its stream, from 1, without gaps.</param>
/// <param name="At">When the transaction that recorded it began, UTC, to the microsecond.</param>
/// <param name="Data">The text of the event's <c>jsonb</c> as PostgreSQL writes it.</param>
public sealed record Entry(
    long Seq,
    Guid Id,
    Guid Stream,
    string StreamType,
    long Version,
    string Type,
    DateTimeOffset At,
    string? Actor,
    string? OnBehalfOf,
    string? Source,
    string? Correlation,
    string? Causation,
    string Data
)
{
    /// <summary>What one entry takes at most, without its line feed.</summary>
    public const int MaxBytes = 65_535;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _bytes;

    /// <summary>The leaf.</summary>
    /// <exception cref="ArgumentException">A value has no form in the log: a time finer than a microsecond, U+0000, half a surrogate pair,
    /// or data that is not as PostgreSQL writes it.</exception>
    /// <exception cref="EntryTooLargeException">More than <see cref="MaxBytes"/>.</exception>
    public byte[] ToBytes() => Written().ToArray();

    /// <summary>The hash of the leaf.</summary>
    /// <inheritdoc cref="ToBytes" path="/exception"/>
    public Digest LeafHash() => MerkleTree.LeafHash(Written());

    /// <summary>The leaf, until this thread writes the next one.</summary>
    private ReadOnlySpan<byte> Written()
    {
        var bytes = _bytes ??= new ArrayBufferWriter<byte>(MaxBytes / 8);
        bytes.ResetWrittenCount();
        EntryWriter.Write(this, bytes);
        return bytes.WrittenCount <= MaxBytes ? bytes.WrittenSpan : throw new EntryTooLargeException(bytes.WrittenCount);
    }

    /// <summary>Reads a leaf back. Whatever differs in a single byte from what <see cref="ToBytes"/> writes is refused.</summary>
    /// <exception cref="FormatException">Says what is wrong, and at which byte.</exception>
    public static Entry Parse(ReadOnlySpan<byte> leaf) => EntryReader.Read(leaf);

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(ReadOnlySpan<byte> leaf, out Entry entry, out string fault)
    {
        try
        {
            (entry, fault) = (EntryReader.Read(leaf), "");
            return true;
        }
        catch (FormatException e)
        {
            (entry, fault) = (null!, e.Message);
            return false;
        }
    }
}

/// <summary>An event whose entry would be larger than the log can hold.</summary>
public sealed class EntryTooLargeException(int bytes)
    : Exception($"The entry has {bytes} bytes; at most {Entry.MaxBytes} fit into the log.");
