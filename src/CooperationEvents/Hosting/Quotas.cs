using System.Collections.Concurrent;
using CooperationEvents.Reading;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>
/// How many events a principal may record in a day, UTC: <c>Limits:EventsPerDay</c>. What is recorded stays for ever. Every node counts
/// by itself and adds to the sum of all in the database every few seconds: the limit holds within that.
/// </summary>
public sealed partial class Quotas(NpgsqlDataSource database, TimeProvider clock, IConfiguration configuration, ILogger<Quotas> logger) : BackgroundService
{
    internal const string Schema = """
        create schema if not exists access;
        create table if not exists access.quota (
            day date not null,
            principal_id uuid not null,
            events bigint not null,
            primary key (day, principal_id)
        );
        """;

    internal const string Grants = """
        grant usage on schema access to cooperation_service;
        grant select, insert, update (events), delete on access.quota to cooperation_service;
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly long _most = configuration.GetValue("Limits:EventsPerDay", 3_000_000L);
    private readonly ConcurrentDictionary<(DateOnly Day, Guid Principal), long> _counted = new();
    private readonly ConcurrentDictionary<(DateOnly Day, Guid Principal), long> _known = new();

    public bool IsSpent(Guid principal)
    {
        var key = (Today, principal);
        return _known.GetValueOrDefault(key) + _counted.GetValueOrDefault(key) >= _most;
    }

    /// <summary>Counts events that a principal recorded on this node.</summary>
    public void Count(Guid principal, long events)
    {
        if (events > 0)
            _counted.AddOrUpdate((Today, principal), events, (_, before) => before + events);
    }

    /// <summary>Adds what was counted here to the sum of all nodes, and learns that.</summary>
    public async Task Exchange(CancellationToken cancellation)
    {
        foreach (var key in _counted.Keys.ToList())
        {
            if (!_counted.TryRemove(key, out var events))
                continue;
            try
            {
                await using var add = database.Statement(
                    """
                    insert into access.quota (day, principal_id, events) values ($1, $2, $3)
                    on conflict (day, principal_id) do update set events = access.quota.events + excluded.events returning events
                    """,
                    key.Day,
                    key.Principal,
                    events);
                _known[key] = (long)(await add.ExecuteScalarAsync(cancellation))!;
            }
            catch
            {
                Count(key.Principal, events);
                throw;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var day = default(DateOnly);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (day != Today)
                {
                    day = Today;
                    await Begin(day, stoppingToken);
                }

                await Exchange(CancellationToken.None);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                NotCounted(logger, e);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>Forgets the days before, and learns what was recorded today before this node started.</summary>
    private async Task Begin(DateOnly day, CancellationToken cancellation)
    {
        await using (var forget = database.Statement("delete from access.quota where day < $1", day.AddDays(-1)))
            await forget.ExecuteNonQueryAsync(cancellation);
        foreach (var old in _known.Keys.Where(k => k.Day != day).ToList())
            _known.TryRemove(old, out _);
        await using var read = database.Statement("select principal_id, events from access.quota where day = $1", day);
        await using var rows = await read.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            _known[(day, rows.GetGuid(0))] = rows.GetInt64(1);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What callers recorded today could not be counted; trying again")]
    private static partial void NotCounted(ILogger logger, Exception error);
}
