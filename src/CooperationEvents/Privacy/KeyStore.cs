using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>What may be done with a person's key.</summary>
public enum PersonKeyState
{
    /// <summary>It seals and opens.</summary>
    Active,

    /// <summary>It seals and opens for rules and for the person's own report; nobody else reads what it opens.</summary>
    Restricted,

    /// <summary>It is gone for good: the person was erased.</summary>
    Destroyed,
}

/// <summary>
/// A person's key. <paramref name="Key"/> is null where it is destroyed, and where it does not open under any master key that is here.
/// </summary>
public sealed record PersonKey(PersonKeyState State, byte[]? Key);

/// <summary>
/// The keys of persons and of the service, wrapped by the master key, in a schema (and by configuration a database) of
/// their own. A key read is kept in memory for at most <see cref="KeptInMemory"/>; a destroyed one leaves every node at a
/// signal before that. A key that was destroyed is never made again.
/// </summary>
public sealed class KeyStore(KeyDatabase database, MasterKeys master, ErasedPeople erased, TimeProvider clock) : IPersonKeys, IDisposable
{
    /// <summary>Bytes of a key: AES-256.</summary>
    public const int KeySize = 32;

    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    private const string Persons = "keys.person_key";
    private const string Services = "keys.service_key";
    private const string Columns = "state, wrapped, generation";

    /// <summary>The common table expressions that tell every node, once the transaction commits, that keys have changed.</summary>
    private const string Signal = $"""
        next as (update keys.signal set number = number + 1 returning number),
        signalled as (select number, pg_notify('{KeySignals.Channel}', number::text)::text as notified from next)
        """;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>Counts the signals: what was read before one is not kept after it.</summary>
    private long _dropped;

    /// <summary>The person's key as it is; null where none was ever made, or its row was lost.</summary>
    public async Task<PersonKey?> Find(Guid personId, CancellationToken cancellation)
    {
        if (Kept<PersonKey>(personId) is { } kept)
            return kept;
        var dropped = Interlocked.Read(ref _dropped);
        await using var select = database.Source.CreateCommand($"select {Columns} from {Persons} where person_id = $1");
        select.Parameters.Add(new NpgsqlParameter { Value = personId });
        PersonKey key;
        await using (var row = await select.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return null;
            key = Read(row, 0, personId);
        }

        if (key.State == PersonKeyState.Destroyed)
            erased.Add([personId]);
        Keep(personId, key, dropped);
        return key;
    }

    /// <summary>
    /// The keys of persons as the database has them now. Keys in memory are not looked at. Persons without a key are left out.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Guid, PersonKey>> Stored(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var keys = new Dictionary<Guid, PersonKey>();
        if (people.Count == 0)
            return keys;
        await using var select = database.Source.CreateCommand($"select person_id, {Columns} from {Persons} where person_id = any($1)");
        select.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            keys[row.GetGuid(0)] = Read(row, 1, row.GetGuid(0));
        return keys;
    }

    /// <summary>
    /// The key to seal under; null where it is destroyed, does not open, or was never made: none is made for who was registered before.
    /// </summary>
    async Task<byte[]?> IPersonKeys.ToSeal(Guid personId, CancellationToken cancellation) => (await Find(personId, cancellation))?.Key;

    /// <summary>A key of the service itself, such as the one look-ups are digested under; made where there is none.</summary>
    public async Task<byte[]> Service(string name, CancellationToken cancellation)
    {
        if (await FindService(name, cancellation) is { } existing)
            return existing;
        var generation = master.Current;
        await using var insert = database.Source.CreateCommand(
            $"insert into {Services} (name, wrapped, generation) values ($1, $2, $3) on conflict do nothing"
        );
        insert.Parameters.Add(new NpgsqlParameter { Value = name });
        insert.Parameters.Add(
            new NpgsqlParameter { Value = master.Wrap(RandomNumberGenerator.GetBytes(KeySize), Name(Services, name), generation) }
        );
        insert.Parameters.Add(new NpgsqlParameter { Value = generation });
        await insert.ExecuteNonQueryAsync(cancellation);
        return await FindService(name, cancellation)
            ?? throw new InvalidOperationException($"The key {name} was destroyed while it was made.");
    }

    /// <summary>A key of the service itself, or null where it was never made or is destroyed.</summary>
    public async Task<byte[]?> FindService(string name, CancellationToken cancellation)
    {
        if (Kept<byte[]>(name) is { } kept)
            return kept;
        var dropped = Interlocked.Read(ref _dropped);
        await using var select = database.Source.CreateCommand($"select wrapped, generation from {Services} where name = $1");
        select.Parameters.Add(new NpgsqlParameter { Value = name });
        byte[] key;
        await using (var row = await select.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return null;
            key = master.Unwrap(row.GetFieldValue<byte[]>(0), Name(Services, name), row.GetInt32(1));
        }

        Keep(name, key, dropped);
        return key;
    }

    /// <summary>Destroys a key of the service itself: what was sealed under it can never be opened again.</summary>
    public async Task DestroyService(string name, CancellationToken cancellation)
    {
        await using var delete = database.Source.CreateCommand($"delete from {Services} where name = $1");
        delete.Parameters.Add(new NpgsqlParameter { Value = name });
        await delete.ExecuteNonQueryAsync(cancellation);
        _cache.Remove(name);
    }

    /// <summary>Hides what the keys open, or shows it again, and signals it to every node. Destroyed ones stay as they are.</summary>
    public async Task Restrict(IReadOnlyCollection<Guid> people, bool restricted, CancellationToken cancellation)
    {
        await using var update = database.Source.CreateCommand(
            $"with changed as (update {Persons} set state = $2 where person_id = any($1) and state = $3), {Signal} select number, notified "
                + $"from signalled"
        );
        update.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        update.Parameters.Add(new NpgsqlParameter { Value = restricted ? "restricted" : "active" });
        update.Parameters.Add(new NpgsqlParameter { Value = restricted ? "active" : "restricted" });
        await update.ExecuteNonQueryAsync(cancellation);
        Drop();
    }

    /// <summary>
    /// Destroys the keys of persons, keeps those who have none from ever getting one, and signals it to every node. Those
    /// destroyed before stay as they are. The number of the signal is returned.
    /// </summary>
    public async Task<long> Destroy(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var destroy = database.Source.CreateCommand(
            $"""
            with destroyed as (
                insert into {Persons} as k (person_id, state, wrapped, destroyed_at) select id, 'destroyed', null, clock_timestamp()
                    from unnest($1) id
                on conflict (person_id) do update set state = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()
                    where k.state <> 'destroyed'
            ), {Signal}
            select number, notified from signalled
            """
        );
        destroy.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        var signal = (long)(await destroy.ExecuteScalarAsync(cancellation))!;
        erased.Add(people);
        Drop();
        return signal;
    }

    /// <summary>Forgets every key read so far, and those that are being read.</summary>
    public void Drop()
    {
        Interlocked.Increment(ref _dropped);
        _cache.Clear();
    }

    /// <summary>
    /// Stores keys made for persons, all of them; false, and none of those that differ, where a person has another key already.
    /// </summary>
    internal async Task<bool> Add(IReadOnlyDictionary<Guid, byte[]> keys, CancellationToken cancellation)
    {
        var (dropped, generation) = (Interlocked.Read(ref _dropped), master.Current);
        await using var insert = database.Source.CreateCommand(
            $"insert into {Persons} (person_id, wrapped, generation) select *, $3 from unnest($1, $2) on conflict do nothing"
        );
        insert.Parameters.Add(new NpgsqlParameter { Value = keys.Keys.ToArray() });
        insert.Parameters.Add(
            new NpgsqlParameter { Value = keys.Select(k => master.Wrap(k.Value, Name(Persons, k.Key), generation)).ToArray() }
        );
        insert.Parameters.Add(new NpgsqlParameter { Value = generation });
        if (await insert.ExecuteNonQueryAsync(cancellation) < keys.Count)
            return false;
        foreach (var (personId, key) in keys)
            Keep(personId, new PersonKey(PersonKeyState.Active, key), dropped);
        return true;
    }

    public void Dispose() => _cache.Dispose();

    internal static string Name<TName>(string table, TName name) => $"{table}\n{name}";

    /// <summary>A key from its <see cref="Columns"/>, which begin at <paramref name="first"/>.</summary>
    private PersonKey Read(NpgsqlDataReader row, int first, Guid personId)
    {
        var state = row.GetString(first) switch
        {
            "active" => PersonKeyState.Active,
            "restricted" => PersonKeyState.Restricted,
            _ => PersonKeyState.Destroyed,
        };
        if (row.IsDBNull(first + 1))
            return new PersonKey(state, null);
        return new PersonKey(state, TryUnwrap(row.GetFieldValue<byte[]>(first + 1), Name(Persons, personId), row.GetInt32(first + 2)));
    }

    private byte[]? TryUnwrap(byte[] wrapped, string name, int generation)
    {
        try
        {
            return master.Unwrap(wrapped, name, generation);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private T? Kept<T>(object name)
        where T : class =>
        _cache.TryGetValue(name, out (object Key, long ReadAt) kept) && clock.GetElapsedTime(kept.ReadAt) < KeptInMemory
            ? (T)kept.Key
            : null;

    private void Keep(object name, object key, long dropped)
    {
        _cache.Set(
            name,
            (key, clock.GetTimestamp()),
            new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory }
        );
        if (Interlocked.Read(ref _dropped) != dropped)
            _cache.Remove(name);
    }
}
