namespace CooperationEvents.AuditLog;

/// <summary>What was read of the history on one day: the data of an <c>audit_access_sealed</c> event.</summary>
/// <param name="LogId">The id of its stream, as it is written.</param>
/// <param name="Day">In UTC.</param>
/// <param name="Count">How many lines the journal had of that day.</param>
/// <param name="Sha256">The SHA-256 of these lines, in lower-case hexadecimal.</param>
public sealed record JournalSeal(string LogId, DateOnly Day, long Count, string Sha256)
{
    public const string EventType = "audit_access_sealed";

    /// <summary>Reads the data of an entry: these members and no others.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static JournalSeal Parse(string data)
    {
        if (JsonLine.ReadEvent<Data>(EventType, data) is not { LogId: { } log, Day: { } day, Count: { } count, Sha256: { } digest })
            throw new FormatException($"The data of {EventType} lacks a member: it has logId, day, count and sha256.");
        if (count < 0 || digest.Length != 2 * Digest.Length || !digest.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
            throw new FormatException($"The data of {EventType} has a count below 0, or a sha256 that is none.");
        return new JournalSeal(log, day, count, digest);
    }

    private sealed record Data(string? LogId, DateOnly? Day, long? Count, string? Sha256);
}
