using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Wolverine.Http;

namespace CooperationEvents.Webhooks;

/// <summary>
/// A subscription gives nothing that the feed does not give, so it needs the same scope; and another beside it, since it goes on
/// sending what is recorded out of the register when nobody asks.
/// </summary>
public static class CreateSubscriptionEndpoint
{
    [WolverinePost("/v1/subscriptions", OperationId = "create-subscription")]
    [Operation(
        Scopes.SubscriptionsManage,
        typeof(SubscriptionAnswer),
        Also = Scopes.ActivityRead,
        Status = 201,
        Takes = typeof(NewSubscription),
        Headers = [CommandHeaders.IdempotencyKey],
        Refuses = ["410"]
    )]
    public static async Task<IResult> Post(HttpContext http, Subscriptions subscriptions, ReadPosition position, WebhookOptions options)
    {
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return ProblemResult.Of(unreadable);
        var (request, invalid) = BodyCheck.As<NewSubscription>(body, new Dictionary<string, string>());
        if (invalid is not null)
            return ProblemResult.Of(invalid);
        var (key, unusable) = CommandHeaders.IdempotencyKeyOf(http);
        if (unusable is not null)
            return ProblemResult.Of(unusable);

        var settled = await position.Current(http.RequestAborted);
        var (made, repeated, refused) = await subscriptions.Create(
            http.User.PrincipalId(),
            request!,
            settled,
            key,
            Fault,
            http.RequestAborted
        );
        if (refused is not null)
            return ProblemResult.Of(refused);
        http.Response.Headers.Location = $"/v1/subscriptions/{made!.Id}";
        http.Response.Headers.CacheControl = "no-store";
        if (repeated && key is not null)
            http.Response.Headers[CommandEndpoint.ReplayedHeader] = "true";
        return Results.Json(made, Json.Options, statusCode: StatusCodes.Status201Created);

        async Task<Problem?> Fault() =>
            request!.Faults(options.AllowPrivateAddresses) is { Count: > 0 } faults ? KernelProblems.Invalid.With(faults)
            : request.From is { } from && await position.Recorded(http.RequestAborted) is var newest && from > newest
                ? KernelProblems.Invalid.At(
                    "/from",
                    $"The newest position is {newest}; begin with it or an earlier one, or say nothing to begin now."
                )
            : null;
    }
}

public static class ListSubscriptionsEndpoint
{
    [WolverineGet("/v1/subscriptions", OperationId = "list-subscriptions")]
    [Operation(
        Scopes.SubscriptionsManage,
        typeof(Page<SubscriptionAnswer>),
        Parameters = ["limit", "cursor"],
        MediaTypes = ["application/json", CsvLines.MediaType]
    )]
    public static Task<IResult> Get(HttpContext http, Subscriptions subscriptions) =>
        Paging.List(
            http,
            (after, limit) => subscriptions.List(Subscriber.Of(http), after, limit, http.RequestAborted),
            s => s.Number,
            s => s.Answer
        );
}

public static class GetSubscriptionEndpoint
{
    [
        WolverineGet("/v1/subscriptions/{subscriptionId}", OperationId = "get-subscription"),
        Operation(Scopes.SubscriptionsManage, typeof(SubscriptionAnswer))
    ]
    public static async Task<IResult> Get(string subscriptionId, HttpContext http, Subscriptions subscriptions)
    {
        if (new QueryParameters(http.Request.Query).Fault() is { } fault)
            return ProblemResult.Of(fault);
        return await Subscriber.Find(subscriptionId, http, subscriptions) is { } found
            ? Results.Json(found, Json.Options)
            : Subscriber.NotFound(subscriptionId);
    }
}

public static class DeleteSubscriptionEndpoint
{
    [
        WolverineDelete("/v1/subscriptions/{subscriptionId}", OperationId = "delete-subscription"),
        Operation(Scopes.SubscriptionsManage, Status = 204)
    ]
    public static async Task<IResult> Delete(string subscriptionId, HttpContext http, Subscriptions subscriptions) =>
        Uuid.Read(subscriptionId) is { } id && await subscriptions.Delete(id, Subscriber.Of(http), http.RequestAborted)
            ? Results.NoContent()
            : Subscriber.NotFound(subscriptionId);
}

public static class ListDeadLettersEndpoint
{
    [WolverineGet("/v1/subscriptions/{subscriptionId}/dead-letters", OperationId = "list-dead-letters")]
    [Operation(
        Scopes.SubscriptionsManage,
        typeof(Page<DeadLetter>),
        Parameters = ["limit", "cursor"],
        MediaTypes = ["application/json", CsvLines.MediaType]
    )]
    public static async Task<IResult> Get(string subscriptionId, HttpContext http, Subscriptions subscriptions, Deliveries deliveries)
    {
        if (await Subscriber.Find(subscriptionId, http, subscriptions) is not { } found)
            return Subscriber.NotFound(subscriptionId);
        return await Paging.List(
            http,
            (after, limit) => deliveries.DeadLetters(found.Id, after, limit, http.RequestAborted),
            l => l.Position,
            l => l
        );
    }
}

/// <summary>Sends dead letters again, all or those of the named event ids, with every attempt before them.</summary>
public sealed record ReplayDeadLetters([property: Bounds(1, 1_000)] ValueList<Guid>? Events = null);

/// <summary>
/// How many dead letters are to be sent again. <paramref name="NotDeadLetters"/>: those of the named events that are no dead letters of
/// this subscription, or none any more; absent where there are none.
/// </summary>
public sealed record DeadLettersReplayed(int Replayed, ValueList<Guid>? NotDeadLetters = null);

public static class ReplayDeadLettersEndpoint
{
    [WolverinePost("/v1/subscriptions/{subscriptionId}/dead-letters/replay", OperationId = "replay-dead-letters")]
    [Operation(
        Scopes.SubscriptionsManage,
        typeof(DeadLettersReplayed),
        Also = Scopes.ActivityRead,
        Status = 202,
        Takes = typeof(ReplayDeadLetters)
    )]
    public static async Task<IResult> Post(
        string subscriptionId,
        HttpContext http,
        Subscriptions subscriptions,
        Deliveries deliveries,
        DatabaseClock clock
    )
    {
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return ProblemResult.Of(unreadable);
        var (request, invalid) = BodyCheck.As<ReplayDeadLetters>(body, new Dictionary<string, string>());
        if (invalid is not null)
            return ProblemResult.Of(invalid);
        if (await Subscriber.Find(subscriptionId, http, subscriptions) is not { } found)
            return Subscriber.NotFound(subscriptionId);
        var named = request!.Events ?? [];
        if (await deliveries.Unknown(named, http.RequestAborted) is { Count: > 0 } unknown)
            return ProblemResult.Of(
                KernelProblems.UnknownReference.With(
                    from e in named.Index()
                    where unknown.Contains(e.Item)
                    select new FieldError($"/events/{e.Index}", $"There is no event {e.Item}.")
                )
            );
        var replayed = await deliveries.Replay(found.Id, request.Events, await clock.Now(http.RequestAborted), http.RequestAborted);
        var others = named.Except(replayed).ToValueList();
        return Results.Json(
            new DeadLettersReplayed(replayed.Count, others.Count == 0 ? null : others),
            Json.Options,
            statusCode: StatusCodes.Status202Accepted
        );
    }
}

/// <summary>Whose subscriptions a caller sees: their own, and an admin everybody's.</summary>
internal static class Subscriber
{
    /// <summary>The owner whose subscriptions alone are seen; null for all.</summary>
    public static Guid? Of(HttpContext http) => http.User.Has(Scopes.Admin) ? null : http.User.PrincipalId();

    public static async Task<SubscriptionAnswer?> Find(string id, HttpContext http, Subscriptions subscriptions) =>
        Uuid.Read(id) is { } key ? await subscriptions.Find(key, Of(http), http.RequestAborted) : null;

    public static IResult NotFound(string id) =>
        ProblemResult.Of(KernelProblems.NotFound.Because($"There is no subscription {id} of yours."));
}
