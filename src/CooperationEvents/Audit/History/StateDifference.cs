using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Kernel;

namespace CooperationEvents.Audit.History;

/// <summary>What differs between two states, told so that a person can read it.</summary>
public static class StateDifference
{
    /// <summary>Members that say where a state comes from, not what it says.</summary>
    private static readonly HashSet<string> NotTold = ["version"];

    public static IReadOnlyList<MemberChange> Between(JsonObject before, JsonObject after)
    {
        var changes = new List<MemberChange>();
        Members("", [], before, after, changes);
        return changes;
    }

    public static string InWords(string streamType, PointInHistory from, PointInHistory to, IReadOnlyList<MemberChange> changes)
    {
        var span = $"Between {from.Words} and {to.Words}";
        return changes.Count switch
        {
            0 => $"{span} nothing changed in what is known of this {streamType}.",
            1 => $"{span} one thing changed in this {streamType}: {changes[0].Words}",
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{span} {changes.Count} things changed in this {streamType}: {string.Join(' ', changes.Select(c => c.Words))}"
            ),
        };
    }

    private static void Members(string pointer, IReadOnlyList<string> path, JsonObject before, JsonObject after, List<MemberChange> changes)
    {
        foreach (var name in before.Select(m => m.Key).Union(after.Select(m => m.Key)).Where(n => path.Count > 0 || !NotTold.Contains(n)))
            Value($"{pointer}/{name}", [.. path, Spaced(name)], before[name], after[name], changes);
    }

    private static void Value(string pointer, IReadOnlyList<string> path, JsonNode? before, JsonNode? after, List<MemberChange> changes)
    {
        if (JsonNode.DeepEquals(before, after))
            return;
        if (before is JsonObject was && after is JsonObject now && !was.ContainsKey("sealed"))
            Members(pointer, path, was, now, changes);
        else if ((before ?? new JsonArray()) is JsonArray old && (after ?? new JsonArray()) is JsonArray @new)
            Items(pointer, path, old, @new, changes);
        else
            changes.Add(new MemberChange(pointer, Words(path, before, after), before?.DeepClone(), after?.DeepClone()));
    }

    /// <summary>Items are told apart by the id they hold; where they hold none, by all they say.</summary>
    private static void Items(string pointer, IReadOnlyList<string> path, JsonArray before, JsonArray after, List<MemberChange> changes)
    {
        var (old, now) = (Keyed(before), Keyed(after));
        foreach (var key in old.Keys.Union(now.Keys))
            Value(
                $"{pointer}/{Escape(key)}",
                [.. path, key.Length > 80 ? "one" : key],
                old.GetValueOrDefault(key),
                now.GetValueOrDefault(key),
                changes
            );
    }

    private static Dictionary<string, JsonNode> Keyed(JsonArray items)
    {
        var keyed = new Dictionary<string, JsonNode>();
        foreach (var item in items.OfType<JsonNode>())
        {
            var key = (item as JsonObject)
                ?.FirstOrDefault(m => m.Key.EndsWith("Id", StringComparison.Ordinal) || m.Key is "code" or "url" or "title")
                .Value
                is JsonValue id
                ? id.ToString()
                : item.ToJsonString(Json.Options);
            var unique = key;
            for (var i = 2; !keyed.TryAdd(unique, item); i++)
                unique = string.Create(CultureInfo.InvariantCulture, $"{key} ({i})");
        }

        return keyed;
    }

    private static string Words(IReadOnlyList<string> path, JsonNode? before, JsonNode? after)
    {
        var what = Capital(string.Join(", ", path));
        return (before, after) switch
        {
            (null, not null) => $"{what}: added {Shown(after)}.",
            (not null, null) => $"{what}: no longer there; it was {Shown(before)}.",
            _ => $"{what}: was {Shown(before)}, is now {Shown(after)}.",
        };
    }

    private static string Shown(JsonNode? value) =>
        value switch
        {
            null => "not stated",
            JsonObject o when o.ContainsKey("sealed") => $"a sealed text (of event {o["event"]})",
            JsonObject o => string.Join(", ", o.Where(m => m.Value is not null).Select(m => $"{Spaced(m.Key)} {Shown(m.Value)}")),
            JsonArray { Count: 0 } => "none",
            JsonArray items => string.Join("; ", items.Select(Shown)),
            _ when value.GetValueKind() == System.Text.Json.JsonValueKind.String => $"\"{value}\"",
            _ => value.ToString(),
        };

    private static string Spaced(string name)
    {
        var words = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c))
                words.Append(' ');
            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Escape(string key) =>
        key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
