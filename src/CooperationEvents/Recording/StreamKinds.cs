using CooperationEvents.Kernel;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>Of which kind the stream with an id is. That never changes, so that what was read once is kept.</summary>
public sealed class StreamKinds : IDisposable
{
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    internal StreamKind? Known(Guid id) => _known.TryGetValue(id, out StreamKind? kind) ? kind : null;

    internal StreamKind Keep(Guid id, StreamKind kind) => _known.Set(id, kind, new MemoryCacheEntryOptions { Size = 1 });

    internal static NpgsqlBatchCommand FindCommand(IEnumerable<Guid> ids) =>
        new("select id, type from register.mt_streams where id = any($1)")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] } },
        };

    public void Dispose() => _known.Dispose();
}
