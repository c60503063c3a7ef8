using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Authorization;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>A key as it is known after it was shown once: everything but the key itself.</summary>
/// <param name="Framework">The framework a calendar's key is held to.</param>
/// <param name="Sources">The sources it may name; none where it may name any.</param>
/// <param name="MadeBy">The principal of who made it; null where the command line or Development did.</param>
/// <param name="FirstEnd">When it was made to end, also where a rotation ends it earlier; null where never.</param>
public sealed record ApiKey(
    Guid Id,
    Guid PrincipalId,
    IReadOnlyList<string> Scopes,
    Guid? Framework,
    IReadOnlyList<string> Sources,
    DateTime MadeAt,
    Guid? MadeBy,
    DateTime? ExpiresAt,
    DateTime? RevokedAt,
    DateTime? LastUsedAt,
    DateTime? FirstEnd
);

/// <summary>A key that is to be made.</summary>
/// <param name="InPlaceOf">The key that goes on until then, and ends with the making of this one.</param>
public sealed record KeyToMake(
    Guid PrincipalId,
    IReadOnlyList<string> Scopes,
    Guid? Framework = null,
    IReadOnlyList<string>? Sources = null,
    DateTimeOffset? ExpiresAt = null,
    Guid? MadeBy = null,
    (Guid Id, DateTimeOffset Until)? InPlaceOf = null
);

/// <summary>
/// API keys: 256 random bits, of which only a hash is stored. A key that is revoked is refused at once by the node that did
/// it, and within <see cref="KeptInMemory"/> by the others.
/// </summary>
public sealed class ApiKeys(NpgsqlDataSource database, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(10);

    /// <summary>How long a key that was good is looked up again without counting as an attempt.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    /// <summary>How often the use of a key is noted at most.</summary>
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromMinutes(1);

    private const string Columns =
        "number, id, principal_id, scopes, framework, made_at, made_by, expires_at, revoked_at, last_used_at, sources, first_end";

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    private readonly MemoryCache _good = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Keys that are being looked up: who sends one of them meanwhile waits for the same answer.</summary>
    private readonly ConcurrentDictionary<(long Generation, string Digest), Lazy<Task<Kept?>>> _lookups = new();

    /// <summary>How often all was forgotten. What was read before is not found again, even where it is kept only afterwards.</summary>
    private long _generation;

    public static string NewKey() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The digest that a key is looked up by.</summary>
    public static string DigestOf(string key) => Convert.ToBase64String(Hash(key));

    /// <summary>
    /// Whether looking the key up is an attempt to guess one: it was not good here lately, and is not being looked up already.
    /// </summary>
    public bool IsAttempt(string digest) => !_good.TryGetValue(digest, out _) && !_lookups.ContainsKey((Generation, digest));

    /// <summary>Who holds the key with this digest, or null where nobody (any longer) does. Nobody changes what is answered.</summary>
    public async Task<ClaimsPrincipal?> Find(string digest, CancellationToken cancellation)
    {
        var generation = Generation;
        if (
            _cache.TryGetValue(digest, out Kept? kept)
            && kept!.Generation == generation
            && (kept.ExpiresAt is null || kept.ExpiresAt > clock.GetUtcNow())
            && clock.GetElapsedTime(kept.ReadAt) < KeptInMemory
        )
            return kept.Caller;
        var lookup = _lookups.GetOrAdd(
            (generation, digest),
            static (name, keys) => new Lazy<Task<Kept?>>(() => keys.LookUp(name.Generation, name.Digest)),
            this
        );
        return (await lookup.Value.WaitAsync(cancellation))?.Caller;
    }

    /// <summary>Stores the hash of a key, for a principal of its own; a key already known keeps its principal.</summary>
    public Task Add(string key, IReadOnlyList<string> scopes, CancellationToken cancellation) =>
        database.Execute(
            """
            with key as (
                insert into access.api_key (hash, principal_id, scopes) values ($1, $2, $3)
                on conflict (hash) do update set scopes = excluded.scopes returning principal_id)
            insert into access.principal (id) select principal_id from key on conflict do nothing
            """,
            [Hash(key), Guid.NewGuid(), scopes.ToArray()],
            cancellation
        );

    /// <summary>Stores the key of a role of Development, and ends every other key of that role; the role keeps its principal.</summary>
    internal Task AddDevelopment(string role, string key, IReadOnlyList<string> scopes, CancellationToken cancellation) =>
        database.Execute(
            """
            with ended as (
                update access.api_key set revoked_at = $5 where development_role = $1 and hash <> $2 and revoked_at is null),
            key as (
                insert into access.api_key (hash, principal_id, scopes, development_role)
                values ($2, coalesce((select principal_id from access.api_key where development_role = $1 order by number limit 1), $4),
                    $3, $1)
                on conflict (hash) do update set scopes = excluded.scopes, development_role = $1 returning principal_id)
            insert into access.principal (id) select principal_id from key on conflict do nothing
            """,
            [role, Hash(key), scopes.ToArray(), Guid.NewGuid(), clock.GetUtcNow()],
            cancellation
        );

    /// <summary>
    /// Makes a key for a principal; the key itself is in the answer, and nowhere else. Null where one was made under the same
    /// <c>Idempotency-Key</c> before.
    /// </summary>
    public async Task<(ApiKey Made, string Key)?> Create(KeyToMake asked, IdempotentRequest? under, CancellationToken cancellation)
    {
        var key = NewKey();
        await using var insert = database.Statement(
            $"""
            with made as (
                insert into access.api_key (hash, id, principal_id, scopes, framework, expires_at, made_by, made_at, sources)
                values ($3, $4, $5, $6, $7, $8, $9, $10, $11) returning {Columns}),
            {IdempotentRequests.Noted},
            ended as (
                update access.api_key set expires_at = least(expires_at, $13), first_end = coalesce(first_end, expires_at, 'infinity')
                where id = $12)
            select {Columns} from made
            """,
            [
                .. IdempotentRequests.Parameters(under),
                Hash(key),
                Guid.NewGuid(),
                asked.PrincipalId,
                asked.Scopes.ToArray(),
                asked.Framework,
                asked.ExpiresAt?.ToUniversalTime(),
                asked.MadeBy,
                clock.GetUtcNow(),
                (asked.Sources ?? []).ToArray(),
                asked.InPlaceOf?.Id,
                asked.InPlaceOf?.Until.ToUniversalTime(),
            ]
        );
        try
        {
            var (_, made) = (await Read(insert, cancellation)).Single();
            return (made, key);
        }
        catch (PostgresException taken) when (IdempotentRequests.IsTaken(taken))
        {
            return null;
        }
    }

    /// <summary>
    /// Another key in place of one, for the same principal, scopes and sources; the one before goes on until then. Null where
    /// there is none that still stands, or one was made under the same <c>Idempotency-Key</c> before.
    /// </summary>
    /// <param name="expiresAt">When the other one ends; null where it lasts as long as the one before.</param>
    public async Task<(ApiKey Made, string Key)?> Rotate(
        Guid id,
        DateTimeOffset untilThen,
        DateTimeOffset? expiresAt,
        Guid? madeBy,
        IdempotentRequest? under,
        CancellationToken cancellation
    )
    {
        if (await Find(id, cancellation) is not { RevokedAt: null } before || before.ExpiresAt <= clock.GetUtcNow().UtcDateTime)
            return null;
        var made = await Create(
            new KeyToMake(
                before.PrincipalId,
                before.Scopes,
                before.Framework,
                before.Sources,
                expiresAt ?? clock.GetUtcNow() + (before.FirstEnd - before.MadeAt),
                madeBy,
                (id, untilThen)
            ),
            under,
            cancellation
        );
        Forget();
        return made;
    }

    /// <summary>Ends a key at once; false where there is none.</summary>
    public async Task<bool> Revoke(Guid id, CancellationToken cancellation)
    {
        var revoked =
            await database.Execute(
                "update access.api_key set revoked_at = coalesce(revoked_at, $2) where id = $1",
                [id, clock.GetUtcNow()],
                cancellation
            ) > 0;
        Forget();
        return revoked;
    }

    /// <summary>Whether a key of Development is among them that still stands.</summary>
    public Task<bool> AnyOfDevelopment(CancellationToken cancellation) =>
        database.Scalar<bool>(
            "select exists (select from access.api_key where development_role is not null and revoked_at is null)",
            [],
            cancellation
        );

    /// <summary>Whether there is a key that still stands, of a principal that has not ended.</summary>
    public Task<bool> AnyStands(CancellationToken cancellation) =>
        database.Scalar<bool>(
            """
            select exists (select from access.api_key k left join access.principal p on p.id = k.principal_id
                where k.revoked_at is null and (k.expires_at is null or k.expires_at > $1) and p.ended_at is null)
            """,
            [clock.GetUtcNow()],
            cancellation
        );

    public async Task<ApiKey?> Find(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement($"select {Columns} from access.api_key where id = $1", id);
        return await Read(command, cancellation) is [var (_, key)] ? key : null;
    }

    /// <summary>Keys in the order they were made, each with its number.</summary>
    public async Task<IReadOnlyList<(long Number, ApiKey Key)>> List(long after, int limit, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select {Columns} from access.api_key where number > $1 order by number limit $2",
            after,
            limit
        );
        return await Read(command, cancellation);
    }

    /// <summary>Looks every key up again at its next use. For one that was good that is no attempt.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _cache.Clear();
    }

    public void Dispose()
    {
        _cache.Dispose();
        _good.Dispose();
    }

    /// <summary>Reads a key for all who ask for it now. None of them can call it off, since the others go on waiting.</summary>
    private async Task<Kept?> LookUp(long generation, string digest)
    {
        var hash = Convert.FromBase64String(digest);
        try
        {
            var now = clock.GetUtcNow();
            Kept kept;
            bool isToBeNoted;
            await using (
                var command = database.Statement(
                    """
                    select k.principal_id, k.scopes, k.framework, k.expires_at, k.last_used_at is null or k.last_used_at < $3, k.sources
                    from access.api_key k left join access.principal p on p.id = k.principal_id
                    where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2) and p.ended_at is null
                    """,
                    hash,
                    now,
                    now - BetweenNotes
                )
            )
            await using (var reader = await command.ExecuteReaderAsync())
            {
                if (!await reader.ReadAsync())
                {
                    _good.Remove(digest);
                    return null;
                }

                kept = new Kept(
                    CallerClaims.Of(
                        new Principal(reader.GetGuid(0), reader.GetFieldValue<string[]>(1), reader.IsDBNull(2) ? null : reader.GetGuid(2))
                        {
                            Sources = reader.GetFieldValue<string[]>(5),
                        },
                        ApiKeyHandler.Name
                    ),
                    generation,
                    reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                    clock.GetTimestamp()
                );
                isToBeNoted = reader.GetBoolean(4);
            }

            if (isToBeNoted)
                await database.Execute("update access.api_key set last_used_at = $2 where hash = $1", [hash, now], CancellationToken.None);

            _good.Set(digest, true, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Remembered });
            _cache.Set(digest, kept, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory });
            return kept;
        }
        finally
        {
            _lookups.TryRemove((generation, digest), out _);
        }
    }

    private static async Task<IReadOnlyList<(long Number, ApiKey Key)>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        var keys = new List<(long, ApiKey)>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            keys.Add((row.GetInt64(0), Key(row)));
        return keys;
    }

    private static ApiKey Key(NpgsqlDataReader row)
    {
        return new ApiKey(
            row.GetGuid(1),
            row.GetGuid(2),
            row.GetFieldValue<string[]>(3),
            row.IsDBNull(4) ? null : row.GetGuid(4),
            row.GetFieldValue<string[]>(10),
            row.GetDateTime(5),
            row.IsDBNull(6) ? null : row.GetGuid(6),
            Time(7),
            Time(8),
            Time(9),
            Time(11) is var first && first == DateTime.MaxValue ? null : first ?? Time(7)
        );

        DateTime? Time(int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
    }

    private long Generation => Volatile.Read(ref _generation);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed record Kept(ClaimsPrincipal Caller, long Generation, DateTimeOffset? ExpiresAt, long ReadAt);
}
