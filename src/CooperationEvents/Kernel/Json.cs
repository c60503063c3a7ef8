using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CooperationEvents.Kernel;

/// <summary>One JSON for bodies, events and read models: camelCase members, kebab-case words, absent instead of null.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = Made(new DefaultJsonTypeInfoResolver().WithAddedModifier(ErasedMembers.AreNull));

    /// <summary>The same for what others send: its texts are read in their normal form.</summary>
    public static JsonSerializerOptions Sent { get; } =
        Made(
            new DefaultJsonTypeInfoResolver().WithAddedModifier(SentTexts.OfManyLines),
            new SentTexts.Line(),
            new SentTexts.Translations(),
            new SentTexts.Reference()
        );

    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = 32;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        return options;
    }

    /// <summary>The word of a value, as bodies, events and tables have it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static JsonSerializerOptions Made(IJsonTypeInfoResolver resolver, params ReadOnlySpan<JsonConverter> converters)
    {
        var options = Apply(new JsonSerializerOptions { TypeInfoResolver = resolver });
        foreach (var converter in converters)
            options.Converters.Add(converter);
        options.MakeReadOnly();
        return options;
    }
}

/// <summary>Reads the texts of bodies in their <see cref="NormalForm"/>.</summary>
internal static class SentTexts
{
    /// <summary>Texts that may be longer than a title may have several lines.</summary>
    public static void OfManyLines(JsonTypeInfo type)
    {
        foreach (var member in type.Properties.Where(p => p.PropertyType == typeof(string)))
        {
            if (HasLines(member))
                member.CustomConverter = new Lines();
        }
    }

    /// <summary>Whether a text may have more than one line.</summary>
    public static bool HasLines(JsonPropertyInfo member) =>
        member.AttributeProvider?.GetCustomAttributes(typeof(TextAttribute), inherit: true) is [TextAttribute { HasLines: true }];

    public sealed class Line : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? NormalForm.OfLine(text) : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    public sealed class Lines : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? NormalForm.Of(text) : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    public sealed class Translations : JsonConverter<IReadOnlyDictionary<string, string>>
    {
        public override IReadOnlyDictionary<string, string>? Read(
            ref Utf8JsonReader reader,
            Type typeToConvert,
            JsonSerializerOptions options
        ) =>
            JsonSerializer
                .Deserialize<Dictionary<string, string>>(ref reader, Json.Options)
                ?.ToDictionary(t => t.Key, t => NormalForm.Of(t.Value));

        public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, Json.Options);
    }

    public sealed class Reference : JsonConverter<ExternalReference>
    {
        public override ExternalReference? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<ExternalReference>(ref reader, Json.Options) is { } sent
                ? ExternalReference.Sent(sent.System, sent.Id)
                : null;

        public override void Write(Utf8JsonWriter writer, ExternalReference value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, Json.Options);
    }
}
