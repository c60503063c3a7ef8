using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Rows of a table with a header row (RFC 4180, or with another delimiter), read by a mapping.</summary>
public sealed class CsvRows(CsvMapping mapping, Encoding encoding) : IRowReader
{
    private const string Delimiters = ",;\t|";

    /// <summary>Bytes of the largest row.</summary>
    private const int MostBytes = 1024 * 1024;

    /// <summary>Bytes in which the header row must end.</summary>
    private const int LongestHeader = 64 * 1024;

    public async IAsyncEnumerable<ImportRow> Rows(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var utf8 = encoding is UTF8Encoding ? file : Encoding.CreateTranscodingStream(file, encoding, Encoding.UTF8);
        var pipe = PipeReader.Create(utf8);
        var start = (await pipe.ReadAtLeastAsync(LongestHeader, cancellation)).Buffer;
        var separator = mapping.Delimiter ?? Delimiter(start.ToArray());
        pipe.AdvanceTo(start.Start);
        var malformed = false;
        await using var csv = CsvReader.Create(
            pipe.AsStream(),
            new CsvReaderOptions
            {
                Separator = separator,
                MaxRecordSize = MostBytes,
                SkipEmptyLines = false,
                DetectSeparatorHint = false,
                OnMalformedRecord = _ => malformed = true,
            },
            false);
        var columns = await Header(csv, cancellation);
        Check(columns);

        for (var number = 2L; ; number++)
        {
            malformed = false;
            if (!await Next(csv, number, cancellation))
                yield break;
            if (csv.FieldCount == 0 || (csv.FieldCount == 1 && csv.IsEmpty(0)))
                yield return new ImportRow(number) { Skipped = true };
            else if (malformed)
                yield return new ImportRow(number) { Fault = KernelProblems.Invalid.Because("The quotes of this row are not closed where they should be.") };
            else if (csv.FieldCount > columns.Count)
                yield return new ImportRow(number) { Fault = KernelProblems.Invalid.Because($"The row has {csv.FieldCount} cells, the header {columns.Count}.") };
            else
                yield return Row(number, name => columns.TryGetValue(name, out var at) && at < csv.FieldCount ? csv.GetString(at) : "");
        }
    }

    private void Check(Dictionary<string, int> columns)
    {
        string[] named = [.. mapping.Columns];
        if (mapping.Exact && columns.Keys.FirstOrDefault(c => !named.Contains(c)) is { } unknown)
            throw new UnreadableFileException($"The file has a column '{unknown}', which means nothing here; the columns are {string.Join(", ", named)}.");
        if (!mapping.Exact && named.FirstOrDefault(c => !columns.ContainsKey(c)) is { } missing)
            throw new UnreadableFileException($"The file has no column '{missing}', which the mapping names; it has {string.Join(", ", columns.Keys)}.");
    }

    private ImportRow Row(long number, Func<string, string> cell)
    {
        if (mapping.Skips(cell))
            return new ImportRow(number) { Skipped = true };
        var (command, invalid) = mapping.Command.Read(mapping.Data(cell));
        return new ImportRow(number) { Command = command, Fault = invalid, FieldOf = mapping.FieldOf };
    }

    private static async Task<Dictionary<string, int>> Header(CsvReader csv, CancellationToken cancellation)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellation);
        }
        catch (Exception e) when (e is CsvFormatException or InvalidOperationException)
        {
            throw new UnreadableFileException($"The header row cannot be read: {e.Message}");
        }

        var columns = new Dictionary<string, int>();
        for (var i = 0; i < csv.Headers.Count; i++)
        {
            if (!columns.TryAdd(csv.Headers[i].Trim().TrimStart('\uFEFF'), i))
                throw new UnreadableFileException($"The header names the column '{csv.Headers[i]}' twice.");
        }

        return columns;
    }

    private static async Task<bool> Next(CsvReader csv, long number, CancellationToken cancellation)
    {
        try
        {
            return await csv.ReadAsync(cancellation);
        }
        catch (CsvFormatException e)
        {
            throw new UnreadableFileException($"From row {number} on the file cannot be read as CSV: {e.Message}");
        }
    }

    /// <summary>The delimiter that the header row holds most often.</summary>
    private static char Delimiter(ReadOnlySpan<byte> start)
    {
        var end = start.IndexOf((byte)'\n');
        var header = Encoding.UTF8.GetString(end < 0 ? start : start[..end]);
        return Delimiters.MaxBy(d => header.Count(c => c == d));
    }
}
