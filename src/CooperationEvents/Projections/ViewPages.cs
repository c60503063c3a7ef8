using JasperFx.Core;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;

namespace CooperationEvents.Projections;

/// <summary>
/// Folds the events of one page into the views of their streams, and stores these together. It lasts as long as one run of the read models:
/// what it keeps in memory is what it stored itself.
/// </summary>
internal sealed class ViewPages<TView>(ViewProjection<TView> projection, ViewTable<TView> table) : IJasperFxProjection<IDocumentOperations>
    where TView : class
{
    /// <summary>The most views of one statement: they may be large.</summary>
    private const int MostTogether = 100;

    private readonly HashSet<Type> _types = [.. projection.IncludedEventTypes];
    private readonly RecentlyUsedCache<Guid, TView> _kept = new() { Limit = projection.Options.CacheLimitPerTenant };

    /// <summary>A composite gives each of its members every event, whatever types it includes: others are passed over.</summary>
    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        var streams = events.Where(e => _types.Contains(e.EventType)).GroupBy(e => e.StreamId).ToList();
        if (streams.Count == 0)
            return;
        var before = await Load(operations, streams, cancellation);
        var views = new List<StoredView<TView>>(streams.Count);
        foreach (var stream in streams)
        {
            var (view, version) = (before.GetValueOrDefault(stream.Key), 0L);
            foreach (var e in stream)
            {
                try
                {
                    (view, version) = (projection.Evolve(view, stream.Key, e), e.Version);
                }
                catch (Exception failure)
                {
                    throw new ApplyEventException(e, failure);
                }
            }

            if (view is not null)
                views.Add(new StoredView<TView>(stream.Key, version, view));
        }

        foreach (var together in views.Chunk(MostTogether))
            operations.QueueOperation(table.Store(together));
        if (projection.Options.CacheLimitPerTenant == 0)
            return;
        foreach (var stored in views)
            _kept.Store(stored.Id, stored.View);
        _kept.CompactIfNecessary();
    }

    /// <summary>The views as they were before the page. Of a stream that begins in it there is none.</summary>
    private async Task<Dictionary<Guid, TView>> Load(
        IDocumentOperations operations,
        List<IGrouping<Guid, IEvent>> streams,
        CancellationToken cancellation
    )
    {
        var views = new Dictionary<Guid, TView>(streams.Count);
        var unknown = new List<Guid>();
        foreach (var stream in streams.Where(stream => stream.First().Version > 1))
        {
            if (_kept.TryFind(stream.Key, out var kept))
                views[stream.Key] = kept;
            else
                unknown.Add(stream.Key);
        }

        if (unknown.Count > 0)
        {
            foreach (var view in await operations.LoadManyAsync<TView>(cancellation, unknown))
                views[table.Identity(view)] = view;
        }

        return views;
    }
}
