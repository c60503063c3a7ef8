using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>
/// The time by the database's clock, to which every node is compared. By it is decided what is old enough to be destroyed or forgotten,
/// and by it that is dated: a node may be wrong about the time, and what is destroyed does not come back.
/// </summary>
public class DatabaseClock(NpgsqlDataSource database)
{
    /// <summary>The time now, in UTC.</summary>
    public virtual async Task<DateTimeOffset> Now(CancellationToken cancellation) =>
        new(await database.Scalar<DateTime>("select clock_timestamp()", [], cancellation), TimeSpan.Zero);

    /// <summary>Today, in UTC.</summary>
    public async Task<DateOnly> Today(CancellationToken cancellation) => DateOnly.FromDateTime((await Now(cancellation)).UtcDateTime);
}
