using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>The keys of persons, to whoever seals or opens their fields.</summary>
public interface IPersonKeys
{
    /// <summary>
    /// The keys to seal fields of the classes under; null where the person has no key any more, so that nothing can be recorded about
    /// them.
    /// </summary>
    /// <param name="expired">The number of the last salt of each class that expired, where one did.</param>
    Task<IReadOnlyDictionary<FieldClass, FieldKey>?> ToSeal(
        Guid personId,
        IReadOnlyCollection<FieldClass> classes,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    );

    /// <summary>The person's key as it is; null where none was ever made, or its row was lost.</summary>
    /// <param name="salts">What is to be opened: a key in memory that lacks one of these is read anew.</param>
    Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation);
}

/// <summary>
/// The keys and salts of one transaction: the keys it makes, for persons it registers and for nobody else, and the salts that it is the
/// first to need. They are kept in memory until <see cref="Store"/>, which must come before the events they seal are committed, so that
/// a crash leaves at most a key without a person, or a salt without a field.
/// </summary>
/// <param name="isNew">Whether the person is registered by this very transaction.</param>
/// <param name="mayHaveOne">Whether a person registered here may have a key of an earlier attempt.</param>
public sealed class DraftKeys(KeyStore store, Func<Guid, bool> isNew, bool mayHaveOne) : IPersonKeys
{
    private readonly Dictionary<Guid, Draft> _drafts = [];

    public async Task<IReadOnlyDictionary<FieldClass, FieldKey>?> ToSeal(
        Guid personId,
        IReadOnlyCollection<FieldClass> classes,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    )
    {
        var draft = _drafts.GetValueOrDefault(personId) ?? await Begin(personId, cancellation);
        if (draft?.Key.Key is null)
            return null;
        var keys = new Dictionary<FieldClass, FieldKey>();
        foreach (var of in classes)
        {
            var after = expired.GetValueOrDefault(of);
            if (draft.Key.ToSeal(of, after) is null)
                draft = draft.With(draft.Key.Next(of, after), RandomNumberGenerator.GetBytes(KeyStore.KeySize));
            keys[of] = draft.Key.ToSeal(of, after)!;
        }

        if (draft.IsNew || draft.Salts.Count > 0)
            _drafts[personId] = draft;
        return keys;
    }

    public async Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation) =>
        _drafts.TryGetValue(personId, out var draft) ? draft.Key : await store.Find(personId, salts, cancellation);

    /// <summary>Whether anything was made here.</summary>
    public bool Any => _drafts.Count > 0;

    /// <summary>Drops the keys of persons who are not registered after all.</summary>
    public void Forget(IEnumerable<Guid> people)
    {
        foreach (var person in people)
            _drafts.Remove(person);
    }

    /// <summary>Stores and commits what was made here; false where another key or salt of one of the persons was stored before.</summary>
    public async Task<bool> Store(CancellationToken cancellation) => _drafts.Count == 0 || await store.Add(_drafts, cancellation);

    private async Task<Draft?> Begin(Guid personId, CancellationToken cancellation)
    {
        var created = isNew(personId);
        if ((!created || mayHaveOne) && await store.Find(personId, [], cancellation) is { } known)
            return new Draft(known, IsNew: false, []);
        return created
            ? new Draft(new PersonKey(PersonKeyState.Active, RandomNumberGenerator.GetBytes(KeyStore.KeySize)), IsNew: true, [])
            : null;
    }

    /// <summary>A person's key as it is to be, and what of it has to be stored.</summary>
    internal sealed record Draft(PersonKey Key, bool IsNew, IReadOnlyList<(FieldSalt Salt, byte[] Bytes)> Salts)
    {
        public Draft With(FieldSalt salt, byte[] bytes) =>
            new(Key with { Fields = Key.Fields.Add(FieldKey.Of(Key.Key!, salt, bytes)) }, IsNew, [.. Salts, (salt, bytes)]);
    }
}

/// <summary>
/// The keys of a dry run, which must leave nothing behind: those of persons it registers, and the salts of everybody, are derived, the
/// same each time, from a key that ends with it. The salts it seals under have the number 0.
/// </summary>
/// <param name="isRecorded">Whether the person is recorded, and so had a key: without one it was lost.</param>
public sealed class DryRunKeys(KeyStore store, byte[] key, Func<Guid, CancellationToken, Task<bool>> isRecorded) : IPersonKeys
{
    public async Task<IReadOnlyDictionary<FieldClass, FieldKey>?> ToSeal(
        Guid personId,
        IReadOnlyCollection<FieldClass> classes,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    ) =>
        await Find(personId, [], cancellation) is { Key: not null } found
            ? classes.ToDictionary(of => of, of => found.Of(new FieldSalt(of, 0))!)
            : null;

    public async Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation)
    {
        var found = await store.Find(personId, [.. salts.Where(s => s.Number > 0)], cancellation);
        if (found is null && await isRecorded(personId, cancellation))
            return null;
        found ??= new PersonKey(PersonKeyState.Active, HMACSHA256.HashData(key, personId.ToByteArray()));
        return found.Key is { } personKey
            ? found with
            {
                Fields = found.Fields.AddRange(
                    Enum.GetValues<FieldClass>().Select(of => Derived(personId, personKey, new FieldSalt(of, 0)))
                ),
            }
            : found;
    }

    private FieldKey Derived(Guid personId, byte[] personKey, FieldSalt salt) =>
        FieldKey.Of(personKey, salt, HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{personId}/{FieldKey.NameOf(salt)}")));
}
