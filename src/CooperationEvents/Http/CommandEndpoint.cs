using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Has the commands of requests recorded, and answers with id, version and position.</summary>
public sealed class CommandEndpoint(Recorder recorder, PersonalData personalData, OnBehalfOf onBehalfOf, IReceipts receipts)
{
    public const string PositionHeader = "Cooperation-Position";
    public const string IdempotencyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>In seconds: how long an answer is held back for its receipt.</summary>
    private const int LongestWait = 10;

    /// <summary>Has the decision of a command recorded, under what the headers of its request say, and writes the answer.</summary>
    public async Task Answer(CommandRule rule, HttpContext http)
    {
        var result = await Record(rule, http);
        await result.ExecuteAsync(http);
    }

    private async Task<IResult> Record(CommandRule rule, HttpContext http)
    {
        var metadata = http.GetEndpoint()!.Metadata.GetRequiredMetadata<CommandAttribute>();
        var (submission, wrong) = await Submission(rule, metadata, http);
        if (wrong is not null)
            return ProblemResult.Of(wrong);
        return await recorder.Record(submission!, http.RequestAborted) switch
        {
            CommandResult.Accepted accepted => new AcceptedResult(
                accepted,
                metadata,
                PublicTexts.Warnings(CommandBinding.BodyOf(http), CommandBinding.TypeOf(http)),
                await Receipt(http, accepted),
                rule.Afterwards is null ? null : await rule.Afterwards(accepted)
            ),
            CommandResult.Refused refused => ProblemResult.Of(OfPath(refused.Problem, http)),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>What is unknown in a body is invalid; what the path names and is unknown is not found.</summary>
    private static Problem OfPath(Problem problem, HttpContext http) =>
        problem.Type == KernelProblems.UnknownReference && problem.Errors.All(e => http.Request.RouteValues.ContainsKey(e.Pointer[1..]))
            ? KernelProblems.NotFound.Because(problem.Errors[0].Detail)
            : problem;

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
        http.Response.Headers["Preference-Applied"] = $"wait={seconds}";
        return receipt;
    }

    /// <summary>The seconds in <c>wait=N</c>; a preference that cannot be read is none (RFC 7240).</summary>
    private static int? WaitIn(Microsoft.Extensions.Primitives.StringValues prefer) =>
        prefer
            .SelectMany(v => (v ?? "").Split(','))
            .Select(p => p.Split('=', StringSplitOptions.TrimEntries))
            .Where(p => p is [var name, _] && name.Equals("wait", StringComparison.OrdinalIgnoreCase))
            .Select(p => int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : (int?)null)
            .FirstOrDefault();

    /// <summary>The command as the headers of its request describe it.</summary>
    private async Task<(Submission? Submission, Problem? Problem)> Submission(CommandRule rule, CommandAttribute metadata, HttpContext http)
    {
        var request = http.Request;
        var (caller, wrong) = CallerHeaders.Told(http);
        if (wrong is not null)
            return (null, wrong);
        var (key, unusable) = CallerHeaders.IdempotencyKey(http);
        if (unusable is not null)
            return (null, unusable);
        var (expected, unreadable) = Expected(request.Headers.IfMatch);
        if (unreadable is not null)
            return (null, unreadable);
        return (
            new Submission(caller!, onBehalfOf.Held(rule.Decide, caller!, http), metadata.Status)
            {
                Alone = metadata.HttpOnly,
                ByHand = true,
                Expected = expected,
                Key = key is null
                    ? null
                    : new IdempotencyStore.Key(
                        await personalData.Digest(
                            Encoding.UTF8.GetBytes($"idempotency\n{caller!.Actor}\n{request.Method}\n{request.Path}\n{key}"),
                            http.RequestAborted
                        ),
                        await personalData.Digest(Asked(http, caller), http.RequestAborted),
                        RecordingProblems.IdempotencyKeyReused.Because(
                            "This Idempotency-Key was used with another body, or from another source. Use a new key for a new request."
                        )
                    ),
            },
            null
        );
    }

    /// <summary>
    /// What is asked under a key: the body, and where the caller is held to sources the one it comes from. So nobody is given the
    /// answer to what another key of the same principal asked under a source that this one may not name.
    /// </summary>
    private static byte[] Asked(HttpContext http, Caller caller)
    {
        var body = JsonBody.Canonical(CommandBinding.BodyOf(http));
        return http.User.Sources().Count == 0
            ? body
            : [.. Encoding.UTF8.GetBytes($"source\n{caller.Source?.Length}\n{caller.Source}\n"), .. body];
    }

    /// <summary>The versions that If-Match allows; null where it is absent.</summary>
    internal static (ExpectedVersion? Expected, Problem? Problem) Expected(Microsoft.Extensions.Primitives.StringValues ifMatch)
    {
        if (ifMatch.Count == 0)
            return (null, null);
        if (!EntityTagHeaderValue.TryParseStrictList([.. ifMatch.Select(v => v ?? "")], out var tags))
            return (
                null,
                RecordingProblems.InvalidHeader.Because(
                    "If-Match must be a version as ETag has it, in quotes, such as \"3\"; several apart by commas; or *."
                )
            );

        // A tag that is weak or no version of ours matches nothing.
        return (
            new ExpectedVersion(tags.Any(t => t.Tag == "*"), [.. tags.Where(t => !t.IsWeak).Select(t => VersionIn(t.Tag.ToString()))])
            {
                HasWeak = tags.Any(t => t.IsWeak),
            },
            null
        );
    }

    /// <summary>The version whose tag this is, character by character; -1 where it is none.</summary>
    private static long VersionIn(string tag) =>
        long.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && tag == $"\"{version}\""
            ? version
            : -1;

    /// <summary>Says in an answer what the record it created may be the same as.</summary>
    internal static void AddDuplicates(JsonObject answer, CommandResult.Accepted accepted)
    {
        if (accepted.PossibleDuplicates.Count > 0)
            answer["possibleDuplicates"] = JsonSerializer.SerializeToNode(accepted.PossibleDuplicates, Json.Options);
    }

    private sealed class AcceptedResult(
        CommandResult.Accepted accepted,
        CommandAttribute metadata,
        IReadOnlyList<TextWarning> warnings,
        JsonNode? receipt,
        Afterwards? afterwards
    ) : IResult
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
            var body = new JsonObject
            {
                ["id"] = accepted.Id,
                ["version"] = accepted.Version,
                ["position"] = accepted.Position,
            };
            if (metadata.Part is { } part)
                body[part] = accepted.PartId;
            AddDuplicates(body, accepted);
            PublicTexts.Add(body, warnings);
            if (receipt is not null)
                body["receipt"] = receipt;
            foreach (var (name, value) in afterwards?.Members ?? [])
                body[name] = value?.DeepClone();
            return httpContext.Response.WriteAsJsonAsync(body, Json.Options, httpContext.RequestAborted);
        }
    }
}
