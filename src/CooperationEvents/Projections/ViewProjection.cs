using CooperationEvents.Kernel;
using JasperFx.Events;
using JasperFx.Events.Grouping;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;

namespace CooperationEvents.Projections;

/// <summary>
/// Makes a view of each stream of one kind. A composite gives each of its members every event, whatever types they include; what is of
/// other streams is passed over here, before it is grouped and views are asked for that there are not.
/// </summary>
public abstract class ViewProjection<TView> : SingleStreamProjection<TView, Guid>
    where TView : class
{
    private readonly HashSet<Type> _types;

    protected ViewProjection(StreamKind stream)
    {
        _types = [.. EventType.In(stream).Select(e => e.Type)];
        foreach (var type in _types)
            IncludeType(type);
    }

    public override IEventSlicer BuildSlicer(IQuerySession session) => new OfOwnTypes(base.BuildSlicer(session), _types);

    private sealed class OfOwnTypes(IEventSlicer all, HashSet<Type> types) : IEventSlicer
    {
        public ValueTask<IReadOnlyList<object>> SliceAsync(EventRange range) => SliceAsync(range.Events);

        public ValueTask<IReadOnlyList<object>> SliceAsync(IReadOnlyList<IEvent> events)
        {
            List<IEvent> own = [.. events.Where(e => types.Contains(e.EventType))];
            return own.Count == 0 ? new([]) : all.SliceAsync(own);
        }
    }
}
