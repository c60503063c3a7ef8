using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// Tells every node that keys were destroyed, hidden or wrapped anew: by a notification at once, and without one within
/// <see cref="PollInterval"/>. Each node notes which signal it has heard, so that an erasure is called done only when all have, and which
/// generations of the master key it holds, so that none is rotated to that another lacks.
/// </summary>
public sealed partial class KeySignals(
    KeyDatabase database,
    KeyStore keys,
    KeyStart start,
    MasterKeys master,
    ErasedPeople erased,
    TimeProvider clock,
    ILogger<KeySignals> logger
) : BackgroundService
{
    public const string Channel = "cooperation_keys";

    /// <summary>How often a node asks for signals it was not told of.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(15);

    /// <summary>After how long a node that is not heard of any more counts as gone.</summary>
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(10);

    /// <summary>By which an operator finds the node.</summary>
    private static readonly string Name = $"{Environment.MachineName}, process {Environment.ProcessId}";

    private readonly Guid _node = Guid.NewGuid();
    private long _heard = -1;

    /// <summary>Makes this node one of those that must hear; to be called before a key is read.</summary>
    public async Task Join(CancellationToken cancellation)
    {
        await database.Source.Execute(
            """
            with gone as (delete from keys.node where seen_at < now() - $2)
            insert into keys.node (id, heard) select $1, number from keys.signal on conflict (id) do nothing
            """,
            [_node, Gone],
            cancellation
        );
        await Hear(cancellation);
    }

    /// <summary>Whether every node has heard the signal of that number.</summary>
    public Task<bool> AllHeard(long signal, CancellationToken cancellation) =>
        database.Source.Scalar<bool>("select not exists (select from keys.node where heard < $1)", [signal], cancellation);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await database.Source.Execute("delete from keys.node where id = $1", [_node], cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or ObjectDisposedException)
        {
            NotLeft(logger, e);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(Listen, e => Deaf(logger, e), TimeSpan.FromSeconds(1), clock, stoppingToken);

    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.Execute($"listen {Channel}", [], cancellation);
        while (true)
        {
            await Hear(cancellation);
            await connection.WaitAsync(PollInterval, cancellation);
        }
    }

    /// <summary>Drops what is known where a signal was given since, and says that it was heard.</summary>
    private async Task Hear(CancellationToken cancellation)
    {
        var number = await database.Source.Scalar<long>("select number from keys.signal", [], cancellation);
        if (number != _heard)
        {
            await erased.Refresh(database.Source, cancellation);
            await start.Follow(cancellation);
            keys.Drop();
            _heard = number;
        }

        await database.Source.Execute(
            """
            insert into keys.node as n (id, heard, generations, name) values ($1, $2, $3, $4) on conflict (id) do update
                set heard = excluded.heard, seen_at = now(), generations = excluded.generations, name = excluded.name
            """,
            [_node, number, master.Generations.ToArray(), Name],
            cancellation
        );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "This node does not hear of destroyed keys and forgets each within a minute; trying again"
    )]
    private static partial void Deaf(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node could not say that it stops; erasures wait for it for a minute at most")]
    private static partial void NotLeft(ILogger logger, Exception error);
}
