using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CooperationEvents.AuditLogTests;

/// <summary>The text that PostgreSQL writes of a <c>jsonb</c>: what a test records is what a database would have.</summary>
internal static class Jsonb
{
    private static readonly JsonSerializerOptions Raw = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(object data) => Text(JsonSerializer.SerializeToNode(data));

    public static string Text(JsonNode? value) =>
        value switch
        {
            null => "null",
            JsonObject members => $"{{{string.Join(", ", InOrder(members).Select(Member))}}}",
            JsonArray items => $"[{string.Join(", ", items.Select(Text))}]",
            _ => value.ToJsonString(Raw),
        };

    private static string Member(KeyValuePair<string, JsonNode?> member) =>
        $"{JsonSerializer.Serialize(member.Key, Raw)}: {Text(member.Value)}";

    private static IEnumerable<KeyValuePair<string, JsonNode?>> InOrder(JsonObject members) =>
        members.OrderBy(m => Encoding.UTF8.GetByteCount(m.Key)).ThenBy(m => m.Key, StringComparer.Ordinal);
}
