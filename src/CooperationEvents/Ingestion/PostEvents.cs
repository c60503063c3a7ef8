using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Ingestion;

/// <summary>
/// Takes commands as CloudEvents. A caller's source and id are remembered for ever, in the transaction of the events they
/// brought: what was accepted once is never accepted again, and what was refused is decided anew.
/// </summary>
public sealed class EventPosting(Recorder recorder, PersonalData personalData, OnBehalfOf onBehalfOf, Limits limits, Quotas quotas)
{
    private const string TypePrefix = "org.cooperation.";
    private const string TypeSuffix = ".v1";

    /// <summary>How many events of a batch count as one request: they cost less together.</summary>
    private const int EventsOfARequest = 10;

    /// <summary>The type of the events that carry this command.</summary>
    public static string TypeOf(CatalogueEntry command) => TypePrefix + command.OperationId + TypeSuffix;

    public async Task<IResult> Answer(HttpContext http)
    {
        var (caller, wrong) = CommandHeaders.CallerOf(http);
        if (wrong is not null)
            return ProblemResult.Of(wrong);
        var (posted, unreadable) = await CloudEventReader.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return ProblemResult.Of(unreadable);
        if (!limits.Charge(http, posted!.Events.Count / EventsOfARequest))
            return ProblemResult.Of(
                KernelProblems.TooManyRequests.Because(
                    "This caller posts too many events at once. Nothing was recorded. Send them again, fewer in a batch and more slowly, "
                        + "or as a file."
                ) with
                {
                    RetryAfter = 1,
                }
            );
        var (expected, noTag) = CommandHeaders.ExpectedVersionOf(http);
        if (noTag is not null)
            return ProblemResult.Of(noTag);
        if (expected is not null && posted!.IsBatch)
            return ProblemResult.Of(
                RecordingProblems.InvalidHeader.Because("If-Match names a version of one record; post the event by itself.")
            );

        var items = new List<PostedEvent>(posted!.Events.Count);
        foreach (var cloudEvent in posted.Events)
            items.Add(await Read(cloudEvent, caller!, expected, posted.DataAt, http));
        await Record(items, http.RequestAborted);
        quotas.Count(caller!.Actor, items.Count(i => i.Result is CommandResult.Accepted { Replayed: false }));
        if (!posted.IsBatch)
            return items[0].Alone();
        foreach (var item in items)
            await item.Tell(http);
        return new JsonAnswer(json =>
        {
            json.WriteStartArray("items");
            foreach (var item in items)
                item.Write(json);
            json.WriteEndArray();
        });
    }

    /// <summary>Records those that are not refused already, in their order, in as few transactions as they fit in.</summary>
    private async Task Record(IReadOnlyList<PostedEvent> items, CancellationToken cancellation)
    {
        var open = items.Where(i => i.Submission is not null).ToList();
        while (open.Count > 0)
        {
            var results = await RecordFirst(open, cancellation);
            for (var i = 0; i < results.Count; i++)
                open[i].Result = results[i] is CommandResult.Refused refused
                    ? new CommandResult.Refused(refused.Problem.Under(open[i].DataAt))
                    : results[i];
            open.RemoveRange(0, results.Count);
        }
    }

    /// <summary>The results of those from the first on that were decided; one at least.</summary>
    private async Task<IReadOnlyList<CommandResult>> RecordFirst(IReadOnlyList<PostedEvent> open, CancellationToken cancellation)
    {
        try
        {
            return await recorder.RecordFirst([.. open.Select(i => i.Submission!)], null, cancellation);
        }
        catch (NewerVersionException newer)
        {
            return [newer.Problem];
        }
    }

    private async Task<PostedEvent> Read(ReadEvent read, Caller caller, ExpectedVersion? expected, string dataAt, HttpContext http)
    {
        var cloudEvent = read.Event;
        var item = new PostedEvent(read.Source, cloudEvent.Id!, dataAt);
        var isCommand = CommandCatalogue.All.TryGetValue(OperationId(cloudEvent.Type!), out var command);
        if (isCommand && !http.User.Has(command!.Scope))
            return item.Refuse(AuthenticationProblems.Lacking(command.Scope));
        if (isCommand && CommandHeaders.RefuseSource(http, item.Source) is { } notAllowed)
            return item.Refuse(notAllowed);
        item.Part = command?.Part;
        var (rule, invalid) =
            !CommandHeaders.IsSource(item.Source) ? (null, KernelProblems.Invalid.Because($"source {CommandHeaders.SourceForm}"))
            : isCommand ? Rule(cloudEvent, command!, dataAt)
            : (null, UnknownType(cloudEvent.Type!));
        if (rule is not null)
            item.Warnings = PublicTexts.Warnings((JsonElement)cloudEvent.Data!, command!.Command, dataAt);

        // What cannot be read is refused where it is decided: a source and id that were accepted with something else are told first.
        item.Submission = new Submission(
            caller with
            {
                Source = item.Source,
            },
            onBehalfOf.Held(rule?.Decide ?? (_ => Task.FromResult<StreamDecision>(invalid!)), caller, http),
            command?.Status ?? StatusCodes.Status200OK
        )
        {
            Key = await Key(cloudEvent, item, caller, http.RequestAborted),
            Expected = expected,
        };
        return item;
    }

    private static (CommandRule? Rule, Problem? Problem) Rule(CloudEvent cloudEvent, CatalogueEntry command, string dataAt)
    {
        if (
            cloudEvent.Data is not JsonElement { ValueKind: JsonValueKind.Object } data
            || !CloudEventReader.IsJson(cloudEvent.DataContentType)
        )
            return (
                null,
                KernelProblems.Invalid.At(
                    "",
                    "The data must be a JSON object: the body of the command, with its path parameters as members."
                )
            );
        var (read, invalid) = command.Read(data);
        return invalid is null ? (command.Rule(read!), null) : (null, invalid);
    }

    private static Problem UnknownType(string type) =>
        IngestionProblems.UnknownEventType.Because(
            CommandCatalogue.AtTheirPath.TryGetValue(OperationId(type), out var path)
                ? $"'{type}' is no event that is posted here. Post its command to {path}."
                : $"'{type}' is none of the types taken here: {TypePrefix}<operation id>{TypeSuffix}, such as "
                    + $"{TypePrefix}schedule-meeting{TypeSuffix}. See /schemas."
        );

    private async Task<IdempotencyStore.Key> Key(CloudEvent cloudEvent, PostedEvent item, Caller caller, CancellationToken cancellation) =>
        new(
            await personalData.Digest(
                Encoding.UTF8.GetBytes($"event\n{caller.Actor}\n{item.Source.Length}\n{item.Source}\n{item.Id}"),
                cancellation
            ),
            await personalData.Digest(
                [
                    .. Encoding.UTF8.GetBytes($"{cloudEvent.Type}\n{cloudEvent.Subject?.Length}\n{cloudEvent.Subject}\n"),
                    .. cloudEvent.Data is JsonElement data ? Fingerprint(data) : [],
                ],
                cancellation
            ),
            IngestionProblems.EventIdReused.Because(
                "This source and id were accepted before with another type, subject or data. Give a new event a new id."
            ),
            ForEver: true
        );

    private static byte[] Fingerprint(JsonElement data)
    {
        try
        {
            return JsonBody.Canonical(data);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's way to say that a text is no valid UTF-16; what holds one is refused in any case.
            return Encoding.UTF8.GetBytes(data.GetRawText());
        }
    }

    private static string OperationId(string type) =>
        type.StartsWith(TypePrefix, StringComparison.Ordinal)
        && type.EndsWith(TypeSuffix, StringComparison.Ordinal)
        && type.Length > TypePrefix.Length + TypeSuffix.Length
            ? type[TypePrefix.Length..^TypeSuffix.Length]
            : "";

    private sealed class PostedEvent(string source, string id, string dataAt)
    {
        public string Source => source;

        public string Id => id;

        public string DataAt => dataAt;

        public Submission? Submission { get; set; }

        public CommandResult? Result { get; set; }

        /// <summary>The member that holds the id of what its command makes inside a record.</summary>
        public string? Part { get; set; }

        public IReadOnlyList<TextWarning> Warnings { get; set; } = [];

        public PostedEvent Refuse(Problem problem)
        {
            Result = new CommandResult.Refused(problem);
            return this;
        }

        /// <summary>Why it is refused, as it is written in a batch; null where it is accepted.</summary>
        private ProblemBody? Told { get; set; }

        /// <summary>Makes ready what <see cref="Write"/> writes.</summary>
        public async Task Tell(HttpContext http)
        {
            if (Result is CommandResult.Refused refused)
                Told = await ProblemBody.Of(refused.Problem, http);
        }

        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("source", source);
            json.WriteString("id", id);
            json.WriteString("outcome", Word);
            if (Result is CommandResult.Accepted accepted)
            {
                json.WriteString("recordId", accepted.Id);
                CommandEndpoint.WriteMembers(json, accepted, Part, Warnings);
            }
            else
            {
                json.WritePropertyName("problem");
                JsonSerializer.Serialize(json, Told, Json.Options);
            }

            json.WriteEndObject();
        }

        public IResult Alone() =>
            Result is CommandResult.Accepted accepted
                ? new AloneResult(accepted, Word, Part, Warnings)
                : ProblemResult.Of(((CommandResult.Refused)Result!).Problem);

        private string Word =>
            Result switch
            {
                CommandResult.Accepted { Replayed: true } => "duplicate",
                CommandResult.Accepted => "accepted",
                _ => "refused",
            };
    }

    private sealed class AloneResult(CommandResult.Accepted accepted, string outcome, string? part, IReadOnlyList<TextWarning> warnings)
        : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.ETag = $"\"{accepted.Version}\"";
            httpContext.Response.Headers[CommandEndpoint.PositionHeader] = accepted.Position.ToString(CultureInfo.InvariantCulture);
            return new JsonAnswer(json =>
            {
                json.WriteString("outcome", outcome);
                json.WriteString("id", accepted.Id);
                CommandEndpoint.WriteMembers(json, accepted, part, warnings);
            }).ExecuteAsync(httpContext);
        }
    }
}

public static class PostEventsEndpoint
{
    [WolverinePost("/v1/events", OperationId = "post-events"), PostsEvents]
    public static Task<IResult> Post(HttpContext http, EventPosting posting) => posting.Answer(http);
}
