using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>A command that a mapping makes of a row: where each member of its data comes from, and in which rows it is made.</summary>
internal sealed class CsvCommand
{
    /// <summary>How many items of a list a mapping may name one by one.</summary>
    private const int MostItems = 1_000;

    private readonly CatalogueEntry _command;
    private readonly IReadOnlyList<Field> _fields;
    private readonly string? _if;
    private readonly (string Column, string Split)? _each;

    private CsvCommand(CatalogueEntry command, IReadOnlyList<Field> fields, string? onlyIf, (string, string)? each) =>
        (_command, _fields, _if, _each) = (command, fields, onlyIf, each);

    public string Name => _command.OperationId;

    public IEnumerable<string> Columns =>
        _fields
            .SelectMany(f => f.Source.Columns(inParts: _each is not null))
            .Concat(_if is null ? [] : [_if])
            .Concat(_each is { } parts ? [parts.Column] : []);

    /// <summary>Reads one command of a mapping; what is wrong is added to the errors, by its place.</summary>
    /// <param name="place">Where the members stand in the mapping, as a JSON Pointer.</param>
    public static CsvCommand? Read(JsonElement json, string place, List<FieldError> errors)
    {
        var before = errors.Count;
        CatalogueEntry? command = null;
        if (CsvMapping.Text(json, "command") is not { } name || !CommandCatalogue.All.TryGetValue(name, out command))
        {
            errors.Add(
                new FieldError(
                    $"{place}/command",
                    $"Must be a command: one of {string.Join(", ", CommandCatalogue.All.Keys.Order(StringComparer.Ordinal))}."
                )
            );
        }

        var fields = new List<Field>();
        if (!json.TryGetProperty("fields", out var given) || given.ValueKind != JsonValueKind.Object)
            errors.Add(new FieldError($"{place}/fields", "Must be an object: a column or a constant for each member, by JSON Pointer."));
        else
            ReadFields(given, $"{place}/fields", command, fields, errors);
        var onlyIf = CsvMapping.Text(json, "if");
        if (json.TryGetProperty("if", out _) && onlyIf is null)
            errors.Add(new FieldError($"{place}/if", "Must be the name of a column: the command is made where its cell is not empty."));
        (string, string)? each = null;
        if (json.TryGetProperty("each", out var parts))
        {
            if (
                parts.ValueKind == JsonValueKind.Object
                && CsvMapping.Text(parts, "column") is { } column
                && CsvMapping.Text(parts, "split") is { Length: > 0 } split
                && parts.EnumerateObject().Count() == 2
            )
            {
                each = (column, split);
            }
            else
            {
                errors.Add(
                    new FieldError(
                        $"{place}/each",
                        "Must be {\"column\", \"split\"}: the command is made for each part of the cell, which is {item} in its fields."
                    )
                );
            }
        }

        return errors.Count > before ? null : new CsvCommand(command!, fields, onlyIf, each);
    }

    /// <summary>The commands it makes of a row, or why one of them cannot be read.</summary>
    public IEnumerable<(RowCommand? Command, Problem? Problem)> Of(CsvRow row)
    {
        if (_if is not null && string.IsNullOrWhiteSpace(row.Cell(_if)))
            yield break;
        string?[] parts = _each is { } each ? [.. CsvSource.Parts(row.Cell(each.Column), each.Split)] : [null];
        foreach (var part in parts)
        {
            var own = row.ForCommand(part);
            var data = new JsonObject();
            foreach (var field in _fields)
            {
                if (field.Source.Value(own, field.Member, field.Pointer) is { } value)
                    Set(data, field.Path, value);
            }

            var moved = new List<(string, string)>();
            CloseHoles(data, "", "", moved);
            FieldError AsMapped(FieldError error) => error with { Pointer = Mapped(error.Pointer, moved) };
            var body = JsonSerializer.SerializeToElement(data, Json.Options);
            var (command, invalid) = _command.Read(body);
            if (own.Faults.Count > 0)
            {
                var faults = own.Faults.Concat(
                    (invalid?.Errors ?? []).Select(AsMapped).Where(e => own.Faults.All(f => f.Pointer != e.Pointer))
                );
                yield return (null, KernelProblems.Invalid.With(faults.Select(fault => Located(fault, own))));
            }
            else if (invalid is not null)
            {
                yield return (
                    null,
                    invalid.Errors.Count == 0 ? invalid : invalid.Type.With(invalid.Errors.Select(error => Located(AsMapped(error), own)))
                );
            }
            else
            {
                var warnings = PublicTexts.Warnings(body, _command.Command);
                yield return (new RowCommand(command!) { Located = error => Located(AsMapped(error), own), Warnings = warnings }, null);
            }
        }
    }

    /// <summary>
    /// The column a member comes from, where it comes from one; else the member, with the columns that it is made of in words. What is said
    /// of the command as a whole is of no column.
    /// </summary>
    private FieldError Located(FieldError error, CsvRow row)
    {
        var pointer = error.Pointer;
        if (pointer.Length == 0)
            return error;
        var field = _fields.Where(f => pointer == f.Pointer || Overlap(pointer, f.Pointer)).MaxBy(f => f.Pointer.Length);
        var path = field is not null && pointer.Length > field.Pointer.Length ? pointer[(field.Pointer.Length + 1)..].Split('/') : [];
        var made = field
            ?.Source.ColumnsAt(path)
            .Select(c => c == CsvSource.ItemName && _each is { } parts ? parts.Column : c)
            .Distinct()
            .ToList();
        return made switch
        {
            [var column] when error.Detail == BodyCheck.Required(pointer[(pointer.LastIndexOf('/') + 1)..]) => error with
            {
                Pointer = column,
                Detail = Unfilled(),
            },
            [var column] => error with { Pointer = column, Detail = string.Join(' ', new[] { error.Detail, Advice() }.OfType<string>()) },
            { Count: > 1 } columns => error with
            {
                Detail = $"{error.Detail} It is made of the columns {string.Join(", ", columns.Select(c => $"'{c}'"))}.",
            },
            _ => error,
        };

        // What is required of an object alone that other cells of the row begin.
        string Unfilled()
        {
            var within = pointer[..(pointer.LastIndexOf('/') + 1)];
            var filled = _fields
                .Where(f => within.Length > 1 && f != field && f.Pointer.StartsWith(within, StringComparison.Ordinal))
                .SelectMany(f => f.Source.Columns(inParts: _each is not null))
                .Where(c => !string.IsNullOrWhiteSpace(row.Cell(c)))
                .Select(c => $"'{c}'")
                .Distinct()
                .ToList();
            return filled.Count == 0 ? "Must be filled." : $"Must be filled where {string.Join(", ", filled)} is.";
        }

        string? Advice() =>
            field!.Source.Unlisted(row)
            ?? (
                error.Detail == BodyCheck.NoWholeNumber
                    ? "Write it in digits alone, such as 1234: a comma or a point may be of thousands or of decimals."
                    : null
            );
    }

    private static void ReadFields(JsonElement given, string place, CatalogueEntry? command, List<Field> fields, List<FieldError> errors)
    {
        foreach (var field in given.EnumerateObject())
        {
            var at = $"{place}/{field.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            var path = field.Name.Split('/')[1..];
            var member = command is null || path.Length == 0 ? null : new CsvMember(command.Command).At(path);
            var (source, fault) = CsvSource.Read(field.Value, member);
            if (!field.Name.StartsWith('/') || (command is not null && member is null))
            {
                errors.Add(
                    new FieldError(
                        at,
                        $"'{field.Name}' points to no member of {command?.OperationId}; write /title, or /frameworks/0/level. "
                            + $"See {(command is null ? "/schemas" : DataSchemas.PathOf(command))}."
                    )
                );
            }
            else if (fault is not null)
            {
                errors.Add(new FieldError(at, fault));
            }
            else if (path.Any(step => int.TryParse(step, CultureInfo.InvariantCulture, out var index) && index >= MostItems))
            {
                errors.Add(new FieldError(at, $"An item of a list has a number from 0 to {MostItems - 1} in a mapping."));
            }
            else if (fields.FirstOrDefault(f => Overlap(f.Pointer, field.Name)) is { } other)
            {
                errors.Add(new FieldError(at, $"It is given by '{other.Pointer}' already: one of the two lies within the other."));
            }
            else if (member is not null)
            {
                fields.Add(new Field(path, field.Name, source!, member));
            }
        }
    }

    /// <summary>
    /// Sets a member at its path. An item of a list stands at its own index; those before it that are not given are null until
    /// <see cref="CloseHoles"/>.
    /// </summary>
    private static void Set(JsonObject data, string[] path, JsonNode value)
    {
        JsonNode at = data;
        for (var i = 0; i < path.Length; i++)
        {
            if (at is JsonArray list)
            {
                var index = int.Parse(path[i], CultureInfo.InvariantCulture);
                while (list.Count <= index)
                    list.Add(null);
                at = list[index] ??= Below(path, i, value);
            }
            else
            {
                at = ((JsonObject)at)[path[i]] ??= Below(path, i, value);
            }
        }
    }

    private static JsonNode Below(string[] path, int step, JsonNode value) =>
        step == path.Length - 1 ? value
        : int.TryParse(path[step + 1], CultureInfo.InvariantCulture, out _) ? new JsonArray()
        : new JsonObject();

    /// <summary>
    /// Takes out the items of lists of which the row gives nothing. Of each item that moves: its pointer in the data, and in the mapping.
    /// </summary>
    private static void CloseHoles(JsonNode? data, string pointer, string mapped, List<(string Pointer, string Mapped)> moved)
    {
        if (data is JsonArray list)
        {
            var given = list.Index().Where(item => item.Item is not null).ToList();
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (list[i] is null)
                    list.RemoveAt(i);
            }

            foreach (var (place, (index, item)) in given.Index())
            {
                if (place != index)
                    moved.Add(($"{pointer}/{place}", $"{mapped}/{index}"));
                CloseHoles(item, $"{pointer}/{place}", $"{mapped}/{index}", moved);
            }
        }
        else if (data is JsonObject members)
        {
            foreach (var (name, member) in members)
            {
                if (member is JsonArray or JsonObject)
                    CloseHoles(member, $"{pointer}/{name}", $"{mapped}/{name}", moved);
            }
        }
    }

    /// <summary>A pointer into the data as the mapping writes it.</summary>
    private static string Mapped(string pointer, List<(string Pointer, string Mapped)> moved)
    {
        var item = moved
            .Where(m => pointer == m.Pointer || pointer.StartsWith(m.Pointer + "/", StringComparison.Ordinal))
            .OrderByDescending(m => m.Pointer.Length)
            .FirstOrDefault();
        return item == default ? pointer : item.Mapped + pointer[item.Pointer.Length..];
    }

    private static bool Overlap(string pointer, string other) =>
        pointer.StartsWith(other + "/", StringComparison.Ordinal) || other.StartsWith(pointer + "/", StringComparison.Ordinal);

    private sealed record Field(string[] Path, string Pointer, CsvSource Source, CsvMember Member);
}
