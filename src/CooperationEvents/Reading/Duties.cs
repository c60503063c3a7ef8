using Npgsql;

namespace CooperationEvents.Reading;

/// <summary>Duties that one node at a time has: the one that holds the advisory lock of the duty.</summary>
internal static class Duties
{
    /// <summary>Takes a duty for as long as the connection lasts, unless another session has it.</summary>
    /// <param name="duty">One of <see cref="Kernel.AdvisoryLocks"/>.</param>
    public static async Task<bool> TryTake(this NpgsqlConnection connection, long duty, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = duty });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Throws where the session has ended, and with it whatever duty it had.</summary>
    public static async Task StillLeads(this NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellation);
    }
}
