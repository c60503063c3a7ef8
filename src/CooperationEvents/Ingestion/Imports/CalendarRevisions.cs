using CooperationEvents.Ingestion.Calendar;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Which revision of each calendar entry was imported last, so that an older file does not undo a newer one.</summary>
public sealed class CalendarRevisions(NpgsqlDataSource database)
{
    internal const string Schema = """
        create schema if not exists ingestion;
        create table if not exists ingestion.calendar_entry (
            system text not null,
            entry_id text not null,
            uid text not null,
            sequence int not null,
            last_modified timestamptz,
            primary key (system, entry_id)
        );
        create index if not exists calendar_entry_uid on ingestion.calendar_entry (system, md5(uid));
        """;

    internal const string Grants = """
        grant usage on schema ingestion to cooperation_service;
        grant select, insert, update (sequence, last_modified) on ingestion.calendar_entry to cooperation_service;
        """;

    /// <summary>The ids of the entries that were imported for a UID: several where the event recurs.</summary>
    public async Task<IReadOnlyCollection<string>> Ids(string system, string uid, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select entry_id from ingestion.calendar_entry where system = $1 and md5(uid) = md5($2) and uid = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = system });
        command.Parameters.Add(new NpgsqlParameter { Value = uid });
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetString(0));
        return ids;
    }

    public async Task<CalendarRevision?> Last(string system, string entryId, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select sequence, last_modified from ingestion.calendar_entry where system = $1 and entry_id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = system });
        command.Parameters.Add(new NpgsqlParameter { Value = entryId });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CalendarRevision(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1))
            : null;
    }

    public async Task Note(string system, CalendarEntry entry, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            insert into ingestion.calendar_entry (system, entry_id, uid, sequence, last_modified) values ($1, $2, $3, $4, $5)
            on conflict (system, entry_id) do update set sequence = excluded.sequence, last_modified = excluded.last_modified
            """);
        foreach (var value in new object[] { system, entry.Id, entry.Uid, entry.Revision.Sequence, entry.Revision.LastModified is { } at ? at.ToUniversalTime() : DBNull.Value })
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
