using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>Of which kind the stream with an id is. That never changes, so that what was read once is kept.</summary>
public sealed class StreamKinds(NpgsqlDataSource database) : IDisposable
{
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    /// <summary>The name of a kind, as the history holds it.</summary>
    public static string Of(Type stateType) => stateType.Name.ToLowerInvariant();

    /// <summary>The kinds of those that exist.</summary>
    internal async Task<IReadOnlyDictionary<Guid, string>> Find(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        var kinds = new Dictionary<Guid, string>();
        var unknown = new List<Guid>();
        foreach (var id in ids)
        {
            if (_known.TryGetValue(id, out string? kind))
                kinds[id] = kind!;
            else
                unknown.Add(id);
        }

        if (unknown.Count == 0)
            return kinds;
        await using var command = database.CreateCommand("select id, type from register.mt_streams where id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = unknown.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, kind) = (reader.GetGuid(0), reader.GetString(1));
            kinds[id] = _known.Set(id, kind, new MemoryCacheEntryOptions { Size = 1 });
        }

        return kinds;
    }

    public void Dispose() => _known.Dispose();
}
