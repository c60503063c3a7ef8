using System.Globalization;
using System.Net;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// Whether there is room for a replay. It needs as much disk as the live read models, and a fifth more. Only a superuser sees the disk of a
/// database server, so that <c>Audit:Replays:DiskBytes</c> says how much there is; in Development, whose server is a private one in the
/// data directory, what is free there counts where that is absent.
/// </summary>
/// <param name="developmentDirectory">The data directory; null in production.</param>
internal sealed class ReplayDisk(NpgsqlDataSource database, ReplayOptions options, string? developmentDirectory)
{
    private const long AtLeast = 64L << 20;

    /// <summary>In seconds: an operator has to make room first.</summary>
    private const int RetryDelay = 600;

    /// <summary>Why there is no room; null where there is.</summary>
    public async Task<Problem?> Fault(CancellationToken cancellation)
    {
        var needed = Math.Max(AtLeast, await Live(cancellation) * 6 / 5);
        if ((options.DiskBytes ?? await Free(cancellation)) is not { } free)
        {
            return NoRoom(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A replay needs about {needed} bytes of the database server's disk, and the service is not told what there is. The "
                        + $"operator sets Audit:Replays:DiskBytes."
                )
            );
        }

        return free >= needed
            ? null
            : NoRoom(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A replay needs about {needed} bytes of the database server's disk, and there are {free}. The operator makes room, or "
                        + $"raises Audit:Replays:DiskBytes."
                )
            );
    }

    private static Problem NoRoom(string why) => AuditProblems.NoRoom.Because(why) with { RetryAfter = RetryDelay };

    private Task<long> Live(CancellationToken cancellation) =>
        database.Scalar<long>(
            """
            select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname in ($1, $2)
            """,
            [ReadModelSchemas.Live.Views, ReadModelSchemas.Live.Facts],
            cancellation
        );

    private async Task<long?> Free(CancellationToken cancellation)
    {
        if (developmentDirectory is null)
            return null;
        return
            await database.Scalar<IPAddress>("select inet_server_addr()", [], cancellation) is not { } address
            || IPAddress.IsLoopback(address)
            ? new DriveInfo(developmentDirectory).AvailableFreeSpace
            : null;
    }
}
