using System.Text.Json;
using System.Text.Json.Serialization;

namespace CooperationEvents.Kernel;

/// <summary>Names something recorded here: by our id, or in its place by the external reference it was created with.</summary>
[JsonConverter(typeof(ReferenceConverter))]
public sealed record Reference
{
    private Reference(Guid? id, ExternalReference? external)
    {
        Id = id;
        External = external;
    }

    public Guid? Id { get; }

    public ExternalReference? External { get; }

    public static Reference To(Guid id) => new(id, null);

    public static Reference To(ExternalReference external) => new(null, external);

    public static implicit operator Reference(Guid id) => To(id);

    public static Reference FromGuid(Guid id) => To(id);

    public override string ToString() => External is { } e ? $"{e.System}/{e.Id}" : Id!.Value.ToString();
}

/// <summary>A UUID string, or <c>{"system","id"}</c>.</summary>
public sealed class ReferenceConverter : JsonConverter<Reference>
{
    public override Reference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.TryGetGuid(out var id):
                return Reference.To(id);
            case JsonTokenType.StartObject:
                return Reference.To(JsonSerializer.Deserialize<ExternalReference>(ref reader, options)!);
            default:
                throw new JsonException("Must be a UUID, or an external reference {\"system\", \"id\"}.");
        }
    }

    public override void Write(Utf8JsonWriter writer, Reference value, JsonSerializerOptions options)
    {
        if (value.External is { } external)
            JsonSerializer.Serialize(writer, external, options);
        else
            writer.WriteStringValue(value.Id!.Value);
    }
}
