using System.Text.Json.Serialization;
using CooperationEvents.Audit.History;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// Replays the whole history, up to a settled position or the newest, into a schema of its own, and compares every row of the
/// read models. One replay runs at a time.
/// </summary>
public sealed record StartReplay(long? Position = null);

/// <summary>How many events were read again, of how many, and how fast; and up to which position they were held against the log.</summary>
public sealed record ReplayedEventsAnswer(long Replayed, long? Of, long PerSecond, long CheckedTo);

/// <summary>At which positions rows were compared: each at one of them, the same on both sides.</summary>
public sealed record ReplayCompared(long From, long To);

/// <summary>A replay in a list.</summary>
public record ReplaySummary(
    Guid Id,
    ReplayState State,
    long Position,
    Guid AskedBy,
    DateTimeOffset RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Reason,
    ReplayedEventsAnswer Events,
    ReplayCompared? Compared,
    long Differences,
    long DamagedEvents
)
{
    internal static ReplaySummary Of(Replay replay) =>
        new(
            replay.Id,
            replay.State,
            replay.Position,
            replay.Actor,
            replay.RequestedAt,
            replay.StartedAt,
            replay.FinishedAt,
            replay.Reason,
            new ReplayedEventsAnswer(replay.Replayed, replay.Events, replay.PerSecond, replay.CheckedTo),
            replay is { ComparedFrom: { } from, ComparedTo: { } to } ? new ReplayCompared(from, to) : null,
            replay.Differences,
            replay.DamagedEvents
        );
}

/// <summary>A replay: how far it is, what was compared, and a page of what it found.</summary>
public sealed record ReplayAnswer : ReplaySummary
{
    private ReplayAnswer(ReplaySummary summary)
        : base(summary) { }

    [JsonPropertyOrder(1)]
    public required ValueList<ReplayedTable> Tables { get; init; }

    [JsonPropertyOrder(2)]
    public required ValueList<ReplayFinding> Findings { get; init; }

    internal static ReplayAnswer Of(Replay replay, IEnumerable<ReplayFinding> findings) =>
        new(ReplaySummary.Of(replay)) { Tables = [.. replay.Tables], Findings = [.. findings] };
}

public static class StartReplayEndpoint
{
    [WolverinePost("/v1/audit/replays", OperationId = "start-replay")]
    [Operation(
        Scopes.AuditRead,
        typeof(ReplayAnswer),
        Status = 202,
        Takes = typeof(StartReplay),
        Headers = [CommandHeaders.IdempotencyKey]
    )]
    public static async Task<IResult> Post(HttpContext http)
    {
        var (store, cancellation) = (ReplayAnswers.Store(http), http.RequestAborted);
        var (body, unreadable) = await JsonBody.Read(http.Request, cancellation);
        if (unreadable is not null)
            return ProblemResult.Of(unreadable);
        var (request, invalid) = BodyCheck.As<StartReplay>(body, new Dictionary<string, string>());
        if (invalid is not null)
            return ProblemResult.Of(invalid);
        var (key, unusable) = CommandHeaders.IdempotencyKeyOf(http);
        if (unusable is not null)
            return ProblemResult.Of(unusable);
        var idempotent = http.RequestServices.GetRequiredService<IdempotentRequests>();
        var under = await idempotent.Of("replay", http.User.PrincipalId(), key, request!, cancellation);
        if (await Repeated(http, store, idempotent, under) is { } repeated)
            return repeated;

        var settled = await http.RequestServices.GetRequiredService<EventHistory>().Settled(cancellation);
        if (new AskedPoint(request!.Position).Unsettled(settled) is { } unsettled)
            return ProblemResult.Of(unsettled);
        if (await store.Open(cancellation) is { } running)
            return ReplayAnswers.NotNow(running);
        if (await http.RequestServices.GetRequiredService<ReplayDisk>().Fault(cancellation) is { } noRoom)
            return ProblemResult.Of(noRoom);
        var id = Guid.CreateVersion7();
        if (!await store.Create(id, request.Position ?? settled, http.User.PrincipalId(), under, cancellation))
        {
            if (await Repeated(http, store, idempotent, under) is { } concurrent)
                return concurrent;
            return await store.Open(cancellation) is { } other
                ? ReplayAnswers.NotNow(other)
                : ProblemResult.Of(KernelProblems.Busy.Because("Another replay has just ended. Ask again.") with { RetryAfter = 1 });
        }

        http.RequestServices.GetRequiredService<ReplayWorker>().Call();
        return Accepted(http, (await store.Find(id, cancellation))!);
    }

    private static async Task<IResult?> Repeated(
        HttpContext http,
        ReplayStore store,
        IdempotentRequests idempotent,
        IdempotentRequest? under
    )
    {
        if (await idempotent.Made(under, http.RequestAborted) is not var (id, isSame))
            return null;
        if (!isSame)
            return ProblemResult.Of(
                RecordingProblems.IdempotencyKeyReused.Because(
                    "This Idempotency-Key began another replay. Use a new key for a new request."
                )
            );
        http.Response.Headers[CommandEndpoint.ReplayedHeader] = "true";
        return Accepted(http, (await store.Find(id, http.RequestAborted))!);
    }

    private static IResult Accepted(HttpContext http, Replay replay)
    {
        http.Response.Headers.Location = $"/v1/audit/replays/{replay.Id}";
        return Results.Json(ReplayAnswer.Of(replay, []), Json.Options, statusCode: StatusCodes.Status202Accepted);
    }
}

public static class GetReplayEndpoint
{
    [WolverineGet("/v1/audit/replays/{replayId}", OperationId = "get-replay")]
    [Operation(Scopes.AuditRead, typeof(ReplayAnswer), Parameters = ["limit", "cursor"])]
    public static async Task<IResult> Get(string replayId, HttpContext http)
    {
        var (after, limit, fault) = Paging.Read(http);
        if (fault is not null)
            return ProblemResult.Of(fault);
        if (await ReplayAnswers.Find(replayId, http) is not { } replay)
            return ReplayAnswers.NotFound(replayId);
        var findings = await ReplayAnswers.Store(http).Findings(replay.Id, after, limit + 1, http.RequestAborted);
        return Results.Json(ReplayAnswer.Of(replay, Paging.Of(http, findings, limit, f => f.Number).Select(f => f.Finding)), Json.Options);
    }
}

public static class ListReplaysEndpoint
{
    [WolverineGet("/v1/audit/replays", OperationId = "list-replays")]
    [Operation(
        Scopes.AuditRead,
        typeof(Page<ReplaySummary>),
        Parameters = ["limit", "cursor"],
        MediaTypes = ["application/json", CsvLines.MediaType]
    )]
    public static Task<IResult> List(HttpContext http) =>
        Paging.List(
            http,
            (after, limit) => ReplayAnswers.Store(http).List(after == 0 ? long.MaxValue : after, limit, http.RequestAborted),
            r => r.Number,
            ReplaySummary.Of
        );
}

/// <summary>Stops a replay where it is; what it found by then stays in its report.</summary>
public static class CancelReplayEndpoint
{
    [
        WolverinePost("/v1/audit/replays/{replayId}/cancel", OperationId = "cancel-replay"),
        Operation(Scopes.AuditRead, typeof(ReplayAnswer), Refuses = ["400", "409"])
    ]
    public static async Task<IResult> Post(string replayId, HttpContext http)
    {
        if (await JsonBody.ReadNone(http.Request, http.RequestAborted) is { } unwanted)
            return ProblemResult.Of(unwanted);
        if (await ReplayAnswers.Find(replayId, http) is not { } replay)
            return ReplayAnswers.NotFound(replayId);
        if (replay.Actor != http.User.PrincipalId() && !http.User.Has(Scopes.Admin))
            return ProblemResult.Of(AuditProblems.NotOwn.Because("Only who asked for a replay, or an administrator, cancels it."));
        if (
            replay.State != ReplayState.Cancelled
            && !await ReplayAnswers.Store(http).End(replay.Id, ReplayState.Cancelled, "It was cancelled.", http.RequestAborted)
        )
            return ProblemResult.Of(AuditProblems.ReplayEnded.Because("The replay has ended before; its report stays."));
        return Results.Json(ReplayAnswer.Of((await ReplayAnswers.Find(replayId, http))!, []), Json.Options);
    }
}

internal static class ReplayAnswers
{
    public static ReplayStore Store(HttpContext http) => http.RequestServices.GetRequiredService<ReplayStore>();

    public static async Task<Replay?> Find(string id, HttpContext http) =>
        Uuid.Read(id) is { } key ? await Store(http).Find(key, http.RequestAborted) : null;

    public static IResult NotFound(string id) => ProblemResult.Of(KernelProblems.NotFound.Because($"There is no replay {id}."));

    public static IResult NotNow(Replay running) =>
        ProblemResult.Of(
            AuditProblems.ReplayRunning.Because(
                $"The replay {running.Id}, up to position {running.Position}, has not ended. See /v1/audit/replays/{running.Id}, wait for "
                    + $"its end, or cancel it."
            )
        );
}
