using System.Security.Cryptography;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// The keys of persons and of the service, wrapped by the master key, in a schema (and by configuration a database) of their own; and the
/// salts of their fields, wrapped too. A key read is kept in memory for at most <see cref="KeptInMemory"/>; a destroyed one leaves every
/// node at a signal before that. A key that was destroyed is never made again.
/// </summary>
public sealed class KeyStore(KeyDatabase database, MasterKeys master, ErasedPeople erased, TimeProvider clock) : IPersonKeys, IDisposable
{
    /// <summary>Bytes of a key: AES-256.</summary>
    public const int KeySize = 32;

    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    private const string Persons = "keys.person_key";
    private const string Services = "keys.service_key";
    private const string Salts = "keys.field_salt";

    /// <summary>A person's key and its salts, the latter as arrays of one order.</summary>
    private const string Select = $"""
        select k.person_id, k.state, k.wrapped, k.generation, s.classes, s.numbers, s.wrapped, s.generations
        from {Persons} k cross join lateral (
            select array_agg(class) as classes, array_agg(number) as numbers, array_agg(wrapped) as wrapped,
                array_agg(generation) as generations
            from {Salts} where person_id = k.person_id
        ) s
        """;

    /// <summary>The common table expressions that tell every node, once the transaction commits, that keys have changed.</summary>
    private const string Signal = $"""
        next as (update keys.signal set number = number + 1 returning number),
        signalled as (select number, pg_notify('{KeySignals.Channel}', number::text)::text as notified from next)
        """;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>Counts the signals: what was read before one is not kept after it.</summary>
    private long _dropped;

    public async Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation)
    {
        if (Kept<PersonKey>(personId) is { } kept && (kept.Key is null || salts.All(salt => kept.Of(salt) is not null)))
            return kept;
        var dropped = Interlocked.Read(ref _dropped);
        await using var select = database.Source.Statement($"{Select} where k.person_id = $1", personId);
        PersonKey key;
        await using (var row = await select.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return null;
            key = Read(row);
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
        await using var select = database.Source.Statement($"{Select} where k.person_id = any($1)", people.ToArray());
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            keys[row.GetGuid(0)] = Read(row);
        return keys;
    }

    /// <summary>
    /// The keys to seal under; null where one is destroyed, does not open, or was never made: none is made but by a transaction.
    /// </summary>
    async Task<IReadOnlyDictionary<FieldClass, FieldKey>?> IPersonKeys.ToSeal(
        Guid personId,
        IReadOnlyCollection<FieldClass> classes,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    )
    {
        var key = await Find(personId, [], cancellation);
        var keys = classes.Select(of => key?.ToSeal(of, expired.GetValueOrDefault(of))).OfType<FieldKey>().ToDictionary(k => k.Salt.Class);
        return key?.Key is null || keys.Count < classes.Count ? null : keys;
    }

    /// <summary>The salts of persons that are not destroyed, as the database has them now.</summary>
    internal async Task<ILookup<Guid, FieldSalt>> LiveSalts(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var select = database.Source.Statement(
            $"select person_id, class, number from {Salts} where person_id = any($1) and wrapped is not null",
            people.ToArray()
        );
        var live = new List<(Guid Person, FieldSalt Salt)>();
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            if (FieldSalt.Read(row.GetString(1)) is { } of)
                live.Add((row.GetGuid(0), new FieldSalt(of, row.GetInt32(2))));
        }

        return live.ToLookup(l => l.Person, l => l.Salt);
    }

    /// <summary>Those of some salts that have no row, be they destroyed or not, as the database has them now.</summary>
    internal async Task<IReadOnlyCollection<(Guid Person, FieldSalt Salt)>> MissingSalts(
        IReadOnlyList<(Guid Person, FieldSalt Salt)> salts,
        CancellationToken cancellation
    )
    {
        await using var select = database.Source.Statement(
            $"""
            select place from unnest($1::uuid[], $2::text[], $3::int[]) with ordinality asked (person_id, class, number, place)
            where not exists (select from {Salts} s
                where (s.person_id, s.class, s.number) = (asked.person_id, asked.class, asked.number))
            """,
            salts.Select(s => s.Person).ToArray(),
            salts.Select(s => Json.Word(s.Salt.Class)).ToArray(),
            salts.Select(s => s.Salt.Number).ToArray()
        );
        var missing = new List<(Guid, FieldSalt)>();
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            missing.Add(salts[(int)row.GetInt64(0) - 1]);
        return missing;
    }

    /// <summary>
    /// The salts after one of them, in the order of their primary key, as the database has them now. Where one stands twice, all its rows
    /// are told together.
    /// </summary>
    /// <param name="after">The primary key of the last one that was read.</param>
    internal async Task<IReadOnlyList<StoredSalt>> StoredSalts(StoredSalt? after, int limit, CancellationToken cancellation)
    {
        await using var select = database.Source.Statement(
            $"""
            select person_id, class, number, wrapped, generation from {Salts} where (person_id, class, number) > ($1, $2, $3)
            order by person_id, class, number fetch first $4 rows with ties
            """,
            after?.PersonId ?? Guid.Empty,
            after?.Class ?? "",
            after?.Number ?? 0,
            limit
        );
        var salts = new List<StoredSalt>();
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var salt = new StoredSalt(row.GetGuid(0), row.GetString(1), row.GetInt32(2), row.IsDBNull(3), Opens: false);
            salts.Add(
                salt with
                {
                    Opens = !salt.IsDestroyed && Unwrapped(row.GetFieldValue<byte[]>(3), salt, row.GetInt32(4)) is not null,
                }
            );
        }

        return salts;
    }

    /// <summary>A key of the service itself, such as the one look-ups are digested under; made where there is none.</summary>
    public async Task<byte[]> Service(string name, CancellationToken cancellation)
    {
        if (await FindService(name, cancellation) is { } existing)
            return existing;
        var generation = master.Current;
        await database.Source.Execute(
            $"insert into {Services} (name, wrapped, generation) values ($1, $2, $3) on conflict do nothing",
            [name, master.Wrap(RandomNumberGenerator.GetBytes(KeySize), Name(Services, name), generation), generation],
            cancellation
        );
        return await FindService(name, cancellation)
            ?? throw new InvalidOperationException($"The key {name} was destroyed while it was made.");
    }

    /// <summary>A key of the service itself, or null where it was never made or is destroyed.</summary>
    public async Task<byte[]?> FindService(string name, CancellationToken cancellation)
    {
        if (Kept<byte[]>(name) is { } kept)
            return kept;
        var dropped = Interlocked.Read(ref _dropped);
        await using var select = database.Source.Statement($"select wrapped, generation from {Services} where name = $1", name);
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
        await database.Source.Execute($"delete from {Services} where name = $1", [name], cancellation);
        _cache.Remove(name);
    }

    /// <summary>Hides what the keys open, or shows it again, and signals it to every node. Destroyed ones stay as they are.</summary>
    public async Task Restrict(IReadOnlyCollection<Guid> people, bool restricted, CancellationToken cancellation)
    {
        await database.Source.Execute(
            $"with changed as (update {Persons} set state = $2 where person_id = any($1) and state = $3), {Signal} select number, notified "
                + $"from signalled",
            [people.ToArray(), restricted ? "restricted" : "active", restricted ? "active" : "restricted"],
            cancellation
        );
        Drop();
    }

    /// <summary>
    /// Destroys the keys of persons, keeps those who have none from ever getting one, and signals it to every node. Those
    /// destroyed before stay as they are. The number of the signal is returned.
    /// </summary>
    /// <exception cref="KeysNotDestroyedException">Something in the database keeps a key from being destroyed.</exception>
    public async Task<long> Destroy(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var signal = await database.Source.Scalar<long>(
            $"""
            with destroyed as (
                insert into {Persons} as k (person_id, state, wrapped, destroyed_at) select id, 'destroyed', null, clock_timestamp()
                    from unnest($1) id
                on conflict (person_id) do update set state = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()
                    where k.state <> 'destroyed'
            ), salts as (
                update {Salts} set wrapped = null, destroyed_at = clock_timestamp() where person_id = any($1) and wrapped is not null
            ), {Signal}
            select number, notified from signalled
            """,
            [people.ToArray()],
            cancellation
        );
        erased.Add(people);
        Drop();
        if ((await NotDestroyed(people, cancellation)).Count > 0)
            throw new KeysNotDestroyedException();
        return signal;
    }

    /// <summary>Those of these people whose key, or a salt, is there.</summary>
    internal async Task<IReadOnlySet<Guid>> NotDestroyed(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        (
            await database.Source.Query(
                $"""
                select person_id from {Persons} where person_id = any($1) and state <> 'destroyed'
                union select person_id from {Salts} where person_id = any($1) and wrapped is not null
                """,
                [people.ToArray()],
                row => row.GetGuid(0),
                cancellation
            )
        ).ToHashSet();

    /// <summary>
    /// Destroys salts of persons, so that what was sealed under them cannot be read any more, keeps those that there are not from ever
    /// being made, and signals it to every node. Those destroyed before stay as they are. How many it destroyed is returned.
    /// </summary>
    /// <exception cref="KeysNotDestroyedException">Something in the database keeps a salt from being destroyed.</exception>
    internal async Task<int> DestroySalts(IReadOnlyCollection<ExpiredField> salts, CancellationToken cancellation)
    {
        object[] named =
        [
            salts.Select(s => s.PersonId).ToArray(),
            salts.Select(s => Json.Word(s.Salt.Class)).ToArray(),
            salts.Select(s => s.Salt.Number).ToArray(),
        ];
        var destroyed = await database.Source.Scalar<int>(
            $"""
            with destroyed as (
                insert into {Salts} as s (person_id, class, number, wrapped, destroyed_at)
                select person, class, number, null, clock_timestamp()
                from (select distinct * from unnest($1::uuid[], $2::text[], $3::int[])) x (person, class, number)
                on conflict (person_id, class, number) do update set wrapped = null, destroyed_at = clock_timestamp()
                    where s.wrapped is not null
                returning 1
            ), {Signal}
            select (select count(*) from destroyed)::int, number, notified from signalled
            """,
            named,
            cancellation
        );
        Drop();
        var isThere = await database.Source.Scalar<bool>(
            $"""
            select exists (select from {Salts} natural join unnest($1::uuid[], $2::text[], $3::int[]) x (person_id, class, number)
                where wrapped is not null)
            """,
            named,
            cancellation
        );
        return isThere ? throw new KeysNotDestroyedException() : destroyed;
    }

    /// <summary>Forgets every key read so far, and those that are being read.</summary>
    public void Drop()
    {
        Interlocked.Increment(ref _dropped);
        _cache.Clear();
    }

    /// <summary>
    /// Stores keys and salts made for persons, all of them; false, and none of those that differ, where a person has another one already.
    /// </summary>
    internal async Task<bool> Add(IReadOnlyDictionary<Guid, DraftKeys.Draft> drafts, CancellationToken cancellation)
    {
        var (dropped, generation) = (Interlocked.Read(ref _dropped), master.Current);
        var keys = drafts.Where(d => d.Value.IsNew).ToList();
        var salts = drafts.SelectMany(d => d.Value.Salts, (d, salt) => (PersonId: d.Key, salt.Salt, salt.Bytes)).ToList();
        var isStored =
            await database.Source.Scalar<long>(
                $"""
                with keys as (
                    insert into {Persons} (person_id, wrapped, generation) select *, $3 from unnest($1::uuid[], $2::bytea[])
                    on conflict do nothing returning 1
                ), salts as (
                    insert into {Salts} (person_id, class, number, wrapped, generation)
                    select *, $3 from unnest($4::uuid[], $5::text[], $6::int[], $7::bytea[]) on conflict do nothing returning 1
                )
                select (select count(*) from keys) + (select count(*) from salts)
                """,
                [
                    keys.Select(k => k.Key).ToArray(),
                    keys.Select(k => master.Wrap(k.Value.Key.Key!, Name(Persons, k.Key), generation)).ToArray(),
                    generation,
                    salts.Select(s => s.PersonId).ToArray(),
                    salts.Select(s => Json.Word(s.Salt.Class)).ToArray(),
                    salts.Select(s => s.Salt.Number).ToArray(),
                    salts.Select(s => master.Wrap(s.Bytes, NameOf(s.PersonId, FieldKey.NameOf(s.Salt)), generation)).ToArray(),
                ],
                cancellation
            )
            == keys.Count + salts.Count;
        foreach (var (personId, draft) in drafts)
        {
            // What was read of somebody before may be old by now.
            if (isStored && draft.IsNew)
                Keep(personId, draft.Key, dropped);
            else
                _cache.Remove(personId);
        }

        return isStored;
    }

    public void Dispose() => _cache.Dispose();

    internal static string Name<TName>(string table, TName name) => $"{table}\n{name}";

    /// <summary>The name under which a salt is wrapped.</summary>
    private static string NameOf(Guid personId, string salt) => Name(Salts, $"{personId}/{salt}");

    private byte[]? Unwrapped(byte[] wrapped, StoredSalt salt, int generation) =>
        TryUnwrap(wrapped, NameOf(salt.PersonId, FieldKey.NameOf(salt.Class, salt.Number)), generation);

    /// <summary>A key with its salts, as <see cref="Select"/> has them.</summary>
    private PersonKey Read(NpgsqlDataReader row)
    {
        var personId = row.GetGuid(0);
        var state = row.GetString(1) switch
        {
            "active" => PersonKeyState.Active,
            "restricted" => PersonKeyState.Restricted,
            _ => PersonKeyState.Destroyed,
        };
        if (row.IsDBNull(2) || TryUnwrap(row.GetFieldValue<byte[]>(2), Name(Persons, personId), row.GetInt32(3)) is not { } key)
            return new PersonKey(state, null);
        if (row.IsDBNull(4))
            return new PersonKey(state, key);
        var (classes, numbers) = (row.GetFieldValue<string[]>(4), row.GetFieldValue<int[]>(5));
        var (wrapped, generations) = (row.GetFieldValue<byte[]?[]>(6), row.GetFieldValue<int[]>(7));
        var fields = new List<FieldKey>(classes.Length);
        for (var i = 0; i < classes.Length; i++)
        {
            if (FieldSalt.Read(classes[i]) is not { } of)
                continue;
            var salt = new FieldSalt(of, numbers[i]);
            fields.Add(
                wrapped[i] is not { } bytes ? new FieldKey(salt, IsDestroyed: true, null)
                : TryUnwrap(bytes, NameOf(personId, FieldKey.NameOf(salt)), generations[i]) is { } unwrapped
                    ? FieldKey.Of(key, salt, unwrapped)
                : new FieldKey(salt, IsDestroyed: false, null)
            );
        }

        return new PersonKey(state, key) { Fields = [.. fields] };
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

/// <summary>A salt as its row has it.</summary>
/// <param name="Opens">Whether it opens under a master key that is here.</param>
internal sealed record StoredSalt(Guid PersonId, string Class, int Number, bool IsDestroyed, bool Opens);

/// <summary>A trigger, a rule or a policy that the service did not make keeps the database from destroying keys.</summary>
public sealed class KeysNotDestroyedException()
    : Exception(
        "The database does not destroy the keys that it was told to destroy: a trigger, a rule or a policy that the service did not make "
            + "keeps it from that. The completeness check names it."
    );
