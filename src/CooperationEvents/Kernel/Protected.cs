using System.Text.Json;
using System.Text.Json.Serialization;

namespace CooperationEvents.Kernel;

/// <summary>
/// A personal field of an event. A rule makes it from plain text; it is sealed under keys of the person's own before it is
/// appended, and only the sealed form can be written as JSON, so that no plaintext can reach a table.
/// </summary>
[JsonConverter(typeof(ProtectedConverter))]
public sealed record Protected
{
    private Protected(string? plain, string? ciphertext)
    {
        Plain = plain;
        Ciphertext = ciphertext;
    }

    /// <summary>The text, until it is sealed and after it is opened.</summary>
    public string? Plain { get; }

    /// <summary>What seals it, and base64 of nonce, ciphertext and tag, once sealed.</summary>
    public string? Ciphertext { get; }

    public static Protected Of(string plain) => new(plain, null);

    public static Protected? OfOptional(string? plain) => plain is null ? null : Of(plain);

    public static Protected Sealed(string ciphertext) => new(null, ciphertext);

    public override string ToString() => "(protected)";
}

/// <summary>An event with personal fields.</summary>
public interface IHoldPersonalData
{
    /// <summary>Whose key seals the fields.</summary>
    Guid PersonId { get; }

    /// <summary>The same event with every present personal field passed through <paramref name="change"/>, by its JSON name.</summary>
    IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change);
}

/// <summary>
/// A sealed field of a recorded event, with what its encryption is bound to: a state and a read model hold this, never the text.
/// </summary>
public sealed record SealedField(Guid EventId, string EventType, string Field, string Ciphertext)
{
    public static SealedField? Of(Recorded recorded, string field, Protected? value) =>
        value?.Ciphertext is { } ciphertext ? new SealedField(recorded.Id, recorded.Type, field, ciphertext) : null;

    /// <summary>The salt it is sealed under; null where it is sealed under the person's key itself.</summary>
    public FieldSalt? Salt() => FieldSalt.Split(Ciphertext).Salt;
}

public sealed class ProtectedConverter : JsonConverter<Protected>
{
    public override Protected Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Protected.Sealed(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Protected value, JsonSerializerOptions options) =>
        writer.WriteStringValue(
            value.Ciphertext ?? throw new InvalidOperationException("A personal field must be sealed before it is stored.")
        );
}
