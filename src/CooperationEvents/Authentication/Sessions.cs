using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Authorization;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>
/// Who is signed in to the pages. A session is 256 random bits in a sealed cookie, of which only a hash is stored. It is looked up at
/// every request: one that was ended, or whose principal was, reads nothing more on any node.
/// </summary>
public sealed class Sessions(NpgsqlDataSource database)
{
    /// <summary>Begins a session that lasts so long, and forgets those whose time has passed.</summary>
    /// <returns>What the cookie holds; it is stored nowhere. Null where the principal was ended, also where this node does not know that
    /// yet.</returns>
    public async Task<string?> Begin(Principal principal, TimeSpan lasts, CancellationToken cancellation)
    {
        var session = ApiKeys.NewKey();
        var begun = await database.Execute(
            """
            with gone as (delete from access.session where expires_at < now())
            insert into access.session (hash, principal_id, scopes, expires_at)
            select $1, $2, $3, now() + $4 where exists (select from access.principal where id = $2 and ended_at is null)
            """,
            [Hash(session), principal.Id, principal.Scopes.ToArray(), lasts],
            cancellation
        );
        return begun > 0 ? session : null;
    }

    /// <summary>Who is signed in by this session; null where nobody (any longer) is.</summary>
    public async Task<Principal?> Find(string session, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            select s.principal_id, s.scopes from access.session s join access.principal p on p.id = s.principal_id
            where s.hash = $1 and s.expires_at > now() and p.ended_at is null
            """,
            Hash(session)
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? new Principal(row.GetGuid(0), row.GetFieldValue<string[]>(1)) : null;
    }

    public Task End(string session, CancellationToken cancellation) =>
        database.Execute("delete from access.session where hash = $1", [Hash(session)], cancellation);

    private static byte[] Hash(string session) => SHA256.HashData(Encoding.UTF8.GetBytes(session));
}
