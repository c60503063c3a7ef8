using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// The keys of persons and of the service, wrapped by the master key, in a schema (and by configuration a database) of
/// their own. A key read is kept in memory for at most <see cref="KeptInMemory"/>, so that a destroyed one is soon gone everywhere.
/// </summary>
public sealed class KeyStore(NpgsqlDataSource database, MasterKey master, TimeProvider clock) : IPersonKeys, IDisposable
{
    /// <summary>Bytes of a key: AES-256.</summary>
    public const int KeySize = 32;

    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    internal const string Schema = """
        create schema if not exists keys;
        create table if not exists keys.person_key (
            person_id uuid primary key,
            wrapped bytea not null,
            made_at timestamptz not null default now()
        );
        create table if not exists keys.service_key (
            name text primary key,
            wrapped bytea not null,
            made_at timestamptz not null default now()
        );
        """;

    internal const string Grants = """
        grant usage on schema keys to cooperation_service;
        grant select, insert on keys.person_key to cooperation_service;
        grant select, insert, delete on keys.service_key to cooperation_service;
        """;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>The person's key; made, and committed, where there is none.</summary>
    public Task<byte[]> Make(Guid personId, CancellationToken cancellation) =>
        Cached(personId, () => MakeIn("keys.person_key", "person_id", personId, cancellation)!)!;

    /// <summary>The person's key, or null where it was never made or has been destroyed.</summary>
    public Task<byte[]?> Find(Guid personId, CancellationToken cancellation) =>
        Cached(personId, () => FindIn("keys.person_key", "person_id", personId, cancellation));

    /// <summary>A key of the service itself, such as the one look-ups are digested under.</summary>
    public Task<byte[]> Service(string name, CancellationToken cancellation) =>
        Cached(name, () => MakeIn("keys.service_key", "name", name, cancellation)!)!;

    /// <summary>Destroys a key of the service itself: what was sealed under it can never be opened again.</summary>
    public async Task DestroyService(string name, CancellationToken cancellation)
    {
        await using var delete = database.CreateCommand("delete from keys.service_key where name = $1");
        delete.Parameters.Add(new NpgsqlParameter { Value = name });
        await delete.ExecuteNonQueryAsync(cancellation);
        _cache.Remove(name);
    }

    /// <summary>Stores keys made for persons, all of them; false, and none of those that differ, where a person has another key already.</summary>
    internal async Task<bool> Add(IReadOnlyDictionary<Guid, byte[]> keys, CancellationToken cancellation)
    {
        await using var insert = database.CreateCommand(
            "insert into keys.person_key (person_id, wrapped) select * from unnest($1, $2) on conflict do nothing");
        insert.Parameters.Add(new NpgsqlParameter { Value = keys.Keys.ToArray() });
        insert.Parameters.Add(new NpgsqlParameter { Value = keys.Select(k => master.Wrap(k.Value, Name("keys.person_key", k.Key))).ToArray() });
        if (await insert.ExecuteNonQueryAsync(cancellation) < keys.Count)
            return false;
        foreach (var (personId, key) in keys)
            Keep(personId, key);
        return true;
    }

    public void Dispose() => _cache.Dispose();

    private async Task<byte[]?> Cached(object name, Func<Task<byte[]?>> read)
    {
        if (_cache.TryGetValue(name, out (byte[] Key, long ReadAt) kept) && clock.GetElapsedTime(kept.ReadAt) < KeptInMemory)
            return kept.Key;
        var key = await read();
        if (key is not null)
            Keep(name, key);
        return key;
    }

    private void Keep(object name, byte[] key) =>
        _cache.Set(name, (key, clock.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory });

    private async Task<byte[]?> MakeIn<TName>(string table, string column, TName name, CancellationToken cancellation)
        where TName : notnull
    {
        if (await FindIn(table, column, name, cancellation) is { } existing)
            return existing;
        await using var insert = database.CreateCommand($"insert into {table} ({column}, wrapped) values ($1, $2) on conflict do nothing");
        insert.Parameters.Add(new NpgsqlParameter { Value = name });
        insert.Parameters.Add(new NpgsqlParameter { Value = master.Wrap(RandomNumberGenerator.GetBytes(KeySize), Name(table, name)) });
        await insert.ExecuteNonQueryAsync(cancellation);
        return await FindIn(table, column, name, cancellation)
            ?? throw new InvalidOperationException($"The key {name} was destroyed while it was made.");
    }

    private async Task<byte[]?> FindIn<TName>(string table, string column, TName name, CancellationToken cancellation)
        where TName : notnull
    {
        await using var select = database.CreateCommand($"select wrapped from {table} where {column} = $1");
        select.Parameters.Add(new NpgsqlParameter { Value = name });
        return await select.ExecuteScalarAsync(cancellation) is byte[] wrapped ? master.Unwrap(wrapped, Name(table, name)) : null;
    }

    private static string Name<TName>(string table, TName name) => $"{table}\n{name}";
}
