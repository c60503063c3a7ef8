using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// How a row of a table becomes commands, one or several: for each member of their data, by JSON Pointer, a column, a text
/// with columns in it, or a constant. A cell that is empty leaves its member out. See docs/posting.md.
/// </summary>
public sealed class CsvMapping
{
    /// <summary>The most commands of one mapping.</summary>
    public const int MostCommands = 20;

    /// <summary>The most commands of one row.</summary>
    private const int MostOfRow = 200;

    private static readonly string[] OfTable = ["system", "dates", "delimiter", "exact", "skip"];
    private static readonly string[] OfCommand = ["command", "fields", "if", "each"];

    private readonly IReadOnlyList<CsvCommand> _commands;
    private readonly IReadOnlyDictionary<string, string[]> _skip;
    private readonly DateForms _dates;
    private readonly string? _system;

    private CsvMapping(
        IReadOnlyList<CsvCommand> commands,
        IReadOnlyDictionary<string, string[]> skip,
        DateForms dates,
        string? system,
        char? delimiter,
        bool exact
    )
    {
        _commands = commands;
        _skip = skip;
        _dates = dates;
        _system = system;
        Delimiter = delimiter;
        Exact = exact;
    }

    /// <summary>What stands between the cells; found out where it is not stated.</summary>
    public char? Delimiter { get; }

    /// <summary>
    /// Whether the file may lack columns and have no others; else it must have all that are named, and others are passed over.
    /// </summary>
    public bool Exact { get; }

    /// <summary>The columns it reads.</summary>
    public IEnumerable<string> Columns => _commands.SelectMany(c => c.Columns).Concat(_skip.Keys).Distinct();

    /// <summary>Reads a mapping file, or says where it is wrong.</summary>
    public static (CsvMapping? Mapping, Problem? Problem) Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return (null, KernelProblems.Invalid.Because("The mapping must be a JSON object."));
        var errors = new List<FieldError>();
        var commands = Commands(json, errors);
        var delimiter = Text(json, "delimiter");
        if (json.TryGetProperty("delimiter", out _) && delimiter is not [(>= ' ' and <= '~' and not '"') or '\t'])
            errors.Add(new FieldError("/delimiter", "Must be one printable ASCII character or a tab, and not the quotation mark."));
        var system = Text(json, "system");
        if (json.TryGetProperty("system", out var ours) && ours.ValueKind != JsonValueKind.Null && FaultOfSystem(ours) is { } unnamed)
            errors.Add(new FieldError("/system", unnamed));
        var exact = json.TryGetProperty("exact", out var e) && e.ValueKind == JsonValueKind.True;
        if (!exact && e.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.False))
            errors.Add(new FieldError("/exact", "Must be true or false."));
        var forms = json.TryGetProperty("dates", out var d) ? Texts(d) : [];
        var (dates, misread) = forms is null ? (null, "Must be a date format, or a list of them.") : DateForms.Of(forms);
        if (misread is not null)
            errors.Add(new FieldError("/dates", misread));
        var skip = new Dictionary<string, string[]>();
        if (json.TryGetProperty("skip", out var skipped))
        {
            if (skipped.ValueKind != JsonValueKind.Object || skipped.EnumerateObject().Any(s => Texts(s.Value) is null))
                errors.Add(new FieldError("/skip", "Must be an object: for a column, the values whose rows are skipped."));
            else
                skip = skipped.EnumerateObject().ToDictionary(s => s.Name, s => Texts(s.Value)!.Select(NormalForm.OfName).ToArray());
        }

        return errors.Count > 0
            ? (null, KernelProblems.Invalid.With(errors))
            : (new CsvMapping(commands, skip, dates!, system, delimiter?[0], exact), null);
    }

    /// <summary>The commands of a row in their order; none of them where the row is skipped or at fault.</summary>
    /// <param name="cell">The text of a column's cell; empty where the row is shorter.</param>
    public ImportRow Row(long number, Func<string, string> cell)
    {
        if (_skip.Any(s => s.Value.Contains(NormalForm.OfName(cell(s.Key)))))
            return new ImportRow(number) { Skipped = true };
        var row = new CsvRow(cell, _dates, _system);
        var made = new List<RowCommand>();
        var faults = new List<Problem>();
        foreach (var command in _commands)
        {
            foreach (var (read, fault) in command.Of(row))
            {
                if (read is not null)
                    made.Add(read with { Name = _commands.Count > 1 ? command.Name : null });
                else
                    faults.Add(_commands.Count > 1 ? RowCommand.Of(command.Name, fault!) : fault!);
            }
        }

        if (made.Count > MostOfRow)
            faults.Add(KernelProblems.Invalid.Because($"The row makes {made.Count} commands; a row makes at most {MostOfRow}."));
        return faults.Count > 0 ? new ImportRow(number) { Faults = faults }
            : made.Count == 0 ? new ImportRow(number) { Skipped = true }
            : new ImportRow(number) { Commands = made, Notes = [.. made.SelectMany(command => command.Warned(number)).Distinct()] };
    }

    internal static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<CsvCommand> Commands(JsonElement json, List<FieldError> errors)
    {
        var several = json.TryGetProperty("commands", out var list);
        Refuse(json, "", several ? [.. OfTable, "commands"] : [.. OfTable, .. OfCommand, "commands"], errors);
        if (!several)
            return CsvCommand.Read(json, "", errors) is { } only ? [only] : [];
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MostCommands)
        {
            errors.Add(new FieldError("/commands", $"Must be a list of 1 to {MostCommands} commands, each with its fields."));
            return [];
        }

        var commands = new List<CsvCommand>();
        foreach (var (item, i) in list.EnumerateArray().Select((c, i) => (c, i)))
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                errors.Add(new FieldError($"/commands/{i}", "Must be an object: {\"command\", \"fields\", \"if\"?, \"each\"?}."));
                continue;
            }

            Refuse(item, $"/commands/{i}", OfCommand, errors);
            if (CsvCommand.Read(item, $"/commands/{i}", errors) is { } command)
                commands.Add(command);
        }

        return commands;
    }

    /// <summary>Why no external reference could be of that system.</summary>
    private static string? FaultOfSystem(JsonElement system) =>
        BodyCheck.Check(JsonSerializer.SerializeToElement(new { system, id = "1" }), typeof(ExternalReference), []) is [var fault, ..]
            ? fault.Detail
            : null;

    private static void Refuse(JsonElement json, string place, string[] members, List<FieldError> errors)
    {
        foreach (var member in json.EnumerateObject().Where(m => !members.Contains(m.Name)))
        {
            errors.Add(
                new FieldError(
                    $"{place}/{member.Name}",
                    $"There is no member '{member.Name}' here; there are {string.Join(", ", members)}."
                )
            );
        }
    }

    private static string[]? Texts(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) =>
            [
                .. value.EnumerateArray().Select(v => v.GetString()!),
            ],
            _ => null,
        };
}
