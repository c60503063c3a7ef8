using System.Text.Json;

namespace CooperationEvents.AuditLog;

/// <summary>
/// That one log took the place of another after its database was restored to an older moment: the data of a
/// <c>log_succeeded</c> event.
/// </summary>
/// <param name="Origin">The origin of the log that goes on.</param>
/// <param name="Old">The newest checkpoint known of the log before, as it was signed.</param>
/// <param name="RestoredSize">How many leaves were taken over; up to there both trees are the same.</param>
/// <param name="Lost">How many entries that the old log had promised are gone.</param>
public sealed record Succession(string Origin, CheckpointLine Old, long RestoredSize, long Lost, string? Reason, string? By)
{
    public const string EventType = "log_succeeded";

    /// <summary>
    /// Reads the data of an entry: <c>origin</c>, <c>oldCheckpoint</c> (the note), <c>restoredSize</c>, <c>lost</c>, <c>reason</c>,
    /// <c>by</c>.
    /// </summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static Succession Parse(string data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            var root = json.RootElement;
            var read = new Succession(
                root.GetProperty("origin").GetString() ?? throw new FormatException("'origin' is null."),
                new CheckpointLine(SignedNote.Parse(root.GetProperty("oldCheckpoint").GetString() ?? "")),
                root.GetProperty("restoredSize").GetInt64(),
                root.GetProperty("lost").GetInt64(),
                root.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
                root.TryGetProperty("by", out var by) ? by.GetString() : null
            );
            if (read.RestoredSize < 0 || read.Lost != Math.Max(0, read.Old.Checkpoint.Size - read.RestoredSize))
                throw new FormatException(
                    $"'lost' is not what lies between the restored size {read.RestoredSize} and the old checkpoint of "
                        + $"{read.Old.Checkpoint.Size} entries."
                );
            return read;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"The data of {EventType} is not of its form: {JsonFault.Words(e)}", e);
        }
    }
}
