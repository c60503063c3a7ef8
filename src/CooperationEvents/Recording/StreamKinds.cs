using System.Collections.Concurrent;
using CooperationEvents.Kernel;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>Of which kind the stream with an id is. That never changes, so that what was read once is kept.</summary>
public sealed class StreamKinds : IDisposable
{
    private static readonly ConcurrentDictionary<Type, string> Names = new();

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    /// <summary>The name of a kind, as the history holds it: what its state says of itself (<see cref="IState{TSelf}.Stream"/>).</summary>
    public static string Of(Type stateType) =>
        Names.GetOrAdd(stateType, static type => (string)type.GetProperty(nameof(IState<>.Stream))!.GetValue(null)!);

    internal string? Known(Guid id) => _known.TryGetValue(id, out string? kind) ? kind : null;

    internal string Keep(Guid id, string kind) => _known.Set(id, kind, new MemoryCacheEntryOptions { Size = 1 });

    internal static NpgsqlBatchCommand FindCommand(IEnumerable<Guid> ids) =>
        new("select id, type from register.mt_streams where id = any($1)")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] } },
        };

    public void Dispose() => _known.Dispose();
}
