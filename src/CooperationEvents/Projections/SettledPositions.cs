using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// Notes up to which position the history is settled, so that it is known even while the read models are rebuilt; and resolves a time to a
/// position. That follows from the recorded times in the entries of the log, so that nobody can move it unseen.
/// </summary>
public sealed class SettledPositions(
    NpgsqlDataSource database,
    [FromKeyedServices(DataSources.Notes)] NpgsqlDataSource notes,
    TimeProvider clock
)
{
    /// <summary>How long a time that has just passed is waited for: what was recorded by then may still be on its way.</summary>
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Notes how far the read models have come, where that is further than noted before.</summary>
    public Task Note(CancellationToken cancellation) =>
        notes.Execute(
            """
            insert into recording.settled_position (position, noted_at)
            select last_seq_id, clock_timestamp() from register.mt_event_progression
            where name = $1 and last_seq_id > coalesce((select max(position) from recording.settled_position), 0)
            on conflict do nothing
            """,
            [ReadModel.Shard],
            cancellation
        );

    /// <summary>The position that was asked for, or that it is not settled yet.</summary>
    /// <param name="newest">The newest settled position.</param>
    public async Task<(long Position, Problem? Problem)> Resolve(AskedPoint asked, long newest, CancellationToken cancellation) =>
        asked.Unsettled(newest) is { } unsettled
            ? (0, unsettled)
            : (asked.Time is { } time ? await At(time, cancellation) : asked.Position ?? newest, null);

    /// <summary>
    /// The position a time stands for: the one before the first event, in the order of positions, that was recorded after it. Where there
    /// is no such event it is the newest settled position, once nothing recorded by that time can still come.
    /// </summary>
    private async Task<long> At(DateTimeOffset time, CancellationToken cancellation)
    {
        for (var started = clock.GetTimestamp(); ; await Task.Delay(PollInterval, clock, cancellation))
        {
            var (position, isFinal) = await Look(time, cancellation);
            if (isFinal || clock.GetElapsedTime(started) >= WaitTimeout)
                return position;
        }
    }

    private async Task<(long Position, bool IsFinal)> Look(DateTimeOffset time, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            with settled as materialized (select coalesce(max(position), 0) as up_to from recording.settled_position),
                after as materialized (select min(e.seq_id) as first from register.mt_events e, settled where e.timestamp > $1
                    and e.seq_id <= settled.up_to and e.type <> 'tombstone')
            select coalesce(after.first - 1, settled.up_to), after.first is not null or (
                not exists (select from register.mt_events e where e.seq_id > settled.up_to and e.timestamp <= $1)
                and not exists (
                    select from pg_stat_activity a
                    where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_xid is not null
                        and a.xact_start <= $1))
            from settled, after
            """,
            time.UtcDateTime
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.GetInt64(0), row.GetBoolean(1));
    }
}
