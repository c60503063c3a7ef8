using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Feed;

/// <summary>
/// Reads the history in order of position. Asked for settled positions only, it gives each committed event once and skips
/// none, since nothing can be committed there any more; what Marten leaves of failed saves (tombstones) is not shown.
/// </summary>
public sealed class FeedReader(NpgsqlDataSource database)
{
    /// <summary>How many events a read with a filter looks at before it answers with what it has found.</summary>
    public const int MostExamined = 2_000;

    /// <summary>The most characters of event data in one batch, unless a single event has more.</summary>
    public const int MostData = 256 * 1024;

    private const string Columns = """
        seq_id, id, stream_id, version, type, timestamp, user_name,
        headers->>'onBehalfOf', headers->>'source', correlation_id, causation_id, data::text
        """;

    private static readonly object KnownTypes = PublicData.Types.ToArray();

    /// <summary>
    /// The events after one position and up to another that the filter leaves, as many as fit: at most <paramref name="limit"/>,
    /// of at most <see cref="MostExamined"/> looked at and <see cref="MostData"/> characters. It ends before an event of a type that this
    /// node does not know, which only a filter by types is known to leave out.
    /// </summary>
    public async Task<FeedBatch> Read(long after, long upTo, FeedFilter filter, int limit, CancellationToken cancellation)
    {
        if (upTo <= after)
            return new FeedBatch(after, [], after, false);
        var end = filter == FeedFilter.Everything ? upTo : await Examined(after, upTo, cancellation);
        await using var command = database.Statement(
            $"""
            select {Columns} from register.mt_events
            where seq_id > $1 and seq_id <= $2 and type <> 'tombstone'
                and ($3::text[] is null or type = any($3) or type <> all($5::text[])) and ($4::uuid is null or stream_id = $4)
            order by seq_id limit $6
            """,
            after,
            end,
            (object?)filter.PassingTypes ?? DBNull.Value,
            (object?)filter.Stream ?? DBNull.Value,
            filter.Types is null ? KnownTypes : DBNull.Value,
            limit + 1
        );
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var items = new List<FeedItem>();
        var data = 0;
        while (await rows.ReadAsync(cancellation))
        {
            var json = rows.GetString(11);
            data += json.Length;
            if (items.Count == limit || (data > MostData && items.Count > 0))
                return new FeedBatch(after, items, items[^1].Position, true);
            if (Newer(rows) is { } newer)
                return new FeedBatch(after, items, rows.GetInt64(0) - 1, true) { Newer = newer };
            items.Add(Item(rows, json));
        }

        return new FeedBatch(after, items, end, end < upTo);
    }

    /// <summary>The events at these positions.</summary>
    /// <exception cref="NewerVersionException">This node does not know the type of one of them.</exception>
    public async Task<IReadOnlyDictionary<long, FeedItem>> At(IReadOnlyCollection<long> positions, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select {Columns} from register.mt_events where seq_id = any($1)",
            positions.ToArray()
        );
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var items = new Dictionary<long, FeedItem>();
        while (await rows.ReadAsync(cancellation))
            items.Add(rows.GetInt64(0), Item(rows, rows.GetString(11)));
        return items;
    }

    /// <summary>The event of this id up to a position; null where there is none.</summary>
    /// <exception cref="NewerVersionException">This node does not know its type.</exception>
    public async Task<FeedItem?> Find(Guid id, long upTo, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select {Columns} from register.mt_events where id = $1 and seq_id <= $2 and type <> 'tombstone'",
            id,
            upTo
        );
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation) ? Item(rows, rows.GetString(11)) : null;
    }

    /// <summary>How far a read that looks at <see cref="MostExamined"/> events comes.</summary>
    private async Task<long> Examined(long after, long upTo, CancellationToken cancellation)
    {
        return await database.Scalar<long?>(
            "select seq_id from register.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id offset $3 limit 1",
            [after, upTo, MostExamined - 1],
            cancellation
        ) ?? upTo;
    }

    private static NewerVersionException? Newer(NpgsqlDataReader row) => NewerVersionException.Of(row.GetString(4), row.GetInt64(0));

    private static FeedItem Item(NpgsqlDataReader row, string json)
    {
        if (Newer(row) is { } newer)
            throw newer;
        var type = row.GetString(4);
        return new FeedItem(
            row.GetInt64(0),
            row.GetGuid(1),
            row.GetGuid(2),
            PublicData.StreamTypeOf(type),
            row.GetInt64(3),
            type,
            row.GetDateTime(5).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            Text(6),
            Text(7),
            Text(8),
            Text(9),
            Text(10),
            PublicData.Of(type, json)
        );

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }
}
