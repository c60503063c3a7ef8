using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.FaultTests;

/// <summary>
/// Holds posts in the middle of their commit: the service has asked for it, and PostgreSQL will do it whether or not the
/// service is still there to hear of it.
/// </summary>
internal sealed class CommitBarrier : IAsyncDisposable
{
    private const int Lock = 4_711;

    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;

    private CommitBarrier(TestDatabase database, NpgsqlConnection connection)
    {
        _database = database;
        _connection = connection;
    }

    /// <summary>From now on every post with an Idempotency-Key passes the barrier in its commit.</summary>
    public static async Task Install(TestDatabase database)
    {
        await using var command = database.Source.CreateCommand(
            $"""
            create function pass_barrier() returns trigger language plpgsql as
                'begin perform pg_advisory_xact_lock_shared({Lock}); return null; end';
            create constraint trigger pass_barrier after insert on recording.remembered_answer
                deferrable initially deferred for each row execute function pass_barrier();
            """
        );
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Closed until disposed.</summary>
    public static async Task<CommitBarrier> Close(TestDatabase database)
    {
        var connection = await database.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({Lock})", connection);
        await command.ExecuteNonQueryAsync();
        return new CommitBarrier(database, connection);
    }

    /// <summary>Waits until a commit stands before it, which may be one of many posts, and so many that want to close it anew.</summary>
    public Task Reached(int closing = 0) => Wait.Until("a commit at the barrier", async () => await _database.Scalar<bool>(
                $"""
                select count(*) filter (where mode = 'ShareLock') > 0 and count(*) filter (where mode = 'ExclusiveLock') >= {closing}
                from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted
                """
            ));

    public async ValueTask DisposeAsync()
    {
        await using (var command = new NpgsqlCommand($"select pg_advisory_unlock({Lock})", _connection))
            await command.ExecuteNonQueryAsync();
        await _connection.DisposeAsync();
    }
}
