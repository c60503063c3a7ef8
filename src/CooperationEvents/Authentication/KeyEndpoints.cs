using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Authentication;

/// <summary>
/// Makes an API key: with the scopes of a role, or with these, for a principal that there is, or for a new one whose name is given. A
/// calendar's key has the framework, and neither role nor scopes. Where <paramref name="Sources"/> are given the key names these alone as
/// the source of what it posts, in the header and in CloudEvents; else any. The key is in the answer and is never shown again, not even
/// to a repeat under the same <c>Idempotency-Key</c>: who has lost it rotates it.
/// </summary>
public sealed record NewApiKey(
    Guid? PrincipalId = null,
    [property: Text(200)] string? Owner = null,
    [property: Text(40)] string? Role = null,
    [property: Bounds(1, 20)] ValueList<string>? Scopes = null,
    Guid? CalendarOf = null,
    [property: Bounds(1, ApiKeyRequests.LongestDays)] int? ExpiresInDays = null,
    [property: Bounds(1, 20), Text(CommandHeaders.LongestSource)] ValueList<string>? Sources = null
);

/// <summary>
/// Makes another key in place of one, for the same principal with the same scopes and sources. The one before goes on for so many
/// hours; for 24 where that is absent. The other one lasts as long as that did from the day it was made, unless it is said how long.
/// </summary>
public sealed record RotateApiKey(
    [property: Bounds(0, 24 * 90)] int? OverlapHours = null,
    [property: Bounds(1, ApiKeyRequests.LongestDays)] int? ExpiresInDays = null
);

/// <summary>A key; <paramref name="Key"/> is what is to be sent, and is shown when it is made alone.</summary>
/// <param name="Sources">The sources it may name; absent where it may name any.</param>
public sealed record ApiKeyAnswer(
    Guid Id,
    Guid PrincipalId,
    ValueList<string> Scopes,
    Guid? CalendarOf,
    ValueList<string>? Sources,
    DateTime MadeAt,
    Guid? MadeBy,
    DateTime? ExpiresAt,
    DateTime? RevokedAt,
    DateTime? LastUsedAt,
    string? Key = null
)
{
    internal static ApiKeyAnswer Of(ApiKey key, string? shown = null) =>
        new(
            key.Id,
            key.PrincipalId,
            [.. key.Scopes],
            key.Framework,
            key.Sources.Count == 0 ? null : [.. key.Sources],
            key.MadeAt,
            key.MadeBy,
            key.ExpiresAt,
            key.RevokedAt,
            key.LastUsedAt,
            shown
        );
}

/// <summary>Makes keys as they are asked for, over HTTP and from the command line.</summary>
public sealed class ApiKeyRequests(
    ApiKeys keys,
    Principals principals,
    Reader reader,
    IdempotentRequests idempotent,
    SecurityEvents events,
    TimeProvider clock
)
{
    public const int LongestDays = 3_650;

    private const int Days = 365;
    private const int OverlapHours = 24;

    private static readonly ProblemType Ended = new("key-ended", 409, "The key has ended");
    private static readonly ProblemType SourceNotTaken = new("source-not-taken", 409, "A source of the key is none any more");

    /// <param name="by">The administrator; null for the command line.</param>
    /// <param name="under">What it is asked under; null where each request makes a key.</param>
    /// <returns>Neither where another request made a key under the same.</returns>
    public async Task<(ApiKeyAnswer? Made, Problem? Problem)> Make(
        NewApiKey asked,
        Guid? by,
        string address,
        IdempotentRequest? under,
        CancellationToken cancellation
    )
    {
        if ((asked.PrincipalId is null) == (asked.Owner is null))
            return (
                null,
                KernelProblems.Invalid.At("/owner", "Say whose key it is: by the id of a principal, or by the name of a new one.")
            );
        if (new object?[] { asked.Role, asked.Scopes, asked.CalendarOf }.Count(given => given is not null) != 1)
            return (null, KernelProblems.Invalid.At("/role", "Say what the key may do: by a role, by scopes, or by calendarOf."));
        if (asked.Role is not null && !Scopes.Roles.ContainsKey(asked.Role))
            return (null, KernelProblems.Invalid.At("/role", $"Must be one of {string.Join(", ", Scopes.Roles.Keys)}."));
        if (asked.Scopes?.Index().FirstOrDefault(s => !Scopes.All.Contains(s.Item)) is { Item: not null } unknown)
            return (null, KernelProblems.Invalid.At($"/scopes/{unknown.Index}", $"Must be one of {string.Join(", ", Scopes.All)}."));
        if (asked.Sources?.Index().FirstOrDefault(s => !CommandHeaders.IsSource(s.Item)) is { Item: not null } unnamed)
            return (null, KernelProblems.Invalid.At($"/sources/{unnamed.Index}", $"A source {CommandHeaders.SourceForm}"));
        if (asked.PrincipalId is { } id && await principals.Find(id, cancellation) is not { EndedAt: null })
            return (null, KernelProblems.Invalid.At("/principalId", "There is no such principal, or it has ended."));
        if (asked.CalendarOf is { } framework && !await reader.IsRecorded(StreamKind.Framework, framework, cancellation))
            return (null, KernelProblems.Invalid.At("/calendarOf", $"There is no framework {framework}."));
        IReadOnlyList<string> scopes =
            asked.Role is not null ? Scopes.Roles[asked.Role]
            : asked.Scopes is not null ? [.. asked.Scopes.Distinct()]
            : [Scopes.CalendarRead];
        var principal = asked.PrincipalId ?? await principals.Create(asked.Owner, cancellation);
        IReadOnlyList<string> sources = [.. (asked.Sources ?? []).Distinct()];
        var expiresAt = In(asked.ExpiresInDays ?? Days);
        var toMake = new KeyToMake(principal, scopes, asked.CalendarOf, sources, expiresAt, by);
        if (await keys.Create(toMake, under, cancellation) is not var (made, key))
        {
            // The same request arrived twice at once, and the other one was first: a principal of this one has no key.
            if (asked.PrincipalId is null)
                await principals.End(principal, eraseName: true, cancellation);
            return (null, null);
        }

        events.Note(SecurityEvents.KeyMade, address, by ?? Guid.Empty, $"{made.Id}");
        return (ApiKeyAnswer.Of(made, key), null);
    }

    /// <summary>
    /// What a request asks for a key under, and what it has made before: the key without what is to be sent, or why the
    /// <c>Idempotency-Key</c> cannot be used. All null where there is no such header.
    /// </summary>
    internal async Task<(IdempotentRequest? Under, ApiKeyAnswer? Made, Problem? Problem)> Under(HttpContext http, object asked)
    {
        var (key, unusable) = CommandHeaders.IdempotencyKeyOf(http);
        if (key is null)
            return (null, null, unusable);
        var path = http.Request.Path.Value!.TrimEnd('/');
        var under = await idempotent.Of("api-key", http.User.PrincipalId(), $"{path}\n{key}", asked, http.RequestAborted);
        return await idempotent.Made(under, http.RequestAborted) switch
        {
            null => (under, null, null),
            (var made, true) => (under, ApiKeyAnswer.Of((await keys.Find(made, http.RequestAborted))!), null),
            _ => (
                under,
                null,
                RecordingProblems.IdempotencyKeyReused.Because(
                    "This Idempotency-Key made another key of access. Use a new one for a new request."
                )
            ),
        };
    }

    public async Task<(ApiKeyAnswer? Made, Problem? Problem)> Rotate(
        Guid id,
        RotateApiKey asked,
        Guid? by,
        string address,
        IdempotentRequest? under,
        CancellationToken cancellation
    )
    {
        if ((await keys.Find(id, cancellation))?.Sources.Any(source => !CommandHeaders.IsSource(source)) == true)
            return (
                null,
                SourceNotTaken.Because(
                    $"A source {CommandHeaders.SourceForm} Make a new key with other sources, for the same principalId, and revoke this "
                        + "one."
                )
            );
        var until = clock.GetUtcNow().AddHours(asked.OverlapHours ?? OverlapHours);
        var expiresAt = asked.ExpiresInDays is { } days ? In(days) : (DateTimeOffset?)null;
        if (await keys.Rotate(id, until, expiresAt, by, under, cancellation) is not var (made, key))
            return await idempotent.Made(under, cancellation) is not null
                ? (null, null)
                : (null, Ended.Because("The key was revoked or its time has passed. Make a new one, for the same principalId."));
        events.Note(SecurityEvents.KeyRotated, address, by ?? Guid.Empty, $"{id}");
        return (ApiKeyAnswer.Of(made, key), null);
    }

    public async Task<bool> Revoke(Guid id, Guid? by, string address, CancellationToken cancellation)
    {
        if (!await keys.Revoke(id, cancellation))
            return false;
        principals.NoteEnding();
        events.Note(SecurityEvents.KeyRevoked, address, by ?? Guid.Empty, $"{id}");
        return true;
    }

    public async Task<bool> End(Guid principal, bool eraseName, Guid? by, string address, CancellationToken cancellation)
    {
        if (!await principals.End(principal, eraseName, cancellation))
            return false;
        keys.Forget();
        events.Note(SecurityEvents.PrincipalEnded, address, by ?? Guid.Empty, $"{principal}");
        return true;
    }

    private DateTimeOffset In(int days) => clock.GetUtcNow().AddDays(days);
}

public static class CreateKeyEndpoint
{
    [
        WolverinePost("/v1/access/keys", OperationId = "create-key"),
        Operation(
            Scopes.Admin,
            typeof(ApiKeyAnswer),
            Status = 201,
            Takes = typeof(NewApiKey),
            NeedsBody = true,
            Headers = [CommandHeaders.IdempotencyKey]
        )
    ]
    public static async Task<IResult> Post(HttpContext http, ApiKeyRequests requests)
    {
        var (asked, refused) = await Body.Read<NewApiKey>(http);
        return refused
            ?? await MadeKey.Answer(http, requests, asked!, under =>
                requests.Make(asked!, http.User.PrincipalId(), KeyAttempts.Address(http), under, http.RequestAborted)
            );
    }
}

public static class ListKeysEndpoint
{
    [
        WolverineGet("/v1/access/keys", OperationId = "list-keys"),
        Operation(
            Scopes.Admin,
            typeof(Page<ApiKeyAnswer>),
            Parameters = ["limit", "cursor"],
            MediaTypes = ["application/json", CsvLines.MediaType]
        )
    ]
    public static Task<IResult> Get(HttpContext http, ApiKeys keys) =>
        Paging.List(http, (after, limit) => keys.List(after, limit, http.RequestAborted), k => k.Number, k => ApiKeyAnswer.Of(k.Key));
}

public static class GetKeyEndpoint
{
    [WolverineGet("/v1/access/keys/{keyId}", OperationId = "get-key"), Operation(Scopes.Admin, typeof(ApiKeyAnswer))]
    public static async Task<IResult> Get(string keyId, HttpContext http, ApiKeys keys) =>
        new QueryParameters(http.Request.Query).Fault() is { } fault ? ProblemResult.Of(fault)
        : Uuid.Read(keyId) is { } id && await keys.Find(id, http.RequestAborted) is { } key
            ? Results.Json(ApiKeyAnswer.Of(key), Json.Options)
        : NoKey(keyId);

    internal static IResult NoKey(string id) => ProblemResult.Of(KernelProblems.NotFound.Because($"There is no key {id}."));
}

public static class RotateKeyEndpoint
{
    [WolverinePost("/v1/access/keys/{keyId}/rotate", OperationId = "rotate-key")]
    [Operation(
        Scopes.Admin,
        typeof(ApiKeyAnswer),
        Status = 201,
        Takes = typeof(RotateApiKey),
        Headers = [CommandHeaders.IdempotencyKey],
        Refuses = ["409"]
    )]
    public static async Task<IResult> Post(string keyId, HttpContext http, ApiKeys keys, ApiKeyRequests requests)
    {
        var (asked, refused) = await Body.Read<RotateApiKey>(http);
        if (refused is not null)
            return refused;
        if (Uuid.Read(keyId) is not { } id || await keys.Find(id, http.RequestAborted) is null)
            return GetKeyEndpoint.NoKey(keyId);
        return await MadeKey.Answer(http, requests, asked!, under =>
            requests.Rotate(id, asked!, http.User.PrincipalId(), KeyAttempts.Address(http), under, http.RequestAborted)
        );
    }
}

/// <summary>Answers with a key that was just made, or with the one that the same request made before.</summary>
internal static class MadeKey
{
    public static async Task<IResult> Answer(
        HttpContext http,
        ApiKeyRequests requests,
        object asked,
        Func<IdempotentRequest?, Task<(ApiKeyAnswer? Made, Problem? Problem)>> make
    )
    {
        var (under, before, refused) = await requests.Under(http, asked);
        if (refused is not null)
            return ProblemResult.Of(refused);
        var (made, problem) = before is null ? await make(under) : (null, null);
        if (made is null && problem is null)
        {
            (_, made, problem) = await requests.Under(http, asked);
            http.Response.Headers[CommandEndpoint.ReplayedHeader] = "true";
        }

        if (problem is not null)
            return ProblemResult.Of(problem);
        http.Response.Headers.Location = $"/v1/access/keys/{made!.Id}";
        return Results.Json(made, Json.Options, statusCode: StatusCodes.Status201Created);
    }
}

public static class RevokeKeyEndpoint
{
    [WolverinePost("/v1/access/keys/{keyId}/revoke", OperationId = "revoke-key"), Operation(Scopes.Admin, Status = 204)]
    public static async Task<IResult> Post(string keyId, HttpContext http, ApiKeyRequests requests)
    {
        if (await JsonBody.ReadNone(http.Request, http.RequestAborted) is { } unwanted)
            return ProblemResult.Of(unwanted);
        return
            Uuid.Read(keyId) is { } id && await requests.Revoke(id, http.User.PrincipalId(), KeyAttempts.Address(http), http.RequestAborted)
            ? Results.NoContent()
            : GetKeyEndpoint.NoKey(keyId);
    }
}

/// <summary>Reads the body of a request that is no command.</summary>
internal static class Body
{
    public static async Task<(T? Asked, IResult? Refused)> Read<T>(HttpContext http)
        where T : class
    {
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return (null, ProblemResult.Of(unreadable));
        var (asked, invalid) = BodyCheck.As<T>(body, new Dictionary<string, string>());
        return invalid is null ? (asked, null) : (null, ProblemResult.Of(invalid));
    }
}
