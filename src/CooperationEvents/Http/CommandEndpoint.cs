using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using Microsoft.Extensions.Primitives;

namespace CooperationEvents.Http;

/// <summary>
/// What an endpoint answers a command with: the rule that decides it. As a result it has the decision recorded and writes
/// the answer. Elsewhere (events, files) the same rule decides without HTTP.
/// </summary>
/// <param name="decide">Decides in a unit of work. It is run once per attempt and depends on nothing else that changes.</param>
public sealed class CommandRule(Func<UnitOfWork, Task<StreamDecision>> decide) : IResult
{
    internal Func<UnitOfWork, Task<StreamDecision>> Decide => decide;

    /// <summary>What is still to be done once the decision is recorded; null where that is nothing.</summary>
    internal Func<CommandResult.Accepted, Task<Afterwards>>? Afterwards { get; init; }

    public Task ExecuteAsync(HttpContext httpContext) =>
        httpContext.RequestServices.GetRequiredService<CommandEndpoint>().Answer(this, httpContext);
}

/// <summary>
/// What was done after a command was recorded: the members it adds to the answer, and whether all of it is over (else 202).
/// </summary>
public sealed record Afterwards(JsonObject Members, bool Done);

/// <summary>Has the commands of requests recorded, and answers with id, version and position.</summary>
public sealed class CommandEndpoint(Recorder recorder, PersonalData personalData, OnBehalfOf onBehalfOf, IReceipts receipts)
{
    public const string PositionHeader = "Cooperation-Position";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const string PreferenceApplied = "Preference-Applied";

    /// <summary>In seconds: how long an answer is held back for its receipt.</summary>
    private const int LongestWait = 10;

    /// <summary>Has the decision of a command recorded, under what the headers of its request say, and writes the answer.</summary>
    public async Task Answer(CommandRule rule, HttpContext http)
    {
        var metadata = http.GetEndpoint()!.Metadata.GetRequiredMetadata<CommandAttribute>();
        var request = CommandRequest.Of(http);
        var submission = new Submission(request.Caller, onBehalfOf.Held(rule.Decide, request.Caller, http), metadata.Status)
        {
            Alone = metadata.HttpOnly,
            Expected = request.Expected,
            Key = request.Key is { } key ? await Key(key, request, http) : null,
        };
        var result = await recorder.Record(submission, http.RequestAborted);
        if (result is CommandResult.Accepted accepted)
            await Write(
                accepted,
                metadata,
                await Receipt(http, accepted),
                rule.Afterwards is null ? null : await rule.Afterwards(accepted),
                http
            );
        else
            await ProblemResult.Of(OfPath(((CommandResult.Refused)result).Problem, http)).ExecuteAsync(http);
    }

    private async Task<IdempotencyStore.Key> Key(string key, CommandRequest request, HttpContext http) =>
        new(
            await personalData.Digest(
                Encoding.UTF8.GetBytes($"idempotency\n{request.Caller.Actor}\n{http.Request.Method}\n{http.Request.Path}\n{key}"),
                http.RequestAborted
            ),
            await personalData.Digest(Asked(http, request), http.RequestAborted),
            RecordingProblems.IdempotencyKeyReused.Because(
                "This Idempotency-Key was used with another body, or from another source. Use a new key for a new request."
            )
        );

    /// <summary>
    /// What is asked under a key: the body, and where the caller is held to sources the one it comes from. So nobody is given the
    /// answer to what another key of the same principal asked under a source that this one may not name.
    /// </summary>
    private static byte[] Asked(HttpContext http, CommandRequest request)
    {
        var body = JsonBody.Canonical(request.Body);
        return http.User.Sources().Count == 0
            ? body
            : [.. Encoding.UTF8.GetBytes($"source\n{request.Caller.Source?.Length}\n{request.Caller.Source}\n"), .. body];
    }

    /// <summary>
    /// What is unknown in a body is invalid; what the path alone names and is unknown is not found. No pointer leads into the path:
    /// pointers lead into the body.
    /// </summary>
    private static Problem OfPath(Problem problem, HttpContext http)
    {
        var ofBody = problem.Without(e => http.Request.RouteValues.ContainsKey(e.Pointer.TrimStart('/')));
        return problem.Type == KernelProblems.UnknownReference && ofBody.Errors.Count == 0
            ? ofBody with
            {
                Type = KernelProblems.NotFound,
            }
            : ofBody;
    }

    /// <summary>The proof that the answer is in the log, for whoever prefers to wait for it and where it comes in time.</summary>
    private async Task<JsonNode?> Receipt(HttpContext http, CommandResult.Accepted accepted)
    {
        if (
            WaitIn(http.Request.Headers["Prefer"]) is not { } seconds
            || await http.WaitWithoutPermit(() =>
                receipts.Wait(accepted.Position, TimeSpan.FromSeconds(Math.Min(seconds, LongestWait)), http.RequestAborted)
            )
                is not { } receipt
        )
            return null;
        http.Response.Headers[PreferenceApplied] = $"wait={seconds}";
        return receipt;
    }

    /// <summary>The seconds in <c>wait=N</c>; a preference that cannot be read is none (RFC 7240).</summary>
    private static int? WaitIn(StringValues prefer) =>
        prefer.Count == 0
            ? null
            : prefer
                .SelectMany(v => (v ?? "").Split(','))
                .Select(p => p.Split('=', StringSplitOptions.TrimEntries))
                .Where(p => p is [var name, _] && name.Equals("wait", StringComparison.OrdinalIgnoreCase))
                .Select(p => int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : (int?)null)
                .FirstOrDefault();

    private static Task Write(
        CommandResult.Accepted accepted,
        CommandAttribute metadata,
        JsonNode? receipt,
        Afterwards? afterwards,
        HttpContext http
    )
    {
        var headers = http.Response.Headers;
        headers.ETag = $"\"{accepted.Version}\"";
        headers[PositionHeader] = accepted.Position.ToString(CultureInfo.InvariantCulture);
        if (accepted.Replayed)
            headers[ReplayedHeader] = "true";
        if (metadata.CreatesAt is { } place)
            headers.Location = place + accepted.Id;
        http.Response.StatusCode = afterwards is { Done: false } ? StatusCodes.Status202Accepted : accepted.Status;
        var request = CommandRequest.Of(http);
        var warnings = PublicTexts.Warnings(request.Body, request.Command);
        return new JsonAnswer(json =>
        {
            json.WriteString("id", accepted.Id);
            WriteMembers(json, accepted, metadata.Part, warnings);
            if (receipt is not null)
                Write(json, "receipt", receipt);
            foreach (var (name, value) in afterwards?.Members ?? [])
                Write(json, name, value);
        }).ExecuteAsync(http);
    }

    /// <summary>
    /// Says in an answer, behind the id of the record, what its command came to: version and position, the id of what was made inside the
    /// record, what a record that was created may be the same as, and what is said of its texts.
    /// </summary>
    internal static void WriteMembers(
        Utf8JsonWriter json,
        CommandResult.Accepted accepted,
        string? part,
        IReadOnlyList<TextWarning> warnings
    )
    {
        json.WriteNumber("version", accepted.Version);
        json.WriteNumber("position", accepted.Position);
        if (part is not null && accepted.PartId is { } made)
            json.WriteString(part, made);
        if (accepted.PossibleDuplicates.Count > 0)
        {
            json.WritePropertyName("possibleDuplicates");
            JsonSerializer.Serialize(json, accepted.PossibleDuplicates, Json.Options);
        }

        if (warnings.Count > 0)
        {
            json.WritePropertyName("warnings");
            JsonSerializer.Serialize(json, warnings, Json.Options);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, JsonNode? value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, Json.Options);
    }
}

/// <summary>Gives a caller who waits for it (<c>Prefer: wait=N</c>, RFC 7240) the proof that what was recorded is in the log.</summary>
public interface IReceipts
{
    /// <summary>
    /// The receipt of the event at a position, as a member of the answer; null where the log has not come so far in time.
    /// </summary>
    Task<JsonNode?> Wait(long position, TimeSpan timeout, CancellationToken cancellation);
}
