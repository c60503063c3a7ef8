using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>Seals and opens the personal fields of events: AES-256-GCM under the person's own key, bound to event id, stored type and field.</summary>
public sealed class PersonalData(KeyStore store)
{
    private IPersonKeys _keys = store;

    /// <summary>The same under other keys of persons.</summary>
    public PersonalData Under(IPersonKeys keys) => new(store) { _keys = keys };

    public async Task<object> Seal(IHoldPersonalData data, Guid eventId, string eventType, CancellationToken cancellation)
    {
        var key = await _keys.Make(data.PersonId, cancellation);
        return data.WithPersonalFields((field, value) => Protected.Sealed(Convert.ToBase64String(
            Cipher.Seal(key, Encoding.UTF8.GetBytes(value.Plain!), BoundTo(eventId, eventType, field)))));
    }

    /// <summary>The event in plain text; sealed as it is where the person's key is gone.</summary>
    public async Task<object> Open(IHoldPersonalData data, Guid eventId, string eventType, CancellationToken cancellation) =>
        await _keys.Find(data.PersonId, cancellation) is { } key
            ? data.WithPersonalFields((field, value) => Protected.Of(Open(key, new SealedField(eventId, eventType, field, value.Ciphertext!))))
            : data;

    /// <summary>The text of a field, or null where the person's key is gone.</summary>
    public async Task<string?> Open(Guid personId, SealedField field, CancellationToken cancellation) =>
        await _keys.Find(personId, cancellation) is { } key ? Open(key, field) : null;

    /// <summary>A keyed digest: equal for equal values, and telling nothing to who lacks the key.</summary>
    public async Task<byte[]> Digest(byte[] value, CancellationToken cancellation) =>
        HMACSHA256.HashData(await store.Service("lookup", cancellation), value);

    private static string Open(byte[] key, SealedField field) => Encoding.UTF8.GetString(
        Cipher.Open(key, Convert.FromBase64String(field.Ciphertext), BoundTo(field.EventId, field.EventType, field.Field)));

    private static string BoundTo(Guid eventId, string eventType, string field) => $"{eventId}\n{eventType}\n{field}";
}
