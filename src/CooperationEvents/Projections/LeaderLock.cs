using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>The advisory lock of what one node at a time does.</summary>
internal static class LeaderLock
{
    /// <summary>Takes a lock for as long as the connection lasts, unless another session has it.</summary>
    /// <param name="key">One of <see cref="Kernel.AdvisoryLocks"/>.</param>
    public static async Task<bool> TryTake(this NpgsqlConnection connection, long key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = key });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Throws where the session has ended, and with it the lock.</summary>
    public static async Task StillLeads(this NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellation);
    }
}
