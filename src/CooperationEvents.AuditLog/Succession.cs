namespace CooperationEvents.AuditLog;

/// <summary>
/// That one log took the place of another after its database was restored to an older moment: the data of a
/// <c>log_succeeded</c> event.
/// </summary>
/// <param name="LogId">The id of its stream, as it is written.</param>
/// <param name="Origin">The origin of the log that goes on.</param>
/// <param name="Old">The newest checkpoint known of the log before, as it was signed.</param>
/// <param name="RestoredSize">How many leaves were taken over; up to there both trees are the same.</param>
/// <param name="Lost">How many entries that the old log had promised are gone.</param>
public sealed record Succession(string LogId, string Origin, CheckpointLine Old, long RestoredSize, long Lost, string Reason, string By)
{
    public const string EventType = "log_succeeded";

    /// <summary>
    /// Reads the data of an entry: <c>logId</c>, <c>origin</c>, <c>oldCheckpoint</c> (the note), <c>restoredSize</c>, <c>lost</c>,
    /// <c>reason</c>, <c>by</c>, and no others.
    /// </summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static Succession Parse(string data)
    {
        if (
            JsonLine.ReadEvent<Data>(EventType, data)
            is not {
                LogId: { } log,
                Origin: { } origin,
                OldCheckpoint: { } note,
                RestoredSize: { } restored,
                Lost: { } lost,
                Reason: { } reason,
                By: { } by,
            }
        )
            throw new FormatException(
                $"The data of {EventType} lacks a member: it has logId, origin, oldCheckpoint, restoredSize, lost, reason and by."
            );
        var old = new CheckpointLine(SignedNote.Parse(note));
        if (restored < 0 || lost != Math.Max(0, old.Checkpoint.Size - restored))
            throw new FormatException(
                $"'lost' is not what lies between the restored size {restored} and the old checkpoint of {old.Checkpoint.Size} entries."
            );
        return new Succession(log, origin, old, restored, lost, reason, by);
    }

    private sealed record Data(
        string? LogId,
        string? Origin,
        string? OldCheckpoint,
        long? RestoredSize,
        long? Lost,
        string? Reason,
        string? By
    );
}
