using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>A member of a command's data that a mapping fills.</summary>
/// <param name="LongestText">The most characters it takes, where it is a text.</param>
/// <param name="IsId">Whether it is the id of an external reference.</param>
internal sealed record CsvMember(Type Type, int LongestText = TextAttribute.DefaultMaxLength, bool IsId = false)
{
    /// <summary>The member that a path leads to from this one; null where it leads nowhere.</summary>
    public CsvMember? At(ReadOnlySpan<string> path)
    {
        var type = Nullable.GetUnderlyingType(Type) ?? Type;
        if (path.IsEmpty)
            return this with { Type = type };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            return path[0] is "0" or not ['0', ..] && int.TryParse(path[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? (this with { Type = type.GetGenericArguments()[0] }).At(path[1..])
                : null;
        }

        if (type == typeof(IReadOnlyDictionary<string, string>))
            return path.Length == 1 ? this with { Type = typeof(string) } : null;
        if (type == typeof(Reference))
            type = typeof(ExternalReference);
        if (type.Assembly != typeof(CsvMember).Assembly || type.IsEnum || type == typeof(PartialDate))
            return null;
        var name = path[0];
        return Json.Options.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == name) is { } member
            ? new CsvMember(member.PropertyType, Longest(member), type == typeof(ExternalReference) && name == "id").At(path[1..])
            : null;
    }

    /// <summary>The member of one step, as a constant in a mapping takes it.</summary>
    public CsvMember? At(string step) => At([step]);

    /// <summary>The member of the items of a list.</summary>
    public CsvMember? Item => At(["0"]);

    /// <summary>
    /// The text as the member takes it: a number, a boolean, or a reference of that system; unchanged where it is none of these.
    /// </summary>
    public JsonNode Read(string text, string? system)
    {
        if (Type == typeof(int) && Whole(text) is { } number)
            return JsonValue.Create(number);
        if (Type == typeof(bool) && bool.TryParse(text, out var truth))
            return JsonValue.Create(truth);
        return Type == typeof(Reference) && system is not null
            ? new JsonObject { ["system"] = system, ["id"] = text }
            : JsonValue.Create(text);
    }

    /// <summary>
    /// A whole number, be it written as 3, 3.0 or 3e0 as in JSON; null where it is none. Three zeros after a point may be thousands to who
    /// wrote them.
    /// </summary>
    private static int? Whole(string text)
    {
        const NumberStyles written = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits))
            return digits;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return
            (point < 0 || point > 0 && text.Length - point is not (1 or 4))
            && decimal.TryParse(text, written, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number)
            && number is >= int.MinValue and <= int.MaxValue
            && (number != 0 || !text.AsSpan().ContainsAnyInRange('1', '9'))
            ? (int)number
            : null;
    }

    private static int Longest(JsonPropertyInfo member) =>
        (
            member.AttributeProvider?.GetCustomAttributes(typeof(TextAttribute), inherit: true).OfType<TextAttribute>().FirstOrDefault()
        )?.MaxLength
        ?? TextAttribute.DefaultMaxLength;
}
