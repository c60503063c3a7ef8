using System.Runtime.CompilerServices;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>The first event of a stream.</summary>
internal sealed record CreationEvent(long Seq, Guid Stream, Recorded Recorded)
{
    public static CreationEvent Read(long seq, Guid stream, Guid id, string type, string data) =>
        new(seq, stream, new Recorded(id, type, EventType.Read(type, data)));
}

/// <summary>The first events of streams, read a page at a time.</summary>
internal sealed class CreationEvents(NpgsqlDataSource database, ReplayOptions options)
{
    /// <summary>Of the streams that meet a condition, those up to a position.</summary>
    public async IAsyncEnumerable<IReadOnlyList<CreationEvent>> Where(
        string condition,
        long position,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        for (var last = 0L; ; )
        {
            var page = new List<CreationEvent>();
            await using (
                var command = database.Statement(
                    $"""
                    select e.seq_id, e.stream_id, e.id, e.type, e.data::text from register.mt_events e
                    where e.seq_id > $1 and e.seq_id <= $2 and e.version = 1 and {condition} order by e.seq_id limit $3
                    """,
                    last,
                    position,
                    options.RowsAtOnce
                )
            )
            {
                command.CommandTimeout = 0;
                await using var row = await command.ExecuteReaderAsync(cancellation);
                while (await row.ReadAsync(cancellation))
                    page.Add(CreationEvent.Read(row.GetInt64(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetString(4)));
            }

            if (page.Count > 0)
                yield return page;
            if (page.Count < options.RowsAtOnce)
                yield break;
            last = page[^1].Seq;
        }
    }
}
