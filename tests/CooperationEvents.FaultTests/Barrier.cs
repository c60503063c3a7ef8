using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.FaultTests;

/// <summary>Holds transactions at a point that they pass while it is open.</summary>
internal sealed class Barrier : IAsyncDisposable
{
    private const int Lock = 4_711;

    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;

    private Barrier(TestDatabase database, NpgsqlConnection connection)
    {
        _database = database;
        _connection = connection;
    }

    /// <summary>
    /// From now on every post with an Idempotency-Key passes the barrier in the middle of its commit: the service has asked for it, and
    /// PostgreSQL will do it whether or not the service is still there to hear of it.
    /// </summary>
    public static Task InCommits(TestDatabase database) =>
        Install(database, "constraint trigger pass_barrier after insert on recording.remembered_answer deferrable initially deferred");

    /// <summary>From now on whatever writes such a row passes the barrier before.</summary>
    /// <param name="database">Where.</param>
    /// <param name="table">The table.</param>
    /// <param name="when">What the row <c>new</c> is then.</param>
    public static Task Before(TestDatabase database, string table, string when) =>
        Install(database, $"trigger pass_barrier before insert or update on {table}", $"when ({when})");

    /// <summary>Nothing passes it any more.</summary>
    public static Task Remove(TestDatabase database) => database.Rows("drop function pass_barrier() cascade");

    /// <summary>Closed until disposed.</summary>
    public static async Task<Barrier> Close(TestDatabase database)
    {
        var connection = await database.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({Lock})", connection);
        await command.ExecuteNonQueryAsync();
        return new Barrier(database, connection);
    }

    /// <summary>Waits until so many transactions stand before it, each of which may be many posts, and so many that want to close it anew.</summary>
    public Task Reached(int transactions = 1, int closing = 0) =>
        Wait.Until($"{transactions} transactions at the barrier", () => _database.Scalar<bool>(
                $"""
                select count(*) filter (where mode = 'ShareLock') >= {transactions}
                    and count(*) filter (where mode = 'ExclusiveLock') >= {closing}
                from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted
                    and database = (select oid from pg_database where datname = current_database())
                """
            ));

    public async ValueTask DisposeAsync()
    {
        await using (var command = new NpgsqlCommand($"select pg_advisory_unlock({Lock})", _connection))
            await command.ExecuteNonQueryAsync();
        await _connection.DisposeAsync();
    }

    private static async Task Install(TestDatabase database, string trigger, string when = "")
    {
        await using var command = database.Source.CreateCommand(
            $"""
            create function pass_barrier() returns trigger language plpgsql as
                'begin perform pg_advisory_xact_lock_shared({Lock}); return new; end';
            create {trigger} for each row {when} execute function pass_barrier();
            """
        );
        await command.ExecuteNonQueryAsync();
    }
}
