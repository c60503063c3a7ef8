using System.Text;
using CooperationEvents.Authorization;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>A principal as the directory holds it. <paramref name="Name"/> is null where none was given, or it was erased.</summary>
public sealed record DirectoryEntry(Guid Id, string? Name, bool ByToken, DateTime CreatedAt, DateTime? EndedAt);

/// <summary>What goes on under a principal after its request has ended: it ends with the principal.</summary>
public interface IEndsWithPrincipal
{
    Task End(Guid principal, CancellationToken cancellation);
}

/// <summary>
/// The directory of principals. Events carry their random ids alone; the names stand here, sealed, and can be erased. Who comes
/// with a token is found by a keyed digest of issuer and subject.
/// </summary>
public sealed class Principals(
    NpgsqlDataSource database,
    ServiceSeal seal,
    PersonalData digests,
    IEnumerable<IEndsWithPrincipal> endings,
    TimeProvider clock
) : IKnowPrincipals, IDisposable
{
    /// <summary>How long the scopes of somebody's last token count for what goes on without them.</summary>
    public static readonly TimeSpan TokenStandsFor = TimeSpan.FromDays(30);

    private const string NameKey = "principals";

    /// <summary>How often it is noted that a principal still comes, and with what.</summary>
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromMinutes(10);

    /// <summary>How long a node may not know that a principal was ended.</summary>
    private static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    private int _endings;

    /// <summary>
    /// How often this node has ended a principal or a key. What goes on without a request asks what it still may do once this has changed.
    /// </summary>
    public int Endings => Volatile.Read(ref _endings);

    /// <summary>This node has ended a principal or a key.</summary>
    public void NoteEnding() => Interlocked.Increment(ref _endings);

    /// <summary>Makes a principal with that name, or with none.</summary>
    public async Task<Guid> Create(string? name, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        await database.Execute(
            "insert into access.principal (id, sealed_name, created_at) values ($1, $2, now())",
            [id, await Sealed(id, name, cancellation)],
            cancellation
        );
        return id;
    }

    /// <summary>Who has this subject at this issuer; made at first sight. Null where the principal was ended.</summary>
    /// <param name="name">As the token says it; noted at first sight.</param>
    public async Task<Guid?> OfToken(
        string issuer,
        string subject,
        string? name,
        IReadOnlyList<string> scopes,
        CancellationToken cancellation
    )
    {
        var digest = await digests.Digest(Encoding.UTF8.GetBytes($"principal\n{issuer.Length}\n{issuer}\n{subject}"), cancellation);
        var key = $"{Convert.ToBase64String(digest)} {string.Join(' ', scopes)}";
        if (_known.TryGetValue(key, out (Guid Id, long ReadAt) known) && clock.GetElapsedTime(known.ReadAt) < KeptInMemory)
            return known.Id;
        if (await Find(digest, cancellation) is not { } found)
        {
            var id = Guid.NewGuid();
            await database.Execute(
                "insert into access.principal (id, sealed_name, subject, created_at) values ($1, $2, $3, now()) on conflict do nothing",
                [id, await Sealed(id, name, cancellation), digest],
                cancellation
            );
            found = await Find(digest, cancellation) ?? throw new InvalidOperationException("The principal was deleted while it was made.");
        }

        if (found.Ended)
            return null;
        await database.Execute(
            """
            update access.principal set scopes = $2, seen_at = now()
            where id = $1 and (scopes <> $2 or seen_at is null or seen_at < now() - $3)
            """,
            [found.Id, scopes.ToArray(), BetweenNotes],
            cancellation
        );
        _known.Set(
            key,
            (found.Id, clock.GetTimestamp()),
            new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory }
        );
        return found.Id;
    }

    public async Task<bool> Stands(Guid principal, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            "select exists (select from access.principal where id = $1 and ended_at is null)",
            principal
        );
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>What a principal may do now, by any of its keys or its last token, for what goes on without a request.</summary>
    public async Task<IReadOnlyList<string>> Standing(Guid principal, CancellationToken cancellation) =>
        await database.Query(
            """
            select distinct scope from (
                select unnest(k.scopes) as scope from access.api_key k
                where k.principal_id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
                    and not exists (select from access.principal p where p.id = k.principal_id and p.ended_at is not null)
                union all
                select unnest(scopes) from access.principal where id = $1 and ended_at is null and seen_at > now() - $2) standing
            """,
            [principal, TokenStandsFor],
            rows => rows.GetString(0),
            cancellation
        );

    /// <summary>
    /// Ends a principal for good, with all its keys, webhooks and imports; false where there is none. Its token is refused from
    /// then on. Its name is erased where that is asked for; its id stays in the history.
    /// </summary>
    public async Task<bool> End(Guid id, bool eraseName, CancellationToken cancellation)
    {
        await using (
            var end = database.Statement(
                """
                with keys as (update access.api_key set revoked_at = coalesce(revoked_at, now()) where principal_id = $1 returning id),
                requests as (delete from recording.idempotent_request where made_id in (select id from keys))
                update access.principal set ended_at = coalesce(ended_at, now()), sealed_name = case when $2 then null else sealed_name end
                    where id = $1
                """,
                id,
                eraseName
            )
        )
        {
            if (await end.ExecuteNonQueryAsync(cancellation) == 0)
                return false;
        }

        _known.Clear();
        NoteEnding();
        foreach (var ending in endings)
            await ending.End(id, cancellation);
        return true;
    }

    /// <summary>One entry of the directory, or null.</summary>
    public async Task<DirectoryEntry?> Find(Guid id, CancellationToken cancellation) =>
        (await Read("id = $1", [id], cancellation)) is [var (_, entry)] ? entry : null;

    /// <summary>Entries in the order they were made, each with its number.</summary>
    public Task<IReadOnlyList<(long Number, DirectoryEntry Entry)>> List(long after, int limit, CancellationToken cancellation) =>
        Read("number > $1 order by number limit $2", [after, limit], cancellation);

    public void Dispose() => _known.Dispose();

    private async Task<IReadOnlyList<(long, DirectoryEntry)>> Read(string condition, object[] parameters, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select number, id, sealed_name, subject is not null, created_at, ended_at from access.principal where {condition}",
            parameters
        );
        var found = new List<(long, DirectoryEntry)>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var id = row.GetGuid(1);
            var name = row.IsDBNull(2)
                ? null
                : Encoding.UTF8.GetString(await seal.Open(NameKey, row.GetFieldValue<byte[]>(2), $"{id}", cancellation));
            found.Add(
                (
                    row.GetInt64(0),
                    new DirectoryEntry(id, name, row.GetBoolean(3), row.GetDateTime(4), row.IsDBNull(5) ? null : row.GetDateTime(5))
                )
            );
        }

        return found;
    }

    private async Task<(Guid Id, bool Ended)?> Find(byte[] subject, CancellationToken cancellation)
    {
        await using var command = database.Statement("select id, ended_at is not null from access.principal where subject = $1", subject);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetGuid(0), row.GetBoolean(1)) : null;
    }

    private async Task<byte[]?> Sealed(Guid id, string? name, CancellationToken cancellation) =>
        name is null ? null : await seal.Seal(NameKey, Encoding.UTF8.GetBytes(name), $"{id}", cancellation);
}
