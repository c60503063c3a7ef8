using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using CooperationEvents.Files;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Rows of a table with a header row (RFC 4180, or with another delimiter), read by a mapping.</summary>
/// <param name="encoding">What the table was written in, for what is said of a byte that cannot be read.</param>
public sealed class CsvRows(CsvMapping mapping, string encoding) : IRowReader
{
    /// <summary>Bytes of the largest row.</summary>
    internal const int MostBytes = 1024 * 1024;

    /// <summary>Bytes in which the header row must end.</summary>
    private const int LongestHeader = 64 * 1024;

    /// <summary>How many rows may stand above the one that names the columns.</summary>
    private const int MostAbove = 5;

    public async IAsyncEnumerable<ImportRow> Rows(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(file);
        var start = (await pipe.ReadAtLeastAsync(LongestHeader, cancellation)).Buffer;
        var preamble = CsvPreamble.Of(System.Buffers.BuffersExtensions.ToArray(start), mapping.Columns, MostAbove + 1);
        pipe.AdvanceTo(start.GetPosition(preamble.Bytes));
        var separator = mapping.Delimiter ?? preamble.Delimiter;
        CsvMalformedRecord? malformed = null;
        await using var csv = CsvReader.Create(
            pipe.AsStream(),
            new CsvReaderOptions
            {
                Separator = separator,
                MaxRecordSize = MostBytes,
                SkipEmptyLines = false,
                DetectSeparatorHint = false,
                TrackLineNumbers = true,
                OnMalformedRecord = found => malformed = found,
            },
            false
        );
        var header = await CsvHeader.Read(csv, cancellation);
        if (malformed is { } open && new BrokenQuotes(open, preamble.BlankRows + 1, preamble.Lines, separator) is { IsOpen: true } names)
            throw new UnreadableFileException(names.ReasonInHeader);
        if (SwallowedLines.FaultOf(header, separator, preamble.Lines + 1) is { } swallowing)
            throw new UnreadableFileException(swallowing);
        var (above, number) = (new List<CsvHeader>(), preamble.BlankRows + 1);
        for (var fault = header.Fault(mapping, Words(encoding)); fault is not null; number++)
        {
            // A title, or a header of groups of columns, may stand above the names.
            if (above.Count == MostAbove || !await Next(csv, number + 1, preamble.Lines, cancellation) || malformed is not null)
                throw new UnreadableFileException(fault);
            above.Add(header);
            header = CsvHeader.Of(csv);
            if (header.Named < 2 || header.Fault(mapping, Words(encoding)) is not null)
                continue;
            if (SwallowedLines.FaultOf(header, separator, csv.LineNumber + preamble.Lines) is { } swallowingToo)
                throw new UnreadableFileException(swallowingToo);
            fault = null;
        }

        if (above.FindIndex(row => row.Named >= header.Named) is >= 0 and var full)
        {
            throw new UnreadableFileException(
                $"Row {number} names the columns, and row {number - above.Count + full} above it fills as many. Whether that is a heading "
                    + "or a row that was sorted there cannot be told: take it out, or put it below."
            );
        }

        for (var i = 0; i < above.Count; i++)
            yield return PassedOver(number - above.Count + i, above[i].Named > 0 ? "It stands above the header row." : null);

        for (number++; ; number++)
        {
            malformed = null;
            if (!await Next(csv, number, preamble.Lines, cancellation))
                yield break;
            if (malformed is { } broken)
            {
                var quotes = new BrokenQuotes(broken, number, preamble.Lines, separator);
                yield return ImportRow.Refused(number, quotes.ProblemIn(header));
                if (quotes.SwallowsLines)
                    throw new UnreadableFileException(quotes.ReasonIn(header));
            }
            else if (SwallowedLines.In(csv, header, separator, preamble.Lines) is { } lines)
            {
                if (lines.AreRows(mapping, header))
                {
                    yield return ImportRow.Refused(number, lines.Problem);
                    throw new UnreadableFileException(lines.ReasonIn(number));
                }

                yield return lines.ToldOf(Row(number, csv, header, above));
            }
            else
            {
                yield return Row(number, csv, header, above);
            }
        }
    }

    private static ImportRow PassedOver(long number, string? why) =>
        new(number) { Skipped = true, Notes = why is null ? [] : [new RowNote(number, NoteKind.PassedOver, why)] };

    private ImportRow Row(long number, CsvReader csv, CsvHeader header, IReadOnlyList<CsvHeader> above)
    {
        var cells = Enumerable.Range(0, csv.FieldCount);
        if (cells.All(i => csv.IsEmpty(i) || string.IsNullOrWhiteSpace(csv.GetString(i))))
            return PassedOver(number, null);
        if (cells.All(i => TextEnd.IsAll(csv.GetString(i))))
            return PassedOver(number, TextEnd.Note);

        // Pages that were put together repeat it. Of a single column a cell may say the same and be meant.
        if (header.Named > 1 && header.IsRepeatedBy(csv))
            return PassedOver(number, "It repeats the header row.");
        if (above.Any(row => row.IsRepeatedBy(csv)))
            return PassedOver(number, "It repeats a row above the header row.");
        foreach (var i in cells.Where(i => header.Refuses(i, mapping.Exact)))
        {
            if (!string.IsNullOrWhiteSpace(csv.GetString(i)))
            {
                return ImportRow.Refused(
                    number,
                    KernelProblems.Invalid.Because($"Cell {i + 1} of the row holds something, and its column has no name in the header.")
                );
            }
        }

        FieldError? unreadable = null;
        var row = mapping.Row(number, name =>
        {
            var text = header.IndexOf(name) is { } at && at < csv.FieldCount ? csv.GetString(at) : "";
            if (unreadable is null && FileTextStream.Unreadable(text) is { } found)
                unreadable = new FieldError(name, $"The cell holds the byte {found}, which is not {Words(encoding)}.");
            return text;
        });
        return unreadable is not null ? ImportRow.Refused(number, KernelProblems.Invalid.With([unreadable]))
            : WhyHardlyARow(row, csv, header) is { } why ? ImportRow.Refused(number, KernelProblems.Invalid.Because(why))
            : row;
    }

    /// <summary>
    /// What a row may be that is refused for several reasons and fills less than half of the columns; null where it is not so. It is
    /// refused all the same: a total cannot be told from a row that was cut short.
    /// </summary>
    private static string? WhyHardlyARow(ImportRow row, CsvReader csv, CsvHeader header)
    {
        var faults = row.Faults.SelectMany(fault => fault.Errors).ToList();
        if (faults.Count < 2)
            return null;
        List<string> filled =
        [
            .. Enumerable.Range(0, csv.FieldCount).Where(i => !string.IsNullOrWhiteSpace(csv.GetString(i))).Select(header.NameOf),
        ];
        if (2 * filled.Count >= header.Named)
            return null;
        var wrong = faults.Where(fault => filled.Contains(fault.Pointer)).Select(fault => $" '{fault.Pointer}': {fault.Detail}").Distinct();
        var named = string.Join(", ", filled.Select(name => $"'{name}'"));
        return $"Of {header.Named} columns the row fills {named} alone: a total, a footnote, a heading, or a row that was cut short. "
            + $"Leave it out, or have it passed over by 'skip' in the mapping.{string.Concat(wrong)}";
    }

    private static async Task<bool> Next(CsvReader csv, long number, long linesBefore, CancellationToken cancellation)
    {
        try
        {
            return await csv.ReadAsync(cancellation);
        }
        catch (CsvFormatException e)
        {
            throw new UnreadableFileException(
                $"Row {number} (line {e.LineNumber + linesBefore}) is larger than {MostBytes} bytes. The rows before it "
                    + "were looked at, none after it was. Shorten it; where a quote opens in it that is never closed, all that follows is "
                    + "one row: mend the quote. Then send the file again."
            );
        }
    }

    private static string Words(string encoding) =>
        encoding.StartsWith("utf", StringComparison.OrdinalIgnoreCase) ? encoding.ToUpperInvariant() : encoding;

    /// <summary>A row whose quotes do not close where they should.</summary>
    private sealed class BrokenQuotes
    {
        private readonly int _cell;
        private readonly long _row;
        private readonly long _first;
        private readonly long _last;

        public BrokenQuotes(CsvMalformedRecord record, long row, long linesBefore, char separator)
        {
            var text = record.RawRecord.AsSpan().TrimEnd("\r\n");
            (_row, _cell, _first) = (row, CellOf(text, separator), record.LineNumber + linesBefore);
            _last = _first + text.Count('\n') + (text.Contains('\n') ? 0 : text.Count('\r'));
            IsOpen = record.Reason is CsvMalformedReason.UnterminatedQuote;
            SwallowsLines = _last > _first && (IsOpen || record.Reason is CsvMalformedReason.TextAfterClosingQuote);
            IsOpen |= SwallowsLines;
        }

        /// <summary>Whether a quote is open at the end of the line it begins on.</summary>
        public bool IsOpen { get; }

        public bool SwallowsLines { get; }

        /// <summary>Why a header row is none.</summary>
        public string ReasonInHeader => $"The header row cannot be read: {Swallowed} Mend the quote and send the file again.";

        private string Swallowed =>
            $"The quote that opens on line {_first} is not closed there"
            + $"{(SwallowsLines ? $": the cell swallows lines {_first} to {_last}" : "")}.";

        public Problem ProblemIn(CsvHeader header) =>
            KernelProblems.Invalid.With([
                new FieldError(
                    header.NameOf(_cell),
                    SwallowsLines ? Swallowed : "The quotes of this row are not closed where they should be."
                ),
            ]);

        /// <summary>Why the file is not read on.</summary>
        public string ReasonIn(CsvHeader header) =>
            $"Row {_row}, column '{header.NameOf(_cell)}': {Swallowed} The rows before it were looked at, none after it was. Mend the "
            + $"quote and send the file again.";

        /// <summary>The first cell with a quote inside its text, with text after its closing quote, or without a closing quote.</summary>
        private static int CellOf(ReadOnlySpan<char> row, char separator)
        {
            var (cell, begins, isQuoted, isClosed) = (0, true, false, false);
            foreach (var character in row)
            {
                if (character == separator && (!isQuoted || isClosed))
                    (cell, begins, isQuoted, isClosed) = (cell + 1, true, false, false);
                else if (character == '"' && begins)
                    (begins, isQuoted) = (false, true);
                else if (character == '"' && isQuoted)
                    isClosed = !isClosed;
                else if (character == '"' || isClosed)
                    return cell;
                else
                    begins = false;
            }

            return cell;
        }
    }
}
