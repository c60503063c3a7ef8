using System.Security.Cryptography;

namespace CooperationEvents.Privacy;

/// <summary>The keys of persons, to whoever seals or opens their fields.</summary>
public interface IPersonKeys
{
    /// <summary>
    /// The key to seal the person's fields under; null where there is none any more, so that nothing can be recorded about the person.
    /// </summary>
    Task<byte[]?> ToSeal(Guid personId, CancellationToken cancellation);

    /// <summary>The person's key as it is; null where none was ever made, or its row was lost.</summary>
    Task<PersonKey?> Find(Guid personId, CancellationToken cancellation);
}

/// <summary>
/// The keys of one transaction: those it makes, for persons it registers and for nobody else, are kept in memory until
/// <see cref="Store"/>, which must come before the events they seal are committed, so that a crash leaves at most a key
/// without a person.
/// </summary>
/// <param name="isNew">Whether the person is registered by this very transaction.</param>
/// <param name="mayHaveOne">Whether a person registered here may have a key of an earlier attempt.</param>
public sealed class DraftKeys(KeyStore store, Func<Guid, bool> isNew, bool mayHaveOne) : IPersonKeys
{
    private readonly Dictionary<Guid, byte[]> _drafts = [];

    public async Task<byte[]?> ToSeal(Guid personId, CancellationToken cancellation)
    {
        if (_drafts.TryGetValue(personId, out var draft))
            return draft;
        var created = isNew(personId);
        if ((!created || mayHaveOne) && await store.Find(personId, cancellation) is { } known)
            return known.Key;
        return created ? _drafts[personId] = RandomNumberGenerator.GetBytes(KeyStore.KeySize) : null;
    }

    public async Task<PersonKey?> Find(Guid personId, CancellationToken cancellation) =>
        _drafts.TryGetValue(personId, out var draft)
            ? new PersonKey(PersonKeyState.Active, draft)
            : await store.Find(personId, cancellation);

    /// <summary>Whether any key was made here.</summary>
    public bool Any => _drafts.Count > 0;

    /// <summary>Drops the keys of persons who are not registered after all.</summary>
    public void Forget(IEnumerable<Guid> people)
    {
        foreach (var person in people)
            _drafts.Remove(person);
    }

    /// <summary>Stores and commits the keys made here; false where another key of one of the persons was stored before.</summary>
    public async Task<bool> Store(CancellationToken cancellation) => _drafts.Count == 0 || await store.Add(_drafts, cancellation);
}

/// <summary>
/// The keys of a rehearsal, which must leave nothing behind: those of persons it registers are derived, the same each time,
/// from a key that ends with it.
/// </summary>
public sealed class RehearsedKeys(KeyStore store, byte[] key) : IPersonKeys
{
    public async Task<byte[]?> ToSeal(Guid personId, CancellationToken cancellation) => (await Find(personId, cancellation))!.Key;

    public async Task<PersonKey?> Find(Guid personId, CancellationToken cancellation) =>
        await store.Find(personId, cancellation) ?? new PersonKey(PersonKeyState.Active, HMACSHA256.HashData(key, personId.ToByteArray()));
}
