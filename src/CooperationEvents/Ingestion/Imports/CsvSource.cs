using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Where a member's value comes from: a column, the parts of a column, or a constant in whose texts columns stand.</summary>
internal sealed partial class CsvSource
{
    /// <summary>Stands in a template for the part of the cell that is split.</summary>
    public const string ItemName = "item";

    private const int HashLength = 32,
        MostWordsTold = 30;

    private const string Forms =
        "Must be the name of a column, {\"column\", \"values\"?, \"default\"?}, {\"column\", \"split\", \"each\"}, or {\"value\"}: a "
        + "constant whose "
        + "texts may hold {columns}; and with each of these objects \"tooLong\"?: \"cut\" or \"hash\".";

    private static readonly string[] Members = ["column", "values", "default", "split", "each", "value", "tooLong"];

    private string? _column;
    private IReadOnlyDictionary<string, string>? _values;
    private string? _default;
    private string? _split;
    private JsonNode? _template;
    private string? _tooLong;

    private CsvSource() { }

    /// <summary>The columns it reads.</summary>
    /// <param name="inParts">Whether <see cref="ItemName"/> stands for a part of a cell in it anyhow, and for no column.</param>
    public IEnumerable<string> Columns(bool inParts) =>
        (_column is null ? [] : new[] { _column })
            .Concat(Named(_template).Where(name => name != ItemName || (_split is null && !inParts)))
            .Distinct();

    public static (CsvSource? Source, string? Fault) Read(JsonElement json, CsvMember? member)
    {
        if (json.ValueKind == JsonValueKind.String)
            return (new CsvSource { _column = json.GetString()! }, null);
        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject().Any(m => !Members.Contains(m.Name)))
            return (null, Forms);
        var source = new CsvSource();
        foreach (var given in json.EnumerateObject())
        {
            var text = given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString() : null;
            switch (given.Name)
            {
                case "column":
                    source._column = text;
                    break;
                case "default":
                    source._default = text;
                    break;
                case "split":
                    source._split = text;
                    break;
                case "tooLong":
                    source._tooLong = text;
                    break;
                case "values"
                    when given.Value.ValueKind == JsonValueKind.Object
                        && given.Value.EnumerateObject().All(v => v.Value.ValueKind == JsonValueKind.String):
                    var words = given.Value.EnumerateObject().ToLookup(v => NormalForm.OfName(v.Name), v => v.Value.GetString()!);
                    if (words.FirstOrDefault(w => w.Distinct().Skip(1).Any()) is { } word)
                        return (null, $"'values' says two things of '{word.Key}', which is one word however it is spelled.");
                    source._values = words.ToDictionary(w => w.Key, w => w.First());
                    break;
                case "values":
                    return (null, "'values' must be an object: for each word of the column the word it stands for.");
                default:
                    source._template = JsonNode.Parse(given.Value.GetRawText());
                    break;
            }
        }

        string[] names = [.. json.EnumerateObject().Select(m => m.Name).Where(n => n != "tooLong").Order(StringComparer.Ordinal)];
        return source.Fault(names, json, member) is { } fault ? (null, fault) : (source, null);
    }

    /// <summary>The value in a row; null where its cells are empty.</summary>
    public JsonNode? Value(CsvRow row, CsvMember member, string pointer)
    {
        if (_split is not null)
        {
            var items = Parts(row.Cell(_column!), _split)
                .Select((part, i) => Filled(_template, row.WithItem(part), member.Item, $"{pointer}/{i}"))
                .OfType<JsonNode>()
                .ToArray();
            return items.Length == 0 ? null : new JsonArray(items);
        }

        if (_column is null)
        {
            return Filled(_template, row, member, pointer);
        }

        var written = row.Cell(_column).Trim();
        if (_values is not null)
            written = _values.GetValueOrDefault(NormalForm.OfName(written), _default ?? written);
        else if (written.Length == 0)
            written = _default ?? "";
        return Read(written, row, member, pointer);
    }

    /// <summary>Says that <c>values</c> do not list the word in the cell, which is taken as it is then; null where they do.</summary>
    public string? Unlisted(CsvRow row)
    {
        if (_values is null || _default is not null || row.Cell(_column!).Trim() is not { Length: > 0 } written)
            return null;
        if (_values.ContainsKey(NormalForm.OfName(written)))
            return null;
        var told = string.Join(", ", _values.Keys.Take(MostWordsTold).Select(word => $"'{word}'"));
        var rest = _values.Count > MostWordsTold ? $" and {_values.Count - MostWordsTold} more" : "";
        return $"The word in the cell is none that 'values' lists, and was taken as it is. Listed are {told}{rest}.";
    }

    /// <summary>The columns that what stands below this path of the member is made of.</summary>
    public IReadOnlyList<string> ColumnsAt(ReadOnlySpan<string> path)
    {
        if (_column is not null && _split is null)
            return [_column];
        if (_split is not null && path is not [_, _, ..])
            return [_column!];
        var node = _template;
        foreach (var step in _split is null ? path : path[1..])
        {
            node = node switch
            {
                JsonObject members when members.TryGetPropertyValue(step, out var member) => member,
                JsonArray items when int.TryParse(step, out var index) && index < items.Count => items[index],
                _ => node,
            };
        }

        return [.. Named(node).Select(name => name == ItemName && _split is not null ? _column! : name).Distinct()];
    }

    /// <summary>The parts of a cell, without blanks around them and without empty ones.</summary>
    public static IEnumerable<string> Parts(string cell, string separator) =>
        cell.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> Named(JsonNode? template) =>
        template switch
        {
            JsonObject members => members.SelectMany(m => Named(m.Value)),
            JsonArray items => items.SelectMany(Named),
            JsonValue text when text.GetValueKind() == JsonValueKind.String => Placeholder()
                .Matches(text.GetValue<string>())
                .Select(m => m.Groups[1].Value),
            _ => [],
        };

    private string? Fault(string[] names, JsonElement json, CsvMember? member)
    {
        var complete = names switch
        {
            ["value"] => true,
            ["column"] or ["column", "values"] => _column is not null,
            ["column", "default"] or ["column", "default", "values"] => _column is not null && _default is not null,
            ["column", "each", "split"] => _column is not null && _split is { Length: > 0 },
            _ => false,
        };
        if (!complete || (json.TryGetProperty("tooLong", out _) && _tooLong is not ("cut" or "hash")))
            return Forms;
        return
            _tooLong == "cut" && member is not null && IdsBelow(member, _split is null ? _template : new JsonArray(_template?.DeepClone()))
            ? "An id that is cut could name two things: say \"hash\", which keeps its beginning and adds what tells it from others."
            : null;
    }

    private static bool IdsBelow(CsvMember member, JsonNode? template) =>
        member.IsId
        || (member.Type == typeof(Reference) && template is not JsonObject)
        || template switch
        {
            JsonObject members => members.Any(m => member.At(m.Key) is { } at && IdsBelow(at, m.Value)),
            JsonArray items => member.Item is { } item && items.Any(i => IdsBelow(item, i)),
            _ => false,
        };

    /// <summary>The template with its columns filled in; without what a cell leaves empty.</summary>
    private JsonNode? Filled(JsonNode? template, CsvRow row, CsvMember? member, string pointer)
    {
        switch (template)
        {
            case JsonObject members:
                var filled = new JsonObject();
                foreach (var (name, value) in members)
                {
                    if (Filled(value, row, member?.At(name), $"{pointer}/{name}") is { } inner)
                        filled[name] = inner;
                }

                return filled.Count == 0 ? null : filled;
            case JsonArray items:
                var all = items.Select((item, i) => Filled(item, row, member?.Item, $"{pointer}/{i}")).OfType<JsonNode>().ToArray();
                return all.Length == 0 ? null : new JsonArray(all);
            case JsonValue text when text.GetValueKind() == JsonValueKind.String && Named(text).Any():
                if (Named(text).Any(name => row.Cell(name).Trim().Length == 0))
                    return null;
                var written = Placeholder().Replace(text.GetValue<string>(), match => row.Cell(match.Groups[1].Value).Trim());
                return Read(written, row, member ?? new CsvMember(typeof(string)), pointer);
            case JsonValue text when text.GetValueKind() == JsonValueKind.String && member is not null:
                return Constant(text, row, member, pointer);
            default:
                return template?.DeepClone();
        }
    }

    /// <summary>A text that is the same in every row; an id of ours is one, though cells are references of another system.</summary>
    private JsonNode? Constant(JsonValue text, CsvRow row, CsvMember member, string pointer) =>
        member.Type == typeof(Reference) && Uuid.Read(text.GetValue<string>()) is not null
            ? text.DeepClone()
            : Read(text.GetValue<string>(), row, member, pointer);

    private JsonNode? Read(string text, CsvRow row, CsvMember member, string pointer)
    {
        text = text.Trim();
        if (text.Length == 0)
            return null;
        if (member.Type == typeof(PartialDate))
            return JsonValue.Create(row.Date(text, pointer));
        if (_tooLong is not null)
            text = Fitted(text, member.Type == typeof(Reference) ? member.At("id")!.LongestText : member.LongestText);
        return member.Read(text, row.System);
    }

    /// <summary>
    /// The text, if it is not too long. Else it is cut or hashed in its normal form: two spellings of one text give the same.
    /// </summary>
    private string Fitted(string text, int longest)
    {
        if (NormalForm.Of(text) is var lines && lines.Length <= longest)
            return text;
        if (_tooLong == "cut")
            return Start(lines, longest - 1) + "…";
        var line = NormalForm.OfLine(text);
        if (line.Length <= longest)
            return line;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..HashLength];
        return $"{Start(line, longest - HashLength - 1)}-{hash}";
    }

    private static string Start(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Placeholder();
}
