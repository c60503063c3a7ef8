using System.Data;
using System.Globalization;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// Holds the live rows against the replayed ones, a range of keys at a time. Each range is read of the live table in one
/// snapshot, with the position the read models have in it; the replay goes on to that very position, and then its rows of the
/// range must be the same. So no live row is compared with a replayed one of another position, and no transaction is long.
/// </summary>
internal sealed class ReplayComparison(NpgsqlDataSource database, ReplayScratch scratch, int rowsAtOnce)
{
    /// <summary>How many rows that differ are read whole at a time.</summary>
    private const int Whole = 100;

    /// <summary>How much of a text is shown.</summary>
    private const int Shown = 500;

    /// <summary>The position the live read models have come to.</summary>
    public async Task<long> LivePosition(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await LivePosition(connection, cancellation);
    }

    /// <summary>
    /// Compares a table range by range; tells after each how many rows there are by then on each side, what was found in it, and at which
    /// position.
    /// </summary>
    public async Task Compare(
        ComparedTable table,
        Func<long, long, IReadOnlyList<ReplayFinding>, long, Task> after,
        CancellationToken cancellation
    )
    {
        string[]? last = null;
        do
        {
            var (live, replayed, findings, position, end) = await CompareRange(table, last, cancellation);
            last = end;
            await after(live, replayed, findings, position);
        } while (last is not null);
        await Keyless(table, after, cancellation);
    }

    /// <summary>Compares the range after a key; says where it ends, null where that is the end of the table.</summary>
    private async Task<(long Live, long Replayed, IReadOnlyList<ReplayFinding> Findings, long Position, string[]? End)> CompareRange(
        ComparedTable table,
        string[]? first,
        CancellationToken cancellation
    )
    {
        await using var live = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await live.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var position = await LivePosition(live, cancellation);
        if (position < scratch.Position)
            throw new ReplayFailedException(
                "The live read models went back while they were compared: they are being rebuilt. Start another replay once they are."
            );
        var liveRows = await Digests(
            live,
            table.Live,
            table,
            $"{Behind(table, first)} order by {Names(table)} fetch first {rowsAtOnce} rows with ties",
            first ?? [],
            cancellation
        );
        var last = liveRows.Count >= rowsAtOnce ? liveRows[^1].Key : null;

        await scratch.Advance(position, cancellation);
        await using var replayed = await database.OpenConnectionAsync(cancellation);
        var replayedRows = await Digests(
            replayed,
            table.Scratch,
            table,
            Behind(table, first) + UpTo(table, first, last),
            [.. first ?? [], .. last ?? []],
            cancellation
        );
        var findings = new List<ReplayFinding>();
        foreach (var differing in Differing(liveRows, replayedRows).Chunk(Whole))
            findings.AddRange(await Findings(table, differing, live, replayed, cancellation));
        return (liveRows.Count, replayedRows.Count, findings, position, last);
    }

    private static Task<long> LivePosition(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Scalar<long>("select last_seq_id from register.mt_event_progression where name = $1", [ReadModel.Shard], cancellation);

    /// <summary>The condition that the key comes after the one in the first parameters; all keys where there is none.</summary>
    private static string Behind(ComparedTable table, string[]? first) =>
        first is null ? $"where ({Names(table)}) is not null" : $"where ({Names(table)}) > ({Parameters(table, 1)})";

    private static string UpTo(ComparedTable table, string[]? first, string[]? last) =>
        last is null ? "" : $" and ({Names(table)}) <= ({Parameters(table, 1 + (first?.Length ?? 0))})";

    /// <summary>
    /// The key columns by the table's alias: their bare names mean the selected texts, which sort otherwise and have no index.
    /// </summary>
    private static string Names(ComparedTable table) => string.Join(", ", table.Key.Select(k => $"t.{k.Name}"));

    private static string Parameters(ComparedTable table, int first) =>
        string.Join(", ", table.Key.Select((k, i) => string.Create(CultureInfo.InvariantCulture, $"${first + i}::text::{k.Type}")));

    /// <summary>Of each row its key, and a hash of the texts of all columns.</summary>
    private static async Task<List<(string[] Key, byte[] Hash)>> Digests(
        NpgsqlConnection connection,
        string name,
        ComparedTable table,
        string rest,
        string[] parameters,
        CancellationToken cancellation
    ) =>
        await connection.Query(
            $"""
            select {string.Join(", ", table.Key.Select(k => $"{k.Name}::text"))},
                sha256(convert_to(row({string.Join(", ", table.Columns.Select(c => $"{c}::text"))})::text, 'UTF8'))
            from {name} t {rest}
            """,
            parameters,
            row => (table.Key.Select((_, i) => row.GetString(i)).ToArray(), row.GetFieldValue<byte[]>(table.Key.Count)),
            cancellation
        );

    /// <summary>The keys whose rows differ. The replay makes one row of each at most, and live may have more.</summary>
    private static IEnumerable<string[]> Differing(List<(string[] Key, byte[] Hash)> live, List<(string[] Key, byte[] Hash)> replayed)
    {
        var others = replayed.ToDictionary(r => Joined(r.Key), r => r);
        foreach (var rows in live.GroupBy(row => Joined(row.Key)))
        {
            var (key, hash) = rows.First();
            if (!others.Remove(rows.Key, out var other) || rows.Skip(1).Any() || !hash.AsSpan().SequenceEqual(other.Hash))
                yield return key;
        }

        foreach (var (key, _) in others.Values)
            yield return key;
    }

    private static async Task<IEnumerable<ReplayFinding>> Findings(
        ComparedTable table,
        string[][] keys,
        NpgsqlConnection live,
        NpgsqlConnection replayed,
        CancellationToken cancellation
    )
    {
        var (liveRows, replayedRows) = (
            await Rows(live, table.Live, table, keys, cancellation),
            await Rows(replayed, table.Scratch, table, keys, cancellation)
        );
        return keys.SelectMany(key =>
        {
            var (rows, replayedRow) = (liveRows[Joined(key)].ToList(), replayedRows[Joined(key)].SingleOrDefault());
            var same = replayedRow is null ? -1 : Math.Max(0, rows.FindIndex(row => row.SequenceEqual(replayedRow)));
            var detail = rows.Count > 1 ? $"The table has {rows.Count} rows of this key, and its history gives one at most." : null;
            return replayedRow is not null && rows.Count == 0
                ? [Finding(table, key, null, replayedRow, null)]
                : rows.Select((row, place) => Finding(table, key, row, place == same ? replayedRow : null, detail))
                    .Where(finding => finding.Columns!.Count > 0);
        });
    }

    private static ReplayFinding Finding(
        ComparedTable table,
        IReadOnlyList<string?> key,
        string?[]? live,
        string?[]? replayed,
        string? detail
    ) =>
        new(
            live is null ? ReplayFindingKind.MissingInLive
                : replayed is null ? ReplayFindingKind.OnlyInLive
                : ReplayFindingKind.Differs,
            table.Live,
            table.Key.Zip(key).Where(k => k.Second is not null).ToDictionary(k => k.First.Name, k => k.Second!),
            [
                .. table
                    .Columns.Select((c, i) => (Column: c, Live: live?[i], Replayed: replayed?[i]))
                    .Where(c => c.Live != c.Replayed)
                    .Select(c => Difference(c.Column, c.Live, c.Replayed)),
            ],
            Detail: detail
        );

    /// <summary>Rows without a key, which only a table without its primary key can have: the replay makes none.</summary>
    private async Task Keyless(
        ComparedTable table,
        Func<long, long, IReadOnlyList<ReplayFinding>, long, Task> after,
        CancellationToken cancellation
    )
    {
        await using var live = await database.OpenConnectionAsync(cancellation);
        await using var command = live.Statement(
            $"""
            select {Texts(table)} from {table.Live} t
            where not ({Names(table)}) is not null and exists (
                select from pg_attribute a
                where a.attname = any ($1) and not a.attnotnull and (a.attrelid = '{table.Live}'::regclass
                    or a.attrelid in (select inhrelid from pg_inherits where inhparent = '{table.Live}'::regclass)))
            """,
            [table.Key.Select(k => k.Name).ToArray()]
        );
        command.CommandTimeout = 0;
        var findings = new List<ReplayFinding>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var (key, values) = Read(rows, table);
                findings.Add(Finding(table, key, values, null, "The row has no whole key."));
            }
        }

        if (findings.Count > 0)
            await after(findings.Count, 0, findings, await LivePosition(live, cancellation));
    }

    private static async Task<ILookup<string, string?[]>> Rows(
        NpgsqlConnection connection,
        string name,
        ComparedTable table,
        string[][] keys,
        CancellationToken cancellation
    )
    {
        var rows = await connection.Query(
            $"""
            select {Texts(table)}
            from {name} t
            where ({Names(table)}) in (
                select {string.Join(", ", table.Key.Select((k, i) => $"k{i}::{k.Type}"))}
                from unnest({string.Join(", ", table.Key.Select((_, i) => $"${i + 1}::text[]"))})
                k ({string.Join(", ", table.Key.Select((_, i) => $"k{i}"))}))
            """,
            [.. table.Key.Select((_, i) => keys.Select(k => k[i]).ToArray())],
            row => Read(row, table),
            cancellation
        );
        return rows.ToLookup(row => Joined(row.Key), row => row.Values);
    }

    /// <summary>The key and all columns, each as its text.</summary>
    private static string Texts(ComparedTable table) =>
        string.Join(", ", table.Key.Select(k => k.Name).Concat(table.Columns).Select(c => $"t.{c}::text"));

    private static (string?[] Key, string?[] Values) Read(NpgsqlDataReader row, ComparedTable table)
    {
        var texts = Enumerable.Range(0, table.Key.Count + table.Columns.Count).Select(i => row.IsDBNull(i) ? null : row.GetString(i));
        var all = texts.ToArray();
        return (all[..table.Key.Count], all[table.Key.Count..]);
    }

    /// <summary>Long texts from a little before the first character that differs.</summary>
    private static ReplayedColumn Difference(string column, string? live, string? replayed)
    {
        if ((live?.Length ?? 0) <= Shown && (replayed?.Length ?? 0) <= Shown)
            return new ReplayedColumn(column, live, replayed);
        var same = live is null || replayed is null ? 0 : live.AsSpan().CommonPrefixLength(replayed);
        var from = Math.Max(0, same - (Shown / 10));
        return new ReplayedColumn(column, Excerpt(live), Excerpt(replayed));

        string? Excerpt(string? text)
        {
            if (text is null)
                return null;
            var part = text.AsSpan(Math.Min(from, text.Length));
            return $"{(from > 0 ? "…" : "")}{part[..Math.Min(Shown, part.Length)]}{(part.Length > Shown ? "…" : "")}";
        }
    }

    private static string Joined(string?[] key) => string.Join('\u001f', key);
}

/// <summary>Why a replay cannot come to its end, in words for the caller who asked for it.</summary>
internal sealed class ReplayFailedException(string why) : Exception(why);
