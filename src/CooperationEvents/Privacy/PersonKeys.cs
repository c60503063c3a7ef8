using System.Security.Cryptography;

namespace CooperationEvents.Privacy;

/// <summary>The keys of persons, to whoever seals or opens their fields.</summary>
public interface IPersonKeys
{
    /// <summary>The person's key; made where there is none.</summary>
    Task<byte[]> Make(Guid personId, CancellationToken cancellation);

    /// <summary>The person's key, or null where it was never made or has been destroyed.</summary>
    Task<byte[]?> Find(Guid personId, CancellationToken cancellation);
}

/// <summary>
/// The keys of one transaction: those it makes are kept in memory until <see cref="Store"/>, which must come before the
/// events they seal are committed, so that a crash leaves at most a key without a person.
/// </summary>
/// <param name="isNew">Whether the person is registered by this very transaction, and so has no key to look for.</param>
public sealed class DraftKeys(KeyStore store, Func<Guid, bool> isNew) : IPersonKeys
{
    private readonly Dictionary<Guid, byte[]> _drafts = [];

    public async Task<byte[]> Make(Guid personId, CancellationToken cancellation)
    {
        if (_drafts.TryGetValue(personId, out var draft))
            return draft;
        if (!isNew(personId) && await store.Find(personId, cancellation) is { } known)
            return known;
        return _drafts[personId] = RandomNumberGenerator.GetBytes(KeyStore.KeySize);
    }

    public async Task<byte[]?> Find(Guid personId, CancellationToken cancellation) =>
        _drafts.GetValueOrDefault(personId) ?? await store.Find(personId, cancellation);

    /// <summary>Stores and commits the keys made here; false where another key of one of the persons was stored before.</summary>
    public async Task<bool> Store(CancellationToken cancellation) => _drafts.Count == 0 || await store.Add(_drafts, cancellation);
}

/// <summary>
/// The keys of a rehearsal, which must leave nothing behind: those of persons it registers are derived, the same each time,
/// from a key that ends with it.
/// </summary>
public sealed class RehearsedKeys(KeyStore store, byte[] key) : IPersonKeys
{
    public async Task<byte[]> Make(Guid personId, CancellationToken cancellation) => (await Find(personId, cancellation))!;

    public async Task<byte[]?> Find(Guid personId, CancellationToken cancellation) =>
        await store.Find(personId, cancellation) ?? HMACSHA256.HashData(key, personId.ToByteArray());
}
