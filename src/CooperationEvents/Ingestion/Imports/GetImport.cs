using System.Globalization;
using CooperationEvents.Authorization;
using CooperationEvents.Files;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>An import as answered: how far it is, what became of its rows, and a page of what there is to say of them.</summary>
/// <param name="EncodingBasis">From what the encoding is known.</param>
/// <param name="EncodingNote">Where it is a guess: that it is, and what to do.</param>
/// <param name="Ahead">While it waits: the imports before it that have not ended.</param>
/// <param name="Position">Once it has ended and anything is recorded of it: the position that a read waits for by minPosition.</param>
/// <param name="PossibleDuplicates">How many of the records that rows created may be recorded twice; each has a note.</param>
/// <param name="PublicTexts">How many texts of rows look like a way to reach somebody and are public record; each has a note.</param>
/// <param name="New">This and what follows up to <paramref name="PassedOver"/> count the notes of that kind; null where the format has
/// none.</param>
public sealed record ImportAnswer(
    Guid Id,
    ImportState State,
    ImportFormat Format,
    ImportMode Mode,
    bool DryRun,
    string Encoding,
    EncodingBasis EncodingBasis,
    string? EncodingNote,
    string? Source,
    string Correlation,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    string? Reason,
    ImportsAhead? Ahead,
    long? Position,
    long Bytes,
    long Rows,
    long Accepted,
    long Unchanged,
    long Refused,
    long Skipped,
    long Events,
    long PossibleDuplicates,
    long PublicTexts,
    long? New,
    long? Changed,
    long? Cancelled,
    long? Older,
    long? Missing,
    long? PassedOver,
    ValueList<RowRefusal> Refusals,
    ValueList<RowNote> Notes
)
{
    private const string Guess =
        "The file is not UTF-8 and does not say what it is; it is read as Windows-1252, which is a guess. "
        + "If that is wrong, cancel the import and send the file as text/csv; charset=… with the name of its encoding.";

    private static ImportAnswer Of(Import import, IReadOnlyCollection<RowRemark> remarks, ImportsAhead? ahead) =>
        new(
            import.Id,
            import.State,
            import.Format,
            import.Mode,
            import.DryRun,
            import.Encoding.Name,
            import.Encoding.Basis,
            import.Encoding.Basis == EncodingBasis.Guessed ? Guess : null,
            import.Source,
            import.Correlation,
            import.CreatedAt,
            import.FinishedAt,
            import.Reason,
            ahead,
            import.Position,
            import.Bytes,
            import.Counts.Rows,
            import.Counts.Accepted,
            import.Counts.Unchanged,
            import.Counts.Refused,
            import.Counts.Skipped,
            import.Counts.Events,
            import.Counts.Notes.PossibleDuplicate,
            import.Counts.Notes.PublicText,
            NotesOf(import)?.New,
            NotesOf(import)?.Changed,
            NotesOf(import)?.Cancelled,
            NotesOf(import)?.Older,
            NotesOf(import)?.Missing,
            NotesOf(import)?.PassedOver,
            [.. remarks.OfType<RowRefusal>()],
            [.. remarks.OfType<RowNote>()]
        );

    /// <summary>
    /// Answers with an import as it is now; of one that waits, with what is ahead of it, and of one that has ended with its position.
    /// </summary>
    public static async Task<IResult> Answer(
        Import import,
        IReadOnlyCollection<RowRemark> remarks,
        ImportStore store,
        HttpContext http,
        int status = 200
    )
    {
        var ahead = import.State == ImportState.Queued ? await store.Ahead(import.Id, http.RequestAborted) : null;
        if (import.Position is { } position)
            http.Response.Headers[CommandEndpoint.PositionHeader] = position.ToString(CultureInfo.InvariantCulture);
        return Results.Json(Of(import, remarks, ahead), Json.Options, statusCode: status);
    }

    private static NoteCounts? NotesOf(Import import) => import.Format == ImportFormat.Calendar ? import.Counts.Notes : null;
}

public static class GetImportEndpoint
{
    internal const int DefaultRows = 100;
    internal const int MostRows = 1_000;

    [
        WolverineGet("/v1/imports/{importId}", OperationId = "get-import"),
        Operation(
            Scopes.ActivityWrite,
            typeof(ImportAnswer),
            Parameters = ["rows:limit", "cursor"],
            MaySend = [CommandEndpoint.PositionHeader]
        )
    ]
    public static async Task<IResult> Get(
        string importId,
        HttpContext http,
        ImportStore store,
        ImportReports reports,
        IShowPeople people,
        IKnowHidden hidden,
        ErasedPeople erased
    )
    {
        var query = new QueryParameters(http.Request.Query);
        var rows = query.Number("limit", 1, MostRows) ?? DefaultRows;
        var after = Cursor.ReadNumber(http, query) ?? 0;
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        if (await Find(importId, http, store) is not { } import)
            return NotFound(importId);
        var remarks = await reports.Of(import.Id, after, rows, http.RequestAborted);
        if (remarks.Count == rows)
            Cursor.Link(http, $"{remarks[^1].Ordinal}");
        var shown = await Shown(
            [.. remarks.SelectMany(r => r.Remarks).Where(remark => !remark.Records.Any(erased.Contains))],
            people,
            http
        );
        return await ImportAnswer.Answer(import, await WithoutHidden(shown, hidden, http), store, http);
    }

    /// <summary>The remarks without the values of people that the caller may not be shown now.</summary>
    private static async Task<IReadOnlyCollection<RowRemark>> Shown(
        IReadOnlyCollection<RowRemark> remarks,
        IShowPeople people,
        HttpContext http
    )
    {
        var shown = await people.Of([.. remarks.OfType<RowRefusal>().Select(r => r.PersonId).OfType<Guid>().Distinct()], http);
        return
        [
            .. remarks.Select(remark =>
                remark is RowRefusal { PersonId: { } person } refusal && !shown.Contains(person)
                    ? refusal with
                    {
                        Recorded = null,
                        Sent = null,
                    }
                    : remark
            ),
        ];
    }

    /// <summary>The remarks without possible duplicates that were hidden since, and without notes that have no other.</summary>
    private static async Task<IReadOnlyCollection<RowRemark>> WithoutHidden(
        IReadOnlyCollection<RowRemark> remarks,
        IKnowHidden hidden,
        HttpContext http
    )
    {
        if (!remarks.OfType<RowNote>().Any(note => note.PossibleDuplicates is not null))
            return remarks;
        var people = await hidden.In(http);
        return
        [
            .. remarks
                .Select(remark =>
                    remark is RowNote { PossibleDuplicates: { } all } note ? note with { PossibleDuplicates = Shown(all) } : remark
                )
                .Where(remark => remark is not RowNote { Kind: NoteKind.PossibleDuplicate, PossibleDuplicates: null or { Count: 0 } }),
        ];

        ValueList<RowDuplicate> Shown(ValueList<RowDuplicate> all) => [.. all.Where(one => one.Id is not { } id || !people.Contains(id))];
    }

    /// <summary>The import, to whoever posted it and to administrators.</summary>
    internal static async Task<Import?> Find(string id, HttpContext http, ImportStore store) =>
        Uuid.Read(id) is { } import
        && await store.Find(import, http.RequestAborted) is { } found
        && (found.Actor == http.User.PrincipalId() || http.User.Has(Scopes.Admin))
            ? found
            : null;

    internal static IResult NotFound(string id) => ProblemResult.Of(KernelProblems.NotFound.Because($"There is no import {id} of yours."));
}
