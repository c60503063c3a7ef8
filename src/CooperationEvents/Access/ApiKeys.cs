using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Access;

/// <summary>Who holds a key: a random principal id, and what it may do.</summary>
public sealed record Principal(Guid Id, IReadOnlyList<string> Scopes);

/// <summary>API keys: 256 random bits, of which only a hash is stored. A key that is withdrawn works for at most a minute more.</summary>
public sealed class ApiKeys(NpgsqlDataSource database, TimeProvider clock) : IDisposable
{
    internal const string Schema = """
        create schema if not exists access;
        create table if not exists access.api_key (
            hash bytea primary key,
            principal_id uuid not null,
            scopes text[] not null,
            expires_at timestamptz
        );
        """;

    internal const string Grants = """
        grant usage on schema access to cooperation_service;
        grant select, insert, update (scopes) on access.api_key to cooperation_service;
        """;

    private static readonly TimeSpan KeptInMemory = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Who holds this key, or null where nobody (any longer) does.</summary>
    public async Task<Principal?> Find(string key, CancellationToken cancellation)
    {
        var hash = Hash(key);
        var cacheKey = Convert.ToBase64String(hash);
        if (_cache.TryGetValue(cacheKey, out Principal? kept))
            return kept;
        await using var command = database.CreateCommand(
            "select principal_id, scopes from access.api_key where hash = $1 and (expires_at is null or expires_at > $2)");
        command.Parameters.Add(new NpgsqlParameter { Value = hash });
        command.Parameters.Add(new NpgsqlParameter { Value = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var principal = new Principal(reader.GetGuid(0), reader.GetFieldValue<string[]>(1));
        return _cache.Set(cacheKey, principal, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory });
    }

    /// <summary>Stores a key's hash; a key already known keeps its principal.</summary>
    public async Task Add(string key, IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "insert into access.api_key (hash, principal_id, scopes) values ($1, $2, $3) on conflict (hash) do update set scopes = excluded.scopes");
        command.Parameters.Add(new NpgsqlParameter { Value = Hash(key) });
        command.Parameters.Add(new NpgsqlParameter { Value = Guid.NewGuid() });
        command.Parameters.Add(new NpgsqlParameter { Value = scopes.ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public void Dispose() => _cache.Dispose();

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
