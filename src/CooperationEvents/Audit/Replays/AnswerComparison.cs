using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds the answers that are remembered against the events they tell of.</summary>
internal sealed class AnswerComparison(NpgsqlDataSource database, ReplayOptions options, HostingOptions hosting)
{
    public const string Table = "recording.remembered_answer";

    /// <summary>
    /// A remembered answer is that of an event there is: its status, its part, and a time that is not before it. A part is created (201)
    /// and named in the data of an event, or is known by the id of the event itself (200).
    /// </summary>
    public async Task Compare(AfterRows after, CancellationToken cancellation)
    {
        var (last, count) = (Array.Empty<byte>(), 0L);
        do
        {
            await using var command = database.Statement(
                $"""
                select a.key_digest, (
                    select coalesce(jsonb_agg(jsonb_build_object('column', c, 'live', l, 'replayed', r)), '[]')::text from (values
                        ('stream_id', first.id is null, a.stream_id::text, null),
                        ('version', first.id is not null and e.id is null, a.version::text,
                            (select max(version)::text from register.mt_events where stream_id = a.stream_id)),
                        ('status', e.id is not null and a.status <> 200 + (a.part_id is not null and not part.is_event)::int
                                and (a.status <> 201 or e.causation_id is distinct from first.causation_id),
                            a.status::text,
                            case when (a.part_id is not null and not part.is_event) or e.causation_id = first.causation_id
                                then '201' else '200' end),
                        ('part_id', a.part_id is not null and e.id is not null and not part.is_event and not exists (
                                select from register.mt_events p
                                where p.stream_id = a.stream_id and p.version <= a.version and strpos(p.data::text, a.part_id::text) > 0),
                            a.part_id::text, null),
                        ('answered_at', a.answered_at < e.timestamp - $3 or a.answered_at > clock_timestamp() + $3,
                            a.answered_at::text, e.timestamp::text)
                    ) f (c, wrong, l, r) where wrong)
                from (select * from {Table} where key_digest > $1 order by key_digest fetch first $2 rows with ties) a
                left join register.mt_events first on first.stream_id = a.stream_id and first.version = 1
                left join register.mt_events e on e.stream_id = a.stream_id and e.version = a.version
                cross join lateral (
                    select exists (
                        select from register.mt_events made
                        where made.stream_id = a.stream_id and made.version <= a.version and made.id = a.part_id) as is_event) part
                order by a.key_digest
                """,
                last,
                options.RowsAtOnce,
                hosting.ClocksApart
            );
            (count, var (findings, foreign)) = (0, (new List<ReplayFinding>(), 0L));
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                for (; await row.ReadAsync(cancellation); count++)
                {
                    last = row.GetFieldValue<byte[]>(0);
                    var columns = JsonSerializer.Deserialize<ReplayedColumn[]>(row.GetString(1), Json.Options)!;
                    if (columns.Length == 0)
                        continue;
                    var kind = columns.Any(c => c is { Column: "stream_id" }) ? ReplayFindingKind.OnlyInLive : ReplayFindingKind.Differs;
                    foreign += kind == ReplayFindingKind.OnlyInLive ? 1 : 0;
                    findings.Add(SideTables.Finding(kind, Table, "key_digest", SideTables.Text(last), columns));
                }
            }

            await after(count, count - foreign, findings);
        } while (count >= options.RowsAtOnce);
    }
}
