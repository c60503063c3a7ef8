using System.Buffers;
using System.Text;
using CooperationEvents.Files;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>What stands before the header row of a table and says nothing of it, and what parts its cells.</summary>
/// <param name="Bytes">How many bytes it is.</param>
/// <param name="Lines">How many lines it is.</param>
/// <param name="BlankRows">The lines of it that a spreadsheet shows as rows.</param>
internal sealed record CsvPreamble(int Bytes, long Lines, long BlankRows, char Delimiter)
{
    private const string Delimiters = ",;\t|";

    private static readonly SearchValues<byte> NothingToRead = SearchValues.Create(" \t,;|\""u8);

    /// <param name="columns">The names of the columns that are asked for.</param>
    /// <param name="rows">How many rows there are in which the names may stand.</param>
    public static CsvPreamble Of(ReadOnlySpan<byte> start, IEnumerable<string> columns, int rows)
    {
        var at = start.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var (lines, blank, stated) = (0L, 0L, (char?)null);
        while (start[at..].IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
        {
            var line = start.Slice(at, end);
            if (line.IndexOfAnyExcept(NothingToRead) < 0)
                blank++;
            else if (stated is null && Stated(line) is { } separator)
                stated = separator;
            else
                break;
            lines++;
            at += end + (start[(at + end)..].StartsWith("\r\n"u8) ? 2 : 1);
        }

        return new CsvPreamble(at, lines, blank, stated ?? DelimiterOf(start[at..], columns, rows));
    }

    /// <summary>
    /// The separator that a line <c>sep=;</c> states, as spreadsheets write it. Where one of them takes the line as a row, it fills that up
    /// with the separators that it writes itself.
    /// </summary>
    private static char? Stated(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line).Replace("\"", "", StringComparison.Ordinal).Trim(' ');
        if (!text.StartsWith("sep", StringComparison.OrdinalIgnoreCase) || text[3..].TrimStart(' ') is not ['=', .. var after])
            return null;
        return after.TrimStart(' ') switch
        {
            [(>= ' ' and <= '~') or '\t'] stated => stated[0],
            [(>= ' ' and <= '~') or '\t', var written, .. var more]
                when Delimiters.Contains(written, StringComparison.Ordinal) && more.All(c => c == written) => written,
            _ => null,
        };
    }

    /// <summary>
    /// The delimiter by which a row names most of the columns that are asked for; of several, or where none names any, the one that the
    /// first row holds most often outside quotes.
    /// </summary>
    private static char DelimiterOf(ReadOnlySpan<byte> start, IEnumerable<string> columns, int rows)
    {
        var text = Encoding.UTF8.GetString(start);
        var asked = columns.Select(NormalForm.OfName).ToHashSet();
        var cells = Delimiters.Select(delimiter => Cells(text, delimiter).Where(IsNoBlankLine).Take(rows).ToList()).ToList();
        return Delimiters
            .Zip(cells)
            .OrderByDescending(d => d.Second.Select(row => row.Select(NormalForm.OfName).Count(asked.Contains)).DefaultIfEmpty().Max())
            .ThenByDescending(d => d.Second.FirstOrDefault()?.Count)
            .First()
            .First;
    }

    private static bool IsNoBlankLine(List<string> cells) => cells is not [""];

    /// <summary>The cells of each row, without their quotes.</summary>
    private static IEnumerable<List<string>> Cells(string text, char delimiter)
    {
        var (row, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        foreach (var character in text)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (quoted || character != delimiter && character is not ('\r' or '\n'))
            {
                cell.Append(character);
            }
            else
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (character == delimiter)
                    continue;
                yield return row;
                row = [];
            }
        }

        row.Add(cell.ToString());
        yield return row;
    }
}

/// <summary>
/// The header row of a table: which cell of a row belongs to which column, whose names go by their normal form. A name may stand twice
/// where nobody asks for the column.
/// </summary>
internal sealed class CsvHeader
{
    private readonly Dictionary<string, int> _columns = [];
    private readonly HashSet<string> _twice = [];
    private readonly string[] _names;
    private readonly int _lastNamed;

    private CsvHeader(IEnumerable<string> cells)
    {
        Cells = [.. cells];
        _names = [.. Cells.Select(NormalForm.OfName)];
        for (var i = 0; i < _names.Length; i++)
        {
            if (_names[i].Length > 0 && !_columns.TryAdd(_names[i], i))
                _twice.Add(_names[i]);
        }

        Named = _names.Count(name => name.Length > 0);
        _lastNamed = Array.FindLastIndex(_names, name => name.Length > 0);
    }

    /// <exception cref="UnreadableFileException">There is no header that could be read.</exception>
    public static async Task<CsvHeader> Read(CsvReader csv, CancellationToken cancellation)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellation);
            return new CsvHeader(csv.Headers);
        }
        catch (CsvFormatException)
        {
            throw new UnreadableFileException(
                $"The header row is larger than {CsvRows.MostBytes} bytes. Give each row a line of its own; where a quote opens in the "
                    + "header that is never closed, mend the quote. Then send the file again."
            );
        }
    }

    /// <summary>The row that was read last, taken as the header.</summary>
    public static CsvHeader Of(CsvReader csv) => new(Enumerable.Range(0, csv.FieldCount).Select(csv.GetString));

    /// <summary>Its cells as they are written.</summary>
    public IReadOnlyList<string> Cells { get; }

    /// <summary>How many columns have a name.</summary>
    public int Named { get; }

    /// <summary>Whether a row of so many cells has one for each column that has a name, and no more than the header.</summary>
    public bool IsOfItsWidth(int cells) => IsAsWide(cells) && cells <= _names.Length;

    /// <summary>Whether a row of so many cells has one for each column that has a name.</summary>
    public bool IsAsWide(int cells) => cells > _lastNamed;

    /// <summary>Whether the row that was read last says the same in each cell.</summary>
    public bool IsRepeatedBy(CsvReader csv)
    {
        for (var i = 0; i < Math.Max(_names.Length, csv.FieldCount); i++)
        {
            var (name, cell) = (i < _names.Length ? _names[i] : "", i < csv.FieldCount ? csv.GetString(i) : "");
            if (name != cell && name != NormalForm.OfName(cell))
                return false;
        }

        return true;
    }

    public int? IndexOf(string column) =>
        _columns.TryGetValue(column, out var at) || _columns.TryGetValue(NormalForm.OfName(column), out at) ? at : null;

    /// <summary>What to call the column of a cell.</summary>
    public string NameOf(int cell) =>
        cell >= 0 && cell < _names.Length && _names[cell].Length > 0 ? FileTextStream.Shown(_names[cell]) : $"cell {cell + 1}";

    /// <summary>
    /// Whether nothing may stand in that cell: it is after the last column, or, where the file may have no columns but those
    /// known, in one without a name.
    /// </summary>
    public bool Refuses(int cell, bool exact) => cell > _lastNamed || (exact && _names[cell].Length == 0);

    /// <summary>What the file lacks of the columns that the mapping needs, or has beside them; null where it has the right ones.</summary>
    /// <param name="encoding">What the table was written in, for what is said of a byte that cannot be read.</param>
    public string? Fault(CsvMapping mapping, string encoding)
    {
        if (_columns.Count == 0)
            return "The file is empty: it holds no header row.";
        string[] named = [.. mapping.Columns.Select(NormalForm.OfName).Distinct()];
        if (mapping.Exact && _columns.Keys.FirstOrDefault(c => !named.Contains(c)) is { } unknown)
            return Unreadable(encoding)
                ?? $"The file has a column '{unknown}', which means nothing here; the columns are {string.Join(", ", named)}."
                    + InCapitals(unknown, named);
        if (named.FirstOrDefault(_twice.Contains) is { } twice)
            return $"The header names the column '{twice}' twice, and the mapping needs it. Which of the two is meant cannot be told.";
        if (!mapping.Exact && named.FirstOrDefault(c => !_columns.ContainsKey(c)) is { } missing)
            return Unreadable(encoding)
                ?? $"The file has no column '{missing}', which the mapping names; it has {string.Join(", ", _columns.Keys)}."
                    + InCapitals(missing, _columns.Keys);
        return null;
    }

    /// <summary>What is to be said of the first name that holds a byte that cannot be read; null where all can.</summary>
    private string? Unreadable(string encoding) =>
        _names.FirstOrDefault(name => FileTextStream.Unreadable(name) is not null) is { } name
            ? $"The header row holds the byte {FileTextStream.Unreadable(name)}, which is not {encoding}, in the column "
                + $"'{FileTextStream.Shown(name)}'. Save the table in one encoding, and say which as the charset of its media type."
            : null;

    /// <summary>A sentence where the name differs from one of the others in its capitals alone; nothing where it differs in more.</summary>
    private static string InCapitals(string name, IEnumerable<string> others) =>
        others.FirstOrDefault(o => o.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } alike
            ? $" '{name}' and '{alike}' are two names: capitals count."
            : "";
}
