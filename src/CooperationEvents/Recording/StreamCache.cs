using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>
/// Streams as they were committed, kept in memory: who needs one reads only the events that came after it. A state never
/// changes, so that an old one is no danger; nor does the kind of a stream, which is kept of more of them.
/// </summary>
public sealed class StreamCache(TimeProvider clock)
{
    /// <summary>How many events the streams kept here may have together.</summary>
    private const int MostEvents = 100_000;

    private const int MostKinds = 200_000;

    private readonly RecentlyUsed<Guid, LoadedStream> _streams = new(MostEvents, clock);
    private readonly RecentlyUsed<Guid, StreamKind> _kinds = new(MostKinds, clock);

    /// <summary>The stream as it was kept, or as it is before its first event.</summary>
    internal LoadedStream Find<T>(Guid id)
        where T : class, IState<T> => _streams.TryFind(id, out var kept) && kept.StateType == typeof(T) ? kept : LoadedStream.Empty<T>(id);

    /// <summary>The kind of a stream; null where that is not kept.</summary>
    internal StreamKind? KindOf(Guid id) => _kinds.TryFind(id, out var kind) ? kind : null;

    /// <summary>Keeps a stream whose events are all committed, unless a newer one is kept.</summary>
    internal void Keep(LoadedStream stream)
    {
        var isOld = _streams.TryFind(stream.Id, out var kept) && kept.StateType == stream.StateType && kept.Version > stream.Version;
        if (stream is { State: not null, Newer: null } && !isOld)
            _streams.Keep(stream.Id, stream, stream.Version);
    }

    internal StreamKind Keep(Guid id, StreamKind kind)
    {
        _kinds.Keep(id, kind);
        return kind;
    }
}
