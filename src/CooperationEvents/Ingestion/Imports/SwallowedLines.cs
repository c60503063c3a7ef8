using System.Text;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// A cell that spans lines which look like rows of the table. Where a stray quote opens a cell and another one closes it, all rows between
/// them are one cell, and the file is right CSV. So is a text of several lines, which nobody may be refused.
/// </summary>
internal sealed class SwallowedLines
{
    /// <summary>Of fewer columns lists and addresses look as rows do.</summary>
    private const int FewestColumns = 3;

    private const string Mend = "Mend the quote and send the file again.";

    private readonly string _column;
    private readonly long _first;
    private readonly bool _isTight;
    private readonly bool _areOfItsWidth;

    /// <summary>The lines, each parted as a row would be.</summary>
    private readonly string[][] _rows;

    private SwallowedLines(IReadOnlyList<string> cells, CsvHeader header, char separator, long firstLine)
    {
        var spanning = cells.Where(SpansLines).ToList();
        var inCells = spanning.SelectMany(Lines).ToList();
        _rows = [.. Lines(string.Join(separator, cells)).Select(line => line.Split(separator))];
        (_column, _first) = (header.NameOf(cells.Index().First(c => SpansLines(c.Item)).Index), firstLine);
        _areOfItsWidth = _rows.All(row => header.IsOfItsWidth(row.Length));

        // In sentences and addresses a blank follows the separator.
        _isTight = !inCells.Exists(line => IsFollowed(line, IsBlank));
        LookLikeRows =
            header.Named > 1
            && (
                (_areOfItsWidth && _rows.Length > 2)
                || (_areOfItsWidth || _rows[1..^1].Any(row => header.IsAsWide(row.Length)))
                    && inCells.Exists(line => IsFollowed(line, next => !IsBlank(next)))
            );

        bool IsBlank(char next) => next != separator && char.IsWhiteSpace(next);

        bool IsFollowed(string line, Func<char, bool> by) =>
            Enumerable.Range(0, Math.Max(0, line.Length - 1)).Any(i => line[i] == separator && by(line[i + 1]));
    }

    /// <summary>The lines that a cell of the record spans; null where no cell spans any, or they do not look like rows.</summary>
    /// <param name="linesBefore">The lines of the file that the reader has not seen.</param>
    public static SwallowedLines? In(CsvReader csv, CsvHeader header, char separator, long linesBefore) =>
        csv.RawRecord.TrimEnd("\r\n"u8).ContainsAny((byte)'\n', (byte)'\r')
            ? Of([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)], header, separator, csv.LineNumber + linesBefore)
            : null;

    /// <summary>Why a header is none of which a cell spans lines that are as wide as it; null where that is not so.</summary>
    /// <param name="line">The line it begins on.</param>
    public static string? FaultOf(CsvHeader header, char separator, long line) =>
        Of(header.Cells, header, separator, line) is { _areOfItsWidth: true, _isTight: true } swallowed && header.Named >= FewestColumns
            ? $"The header row cannot be read: {swallowed.Swallowed} {Mend}"
            : null;

    /// <summary>
    /// Whether they are rows beyond doubt: all are as wide as the table, without a blank after a separator; each begins with a key of one
    /// kind, such as <c>o7</c> after <c>o6</c>; and the mapping takes one between the first and the last as a row.
    /// </summary>
    public bool AreRows(CsvMapping mapping, CsvHeader header) =>
        _areOfItsWidth
        && _isTight
        && _rows.Length > 2
        && header.Named >= FewestColumns
        && AreKeys([.. _rows.Select(row => row[0].Trim())])
        && _rows[1..^1]
            .Any(row =>
                mapping.Row(0, name => header.IndexOf(name) is { } at && at < row.Length ? row[at] : "")
                    is { Faults.Count: 0, Commands.Count: > 0 }
            );

    /// <summary>Why the file is not read on.</summary>
    public string ReasonIn(long row) =>
        $"Row {row}, column '{_column}': {Swallowed} The rows before it were looked at, none after it was. {Mend} "
        + "If it is one text, put a blank behind each separator in it.";

    public Problem Problem => KernelProblems.Invalid.With([new FieldError(_column, Swallowed)]);

    /// <summary>The row, with what there is to say of its lines.</summary>
    public ImportRow ToldOf(ImportRow row)
    {
        var words = $"The cell spans lines {_first} to {Last}, which look like rows of this table, and were taken as its text.";
        return row.Faults.Count > 0
            ? row with
            {
                Faults =
                [
                    .. row.Faults,
                    KernelProblems.Invalid.With([new FieldError(_column, $"{words} If they are rows, mend the quote.")]),
                ],
            }
            : row with
            {
                Notes =
                [
                    .. row.Notes,
                    new RowNote(
                        row.Number,
                        NoteKind.PassedOver,
                        $"{words} If they are rows, mend the quote, send the file again, and correct what this row recorded."
                    )
                    {
                        Field = _column,
                    },
                ],
            };
    }

    private bool LookLikeRows { get; }

    private long Last => _first + _rows.Length - 1;

    private string Swallowed =>
        $"The quote that opens on line {_first} is not closed there, and another one closes it: the cell swallows lines {_first} to "
        + $"{Last}, which are rows of this table.";

    private static SwallowedLines? Of(IReadOnlyList<string> cells, CsvHeader header, char separator, long firstLine) =>
        cells.Any(SpansLines) && new SwallowedLines(cells, header, separator, firstLine) is { LookLikeRows: true } found ? found : null;

    private static bool SpansLines(string cell) => cell.AsSpan().ContainsAny('\n', '\r');

    private static string[] Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');

    /// <summary>
    /// Whether they are keys of one kind, each with a digit. The points of a list within a text are numbered too, and begin anew.
    /// </summary>
    private static bool AreKeys(string[] keys)
    {
        if (keys.All(key => key.Length > 0 && key.All(char.IsAsciiDigit)))
            return keys.Zip(keys.Skip(1)).All(pair => IsBefore(pair.First, pair.Second));
        return keys.Distinct().Count() == keys.Length
            && (
                keys.All(key => Uuid.Read(key) is not null) || keys[0].Any(char.IsAsciiDigit) && keys.Select(Shape).Distinct().Count() == 1
            );
    }

    private static bool IsBefore(string number, string other) =>
        number.Length != other.Length ? number.Length < other.Length : string.CompareOrdinal(number, other) < 0;

    /// <summary>The key with one character for each run of digits, of small and of other letters.</summary>
    private static string Shape(string key)
    {
        var shape = new StringBuilder();
        foreach (var character in key)
        {
            var kind =
                char.IsDigit(character) ? '9'
                : char.IsLower(character) ? 'a'
                : char.IsLetter(character) ? 'A'
                : character;
            if (shape.Length == 0 || shape[^1] != kind)
                shape.Append(kind);
        }

        return shape.ToString();
    }
}
