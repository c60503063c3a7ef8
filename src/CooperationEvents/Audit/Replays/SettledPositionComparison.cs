using System.Globalization;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds the positions noted as settled against the events up to them.</summary>
internal sealed class SettledPositionComparison(NpgsqlDataSource database, ReplayOptions options)
{
    public const string Table = "recording.settled_position";

    /// <summary>
    /// No position is noted beyond what is settled, and none before the events were recorded that it is the first to cover. Events before
    /// these may be of a later time: the database's clock may have been set back since.
    /// </summary>
    public async Task Compare(AfterRows after, CancellationToken cancellation)
    {
        var (last, count) = (0L, 0L);
        do
        {
            await using var command = database.Statement(
                $"""
                select s.position, s.noted_at, s.noted_at::text, settled.up_to,
                    (select max(e.timestamp) from register.mt_events e where e.seq_id > coalesce(s.before, $1) and e.seq_id <= s.position)
                from (
                    select position, noted_at, lag(position) over (order by position) as before
                    from {Table} where position > $1 order by position fetch first $2 rows with ties) s,
                    (select max(last_seq_id) as up_to from register.mt_event_progression where name in ('HighWaterMark', $3)) settled
                order by s.position
                """,
                last,
                options.RowsAtOnce,
                ReadModel.Shard
            );
            command.CommandTimeout = 0;
            count = 0;
            var (findings, foreign) = (new List<ReplayFinding>(), 0L);
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                for (; await row.ReadAsync(cancellation); count++)
                {
                    last = row.GetInt64(0);
                    var key = last.ToString(CultureInfo.InvariantCulture);
                    if (last > row.GetInt64(3))
                    {
                        foreign++;
                        findings.Add(
                            SideTables.Finding(
                                ReplayFindingKind.OnlyInLive,
                                Table,
                                "position",
                                key,
                                new ReplayedColumn("position", key, row.GetInt64(3).ToString(CultureInfo.InvariantCulture))
                            )
                        );
                    }
                    else if (!await row.IsDBNullAsync(4, cancellation) && row.GetDateTime(4) is var latest && row.GetDateTime(1) < latest)
                    {
                        var recorded = latest.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00";
                        var column = new ReplayedColumn("noted_at", row.GetString(2), recorded);
                        findings.Add(SideTables.Finding(ReplayFindingKind.Differs, Table, "position", key, column));
                    }
                }
            }

            await after(count, count - foreign, findings);
        } while (count >= options.RowsAtOnce);
    }
}
