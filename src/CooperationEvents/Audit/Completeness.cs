using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>What is wrong, in words, with the first few events or streams it concerns.</summary>
public sealed record CompletenessFault(string What, long Count, string First);

/// <summary>
/// Whether the log has everything: each committed event a leaf and each leaf an event, and nothing carried where no entry
/// shows it. It reads the whole history, and is run on a schedule.
/// </summary>
public sealed class Completeness(NpgsqlDataSource database)
{
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
        (
            "events that carry what no entry shows",
            """
            select seq_id::text from register.mt_events where is_archived or tenant_id is distinct from '*DEFAULT*' or bdata is not null
                or case jsonb_typeof(headers) when 'object' then headers - 'onBehalfOf' - 'source' <> '{}' else headers <> 'null' end
            """),
        ("streams that carry what no entry shows", "select id::text from register.mt_streams where is_archived or compacted_version <> 0 or tenant_id is distinct from '*DEFAULT*'"),
        (
            "streams whose version is not that of their last event",
            """
            select s.id::text from register.mt_streams s
            join (select stream_id, max(version) as last from register.mt_events where type <> 'tombstone' group by stream_id) e on e.stream_id = s.id
            where s.version is distinct from e.last
            """),
        ("streams without events", "select s.id::text from register.mt_streams s where not exists (select from register.mt_events e where e.stream_id = s.id)"),
    ];

    public async Task<IReadOnlyList<CompletenessFault>> Check(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var faults = new List<CompletenessFault>();
        foreach (var (what, sql) in Checks)
        {
            await using var command = new NpgsqlCommand($"with found (one) as ({sql}) select count(*), (select string_agg(one, ', ') from (select one from found limit 5) few) from found", connection)
            {
                CommandTimeout = 0,
            };
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            if (row.GetInt64(0) is > 0 and var count)
                faults.Add(new CompletenessFault(what, count, row.GetString(1)));
        }

        return faults;
    }
}
