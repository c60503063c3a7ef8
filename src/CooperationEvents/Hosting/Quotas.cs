using System.Collections.Concurrent;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>
/// How many events a principal may record in a day, UTC: <c>Limits:EventsPerDay</c>. What is recorded stays for ever. Every node counts
/// by itself and adds to the sum of all in the database every few seconds: the limit holds within that.
/// </summary>
public sealed partial class Quotas(NpgsqlDataSource database, TimeProvider clock, LimitOptions limits, ILogger<Quotas> logger)
    : BackgroundService
{
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(2);

    private readonly long _most = limits.EventsPerDay;

    private DateOnly _day;

    /// <summary>
    /// The sum of all nodes as learnt last, and what was counted here since: together, so that nothing is missing or twice.
    /// </summary>
    private readonly ConcurrentDictionary<(DateOnly Day, Guid Principal), (long Known, long Counted)> _sums = new();

    public bool IsSpent(Guid principal)
    {
        var (known, counted) = _sums.GetValueOrDefault((Today, principal));
        return known + counted >= _most;
    }

    /// <summary>Counts events that a principal recorded on this node.</summary>
    public void Count(Guid principal, long events)
    {
        if (events > 0)
            _sums.AddOrUpdate((Today, principal), (0, events), (_, sum) => (sum.Known, sum.Counted + events));
    }

    /// <summary>Adds what was counted here to the sum of all nodes, and learns that.</summary>
    public async Task Exchange(CancellationToken cancellation)
    {
        foreach (var (key, (_, events)) in _sums.Where(sum => sum.Value.Counted > 0).ToList())
        {
            var known = await database.Scalar<long>(
                """
                insert into access.quota (day, principal_id, events) values ($1, $2, $3)
                on conflict (day, principal_id) do update set events = access.quota.events + excluded.events returning events
                """,
                [key.Day, key.Principal, events],
                cancellation
            );
            _sums.AddOrUpdate(key, (known, 0), (_, sum) => (known, sum.Counted - events));
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(Write, e => NotCounted(logger, e), WriteInterval, clock, stoppingToken);

    private async Task Write(CancellationToken cancellation)
    {
        if (_day != Today)
            await Begin(Today, cancellation);
        await Exchange(CancellationToken.None);
        await Task.Delay(WriteInterval, clock, cancellation);
    }

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>Forgets the days before, and learns what was recorded today before this node started.</summary>
    private async Task Begin(DateOnly day, CancellationToken cancellation)
    {
        await database.Execute("delete from access.quota where day < (now() at time zone 'UTC')::date - 1", [], cancellation);
        foreach (var old in _sums.Where(sum => sum.Key.Day != day && sum.Value.Counted == 0).ToList())
            _sums.TryRemove(old);
        await using var read = database.Statement("select principal_id, events from access.quota where day = $1", day);
        await using var rows = await read.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var known = rows.GetInt64(1);
            _sums.AddOrUpdate((day, rows.GetGuid(0)), (known, 0), (_, sum) => (known, sum.Counted));
        }

        _day = day;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What callers recorded today could not be counted; trying again")]
    private static partial void NotCounted(ILogger logger, Exception error);
}
