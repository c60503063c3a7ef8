using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>Stops every transaction where it is about to append events, until it is let pass.</summary>
internal sealed class HeldAppends : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private NpgsqlConnection? _holding;

    private HeldAppends(TestDatabase database, NpgsqlConnection holding) => (_database, _holding) = (database, holding);

    public static async Task<HeldAppends> Of(TestDatabase database)
    {
        var connection = await database.Source.OpenConnectionAsync();
        await Lock(connection);
        return new HeldAppends(database, connection);
    }

    /// <summary>Waits until so many transactions are stopped.</summary>
    public Task Stopped(int transactions = 1) =>
        Wait.Until($"{transactions} transactions to be about to append", async () => await Waiting("RowExclusiveLock") >= transactions);

    /// <summary>Waits until somebody waits for the end of a transaction that is stopped.</summary>
    public Task Awaited() => Wait.Until("somebody to wait for a transaction that is about to append", () => _database.Scalar<bool>(
                """
                select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                    and wait_event in ('transactionid', 'tuple'))
                """
            ));

    /// <summary>Lets those pass that are stopped, waits until they are over, and stops whoever comes after them.</summary>
    public async Task LetPass()
    {
        var next = await _database.Source.OpenConnectionAsync();
        var locking = Lock(next);

        // It is behind those that are stopped, and before whoever is not yet.
        await Wait.Until("the next hold to stand in line", async () => locking.IsCompleted || await Waiting("ShareLock") > 0);
        await Free(_holding!);
        _holding = next;
        await locking;
    }

    /// <summary>
    /// Lets one after the other pass until the condition holds, and waits until another is stopped: whoever makes many transactions
    /// has some behind it, and one that is not over.
    /// </summary>
    public async Task LetPassUntil(Func<Task<bool>> condition)
    {
        await Stopped();
        while (!await condition())
        {
            await LetPass();
            await Stopped();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _holding, null) is { } holding)
            await Free(holding);
    }

    private static async Task Lock(NpgsqlConnection connection)
    {
        await using var hold = new NpgsqlCommand("begin; lock table register.mt_events in share mode", connection);
        await hold.ExecuteNonQueryAsync();
    }

    private static async ValueTask Free(NpgsqlConnection connection)
    {
        await using (var end = new NpgsqlCommand("rollback", connection))
            await end.ExecuteNonQueryAsync();
        await connection.DisposeAsync();
    }

    private Task<long> Waiting(string mode) =>
        _database.Scalar<long>(
            """
            select count(*) from pg_locks where not granted and mode = $1 and relation = 'register.mt_events'::regclass
                and database = (select oid from pg_database where datname = current_database())
            """,
            mode
        );
}
