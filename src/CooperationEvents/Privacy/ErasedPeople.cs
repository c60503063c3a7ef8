using System.Collections.Immutable;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// Who was erased, in memory on every node, so that no command has to ask: the ids, and keyed digests of how others named
/// them, by which the next file or calendar is kept from registering them anew. A digest does not lead to an id.
/// </summary>
public sealed class ErasedPeople
{
    private volatile ImmutableHashSet<Guid> _ids = [];
    private volatile ImmutableHashSet<string> _digests = [];

    /// <summary>Whether the person was erased, as far as this node has heard.</summary>
    public bool Contains(Guid personId) => _ids.Contains(personId);

    /// <summary>Whether somebody who was named so was erased.</summary>
    public bool Knows(byte[] digest) => !_digests.IsEmpty && _digests.Contains(Convert.ToBase64String(digest));

    /// <summary>Whether nobody was erased.</summary>
    public bool IsEmpty => _ids.IsEmpty && _digests.IsEmpty;

    /// <summary>Takes note of who was erased here, before other nodes are told.</summary>
    public void Add(IEnumerable<Guid> people)
    {
        ImmutableHashSet<Guid> before, after;
        do
        {
            before = _ids;
            after = before.Union(people);
        }
#pragma warning disable CS0420 // A volatile field by reference: the exchange is a barrier of its own.
        while (before != after && Interlocked.CompareExchange(ref _ids, after, before) != before);
#pragma warning restore CS0420
    }

    /// <summary>Reads who was erased; what is known already stays known.</summary>
    internal async Task Refresh(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            select person_id, null from keys.person_key where state = 'destroyed' union all select null, digest from keys.erased_digest
            """);
        var (ids, digests) = (_ids.ToBuilder(), _digests.ToBuilder());
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            if (rows.IsDBNull(1))
                ids.Add(rows.GetGuid(0));
            else
                digests.Add(Convert.ToBase64String(rows.GetFieldValue<byte[]>(1)));
        }

        Add(ids);
        _digests = digests.ToImmutable();
    }
}
