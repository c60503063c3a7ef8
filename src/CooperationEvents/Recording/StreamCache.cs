using CooperationEvents.Kernel;
using Microsoft.Extensions.Caching.Memory;

namespace CooperationEvents.Recording;

/// <summary>
/// Streams as they were committed, kept in memory: who needs one reads only the events that came after it. A state never
/// changes, so that an old one is no danger.
/// </summary>
public sealed class StreamCache : IDisposable
{
    /// <summary>How many events the streams kept here may have together.</summary>
    private const int MostEvents = 100_000;

    private readonly MemoryCache _streams = new(new MemoryCacheOptions { SizeLimit = MostEvents });

    /// <summary>The stream as it was kept, or as it is before its first event.</summary>
    internal LoadedStream Find<T>(Guid id)
        where T : class, IState<T> =>
        _streams.TryGetValue(id, out LoadedStream? kept) && kept!.StateType == typeof(T) ? kept : LoadedStream.Empty<T>(id);

    /// <summary>Keeps a stream whose events are all committed, unless a newer one is kept.</summary>
    internal void Keep(LoadedStream stream)
    {
        var isOld =
            _streams.TryGetValue(stream.Id, out LoadedStream? kept) && kept!.StateType == stream.StateType && kept.Version > stream.Version;
        if (stream.State is not null && !isOld)
            _streams.Set(stream.Id, stream, new MemoryCacheEntryOptions { Size = stream.Version });
    }

    public void Dispose() => _streams.Dispose();
}
