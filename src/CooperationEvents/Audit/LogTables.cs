using CooperationEvents.AuditLog;
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

    public const string Schema = """
        create table if not exists audit.leaf (
            index bigint primary key check (index >= 0),
            seq bigint not null unique,
            event_id uuid not null unique,
            hash bytea not null check (length(hash) = 32)
        );
        create table if not exists audit.node (
            level smallint not null check (level > 0),
            index bigint not null,
            hash bytea not null check (length(hash) = 32),
            primary key (level, index)
        );
        create table if not exists audit.origin (
            number int primary key,
            origin text not null unique,
            first_size bigint not null
        );
        create table if not exists audit.log_key (
            origin text not null,
            first_size bigint not null,
            key text not null,
            primary key (origin, first_size)
        );
        create table if not exists audit.checkpoint (
            origin text not null,
            size bigint not null,
            root bytea not null check (length(root) = 32),
            note text not null,
            signed_at timestamptz not null default clock_timestamp(),
            primary key (origin, size)
        );
        create table if not exists audit.log_head (
            one boolean primary key default true check (one),
            epoch bigint not null,
            size bigint not null,
            seq bigint not null,
            without_gap bigint not null,
            published bigint not null
        );
        create table if not exists audit.late_event (seq bigint primary key);
        create or replace function audit.note_late_event() returns trigger language plpgsql as $note$
        begin
            insert into audit.late_event (seq) values (new.seq_id);
            return null;
        end $note$;
        do $noted$
        begin
            if not exists (select from pg_trigger where tgrelid = 'register.mt_events'::regclass and tgname = 'late_event_noted') then
                create trigger late_event_noted after insert on register.mt_events for each row
                    when (new.type = 'tombstone') execute function audit.note_late_event();
            end if;
        end $noted$;
        insert into audit.log_head (epoch, size, seq, without_gap, published) values (0, 0, 0, 0, -1) on conflict do nothing;
        """;

    public const string Grants = $"""
        grant select, insert on {Leaf}, {Node}, {Origin}, {Key}, {Checkpoint} to cooperation_service;
        grant select, update on {Head} to cooperation_service;
        grant select, insert, delete on {LateEvent} to cooperation_service;
        grant select on {Leaf}, {Node}, {Origin}, {Key}, {Checkpoint}, {Head}, {LateEvent} to cooperation_replay;
        """;
}

/// <summary>
/// How far the log has come: its number of leaves; the highest position seen; the position up to which no gap is open; and
/// the size of the newest checkpoint that is published, -1 where there is none.
/// </summary>
internal sealed record LogHead(long Epoch, long Size, long Seq, long WithoutGap, long Published)
{
    public static async Task<LogHead> Read(NpgsqlConnection connection, bool lockIt, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select epoch, size, seq, without_gap, published from {LogTables.Head}{(lockIt ? " for update" : "")}",
            connection
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
        await using var command = new NpgsqlCommand(
            tile.Level == 0
                ? $"select hash from {LogTables.Leaf} where index >= $1 and index < $2 order by index"
                : $"select hash from {LogTables.Node} where index >= $1 and index < $2 and level = $3 order by index",
            connection
        );
        command.Parameters.Add(new NpgsqlParameter { Value = first });
        command.Parameters.Add(new NpgsqlParameter { Value = first + tile.Width });
        if (tile.Level > 0)
            command.Parameters.Add(new NpgsqlParameter { Value = (short)tile.Level });
        var hashes = new List<Digest>(tile.Width);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            hashes.Add(new Digest(rows.GetFieldValue<byte[]>(0)));
        return [.. hashes];
    }
}
