using System.Text.Json;
using System.Text.Json.Serialization;

namespace CooperationEvents.Kernel;

/// <summary>A position in the history, sent as a number or a text, or a time; kept as the text of either.</summary>
[JsonConverter(typeof(PositionOrTimeConverter))]
public readonly record struct PositionOrTime(string Text)
{
    public override string ToString() => Text;
}

internal sealed class PositionOrTimeConverter : JsonConverter<PositionOrTime>
{
    public override PositionOrTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(
            reader.TokenType == JsonTokenType.Number
                ? reader.GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture)
                : reader.GetString()!
        );

    public override void Write(Utf8JsonWriter writer, PositionOrTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text);
}
