using System.Globalization;
using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>An import as answered: how far it is, what became of its rows, and a page of the refused ones.</summary>
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
    long Bytes,
    long Rows,
    long Accepted,
    long Unchanged,
    long Refused,
    long Skipped,
    long Events,
    ValueList<RowRefusal> Refusals)
{
    private const string Guess =
        "The file is not UTF-8 and does not say what it is; it is read as Windows-1252, which is a guess. "
        + "If that is wrong, cancel the import and send the file as text/csv; charset=… with the name of its encoding.";

    public static ImportAnswer Of(Import import, IEnumerable<RowRefusal> refusals) => new(
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
        import.Bytes,
        import.Counts.Rows,
        import.Counts.Accepted,
        import.Counts.Unchanged,
        import.Counts.Refused,
        import.Counts.Skipped,
        import.Counts.Events,
        [.. refusals]);
}

public static class GetImportEndpoint
{
    private const int DefaultRows = 100;
    private const int MostRows = 1_000;

    [WolverineGet("/v1/imports/{importId}", OperationId = "get-import"), Operation(Scopes.ActivityWrite, typeof(ImportAnswer), Parameters = ["limit", "cursor"])]
    public static async Task<IResult> Get(string importId, HttpContext http, ImportStore store)
    {
        var query = new QueryParameters(http.Request.Query);
        var rows = query.Number("limit", 1, MostRows) ?? DefaultRows;
        var cursor = query.Text("cursor") is { } given ? Cursor.Read(given, query) : null;
        var after = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            query.Refuse("cursor", "Must be a cursor from a Link header of this import.");
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        if (await Find(importId, http, store) is not { } import)
            return NotFound(importId);
        var refusals = await store.Refusals(import.Id, after, rows, http.RequestAborted);
        if (refusals.Count == rows)
            Cursor.Link(http, Cursor.Write(refusals[^1].Ordinal.ToString(CultureInfo.InvariantCulture)));
        return Results.Json(ImportAnswer.Of(import, refusals.SelectMany(r => r.Refusals)), Json.Options);
    }

    /// <summary>The import, to who posted it and to administrators.</summary>
    internal static async Task<Import?> Find(string id, HttpContext http, ImportStore store) =>
        Guid.TryParseExact(id, "D", out var import)
        && await store.Find(import, http.RequestAborted) is { } found
        && (found.Actor == http.User.PrincipalId() || http.User.Has(Scopes.Admin))
            ? found
            : null;

    internal static IResult NotFound(string id) => ProblemResult.Of(KernelProblems.NotFound.Because($"There is no import {id} of yours."));
}
