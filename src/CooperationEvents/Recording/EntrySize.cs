namespace CooperationEvents.Recording;

/// <summary>
/// How large the audit entry of an event can become. The log holds at most 65,535 bytes an entry, so a larger event must
/// be refused before it is appended.
/// </summary>
public static class EntrySize
{
    public const int Limit = 65_535;

    /// <summary>What the members around the data take at most: ids, names, and the longest metadata accepted, escaped.</summary>
    private const int Envelope = 4_096;

    /// <summary>
    /// An upper bound, in bytes: PostgreSQL writes a space after each comma and colon, and no other character longer than we do.
    /// </summary>
    public static int AtMost(ReadOnlySpan<byte> json) => json.Length + json.Count((byte)',') + json.Count((byte)':') + Envelope;
}
