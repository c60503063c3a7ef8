using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Access;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Marks an endpoint as taking the command <typeparamref name="T"/>, and says what it needs and makes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CommandAttribute<T>(string scope) : RequiresScopeAttribute(scope), ICommandMetadata, IAcceptsMetadata
    where T : class, ICommand
{
    /// <summary>Where what it creates is found, up to the id; null where it creates nothing.</summary>
    public string? CreatesAt { get; init; }

    /// <summary>The member that holds the id of what it makes inside something that exists.</summary>
    public string? Part { get; init; }

    /// <summary>Whether it is taken at its own path alone, and not as an event or in a file: its decision needs what only the endpoint has.</summary>
    public bool AtItsPathOnly { get; init; }

    public IReadOnlyList<string> ContentTypes { get; } = ["application/json"];

    public Type? RequestType => typeof(T);

    public bool IsOptional => false;
}

/// <summary>What <see cref="CommandAttribute{T}"/> says, whatever the command.</summary>
public interface ICommandMetadata
{
    string? CreatesAt { get; }

    string? Part { get; }

    bool AtItsPathOnly { get; }

    Type? RequestType { get; }
}

/// <summary>What was done after a command was recorded: the members it adds to the answer, and whether all of it is over (else 202).</summary>
public sealed record Afterwards(JsonObject Members, bool Done);

/// <summary>Takes a command over HTTP: reads it, hands it to the recorder, and answers with id, version and position.</summary>
public sealed class CommandEndpoint(Recorder recorder, PersonalData personalData, IReceipts receipts)
{
    public const string PositionHeader = "Cooperation-Position";
    public const string IdempotencyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>In seconds: how long an answer is held back for its receipt.</summary>
    private const int LongestWait = 10;

    /// <summary>What <see cref="Guid.TryParseExact(string, string, out Guid)"/> leaves unsaid: it takes spaces around the id too.</summary>
    private const int IdLength = 36;

    /// <param name="afterwards">What is still to be done once the command is recorded, and what it adds to the answer.</param>
    public async Task<IResult> Answer<T>(HttpContext http, Func<T, Work, Task<Change>> handle, Func<Outcome.Accepted, Task<Afterwards>>? afterwards = null)
        where T : class, ICommand
    {
        var metadata = http.GetEndpoint()!.Metadata.GetRequiredMetadata<ICommandMetadata>();
        var path = http.Request.RouteValues.ToDictionary(v => v.Key, v => v.Value?.ToString() ?? "");
        if (path.FirstOrDefault(p => p.Value.Length != IdLength || !Guid.TryParseExact(p.Value, "D", out _)) is { Key: not null } bad)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"'{bad.Value}' is no id; ids are UUIDs."));
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return ProblemResult.Of(unreadable);
        var (command, invalid) = JsonBody.As<T>(body, path);
        if (invalid is not null)
            return ProblemResult.Of(invalid);
        var (headers, wrong) = await ReadHeaders(http, body);
        if (wrong is not null)
            return ProblemResult.Of(wrong);

        var submission = headers! with { Handle = work => handle(command!, work), Status = metadata.CreatesAt is null && metadata.Part is null ? 200 : 201, Alone = metadata.AtItsPathOnly };
        return await recorder.Record(submission, http.RequestAborted) switch
        {
            Outcome.Accepted accepted => new AcceptedResult(
                accepted, metadata, await Receipt(http, accepted), afterwards is null ? null : await afterwards(accepted)),
            Outcome.Refused refused => ProblemResult.Of(refused.Problem),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The proof that the answer is in the log, for who prefers to wait for it and where it comes in time.</summary>
    private async Task<JsonNode?> Receipt(HttpContext http, Outcome.Accepted accepted)
    {
        if (WaitIn(http.Request.Headers["Prefer"]) is not { } seconds
            || await http.StepAside(() => receipts.Wait(accepted.Position, TimeSpan.FromSeconds(Math.Min(seconds, LongestWait)), http.RequestAborted)) is not { } receipt)
            return null;
        http.Response.Headers["Preference-Applied"] = $"wait={seconds}";
        return receipt;
    }

    /// <summary>The seconds in <c>wait=N</c>; a preference that cannot be read is none (RFC 7240).</summary>
    private static int? WaitIn(Microsoft.Extensions.Primitives.StringValues prefer) => prefer
        .SelectMany(v => (v ?? "").Split(','))
        .Select(p => p.Split('=', StringSplitOptions.TrimEntries))
        .Where(p => p is [var name, _] && name.Equals("wait", StringComparison.OrdinalIgnoreCase))
        .Select(p => int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : (int?)null)
        .FirstOrDefault();

    /// <summary>The submission as its headers describe it; what it does is added by the caller.</summary>
    private async Task<(Submission? Submission, Problem? Problem)> ReadHeaders(HttpContext http, System.Text.Json.JsonElement body)
    {
        var request = http.Request;
        var (caller, wrong) = CallerHeaders.Read(http);
        if (wrong is not null)
            return (null, wrong);
        var (key, unusable) = CallerHeaders.IdempotencyKey(http);
        if (unusable is not null)
            return (null, unusable);
        var (expected, unreadable) = Expected(request.Headers.IfMatch);
        if (unreadable is not null)
            return (null, unreadable);
        return (new Submission(caller!, _ => throw new UnreachableException(), 200)
        {
            Expected = expected,
            Key = key is null ? null : new RememberedAnswers.Key(
                await personalData.Digest(Encoding.UTF8.GetBytes($"idempotency\n{caller!.Actor}\n{request.Method}\n{request.Path}\n{key}"), http.RequestAborted),
                await personalData.Digest(JsonBody.Canonical(body), http.RequestAborted),
                RecordingProblems.IdempotencyKeyReused.Because("This Idempotency-Key was used with another body. Use a new key for a new request.")),
        }, null);
    }

    /// <summary>The versions that If-Match allows; null where it is absent.</summary>
    internal static (ExpectedVersion? Expected, Problem? Unreadable) Expected(Microsoft.Extensions.Primitives.StringValues ifMatch)
    {
        if (ifMatch.Count == 0)
            return (null, null);
        if (!EntityTagHeaderValue.TryParseStrictList([.. ifMatch.Select(v => v ?? "")], out var tags))
            return (null, RecordingProblems.InvalidHeader.Because("If-Match must be a version as ETag has it, in quotes, such as \"3\"; several apart by commas; or *."));

        // A tag that is weak or no version of ours matches nothing.
        return (new ExpectedVersion(
            tags.Any(t => t.Tag == "*"),
            [.. tags.Where(t => !t.IsWeak).Select(t => VersionIn(t.Tag.ToString()))])
        {
            HasWeak = tags.Any(t => t.IsWeak),
        }, null);
    }

    /// <summary>The version whose tag this is, character by character; -1 where it is none.</summary>
    private static long VersionIn(string tag) =>
        long.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && tag == $"\"{version}\"" ? version : -1;

    /// <summary>Says in an answer what the record it created may be the same as.</summary>
    internal static void AddDuplicates(JsonObject answer, Outcome.Accepted accepted)
    {
        if (accepted.PossibleDuplicates.Count > 0)
            answer["possibleDuplicates"] = JsonSerializer.SerializeToNode(accepted.PossibleDuplicates, Json.Options);
    }

    private sealed class AcceptedResult(Outcome.Accepted accepted, ICommandMetadata metadata, JsonNode? receipt, Afterwards? afterwards) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            headers.ETag = $"\"{accepted.Version}\"";
            headers[PositionHeader] = accepted.Position.ToString(CultureInfo.InvariantCulture);
            if (accepted.Replayed)
                headers[ReplayedHeader] = "true";
            if (metadata.CreatesAt is { } place)
                headers.Location = place + accepted.Id;
            httpContext.Response.StatusCode = afterwards is { Done: false } ? StatusCodes.Status202Accepted : accepted.Status;
            var body = new JsonObject { ["id"] = accepted.Id, ["version"] = accepted.Version, ["position"] = accepted.Position };
            if (metadata.Part is { } part)
                body[part] = accepted.PartId;
            AddDuplicates(body, accepted);
            if (receipt is not null)
                body["receipt"] = receipt;
            foreach (var (name, value) in afterwards?.Members ?? [])
                body[name] = value?.DeepClone();
            return httpContext.Response.WriteAsJsonAsync(body, Json.Options, httpContext.RequestAborted);
        }
    }
}
