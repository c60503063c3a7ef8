using CooperationEvents.Files;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>One row of a file: commands in their order, or commands planned on what is recorded, or why it is neither.</summary>
/// <param name="Number">The row's number, as a person finds it in the file: counted from 1, a header included.</param>
public sealed record ImportRow(long Number)
{
    public IReadOnlyList<RowCommand> Commands { get; init; } = [];

    /// <summary>Plans the row's commands; for rows whose commands depend on what is recorded.</summary>
    public Func<UnitOfWork, Task<RowPlan>>? Plan { get; init; }

    /// <summary>Why the row is refused, whatever is recorded; the errors name fields of the file.</summary>
    public IReadOnlyList<Problem> Faults { get; init; } = [];

    public bool Skipped { get; init; }

    public IReadOnlyList<RowNote> Notes { get; init; } = [];

    /// <summary>The row, refused.</summary>
    public static ImportRow Refused(long number, Problem fault) => new(number) { Faults = [fault] };
}

/// <summary>One command of a row.</summary>
public sealed record RowCommand(ICommand Command)
{
    /// <summary>Its operation id, where a row has several.</summary>
    public string? Name { get; init; }

    /// <summary>What is wrong with a member, said of the field of the file that it comes from.</summary>
    public Func<FieldError, FieldError> Located { get; init; } = error => error;

    /// <summary>Its texts that are public record and look like a way to reach somebody, by their members.</summary>
    public IReadOnlyList<TextWarning> Warnings { get; init; } = [];

    /// <summary>What the report says of those texts.</summary>
    public IEnumerable<RowNote> Warned(long row) =>
        Warnings
            .Select(warning => Located(new FieldError(warning.Pointer, warning.Detail)))
            .Select(said => Name is null ? said : said with { Detail = $"{Name}: {said.Detail}" })
            .Select(said => new RowNote(row, NoteKind.PublicText, said.Detail) { Field = said.Pointer });

    /// <summary>The problem of this command, said of the row.</summary>
    public Problem InRow(Problem problem)
    {
        var located = problem with { Errors = [.. problem.Errors.Select(Located)] };
        return Name is null ? located : Of(Name, located);
    }

    /// <summary>The problem, with the command that it is about in its words.</summary>
    public static Problem Of(string command, Problem problem) =>
        problem with
        {
            Detail = $"{command}: {problem.Detail}",
            Errors = [.. problem.Errors.Select(e => e with { Detail = $"{command}: {e.Detail}" })],
        };
}

/// <summary>What a planned row comes to: commands in their order, or why it is refused; nothing of either where it is in step.</summary>
public sealed record RowPlan(IReadOnlyList<ICommand> Commands, Problem? Refused = null)
{
    /// <summary>Whether the row says nothing to be recorded.</summary>
    public bool Skipped { get; init; }

    /// <summary>What the report says of the row where it is not refused.</summary>
    public IReadOnlyList<RowNote> Notes { get; init; } = [];

    /// <summary>What the report says of a command whose refusal costs itself alone; null where it costs the row.</summary>
    public Func<ICommand, Problem, RowNote?> Spared { get; init; } = (_, _) => null;

    /// <summary>What is kept in the transaction of its commands, where the row is not refused; made anew for each attempt at it.</summary>
    public Func<IEnumerable<NpgsqlBatchCommand>> Keep { get; init; } = () => [];
}

/// <summary>Reads the rows of a file.</summary>
public interface IRowReader
{
    /// <param name="file">The file as UTF-8.</param>
    /// <exception cref="UnreadableFileException">The file as a whole cannot be read; the message says what to change.</exception>
    IAsyncEnumerable<ImportRow> Rows(Stream file, CancellationToken cancellation);
}

/// <summary>A file that cannot be read at all, or from a row on, such as one without the columns its mapping names.</summary>
public sealed class UnreadableFileException(string message) : Exception(Shown(message))
{
    private const int Longest = 1_000;

    /// <summary>What it cites of the file may be long, and anything.</summary>
    private static string Shown(string message)
    {
        var readable = FileTextStream.Shown(message);
        var shown = string.Concat(readable.Take(Longest).Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return readable.Length > Longest ? shown + "…" : shown;
    }
}
