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

    /// <summary>A row of an atomic import was refused; nothing was appended.</summary>
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
    string? Reason)
{
    public bool IsFinal => State is ImportState.Completed or ImportState.Refused or ImportState.Cancelled or ImportState.Failed;
}

/// <summary>Rows looked at so far, and what became of them; of an import that is decided first, in the pass it is in.</summary>
/// <param name="Unchanged">Accepted rows that repeat what is already so.</param>
/// <param name="Skipped">Rows the mapping says to skip.</param>
/// <param name="Events">What the accepted rows came to.</param>
public sealed record ImportCounts(long Rows, long Accepted, long Unchanged, long Refused, long Skipped, long Events)
{
    public static ImportCounts None { get; } = new(0, 0, 0, 0, 0, 0);

    public static ImportCounts operator +(ImportCounts a, ImportCounts b) => Add(a, b);

    public static ImportCounts Add(ImportCounts a, ImportCounts b) => new(
        a.Rows + b.Rows, a.Accepted + b.Accepted, a.Unchanged + b.Unchanged, a.Refused + b.Refused, a.Skipped + b.Skipped, a.Events + b.Events);
}

/// <summary>Why a row was refused. <paramref name="Field"/> is the column, or a JSON Pointer into the row's data.</summary>
public sealed record RowRefusal(long Row, string Type, string Reason, string? Field = null);
