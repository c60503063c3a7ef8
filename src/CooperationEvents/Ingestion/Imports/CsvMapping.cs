using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// How a row of a table becomes a command: for each member of its data, by JSON Pointer, a column, a text with columns in
/// it, or a constant. A cell that is empty leaves its member out. See docs/posting.md.
/// </summary>
public sealed partial class CsvMapping
{
    private static readonly string[] Members = ["command", "system", "dates", "delimiter", "exact", "fields", "skip"];

    private readonly IReadOnlyList<(string[] Path, string Pointer, Source Source, Type? Type)> _fields;
    private readonly IReadOnlyDictionary<string, string[]> _skip;
    private readonly string[] _dates;
    private readonly string? _system;

    private CsvMapping(
        CatalogueEntry command,
        IReadOnlyList<(string[], string, Source, Type?)> fields,
        IReadOnlyDictionary<string, string[]> skip,
        string[] dates,
        string? system,
        char? delimiter,
        bool exact)
    {
        Exact = exact;
        Command = command;
        _fields = fields;
        _skip = skip;
        _dates = dates;
        _system = system;
        Delimiter = delimiter;
    }

    public CatalogueEntry Command { get; }

    /// <summary>What stands between the cells; found out where it is not stated.</summary>
    public char? Delimiter { get; }

    /// <summary>Whether the file may have no other columns, and may lack some; else it must have all that are named, and others are passed over.</summary>
    public bool Exact { get; }

    /// <summary>The columns it reads.</summary>
    public IEnumerable<string> Columns => _fields.SelectMany(f => f.Source.Columns).Concat(_skip.Keys).Distinct();

    /// <summary>Reads a mapping file, or says where it is wrong.</summary>
    public static (CsvMapping? Mapping, Problem? Problem) Read(JsonElement json)
    {
        var errors = new List<FieldError>();
        if (json.ValueKind != JsonValueKind.Object)
            return (null, KernelProblems.Invalid.Because("The mapping must be a JSON object."));
        foreach (var member in json.EnumerateObject().Where(m => !Members.Contains(m.Name)))
            errors.Add(new FieldError("/" + member.Name, $"There is no member '{member.Name}' in a mapping; there are {string.Join(", ", Members)}."));
        CatalogueEntry? command = null;
        if (Text(json, "command") is not { } name || !CommandCatalogue.All.TryGetValue(name, out command))
            errors.Add(new FieldError("/command", $"Must be a command: one of {string.Join(", ", CommandCatalogue.All.Keys.Order(StringComparer.Ordinal))}."));
        var delimiter = Text(json, "delimiter");
        if (json.TryGetProperty("delimiter", out _) && delimiter is not [(>= ' ' and <= '~' and not '"') or '\t'])
            errors.Add(new FieldError("/delimiter", "Must be one printable ASCII character or a tab, and not the quotation mark."));
        var system = Text(json, "system");
        if (json.TryGetProperty("system", out var ours) && ours.ValueKind != JsonValueKind.Null && string.IsNullOrWhiteSpace(system))
            errors.Add(new FieldError("/system", "Must be the name of a system."));
        var exact = json.TryGetProperty("exact", out var e) && e.ValueKind == JsonValueKind.True;
        if (!exact && e.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.False))
            errors.Add(new FieldError("/exact", "Must be true or false."));
        var dates = json.TryGetProperty("dates", out var d) ? Texts(d) : [];
        if (dates is null || !dates.All(IsDateFormat))
            errors.Add(new FieldError("/dates", "Must be a date format, or a list of them, of the letters y, M, d, H, m, s with anything but letters between them, such as dd/MM/yyyy; no letter without those before it, and yy at least."));

        var fields = new List<(string[], string, Source, Type?)>();
        if (!json.TryGetProperty("fields", out var given) || given.ValueKind != JsonValueKind.Object)
            errors.Add(new FieldError("/fields", "Must be an object: a column or a constant for each member, by JSON Pointer."));
        else
        {
            foreach (var field in given.EnumerateObject())
            {
                var place = "/fields/" + field.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                var (source, fault) = Source.Read(field.Value);
                var path = field.Name.Split('/')[1..];
                var type = command is null || path.Length == 0 ? null : TypeAt(command.Command, path);
                if (!field.Name.StartsWith('/') || (command is not null && type is null))
                    errors.Add(new FieldError(place, $"'{field.Name}' points to no member of {command?.OperationId}; write /title, or /frameworks/0/level. See {(command is null ? "/schemas" : DataSchemas.PathOf(command))}."));
                else if (fault is not null)
                    errors.Add(new FieldError(place, fault));
                else if (fields.FirstOrDefault(f => Overlap(f.Item2, field.Name)) is { Item2: { } other })
                    errors.Add(new FieldError(place, $"It is given by '{other}' already: one of the two lies within the other."));
                else
                    fields.Add((path, field.Name, source!, type));
            }
        }

        var skip = new Dictionary<string, string[]>();
        if (json.TryGetProperty("skip", out var skipped))
        {
            if (skipped.ValueKind != JsonValueKind.Object || skipped.EnumerateObject().Any(s => Texts(s.Value) is null))
                errors.Add(new FieldError("/skip", "Must be an object: for a column, the values whose rows are skipped."));
            else
                skip = skipped.EnumerateObject().ToDictionary(s => s.Name, s => Texts(s.Value)!);
        }

        return errors.Count > 0
            ? (null, KernelProblems.Invalid.With(errors))
            : (new CsvMapping(command!, fields, skip, dates!, system, delimiter?[0], exact), null);
    }

    public bool Skips(Func<string, string> cell) => _skip.Any(s => s.Value.Contains(cell(s.Key).Trim()));

    /// <summary>The data of a row's command.</summary>
    public JsonElement Data(Func<string, string> cell)
    {
        var data = new JsonObject();
        foreach (var (path, _, source, type) in _fields)
        {
            if (source.Value(cell, text => Converted(text, type)) is { } value)
                Set(data, path, value);
        }

        return JsonSerializer.SerializeToElement(data, Json.Options);
    }

    /// <summary>The column a member comes from, where it comes from one; else the member.</summary>
    public string FieldOf(string pointer) =>
        _fields.Where(f => pointer == f.Pointer || pointer.StartsWith(f.Pointer + "/", StringComparison.Ordinal) || f.Pointer.StartsWith(pointer + "/", StringComparison.Ordinal))
            .OrderByDescending(f => f.Pointer.Length)
            .Select(f => f.Source.Columns.ToList())
            .FirstOrDefault() is [var column, ..] ? column : pointer;

    private JsonNode? Converted(string text, Type? type)
    {
        text = text.Trim();
        if (text.Length == 0)
            return null;
        if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return JsonValue.Create(number);
        if (type == typeof(bool) && bool.TryParse(text, out var truth))
            return JsonValue.Create(truth);
        if (type == typeof(PartialDate))
            return JsonValue.Create(Date(text));
        if (type == typeof(Reference) && _system is not null)
            return new JsonObject { ["system"] = _system, ["id"] = text };
        return JsonValue.Create(text);
    }

    /// <summary>The date in our form where it is in one of the stated ones; else as it is, to be judged as it is.</summary>
    private string Date(string text)
    {
        foreach (var format in _dates)
        {
            if (DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                var ours = format switch
                {
                    _ when format.Contains('H', StringComparison.Ordinal) => "yyyy-MM-dd'T'HH:mm:ss",
                    _ when format.Contains('d', StringComparison.Ordinal) => "yyyy-MM-dd",
                    _ when format.Contains('M', StringComparison.Ordinal) => "yyyy-MM",
                    _ => "yyyy",
                };
                return date.ToString(ours, CultureInfo.InvariantCulture);
            }
        }

        return text;
    }

    private static void Set(JsonObject data, string[] path, JsonNode value)
    {
        JsonNode at = data;
        for (var i = 0; i < path.Length; i++)
        {
            JsonNode? next = i == path.Length - 1 ? value : int.TryParse(path[i + 1], out _) ? new JsonArray() : new JsonObject();
            if (at is JsonArray list)
            {
                // Items left out before leave no hole.
                var index = Math.Min(int.Parse(path[i], CultureInfo.InvariantCulture), list.Count);
                if (index == list.Count)
                    list.Add(next);
                at = list[index]!;
            }
            else
            {
                var members = (JsonObject)at;
                if (i == path.Length - 1 || !members.ContainsKey(path[i]))
                    members[path[i]] = next;
                at = members[path[i]]!;
            }
        }
    }

    /// <summary>The type of the member that a path leads to from a command; null where it leads nowhere.</summary>
    private static Type? TypeAt(Type type, ReadOnlySpan<string> path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (path.IsEmpty)
            return type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
            return int.TryParse(path[0], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? TypeAt(type.GetGenericArguments()[0], path[1..]) : null;
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return path.Length == 1 ? typeof(string) : null;
        if (type == typeof(Reference))
            type = typeof(ExternalReference);
        if (type.Assembly != typeof(CsvMapping).Assembly || type.IsEnum || type == typeof(PartialDate))
            return null;
        var name = path[0];
        var member = Json.Options.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == name);
        return member is null ? null : TypeAt(member.PropertyType, path[1..]);
    }

    private static bool Overlap(string pointer, string other) =>
        pointer.StartsWith(other + "/", StringComparison.Ordinal) || other.StartsWith(pointer + "/", StringComparison.Ordinal);

    /// <summary>Whether it says a date without a gap: a day of no stated month, or a month of no stated year, is none.</summary>
    private static bool IsDateFormat(string format) =>
        DateFormat().IsMatch(format)
        && format.Contains("yy", StringComparison.Ordinal)
        && "yMdHms".SkipWhile(format.Contains).All(letter => !format.Contains(letter, StringComparison.Ordinal));

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
        _ => null,
    };

    [GeneratedRegex(@"^[yMdHms](?:[yMdHms]|[^A-Za-z])*$")]
    private static partial Regex DateFormat();

    /// <summary>Where a member's value comes from.</summary>
    private sealed partial class Source
    {
        private const string Item = "item";

        private readonly string? _column;
        private readonly IReadOnlyDictionary<string, string> _values = new Dictionary<string, string>();
        private readonly string? _split;
        private readonly JsonNode? _constant;

        private Source(string? column, IReadOnlyDictionary<string, string>? values, string? split, JsonNode? constant)
        {
            _column = column;
            _values = values ?? _values;
            _split = split;
            _constant = constant;
        }

        public IEnumerable<string> Columns =>
            (_column is null ? [] : new[] { _column }).Concat(Placeholders(_constant).Where(p => _split is null || p != Item)).Distinct();

        public static (Source? Source, string? Fault) Read(JsonElement json)
        {
            if (json.ValueKind == JsonValueKind.String)
                return (new Source(json.GetString()!, null, null, null), null);
            var names = json.ValueKind == JsonValueKind.Object ? json.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal).ToArray() : [];
            return names switch
            {
                ["value"] => (new Source(null, null, null, JsonNode.Parse(json.GetProperty("value").GetRawText())), null),
                ["column"] or ["column", "values"] when Text(json, "column") is { } column =>
                    json.TryGetProperty("values", out var values)
                        ? values.ValueKind == JsonValueKind.Object && values.EnumerateObject().All(v => v.Value.ValueKind == JsonValueKind.String)
                            ? (new Source(column, values.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString()!), null, null), null)
                            : (null, "'values' must be an object: for each word of the column the word it stands for.")
                        : (new Source(column, null, null, null), null),
                ["column", "each", "split"] when Text(json, "column") is { } column && Text(json, "split") is { Length: > 0 } split =>
                    (new Source(column, null, split, JsonNode.Parse(json.GetProperty("each").GetRawText())), null),
                _ => (null, "Must be the name of a column, {\"column\", \"values\"?}, {\"column\", \"split\", \"each\"}, or {\"value\"}: a constant whose texts may hold {columns}."),
            };
        }

        /// <summary>The value in a row; null where its cells are empty.</summary>
        public JsonNode? Value(Func<string, string> cell, Func<string, JsonNode?> convert)
        {
            if (_split is not null)
            {
                var items = cell(_column!).Split(_split, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Select(item => Filled(_constant, name => name == Item ? item : cell(name)))
                    .OfType<JsonNode>().ToArray();
                return items.Length == 0 ? null : new JsonArray(items);
            }

            if (_column is null)
                return _constant is JsonValue text && text.GetValueKind() == JsonValueKind.String ? Filled(text, cell) is { } filled ? convert(filled.GetValue<string>()) : null : Filled(_constant, cell);
            var written = cell(_column).Trim();
            return convert(_values.GetValueOrDefault(written, written));
        }

        /// <summary>The constant with its columns filled in; without what a cell leaves empty.</summary>
        private static JsonNode? Filled(JsonNode? constant, Func<string, string> cell)
        {
            switch (constant)
            {
                case JsonObject members:
                    var filled = new JsonObject();
                    foreach (var (name, value) in members)
                    {
                        if (Filled(value, cell) is { } member)
                            filled[name] = member;
                    }

                    return filled.Count == 0 ? null : filled;
                case JsonArray items:
                    var all = items.Select(i => Filled(i, cell)).OfType<JsonNode>().ToArray();
                    return all.Length == 0 ? null : new JsonArray(all);
                case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                    var written = text.GetValue<string>();
                    return Placeholders(text).Any(name => cell(name).Trim().Length == 0)
                        ? null
                        : JsonValue.Create(Placeholder().Replace(written, match => cell(match.Groups[1].Value).Trim()));
                default:
                    return constant?.DeepClone();
            }
        }

        private static IEnumerable<string> Placeholders(JsonNode? constant) => constant switch
        {
            JsonObject members => members.SelectMany(m => Placeholders(m.Value)),
            JsonArray items => items.SelectMany(Placeholders),
            JsonValue text when text.GetValueKind() == JsonValueKind.String => Placeholder().Matches(text.GetValue<string>()).Select(m => m.Groups[1].Value),
            _ => [],
        };

        [GeneratedRegex(@"\{([^{}]+)\}")]
        private static partial Regex Placeholder();
    }
}
