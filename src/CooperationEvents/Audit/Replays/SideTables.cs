using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

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
    SettledPositionComparison settled,
    NpgsqlDataSource database,
    KeyDatabase keyDatabase,
    ReplayOptions options
)
{
    /// <summary>The tables, each with its comparison with the history up to a position that is settled.</summary>
    public IReadOnlyList<(string Table, Func<AfterRows, CancellationToken, Task> Compare)> UpTo(long position) =>
        [
            Compared(PersonKeyComparison.Table, keyDatabase.Source, ["person_id"], (after, c) => keys.Compare(position, after, c)),
            Compared(FieldSaltComparison.Table, keyDatabase.Source, ["person_id", "class", "number"], (after, c) =>
                salts.Compare(position, after, c)
            ),
            Compared(ReferenceComparison.Table, database, ["digest"], (after, c) => references.Compare(position, after, c)),
            Compared(AnswerComparison.Table, database, ["key_digest"], answers.Compare),
            Compared(SettledPositionComparison.Table, database, ["position"], settled.Compare),
        ];

    public static ReplayFinding Finding(ReplayFindingKind kind, string table, string key, string value, params ReplayedColumn[] columns) =>
        new(kind, table, new Dictionary<string, string> { [key] = value }, [.. columns]);

    /// <summary>A table whose rows are compared, and then held against its key: no row stands twice.</summary>
    private (string Table, Func<AfterRows, CancellationToken, Task> Compare) Compared(
        string table,
        NpgsqlDataSource source,
        IReadOnlyList<string> key,
        Func<AfterRows, CancellationToken, Task> compare
    ) => (table, async (after, cancellation) =>
        {
            await compare(after, cancellation);
            foreach (var some in (await Twice(table, source, key, cancellation)).Chunk(options.RowsAtOnce))
                await after(0, 0, some);
        });

    private static async Task<IReadOnlyList<ReplayFinding>> Twice(
        string table,
        NpgsqlDataSource source,
        IReadOnlyList<string> key,
        CancellationToken cancellation
    )
    {
        await using var command = source.Statement(
            $"select count(*), {string.Join(", ", key.Select(k => $"{k}::text"))} from {table} group by {string.Join(", ", key)} "
                + $"having count(*) > 1 order by {string.Join(", ", key)}"
        );
        command.CommandTimeout = 0;
        var findings = new List<ReplayFinding>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            findings.Add(
                new ReplayFinding(
                    ReplayFindingKind.OnlyInLive,
                    table,
                    key.Select((name, i) => (name, Value: row.IsDBNull(i + 1) ? "" : row.GetString(i + 1))).ToDictionary(),
                    Detail: $"The table has {row.GetInt64(0)} rows of this key."
                )
            );
        }

        return findings;
    }

    /// <summary>A digest as PostgreSQL writes it.</summary>
    public static string Text(byte[] digest) => $"\\x{Convert.ToHexStringLower(digest)}";
}
