using Npgsql;

namespace CooperationEvents.Reading;

/// <summary>
/// When each position became settled, by the database's clock, as the register noted it. Noted once and never again, so that
/// "what was known at that time" keeps one answer, also after the read models are rebuilt.
/// </summary>
public sealed class SettledPositions(NpgsqlDataSource database)
{
    internal const string Schema = """
        create schema if not exists recording;
        create table if not exists recording.settled_position (
            position bigint primary key,
            noted_at timestamptz not null
        );
        create index if not exists settled_position_noted_at on recording.settled_position (noted_at);
        """;

    internal const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert on recording.settled_position to cooperation_service;
        """;

    /// <summary>Notes how far the read models have come, where that is further than noted before.</summary>
    public async Task Note(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            insert into recording.settled_position (position, noted_at)
            select last_seq_id, clock_timestamp() from register.mt_event_progression
            where name = $1 and last_seq_id > coalesce((select max(position) from recording.settled_position), 0)
            on conflict do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ReadModel.Shard });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The newest position that was noted as settled by then; 0 where there was none.</summary>
    public async Task<long> At(DateTimeOffset time, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select max(position) from recording.settled_position where noted_at <= $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = time.UtcDateTime });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }
}
