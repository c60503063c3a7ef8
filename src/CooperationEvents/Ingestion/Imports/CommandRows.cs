using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CooperationEvents.Files;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Rows of NDJSON: <c>{"command": "&lt;operation id&gt;", "data": {…}}</c> on each line, the data as in an event.</summary>
public sealed class CommandRows : IRowReader
{
    private const string EndsWithCarriageReturns =
        "The lines of the file end with CR alone. Save it with LF, or with CR and LF, at the end of each line.";

    private static readonly string[] Members = ["command", "data"];
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes([FileTextStream.Mark]);

    public async IAsyncEnumerable<ImportRow> Rows(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(file);
        var number = 0L;
        var oversize = false;
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (NextLine(ref buffer, read.IsCompleted) is { } line)
            {
                number++;
                if (number == 1 && IsSeveral(line))
                    throw new UnreadableFileException(EndsWithCarriageReturns);
                yield return oversize || line.Length > JsonBody.Limit ? TooLong(number) : Row(number, line.ToArray());
                oversize = false;
            }

            // Of an endless line only as much is kept as tells that it is too long.
            if (buffer.Length > JsonBody.Limit)
            {
                if (number == 0 && !oversize && IsSeveral(buffer))
                    throw new UnreadableFileException(EndsWithCarriageReturns);
                oversize = true;
                buffer = buffer.Slice(buffer.End);
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                break;
        }

        // The last line may have had no end.
        if (oversize)
            yield return TooLong(number + 1);
        await pipe.CompleteAsync();
    }

    private static ImportRow TooLong(long number) =>
        ImportRow.Refused(
            number,
            KernelProblems.TooLarge.Because(
                $"The line is larger than {JsonBody.Limit} bytes, the most that a command has. Shorten its texts, or say it in several "
                    + "commands, each on a line of its own."
            )
        );

    /// <summary>Takes a line off the buffer, without its end; the last one of a file may have none.</summary>
    private static ReadOnlySequence<byte>? NextLine(ref ReadOnlySequence<byte> buffer, bool last)
    {
        ReadOnlySequence<byte> line;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return line;
        }

        if (!last || buffer.IsEmpty)
            return null;
        line = buffer;
        buffer = buffer.Slice(buffer.End);
        return line;
    }

    /// <summary>Whether a line is several that end with CR: what stands before the first CR, and is not blank, is a whole object.</summary>
    private static bool IsSeveral(ReadOnlySequence<byte> line)
    {
        while (line.PositionOf((byte)'\r') is { } end && line.Length > 1)
        {
            var first = WithoutMark(line.Slice(0, end).ToArray());
            line = line.Slice(line.GetPosition(1, end));
            if (first.Span.Trim(" \t"u8).IsEmpty)
                continue;
            return first.Length <= JsonBody.Limit
                && JsonBody.Parse(first) is (_, null)
                && line.ToArray().AsSpan().Trim(" \t\r\u001A\0"u8).Length > 0;
        }

        return false;
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) => text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;

    private static ImportRow Row(long number, byte[] line)
    {
        var text = number == 1 ? WithoutMark(line) : line;
        if (text.Span.Trim(" \t\r"u8).IsEmpty)
            return new ImportRow(number) { Skipped = true };
        if (text.Span.Trim(" \t\r\u001A\0"u8).IsEmpty)
            return new ImportRow(number) { Skipped = true, Notes = [new RowNote(number, NoteKind.PassedOver, TextEnd.Note)] };
        if (text.Span.IndexOf(Mark) >= 0)
            return ImportRow.Refused(
                number,
                KernelProblems.Unreadable.Because("The line holds a byte that is no character of its encoding.")
            );
        var (json, unreadable) = JsonBody.Parse(text);
        if (unreadable is not null)
        {
            // Of the line of a file it is always line 1 of its JSON; the row says which line it is.
            var place = unreadable.Detail.Replace("line 1, byte", "byte", StringComparison.Ordinal);
            return ImportRow.Refused(number, unreadable with { Detail = $"Each line must be a whole JSON object. {place}" });
        }

        if (Unknown(json).ToList() is [_, ..] unknown)
            return ImportRow.Refused(number, KernelProblems.Invalid.With(unknown));
        if (
            json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty("command", out var name)
            || name.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("data", out var data)
            || data.ValueKind != JsonValueKind.Object
        )
        {
            return ImportRow.Refused(
                number,
                KernelProblems.Invalid.Because(
                    "A line must be an object with the members command and data: {\"command\": \"schedule-meeting\", \"data\": {…}}."
                )
            );
        }

        if (!CommandCatalogue.All.TryGetValue(name.GetString()!, out var command))
            return ImportRow.Refused(
                number,
                KernelProblems.Invalid.At("/command", $"There is no command '{name.GetString()}'. See /schemas.")
            );
        var (read, invalid) = command.Read(data);
        if (invalid is not null)
            return ImportRow.Refused(number, invalid.Under("/data"));
        var only = new RowCommand(read!)
        {
            Located = error => error with { Pointer = "/data" + error.Pointer },
            Warnings = PublicTexts.Warnings(data, command.Command),
        };
        return new ImportRow(number) { Commands = [only], Notes = [.. only.Warned(number)] };
    }

    private static IEnumerable<FieldError> Unknown(JsonElement json) =>
        json.ValueKind != JsonValueKind.Object
            ? []
            : json.EnumerateObject()
                .Where(m => !Members.Contains(m.Name))
                .Select(m => new FieldError(
                    "/" + BodyCheck.Escape(m.Name),
                    $"There is no member '{m.Name}' here; there are {string.Join(", ", Members)}."
                ));
}
