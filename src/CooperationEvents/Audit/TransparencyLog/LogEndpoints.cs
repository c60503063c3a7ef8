using System.Globalization;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>What anybody may read of the log: checkpoints, keys, and hashes that tell nothing of what they are made from.</summary>
public static class LogEndpoints
{
    private const string PlainText = "text/plain";
    internal const string Lines = "application/x-ndjson";
    internal const string Bytes = "application/octet-stream";

    /// <summary>Kept, and asked for again before it is used: after a recovery the same path is a tile of another log.</summary>
    private const string AskAgain = "public, no-cache";

    [
        WolverineGet("/v1/audit/log/checkpoint", OperationId = "get-checkpoint"),
        AllowAnonymous,
        Answers(PlainText, "The newest checkpoint: a C2SP signed note.")
    ]
    public static async Task<IResult> Checkpoint(HttpContext http)
    {
        if (await Log(http).Newest(http.RequestAborted) is not { } newest)
            return NothingPublished();
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Text(newest.Note.ToString(), PlainText);
    }

    [WolverineGet("/v1/audit/log/checkpoints", OperationId = "list-checkpoints"), AllowAnonymous]
    [Answers(Lines, "Every checkpoint, one line of JSON each: {\"size\",\"note\"}; those of an earlier origin first.", "size:from")]
    public static IResult Checkpoints(HttpContext http)
    {
        var query = new QueryParameters(http.Request.Query);
        var from = query.Count("from", "the size of a checkpoint") ?? 0;
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        return new LinesResult(Log(http).Checkpoints(from, http.RequestAborted));
    }

    [WolverineGet("/v1/audit/log/keys", OperationId = "list-log-keys"), AllowAnonymous]
    [Answers(Lines, "The keys that verify checkpoints, one line of JSON each: {\"key\",\"firstSize\",\"lastSize\"}.")]
    public static async Task<IResult> Keys(HttpContext http) => Results.Text(await Log(http).Keys(http.RequestAborted), Lines);

    [
        WolverineGet("/v1/audit/log/tile/{level}/{*path}", OperationId = "get-tile"),
        AllowAnonymous,
        Answers(Bytes, "A tile of hashes (C2SP tlog-tiles).", IsBinary = true, Conditional = true)
    ]
    public static async Task<IResult> HashTile(string level, string path, HttpContext http)
    {
        if (!Tile.TryParse($"tile/{level}/{path}", out var tile))
            return NoTile($"tile/{level}/{path}");
        var size = (await Log(http).Newest(http.RequestAborted))?.Checkpoint.Size ?? 0;
        if (Tile.WidthOf(tile.Level, tile.Index, size) < tile.Width)
            return NoTile(tile.Path);
        var hashes = Digest.WriteAll((await Log(http).Tile(tile, http.RequestAborted)).Span);
        http.Response.Headers.CacheControl = AskAgain;
        return EntityTags.IsKnown(http, new EntityTagHeaderValue($"\"{Digest.Of(hashes)}\""))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(hashes, Bytes);
    }

    [
        WolverineGet("/v1/audit/log/consistency", OperationId = "get-consistency"),
        Query(Scopes.AuditRead, typeof(ConsistencyAnswer), "size:from", "size:to", HasPosition = false)
    ]
    public static async Task<IResult> Consistency(HttpContext http)
    {
        var query = new QueryParameters(http.Request.Query);
        var (from, to) = (query.Count("from", "the size of a tree"), query.Count("to", "the size of a tree"));
        query.Position("minPosition");
        if (!http.Request.Query.ContainsKey("from"))
            query.Refuse("from", "Give the size of the earlier tree.");
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        if (await Log(http).Newest(http.RequestAborted) is not { } newest)
            return NothingPublished();
        to ??= newest.Checkpoint.Size;
        if (to > newest.Checkpoint.Size)
            return ProblemResult.Of(
                AuditProblems.NotCovered.Because(
                    $"The newest checkpoint has {newest.Checkpoint.Size} entries, not yet {to}. Ask again."
                ) with
                {
                    RetryAfter = 1,
                }
            );
        if (from > to)
            return ProblemResult.Of(KernelProblems.Invalid.At("/from", $"Must not be larger than 'to', {to}."));
        var proof = await Log(http).Consistency(from!.Value, to.Value, http.RequestAborted);
        return Results.Json(new ConsistencyAnswer(proof.From, proof.To, [.. proof.Hashes.Select(h => h.ToBase64())]), Json.Options);
    }

    internal static IResult NothingPublished() =>
        ProblemResult.Of(AuditProblems.NotCovered.Because("No checkpoint has been published yet. Ask again.") with { RetryAfter = 1 });

    internal static IResult NoTile(string path) =>
        ProblemResult.Of(
            KernelProblems.NotFound.Because(
                $"The log has no {path}, or not yet. A tile is named as C2SP tlog-tiles says: tile/0/x001/234, or tile/0/x001/234.p/5 for "
                    + $"its first 5 hashes."
            )
        );

    private static PublishedLog Log(HttpContext http) => http.RequestServices.GetRequiredService<PublishedLog>();
}

/// <summary>That the tree of <c>to</c> leaves begins with that of <c>from</c> (RFC 6962): hashes in base64.</summary>
public sealed record ConsistencyAnswer(long From, long To, ValueList<string> Hashes);

/// <summary>The entries of the log and proofs about them, for auditors.</summary>
public static class EntryEndpoints
{
    [WolverineGet("/v1/audit/log/tile/entries/{*path}", OperationId = "get-entries"), RequiresScope(Scopes.AuditRead)]
    [Answers(
        LogEndpoints.Bytes,
        "256 entries, each behind its length as a big-endian uint16 (C2SP tlog-tiles), made anew from the history.",
        IsBinary = true
    )]
    public static async Task<IResult> Entries(string path, HttpContext http)
    {
        var log = http.RequestServices.GetRequiredService<PublishedLog>();
        if (!EntryBundle.TryParse($"tile/entries/{path}", out var bundle))
            return LogEndpoints.NoTile($"tile/entries/{path}");
        var size = (await log.Newest(http.RequestAborted))?.Checkpoint.Size ?? 0;
        if (Tile.WidthOf(0, bundle.Index, size) < bundle.Width)
            return LogEndpoints.NoTile(bundle.Path);
        var entries = new List<ReadOnlyMemory<byte>>();
        var first = bundle.Index * Tile.FullWidth;
        await foreach (var leaf in log.Leaves(first, first + bundle.Width, http.RequestAborted))
            entries.Add(leaf ?? []);
        return Results.Bytes(EntryBundle.Write(entries), LogEndpoints.Bytes);
    }

    [WolverineGet("/v1/audit/events/{eventId}/proof", OperationId = "get-proof"), RequiresScope(Scopes.AuditRead)]
    [Answers("text/plain", "That the event is in the log: a C2SP tlog-proof@v1 against the newest checkpoint.", Refuses = ["409"])]
    public static async Task<IResult> Proof(string eventId, HttpContext http, EventHistory history)
    {
        var log = http.RequestServices.GetRequiredService<PublishedLog>();
        if (Uuid.Read(eventId) is not { } id)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no event {eventId}; ids are UUIDs."));
        var index = await log.IndexOf(id, http.RequestAborted);
        var stored = await history.Find([("e.id = ?", id)], 1, http.RequestAborted);
        if (index is not null && (stored.Count == 0 || stored[0].IsAltered))
            return ProblemResult.Of(
                AuditProblems.Altered.Because(
                    $"The log has another event {id} at index {index} than the history has now: it was altered or removed."
                )
            );
        if (stored.Count == 0)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no event {eventId}."));
        if (index is null || await log.Newest(http.RequestAborted) is not { } newest || newest.Checkpoint.Size <= index)
            return ProblemResult.Of(
                AuditProblems.NotCovered.Because("The newest checkpoint does not cover this event yet. Ask again.") with
                {
                    RetryAfter = 1,
                }
            );
        return Results.Text((await log.Prove(index.Value, newest, http.RequestAborted)).ToString(), "text/plain");
    }

    [WolverineGet("/v1/audit/export", OperationId = "export-entries"), Costly(16), RequiresScope(Scopes.AuditRead)]
    [Answers(
        LogEndpoints.Lines,
        "The entries in the order of the log, one line each, up to the newest checkpoint; an empty line where an entry is gone.",
        "index:from",
        "index:to",
        Sends = [DescribedHeaders.LogSize]
    )]
    public static async Task<IResult> Export(HttpContext http)
    {
        var log = http.RequestServices.GetRequiredService<PublishedLog>();
        var query = new QueryParameters(http.Request.Query);
        var (from, to) = (query.Count("from", "the index of an entry") ?? 0, query.Count("to", "the index of an entry"));
        query.RefuseAfter(from, to);
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        if (await log.Newest(http.RequestAborted) is not { } newest)
            return LogEndpoints.NothingPublished();
        if (from > newest.Checkpoint.Size)
            return ProblemResult.Of(
                AuditProblems.NotCovered.Because(
                    $"The newest checkpoint has {newest.Checkpoint.Size} entries, so that none has the index {from} yet. Ask again."
                ) with
                {
                    RetryAfter = 1,
                }
            );
        http.Response.Headers[DescribedHeaders.LogSize] = newest.Checkpoint.Size.ToString(CultureInfo.InvariantCulture);
        return new EntriesResult(log.Leaves(from, Math.Min(to ?? long.MaxValue, newest.Checkpoint.Size), http.RequestAborted));
    }

    [WolverineGet("/v1/audit/export.tar", OperationId = "export-archive"), Costly(16), RequiresScope(Scopes.AuditRead)]
    [Answers(
        "application/x-tar",
        "Everything the verifier takes: entries.ndjson, tile/, checkpoints.ndjson, keys.",
        IsBinary = true,
        Sends = [DescribedHeaders.Disposition]
    )]
    public static async Task<IResult> Archive(HttpContext http)
    {
        var log = http.RequestServices.GetRequiredService<PublishedLog>();
        if (new QueryParameters(http.Request.Query).Fault() is { } fault)
            return ProblemResult.Of(fault);
        return await log.State(http.RequestAborted) is { } stated ? new ArchiveResult(log, stated) : LogEndpoints.NothingPublished();
    }
}
