using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>A row of a table as a mapping reads it: its cells by column, and what is wrong with what they say.</summary>
/// <param name="cell">The text of a column's cell; empty where the row is shorter.</param>
/// <param name="dates">The forms of its dates.</param>
/// <param name="system">The system of the references that its cells are; null where they are our ids.</param>
/// <param name="item">The part of a cell for which a command or an item of a list is made.</param>
/// <param name="faults">What was found wrong so far, by the member that it concerns.</param>
internal sealed class CsvRow(
    Func<string, string> cell,
    DateForms dates,
    string? system,
    string? item = null,
    List<FieldError>? faults = null
)
{
    private readonly List<FieldError> _faults = faults ?? [];

    public string? System => system;

    public IReadOnlyList<FieldError> Faults => _faults;

    public string Cell(string column) => item is not null && column == CsvSource.ItemName ? item : cell(column);

    /// <summary>The same row for one part of one of its cells.</summary>
    public CsvRow WithItem(string part) => new(cell, dates, system, part, _faults);

    /// <summary>The same row for another command, whose faults are its own.</summary>
    public CsvRow ForCommand(string? part) => new(cell, dates, system, part);

    /// <summary>A date in our form; where it is in none of the stated forms the row is at fault, and the text left as it is.</summary>
    public string Date(string text, string pointer)
    {
        if (dates.Read(text) is { } date)
            return date;
        _faults.Add(new FieldError(pointer, dates.Fault(text)));
        return text;
    }
}
