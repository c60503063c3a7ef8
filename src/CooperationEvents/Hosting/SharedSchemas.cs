using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;

namespace CooperationEvents.Hosting;

/// <summary>
/// Puts schemas that the exporter writes wherever they occur, since our converters hide what they are, into the components, once:
/// a generated client has one type for each instead of hundreds. A date that may be null stays where it is, as text or null: of a choice
/// between null and a schema elsewhere, generators make an object.
/// </summary>
internal static class SharedSchemas
{
    private const string Schemas = "#/components/schemas/";

    public static void Gather(JsonObject document)
    {
        var components = document["components"]!["schemas"]!.AsObject();
        foreach (
            var (name, isIt) in new (string, Func<JsonObject, bool>)[]
            {
                (nameof(Reference), IsReference),
                (nameof(PartialDate), IsDate(OpenApiSchemas.DatePattern)),
                ("PartialDateWithoutTime", IsDate(ParameterSchemas.DayPattern)),
            }
        )
        {
            JsonObject? first = null;
            Replace(document, isIt, found =>
            {
                first ??= found.DeepClone().AsObject();
                return new JsonObject { ["$ref"] = Schemas + name };
            });
            if (first is not null)
                components[name] = first;
        }
    }

    private static bool IsReference(JsonObject schema) =>
        schema["oneOf"] is JsonArray { Count: 2 } forms
        && Text(forms[0], "format") == "uuid"
        && (
            Text(forms[1], "$ref") == Schemas + nameof(ExternalReference)
            || forms[1]?["properties"] is JsonObject { Count: 2 } members && members.ContainsKey("system")
        );

    private static Func<JsonObject, bool> IsDate(string pattern) =>
        schema => Text(schema, "pattern") == pattern && Text(schema, "type") == "string";

    private static void Replace(JsonNode? node, Func<JsonObject, bool> isIt, Func<JsonObject, JsonObject> by)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var name in members.Select(m => m.Key).ToList())
                {
                    if (members[name] is JsonObject child && isIt(child))
                        members[name] = by(child);
                    else
                        Replace(members[name], isIt, by);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is JsonObject child && isIt(child))
                        items[i] = by(child);
                    else
                        Replace(items[i], isIt, by);
                }

                break;
        }
    }

    private static string? Text(JsonNode? node, string member) =>
        node is JsonObject members && members[member] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : null;
}
