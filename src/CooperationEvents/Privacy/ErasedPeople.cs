using System.Collections.Immutable;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// Who was erased, in memory on every node, so that no command has to ask: the ids, and keyed digests of how others named
/// them, by which the next file or calendar is kept from registering them anew. A digest does not lead to an id.
/// </summary>
public sealed class ErasedPeople
{
    private ImmutableHashSet<Guid> _ids = [];
    private ImmutableHashSet<string> _digests = [];

    /// <summary>Whether the person was erased, as far as this node has heard.</summary>
    public bool Contains(Guid personId) => Volatile.Read(ref _ids).Contains(personId);

    /// <summary>Whether somebody who was named so was erased.</summary>
    public bool Knows(byte[] digest) => Volatile.Read(ref _digests) is { IsEmpty: false } digests && digests.Contains(Text(digest));

    /// <summary>Whether nobody was erased.</summary>
    public bool IsEmpty => Volatile.Read(ref _ids).IsEmpty && Volatile.Read(ref _digests).IsEmpty;

    /// <summary>Takes note of who was erased here, before other nodes are told.</summary>
    public void Add(IEnumerable<Guid> people) => Add(ref _ids, people);

    /// <summary>Takes note of how those were named who were erased here.</summary>
    public void Add(IEnumerable<byte[]> digests) => Add(ref _digests, digests.Select(Text));

    /// <summary>Reads who was erased; what is known already stays known.</summary>
    internal async Task Refresh(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            select person_id, null from keys.person_key where state = 'destroyed' union all select null, digest from keys.erased_digest
            """
        );
        var (ids, digests) = (new List<Guid>(), new List<byte[]>());
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            if (rows.IsDBNull(1))
                ids.Add(rows.GetGuid(0));
            else
                digests.Add(rows.GetFieldValue<byte[]>(1));
        }

        Add(ids);
        Add(digests);
    }

    private static void Add<T>(ref ImmutableHashSet<T> known, IEnumerable<T> more)
    {
        var added = more.ToList();
        ImmutableInterlocked.Update(ref known, static (before, added) => before.Union(added), added);
    }

    private static string Text(byte[] digest) => Convert.ToBase64String(digest);
}
