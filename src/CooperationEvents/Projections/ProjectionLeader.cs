using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using JasperFx;
using JasperFx.Events.Daemon;
using Marten;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// Runs the read models on one node. Should two ever run them for a moment, the progress of the slower one is refused by the database.
/// </summary>
public sealed partial class ProjectionLeader(
    IDocumentStore store,
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    SettledPositions settled,
    Appends appends,
    TimeProvider clock,
    ILoggerFactory loggers
) : Leader(sessions, AdvisoryLocks.ReadModels, clock)
{
    /// <summary>How often the leader makes sure that it still leads and that its projections still run, while events come.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly ILogger _logger = loggers.CreateLogger<ProjectionLeader>();

    /// <summary>
    /// One for the life of the node: a daemon that stops for an error keeps the connection it listens on, even where it is disposed. At the
    /// end it is stopped and not disposed: a load still under way would fail, and log that as an error.
    /// </summary>
    private IProjectionDaemon? _daemon;

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Ends once this node follows the history, or another one leads; nobody posts here before. Marten takes read models without progress
    /// up to the highest position drawn at once, and leaves out an event below it that is not committed yet.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_tried.Task, ExecuteTask!).WaitAsync(cancellationToken);
    }

    protected override Task Follow(NpgsqlConnection session, CancellationToken cancellation)
    {
        _tried.TrySetResult();
        return Task.CompletedTask;
    }

    protected override void Lost(Exception error)
    {
        _tried.TrySetResult();
        Lost(_logger, error);
    }

    protected override async Task Lead(NpgsqlConnection session, CancellationToken cancellation)
    {
        var projections = _daemon ??= await store.BuildProjectionDaemonAsync(logger: loggers.CreateLogger("Marten.Daemon"));
        await ReadModelForm.NoteWriter(session, cancellation);
        await ReadModel.BringTogether(store, session, cancellation);
        await projections.StartAllAsync();
        _tried.TrySetResult();
        Leading(_logger);
        try
        {
            while (true)
            {
                await settled.Note(cancellation);
                await appends.WaitForMore(PollInterval, cancellation);
                await session.StillLeads(cancellation);
                if (projections.StatusFor(ReadModel.Shard) is not AgentStatus.Running)
                    throw new InvalidOperationException($"The read models have stopped: {projections.StatusFor(ReadModel.Shard)}.");
            }
        }
        finally
        {
            await projections.StopAllAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node runs the read models")]
    private static partial void Leading(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "The read models do not run here; trying again")]
    private static partial void Lost(ILogger logger, Exception error);
}
