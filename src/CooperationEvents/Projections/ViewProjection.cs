using CooperationEvents.Kernel;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using JasperFx.Events.Subscriptions;
using Marten;
using Marten.Events.Aggregation;

namespace CooperationEvents.Projections;

/// <summary>
/// Makes a view of each stream of one kind, by <c>Evolve</c>. Marten runs it a page of events at a time, as it runs an <c>IProjection</c>:
/// by itself it would store each view of the page in a statement of its own (<see cref="ViewPages{TView}"/>).
/// </summary>
public abstract class ViewProjection<TView> : SingleStreamProjection<TView, Guid>, ISubscriptionFactory<IDocumentOperations, IQuerySession>
    where TView : class
{
    protected ViewProjection(StreamKind stream)
    {
        foreach (var e in EventType.In(stream))
            IncludeType(e.Type);
    }

    ISubscriptionExecution ISubscriptionFactory<IDocumentOperations, IQuerySession>.BuildExecution(
        IEventStore<IDocumentOperations, IQuerySession> store,
        IEventDatabase database,
        ILoggerFactory loggerFactory,
        ShardName shardName
    ) => Execution(store, database, loggerFactory.CreateLogger(GetType()), shardName);

    ISubscriptionExecution ISubscriptionFactory<IDocumentOperations, IQuerySession>.BuildExecution(
        IEventStore<IDocumentOperations, IQuerySession> store,
        IEventDatabase database,
        ILogger logger,
        ShardName shardName
    ) => Execution(store, database, logger, shardName);

    private ProjectionExecution<IDocumentOperations, IQuerySession> Execution(
        IEventStore<IDocumentOperations, IQuerySession> store,
        IEventDatabase database,
        ILogger logger,
        ShardName shardName
    )
    {
        var table = new ViewTable<TView>(((IDocumentStore)store).Options);
        return new(shardName, Options, store, database, new ViewPages<TView>(this, table), logger);
    }
}
