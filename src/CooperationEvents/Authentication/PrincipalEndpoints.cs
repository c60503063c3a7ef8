using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Authentication;

/// <summary>
/// Ends a principal for good: its keys and tokens are refused, its webhooks are deleted and its imports stopped. With
/// <paramref name="EraseName"/> its name is erased from the directory too; its random id stays in the history.
/// </summary>
public sealed record EndPrincipal(bool? EraseName = null);

public static class ListPrincipalsEndpoint
{
    [
        WolverineGet("/v1/access/principals", OperationId = "list-principals"),
        OpensNames(Scopes.Admin),
        Operation(
            Scopes.Admin,
            typeof(Page<DirectoryEntry>),
            Parameters = ["limit", "cursor"],
            MediaTypes = ["application/json", CsvLines.MediaType]
        )
    ]
    public static Task<IResult> Get(HttpContext http, Principals principals) =>
        Paging.List(http, (after, limit) => principals.List(after, limit, http.RequestAborted), p => p.Number, p => p.Entry);
}

public static class GetPrincipalEndpoint
{
    [WolverineGet("/v1/access/principals/{principalId}", OperationId = "get-principal"), OpensNames(Scopes.Admin)]
    [Operation(Scopes.Admin, typeof(DirectoryEntry))]
    public static async Task<IResult> Get(string principalId, HttpContext http, Principals principals) =>
        new QueryParameters(http.Request.Query).Fault() is { } fault ? ProblemResult.Of(fault)
        : Uuid.Read(principalId) is { } id && await principals.Find(id, http.RequestAborted) is { } found
            ? Results.Json(found, Json.Options)
        : NoPrincipal(principalId);

    internal static IResult NoPrincipal(string id) => ProblemResult.Of(KernelProblems.NotFound.Because($"There is no principal {id}."));
}

public static class EndPrincipalEndpoint
{
    [
        WolverinePost("/v1/access/principals/{principalId}/end", OperationId = "end-principal"),
        Operation(Scopes.Admin, Status = 204, Takes = typeof(EndPrincipal))
    ]
    public static async Task<IResult> Post(string principalId, HttpContext http, ApiKeyRequests requests)
    {
        var (asked, refused) = await Body.Read<EndPrincipal>(http);
        if (refused is not null)
            return refused;
        return
            Uuid.Read(principalId) is { } id
            && await requests.End(id, asked!.EraseName ?? false, http.User.PrincipalId(), KeyAttempts.Address(http), http.RequestAborted)
            ? Results.NoContent()
            : GetPrincipalEndpoint.NoPrincipal(principalId);
    }
}

public static class ListSecurityEventsEndpoint
{
    [
        WolverineGet("/v1/audit/security-events", OperationId = "list-security-events"),
        Operation(
            Scopes.AuditRead,
            typeof(Page<SecurityEvent>),
            Parameters = ["limit", "cursor"],
            MediaTypes = ["application/json", CsvLines.MediaType]
        )
    ]
    public static async Task<IResult> Get(HttpContext http, SecurityEvents events)
    {
        await events.Flush(http.RequestAborted);
        return await Paging.List(http, (after, limit) => events.List(after, limit, http.RequestAborted), e => e.Number, e => e.Event);
    }
}
