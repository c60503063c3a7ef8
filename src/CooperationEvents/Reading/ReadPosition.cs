using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Reading;

/// <summary>How far the read models have come: everything settled up to this position is in them.</summary>
public sealed class ReadPosition(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>How long a read waits for the position it asks for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public async Task<long> Current(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select last_seq_id from register.mt_event_progression where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ReadModel.Shard });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    /// <summary>The current position once it has reached <paramref name="wanted"/>; a problem where that takes too long.</summary>
    public async Task<(long Position, Problem? Late)> Reach(long wanted, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var current = await Current(cancellation);
            if (current >= wanted)
                return (current, null);
            if (clock.GetElapsedTime(started) >= Patience)
                return (current, KernelProblems.Busy.Because($"The read models have come to position {current}, not yet to {wanted}. Ask again.") with { RetryAfter = 1 });
            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
