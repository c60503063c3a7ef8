using System.Globalization;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>What is wrong, in words, how many events, leaves or streams it concerns, and which: each of them up to <see cref="Completeness.Named"/>.</summary>
public sealed record CompletenessFault(string What, long Count, IReadOnlyList<string> Which)
{
    /// <summary>The first few of them.</summary>
    public string First => string.Join(", ", Which.Take(5));
}

/// <summary>
/// Whether the log has everything: each committed event a leaf and each leaf an event, and nothing carried where no entry
/// shows it. It reads the whole history, and is run on a schedule.
/// </summary>
public sealed class Completeness(NpgsqlDataSource database)
{
    /// <summary>So many of a kind are named; all are counted.</summary>
    public const int Named = 1_000;

    private static readonly (string What, string Sql)[] Checks =
    [
        (
            "events without a leaf",
            """
            select e.seq_id::text from register.mt_events e left join audit.leaf l on l.seq = e.seq_id
            where l.seq is null and e.seq_id <= (select without_gap from audit.log_head) and not exists (select from audit.late_event n where n.seq = e.seq_id)
            """),
        ("leaves without their event", "select l.index::text from audit.leaf l left join register.mt_events e on e.seq_id = l.seq and e.id = l.event_id where e.seq_id is null"),
        ("missing leaves", "select place::text from audit.log_head h, generate_series(0, h.size - 1) place left join audit.leaf l on l.index = place where l.index is null"),
        ("leaves beyond the head", "select l.index::text from audit.leaf l, audit.log_head h where l.index >= h.size"),
        ("events with columns that say what no entry shows", $"select e.seq_id || ' (' || {ColumnsBeside.FaultsOfEvent} || ')' from register.mt_events e where {ColumnsBeside.FaultsOfEvent} is not null"),
        ("streams with a row that says what no event does", $"select id || ' (' || what || ')' from ({ColumnsBeside.FaultsOfStreams}) s where what <> ''"),
    ];

    /// <summary>Everything that is wrong in one snapshot of the database.</summary>
    public async Task<IReadOnlyList<CompletenessFault>> Check(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var faults = new List<CompletenessFault>();
        foreach (var (what, sql) in Checks)
        {
            await using var command = new NpgsqlCommand(
                string.Create(CultureInfo.InvariantCulture, $"with found (one) as ({sql}) select count(*), (select coalesce(array_agg(one), '{{}}') from (select one from found limit {Named}) few) from found"), connection)
            {
                CommandTimeout = 0,
            };
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            if (row.GetInt64(0) is > 0 and var count)
                faults.Add(new CompletenessFault(what, count, row.GetFieldValue<string[]>(1)));
        }

        return faults;
    }
}
