using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>The advisory lock of what one node at a time does.</summary>
internal static class LeaderLock
{
    /// <summary>Takes a lock for as long as the connection lasts, unless another session has it.</summary>
    /// <param name="key">One of <see cref="Kernel.AdvisoryLocks"/>.</param>
    public static Task<bool> TryTake(this NpgsqlConnection connection, long key, CancellationToken cancellation) =>
        connection.Scalar<bool>("select pg_try_advisory_lock($1)", [key], cancellation);

    /// <summary>Throws where the session has ended, and with it the lock.</summary>
    public static async Task StillLeads(this NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.Statement("select 1");
        await command.ExecuteScalarAsync(cancellation);
    }
}
