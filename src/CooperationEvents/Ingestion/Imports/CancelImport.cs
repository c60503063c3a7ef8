using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Stops an import where it is; what it recorded stays. An atomic one that is being appended is not stopped: it would be
/// neither whole nor nothing.
/// </summary>
public static class CancelImportEndpoint
{
    private static readonly ProblemType Ended = new("import-ended", 409, "The import has ended");
    private static readonly ProblemType BeingAppended = new("import-being-appended", 409, "The import is atomic and being appended");

    [WolverinePost("/v1/imports/{importId}/cancel", OperationId = "cancel-import")]
    [Operation(Scopes.ActivityWrite, typeof(ImportAnswer), MaySend = [CommandEndpoint.PositionHeader], Refuses = ["409"])]
    public static async Task<IResult> Post(string importId, HttpContext http, ImportStore store)
    {
        if (await JsonBody.ReadNone(http.Request, http.RequestAborted) is { } unwanted)
            return ProblemResult.Of(unwanted);
        if (await GetImportEndpoint.Find(importId, http, store) is not { } import)
            return GetImportEndpoint.NotFound(importId);
        if (import is { Mode: ImportMode.Atomic, State: ImportState.Appending })
            return ProblemResult.Of(BeingAppended.Because("All its rows were accepted and are being recorded; it will be complete soon."));
        if (
            import.State != ImportState.Cancelled
            && !await store.End(import.Id, ImportState.Cancelled, "It was cancelled.", null, http.RequestAborted)
        )
        {
            import = (await store.Find(import.Id, http.RequestAborted))!;
            return ProblemResult.Of(Ended.Because($"The import ended before, and is {import.State.ToString().ToLowerInvariant()}."));
        }

        return await ImportAnswer.Answer((await store.Find(import.Id, http.RequestAborted))!, [], store, http);
    }
}
