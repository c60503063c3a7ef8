using System.Text.Json.Serialization;
using CooperationEvents.Files;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>How far an import is. The last four are final.</summary>
public enum ImportState
{
    /// <summary>The file is still coming in.</summary>
    Uploading,

    /// <summary>The file is here whole.</summary>
    Queued,

    /// <summary>Every row is decided; nothing is appended.</summary>
    Deciding,
    Appending,

    /// <summary>Every row was looked at; in a dry run, what would become of each is known.</summary>
    Completed,

    /// <summary>A row of an atomic import was refused, in a dry run would be; nothing was appended.</summary>
    Refused,
    Cancelled,

    /// <summary>The file cannot be read, or the service failed at a row time and again; what was appended stays.</summary>
    Failed,
}

public enum ImportMode
{
    /// <summary>Each row by itself.</summary>
    Partial,

    /// <summary>All rows or none.</summary>
    Atomic,
}

public enum ImportFormat
{
    Commands,
    Csv,
    Calendar,
}

/// <summary>A file of history on its way into the register.</summary>
/// <param name="Mapping">How rows become commands, as JSON; null where the format needs none.</param>
/// <param name="Scopes">What its caller may do.</param>
/// <param name="Position">Of one that has ended: the position of the newest event behind what it accepted.</param>
/// <param name="DeclaredMethod">METHOD of a calendar by its media type, in capitals; null where that says none.</param>
public sealed record Import(
    Guid Id,
    ImportState State,
    ImportFormat Format,
    ImportMode Mode,
    bool DryRun,
    FileEncoding Encoding,
    string? Mapping,
    Guid Actor,
    IReadOnlyList<string> Scopes,
    Guid? OnBehalfOf,
    string? Source,
    string Correlation,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    long Bytes,
    ImportCounts Counts,
    string? Reason,
    long? Position = null,
    string? DeclaredMethod = null
)
{
    public bool IsFinal => State is ImportState.Completed or ImportState.Refused or ImportState.Cancelled or ImportState.Failed;
}

/// <summary>The imports that were posted before one that waits, and have not ended: how many, and the bytes of their files.</summary>
public sealed record ImportsAhead(long Imports, long Bytes);

/// <summary>Rows looked at so far, and what became of them; of an import that is decided first, in the pass it is in.</summary>
/// <param name="Unchanged">Accepted rows that repeat what is already so.</param>
/// <param name="Skipped">Rows the mapping says to skip.</param>
/// <param name="Events">What the accepted rows came to.</param>
/// <param name="Notes">How many notes of each kind the rows have.</param>
public sealed record ImportCounts(long Rows, long Accepted, long Unchanged, long Refused, long Skipped, long Events, NoteCounts Notes)
{
    public static ImportCounts None { get; } = new(0, 0, 0, 0, 0, 0, NoteCounts.None);

    public static ImportCounts operator +(ImportCounts a, ImportCounts b) => Add(a, b);

    public static ImportCounts Add(ImportCounts a, ImportCounts b) =>
        new(
            a.Rows + b.Rows,
            a.Accepted + b.Accepted,
            a.Unchanged + b.Unchanged,
            a.Refused + b.Refused,
            a.Skipped + b.Skipped,
            a.Events + b.Events,
            a.Notes + b.Notes
        );
}

/// <summary>What a note says of a row that was not refused.</summary>
public enum NoteKind
{
    /// <summary>It recorded something new.</summary>
    New,

    /// <summary>It changed what is recorded.</summary>
    Changed,

    /// <summary>It cancelled what is recorded.</summary>
    Cancelled,

    /// <summary>A newer one was imported before.</summary>
    Older,

    /// <summary>It is recorded from earlier files, and this one lacks it.</summary>
    Missing,

    /// <summary>It holds what no import reads.</summary>
    PassedOver,

    /// <summary>What it recorded may be recorded twice.</summary>
    PossibleDuplicate,

    /// <summary>A text that it made public record looks like a way to reach somebody.</summary>
    PublicText,
}

public sealed record NoteCounts(
    long New = 0,
    long Changed = 0,
    long Cancelled = 0,
    long Older = 0,
    long Missing = 0,
    long PassedOver = 0,
    long PossibleDuplicate = 0,
    long PublicText = 0
)
{
    public static NoteCounts None { get; } = new();

    public static NoteCounts Of(IReadOnlyCollection<RowNote> notes) =>
        new(
            Count(notes, NoteKind.New),
            Count(notes, NoteKind.Changed),
            Count(notes, NoteKind.Cancelled),
            Count(notes, NoteKind.Older),
            Count(notes, NoteKind.Missing),
            Count(notes, NoteKind.PassedOver),
            Count(notes, NoteKind.PossibleDuplicate),
            Count(notes, NoteKind.PublicText)
        );

    public static NoteCounts operator +(NoteCounts a, NoteCounts b) => Add(a, b);

    public static NoteCounts Add(NoteCounts a, NoteCounts b) =>
        new(
            a.New + b.New,
            a.Changed + b.Changed,
            a.Cancelled + b.Cancelled,
            a.Older + b.Older,
            a.Missing + b.Missing,
            a.PassedOver + b.PassedOver,
            a.PossibleDuplicate + b.PossibleDuplicate,
            a.PublicText + b.PublicText
        );

    private static long Count(IReadOnlyCollection<RowNote> notes, NoteKind kind) => notes.Count(n => n.Kind == kind);
}

/// <summary>What the report of an import says of a row: why it was refused, or a note.</summary>
public abstract record RowRemark(long Row, string Reason)
{
    /// <summary>The ids of the records that it names.</summary>
    internal abstract IEnumerable<Guid> Records { get; }
}

/// <summary>Why a row was refused. <paramref name="Field"/> is the column, or a JSON Pointer into the row's data.</summary>
public sealed record RowRefusal(long Row, string Type, string Reason, string? Field = null) : RowRemark(Row, Reason)
{
    /// <summary>
    /// The id of the record that the row is in conflict with; left out where only an earlier row of the file would make it, which was not
    /// recorded.
    /// </summary>
    public Guid? Record { get; init; }

    /// <summary>Whose personal data the two values are; null where they are nobody's.</summary>
    [JsonIgnore]
    public Guid? PersonId { get; init; }

    /// <summary>
    /// What is recorded, as JSON, where the field differs from it; left out where it is personal and the caller may not read it.
    /// </summary>
    public string? Recorded { get; init; }

    /// <summary>What the row says in its place, as JSON.</summary>
    public string? Sent { get; init; }

    internal override IEnumerable<Guid> Records => new[] { Record, PersonId }.OfType<Guid>();
}

/// <summary>
/// What became of a row, or what of it was passed over. <paramref name="Subject"/> names what it is about, as the file does.
/// </summary>
public sealed record RowNote(long Row, NoteKind Kind, string Reason, string? Subject = null) : RowRemark(Row, Reason)
{
    /// <summary>The id of what the row recorded, where that may be recorded twice; left out in a dry run.</summary>
    public Guid? Record { get; init; }

    /// <summary>What that may be the same as.</summary>
    public ValueList<RowDuplicate>? PossibleDuplicates { get; init; }

    /// <summary>Where the text stands that the note is about: the column, the property, or a JSON Pointer into the row.</summary>
    public string? Field { get; init; }

    internal override IEnumerable<Guid> Records => (PossibleDuplicates ?? []).Select(other => other.Id).Append(Record).OfType<Guid>();
}

/// <summary>
/// A record that may be the same as what a row recorded, and why. In a dry run it has no id where an earlier row of the file
/// would record it.
/// </summary>
public sealed record RowDuplicate(string Why, Guid? Id = null);
