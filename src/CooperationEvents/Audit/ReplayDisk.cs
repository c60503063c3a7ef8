using System.Globalization;
using System.Net;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>
/// Whether there is room for a replay. It needs as much as the live read models, and a fifth more. There is what
/// <c>Audit:Replays:DiskBytes</c> says; where that is absent, what the database's disk has free, if the server runs on this machine
/// and shows the service its directory; and where it does not, nobody knows, and no replay is begun.
/// </summary>
internal sealed class ReplayDisk(NpgsqlDataSource database, ReplayOptions options)
{
    private const long AtLeast = 64L << 20;

    /// <summary>Why there is no room; null where there is.</summary>
    public async Task<Problem?> Fault(CancellationToken cancellation)
    {
        var needed = Math.Max(AtLeast, await Live(cancellation) * 6 / 5);
        if ((options.DiskBytes ?? await Free(cancellation)) is not { } free)
        {
            return AuditProblems.NoRoom.Because(string.Create(
                CultureInfo.InvariantCulture,
                $"A replay needs about {needed} bytes of the database server's disk, and the service cannot see what is free there. The operator sets Audit:Replays:DiskBytes."));
        }

        return free >= needed
            ? null
            : AuditProblems.NoRoom.Because(string.Create(
                CultureInfo.InvariantCulture, $"A replay needs about {needed} bytes of the database server's disk, and there are {free}. The operator makes room, or raises Audit:Replays:DiskBytes."));
    }

    private async Task<long> Live(CancellationToken cancellation)
    {
        await using var size = database.CreateCommand("""
            select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname in ($1, $2)
            """);
        size.Parameters.Add(new NpgsqlParameter { Value = ReadModelSchemas.Live.Views });
        size.Parameters.Add(new NpgsqlParameter { Value = ReadModelSchemas.Live.Facts });
        return (long)(await size.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<long?> Free(CancellationToken cancellation)
    {
        // Shown to roles with pg_read_all_settings alone, of which a production role is none.
        await using var command = database.CreateCommand("select inet_server_addr(), (select setting from pg_settings where name = 'data_directory')");
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var here = await row.IsDBNullAsync(0, cancellation) || IPAddress.IsLoopback(row.GetFieldValue<IPAddress>(0));
        return here && !await row.IsDBNullAsync(1, cancellation) && Directory.Exists(row.GetString(1)) ? new DriveInfo(row.GetString(1)).AvailableFreeSpace : null;
    }
}
