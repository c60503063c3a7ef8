namespace CooperationEvents.Audit.Replays;

/// <summary>Told after each range of rows: how many there are, how many the history gives, and what differs.</summary>
internal delegate Task AfterRows(long live, long replayed, IReadOnlyList<ReplayFinding> findings);

/// <summary>
/// The tables that are kept beside the history and made by no projection, each with its comparison with what the events say. A reference
/// and an answer are committed with their events, so that no position needs to be kept still. Rows are read a page at a time, and memory is
/// that of a page.
/// </summary>
internal sealed class SideTables(
    PersonKeyComparison keys,
    FieldSaltComparison salts,
    ReferenceComparison references,
    AnswerComparison answers,
    SettledPositionComparison settled
)
{
    /// <summary>The tables, each with its comparison with the history up to a position that is settled.</summary>
    public IReadOnlyList<(string Table, Func<AfterRows, CancellationToken, Task> Compare)> UpTo(long position) =>
        [
            (PersonKeyComparison.Table, (after, cancellation) => keys.Compare(position, after, cancellation)),
            (FieldSaltComparison.Table, (after, cancellation) => salts.Compare(position, after, cancellation)),
            (ReferenceComparison.Table, (after, cancellation) => references.Compare(position, after, cancellation)),
            (AnswerComparison.Table, answers.Compare),
            (SettledPositionComparison.Table, settled.Compare),
        ];

    public static ReplayFinding Finding(ReplayFindingKind kind, string table, string key, string value, params ReplayedColumn[] columns) =>
        new(kind, table, new Dictionary<string, string> { [key] = value }, [.. columns]);

    /// <summary>A digest as PostgreSQL writes it.</summary>
    public static string Text(byte[] digest) => $"\\x{Convert.ToHexStringLower(digest)}";
}
