using CooperationEvents.AuditLog;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>
/// The log in the database. <c>leaf</c>: which event has which index. <c>node</c>: the roots of full tiles, so that a tile of
/// any level is read in one go. <c>head</c>: how far it has come, under which epoch; the one row that changes. <c>late_event</c>:
/// tombstones that have no index yet, noted as they are written: Marten writes them at the positions of a save that failed, in a
/// transaction of their own some time later, when such a position may have been given up already.
/// </summary>
internal static class LogTables
{
    public const string Leaf = "audit.leaf";
    public const string Node = "audit.node";
    public const string Checkpoint = "audit.checkpoint";
    public const string Origin = "audit.origin";
    public const string Key = "audit.log_key";
    public const string Head = "audit.log_head";
    public const string LateEvent = "audit.late_event";
}

/// <summary>
/// How far the log has come: its number of leaves; the highest position seen; the position up to which no gap is open; and
/// the size of the newest checkpoint that is published, -1 where there is none.
/// </summary>
internal sealed record LogHead(long Epoch, long Size, long Seq, long WithoutGap, long Published)
{
    public static async Task<LogHead> Read(NpgsqlConnection connection, bool lockIt, CancellationToken cancellation)
    {
        await using var command = connection.Statement(
            $"select epoch, size, seq, without_gap, published from {LogTables.Head}{(lockIt ? " for update" : "")}"
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new LogHead(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
    }

    public static async Task<LogHead> Read(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await Read(connection, lockIt: false, cancellation);
    }
}

/// <summary>The tiles of the log, from its leaves and the roots of its full tiles.</summary>
internal sealed class LogTiles(NpgsqlDataSource database) : ITileSource
{
    public async ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await Read(connection, tile, cancellation);
    }

    public static async Task<Digest[]> Read(NpgsqlConnection connection, Tile tile, CancellationToken cancellation)
    {
        var first = tile.Index * Tile.FullWidth;
        var hashes = await connection.Query(
            $"select hash from {(tile.Level == 0 ? $"{LogTables.Leaf} where" : $"{LogTables.Node} where level = {tile.Level} and")} "
                + "index >= $1 and index < $2 order by index",
            [first, first + tile.Width],
            row => new Digest(row.GetFieldValue<byte[]>(0)),
            cancellation
        );
        return [.. hashes];
    }
}
