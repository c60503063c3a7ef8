using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>
/// Seals and opens the personal fields of events: AES-256-GCM under a key of the person's own for fields of that class, bound to event
/// id, stored type and field. What cannot be opened though it should be is answered as absent, and raises an alarm; it never fails a
/// whole answer.
/// </summary>
public sealed class PersonalData(KeyStore store, ErasedPeople erased, UnreadableAlarm alarm)
{
    private IPersonKeys _keys = store;

    /// <summary>The same under other keys of persons.</summary>
    public PersonalData Under(IPersonKeys keys) => new(store, erased, alarm) { _keys = keys };

    /// <summary>The event with its fields sealed; null where the person has no key any more, so that nothing can be recorded.</summary>
    /// <param name="expired">The number of the last salt of each class that expired, where one did.</param>
    public async Task<object?> Seal(
        IHoldPersonalData data,
        Guid eventId,
        string eventType,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    )
    {
        var classes = FieldsOf(data).Select(f => FieldSalt.ClassOf(f.Field)).Distinct().ToList();
        return await _keys.ToSeal(data.PersonId, classes, expired, cancellation) is { } keys
            ? data.WithPersonalFields((field, value) => Sealed(keys[FieldSalt.ClassOf(field)], field, value))
            : null;

        Protected Sealed(FieldKey key, string field, Protected value) =>
            Protected.Sealed(
                key.Salt.Prefix()
                    + Convert.ToBase64String(
                        Cipher.Seal(key.Key!, Encoding.UTF8.GetBytes(value.Plain!), BoundTo(eventId, eventType, field))
                    )
            );
    }

    /// <summary>The event in plain text; a field that is hidden, erased, expired or unreadable stays sealed.</summary>
    public async Task<object> Open(
        IHoldPersonalData data,
        Guid eventId,
        string eventType,
        CancellationToken cancellation,
        bool evenRestricted = false
    )
    {
        var key = await Key(data.PersonId, SaltsOf(data), evenRestricted, cancellation);
        return key is null
            ? data
            : data.WithPersonalFields(
                (field, value) =>
                    Open(data.PersonId, key, new SealedField(eventId, eventType, field, value.Ciphertext!)) is { } text
                        ? Protected.Of(text)
                        : value
            );
    }

    /// <summary>The text of a field, or null where it is hidden, erased, expired or unreadable; <see cref="Standing"/> and
    /// <see cref="HasExpired"/> say which.</summary>
    /// <param name="evenRestricted">For rules, which must compare, and for the person's own report.</param>
    public async Task<string?> Open(Guid personId, SealedField field, CancellationToken cancellation, bool evenRestricted = false) =>
        await Key(personId, SaltsOf(field.Ciphertext), evenRestricted, cancellation) is { } key ? Open(personId, key, field) : null;

    /// <summary>Whether the field expired: the salt it was sealed under is destroyed, though the person was not erased.</summary>
    public async Task<bool> HasExpired(Guid personId, SealedField field, CancellationToken cancellation) =>
        (await Expired(personId, [(field.Field, field.Ciphertext)], cancellation)).Count > 0;

    /// <summary>The names of those fields of the event that expired.</summary>
    public Task<IReadOnlyList<string>> Expired(IHoldPersonalData data, CancellationToken cancellation) =>
        Expired(data.PersonId, FieldsOf(data).Select(f => (f.Field, f.Value.Ciphertext!)), cancellation);

    /// <summary>How the person's fields stand.</summary>
    /// <param name="isHidden">Whether a restriction hides them, also where the key does not say so.</param>
    public async Task<PersonalStanding> Standing(Guid personId, CancellationToken cancellation, bool isHidden = false)
    {
        if (erased.Contains(personId))
            return PersonalStanding.Erased;
        return await _keys.Find(personId, [], cancellation) switch
        {
            { State: PersonKeyState.Destroyed } => PersonalStanding.Erased,
            { Key: null } or null => PersonalStanding.Unreadable,
            { State: PersonKeyState.Restricted } => PersonalStanding.Restricted,
            _ => isHidden ? PersonalStanding.Restricted : PersonalStanding.Readable,
        };
    }

    /// <summary>Whether the person was erased, as far as this node has heard.</summary>
    public bool IsErased(Guid personId) => erased.Contains(personId);

    /// <summary>Whether somebody whom others named so was erased.</summary>
    public async Task<bool> WasErased(IEnumerable<ErasedName> names, CancellationToken cancellation)
    {
        if (erased.IsEmpty)
            return false;
        foreach (var name in names)
        {
            if (erased.Knows(await Digest(name, cancellation)))
                return true;
        }

        return false;
    }

    /// <summary>A keyed digest: equal for equal values, and telling nothing to who lacks the key.</summary>
    public async Task<byte[]> Digest(byte[] value, CancellationToken cancellation) =>
        HMACSHA256.HashData(await store.Service("lookup", cancellation), value);

    /// <summary>The digest by which an erased person is known again.</summary>
    internal Task<byte[]> Digest(ErasedName name, CancellationToken cancellation) =>
        Digest(Encoding.UTF8.GetBytes($"erased\n{name.Kind}\n{name.Text}"), cancellation);

    /// <summary>The person's key where it may be read with now; null else.</summary>
    private async Task<PersonKey?> Key(
        Guid personId,
        IReadOnlyCollection<FieldSalt> salts,
        bool evenRestricted,
        CancellationToken cancellation
    )
    {
        if (erased.Contains(personId))
            return null;
        var key = await _keys.Find(personId, salts, cancellation);
        if (key?.Key is null && key?.State is not PersonKeyState.Destroyed)
            alarm.Raise(personId, key is null ? "the person's key is lost" : "the person's key does not open under the master key");
        return key?.Key is null || (key.State == PersonKeyState.Restricted && !evenRestricted) ? null : key;
    }

    private string? Open(Guid personId, PersonKey person, SealedField field)
    {
        try
        {
            var (salt, text) = FieldSalt.Split(field.Ciphertext);
            var of = salt is null ? null : person.Of(salt);
            if (of is { IsDestroyed: true })
                return null;
            var key = salt is null ? person.Key! : of?.Key ?? throw new CryptographicException("The salt is lost, or does not open.");
            return Encoding.UTF8.GetString(
                Cipher.Open(key, Convert.FromBase64String(text), BoundTo(field.EventId, field.EventType, field.Field))
            );
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            alarm.Raise(personId, $"{field.Field} of event {field.EventId} does not open under the person's key");
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> Expired(
        Guid personId,
        IEnumerable<(string Field, string Ciphertext)> fields,
        CancellationToken cancellation
    )
    {
        var salted = fields.Select(f => (f.Field, FieldSalt.Split(f.Ciphertext).Salt)).Where(f => f.Salt is not null).ToList();
        if (salted.Count == 0 || erased.Contains(personId))
            return [];
        var key = await _keys.Find(personId, [.. salted.Select(f => f.Salt!)], cancellation);
        return [.. salted.Where(f => key?.Of(f.Salt!) is { IsDestroyed: true }).Select(f => f.Field)];
    }

    private static List<(string Field, Protected Value)> FieldsOf(IHoldPersonalData data)
    {
        var fields = new List<(string, Protected)>();
        data.WithPersonalFields(
            (field, value) =>
            {
                fields.Add((field, value));
                return value;
            }
        );
        return fields;
    }

    private static List<FieldSalt> SaltsOf(IHoldPersonalData data) =>
        [.. FieldsOf(data).Select(f => f.Value.Ciphertext).OfType<string>().SelectMany(SaltsOf).Distinct()];

    private static FieldSalt[] SaltsOf(string ciphertext) => FieldSalt.Split(ciphertext).Salt is { } salt ? [salt] : [];

    private static string BoundTo(Guid eventId, string eventType, string field) => $"{eventId}\n{eventType}\n{field}";
}

/// <summary>What a reader may see of a person's fields.</summary>
public enum PersonalStanding
{
    Readable,

    /// <summary>The person asked that they be hidden.</summary>
    Restricted,

    /// <summary>They are gone for good.</summary>
    Erased,

    /// <summary>They should open, and do not.</summary>
    Unreadable,
}

/// <summary>How others named somebody who was erased.</summary>
public sealed record ErasedName(string Kind, string Text)
{
    /// <summary>As the reference was recorded, and in its normal form.</summary>
    public static IEnumerable<ErasedName> Of(ExternalReference reference) =>
        new[] { Of(reference.System, reference.Id), Of(NormalForm.OfLine(reference.System), NormalForm.OfLine(reference.Id)) }.Distinct();

    /// <summary>In each form that the address may have been kept in.</summary>
    public static IEnumerable<ErasedName> OfEmail(string email) => MailAddress.Forms(email).Select(form => new ErasedName("email", form));

    /// <summary>
    /// Every name by which an earlier version may have kept out who is named so: the reference as it was sent too, and where it is an
    /// address any spelling of that.
    /// </summary>
    public static IEnumerable<ErasedName> EarlierOf(ExternalReference reference)
    {
        // Step by step: where nobody was erased nobody takes the first.
        foreach (var name in Of(reference))
            yield return name;
        if (reference.AsSent is { } sent)
            yield return Of(sent.System, sent.Id);
        if (MailAddress.Normal(reference.Id) is null)
            yield break;
        foreach (var form in MailAddress.EarlierForms(reference.Id))
            yield return Of(NormalForm.OfLine(reference.System), form);
    }

    /// <summary>Every name by which an earlier version may have kept out who has that address.</summary>
    public static IEnumerable<ErasedName> EarlierOfEmail(string email) =>
        MailAddress.EarlierForms(email).Select(form => new ErasedName("email", form));

    private static ErasedName Of(string system, string id) => new("reference", $"{system.Length}\n{system}\n{id}");
}
