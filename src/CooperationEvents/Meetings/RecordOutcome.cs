using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Records what a meeting came to. The text, by language, is public record.</summary>
public sealed record RecordOutcome(
    Reference MeetingId,
    OutcomeKind Kind,
    [property: Text(4000), Bounds(1, 30)] IReadOnlyDictionary<string, string> Text,
    Guid? Id = null,
    [property: Uri, Text(2000)] string? DocumentUrl = null,
    [property: Text(64, Pattern = "^[0-9a-f]{64}$", Words = "a SHA-256 in 64 lower-case hexadecimal digits")] string? Sha256 = null,
    [property: Text(60)] string? Status = null
) : ICommand
{
    private static readonly StringComparer AnyCapitals = StringComparer.OrdinalIgnoreCase;

    /// <summary>The id the outcome has: the caller's, or that of one recorded with the same content; null where it is new.</summary>
    public static Guid? Identify(Meeting meeting, RecordOutcome command) =>
        command.Id ?? meeting.Outcomes.FirstOrDefault(o => IsSame(o, command.Outcome(meeting.Id, o.OutcomeId)))?.OutcomeId;

    public static Decision Decide(Meeting meeting, Guid outcomeId, RecordOutcome command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Held) is { } refused)
            return refused;
        var outcome = command.Outcome(meeting.Id, outcomeId);
        if (meeting.Outcomes.Any(o => IsSame(o, outcome)))
            return Decision.Nothing;
        if (outcome.Text.Select(t => t.Language).GroupBy(l => l, AnyCapitals).FirstOrDefault(l => l.Skip(1).Any()) is { } twice)
            return KernelProblems.Invalid.At($"/text/{twice.Last()}", "A language is given once, whatever its capitals.");
        return meeting.Outcomes.FirstOrDefault(o => o.OutcomeId == outcomeId) is { } other
            ? KernelProblems.IdInUse.Differing("This id names another outcome of the meeting.", [.. Differences(other, outcome)])
            : Decision.Accept(outcome);
    }

    /// <summary>The tag of a language means the same in capitals and in small letters.</summary>
    private static bool IsSame(OutcomeRecorded one, OutcomeRecorded other) => InSmallLetters(one) == InSmallLetters(other);

    private static OutcomeRecorded InSmallLetters(OutcomeRecorded outcome) =>
        outcome with
        {
            Text =
            [
                .. outcome
                    .Text.Select(t => t with { Language = t.Language.ToLowerInvariant() })
                    .OrderBy(t => t.Language, StringComparer.Ordinal)
                    .ThenBy(t => t.Text, StringComparer.Ordinal),
            ],
        };

    private static string? TextIn(OutcomeRecorded outcome, string language) =>
        outcome.Text.FirstOrDefault(t => AnyCapitals.Equals(t.Language, language))?.Text;

    private static IEnumerable<FieldError> Differences(OutcomeRecorded recorded, OutcomeRecorded sent) =>
        sent
            .Text.Concat(recorded.Text)
            .Select(t => t.Language)
            .Distinct(AnyCapitals)
            .Select(language => (language, Before: TextIn(recorded, language), Now: TextIn(sent, language)))
            .Where(t => t.Before != t.Now)
            .Select(t => Difference.Of($"/text/{t.language}", t.Before, t.Now))
            .Concat(Difference.Between(recorded with { Text = sent.Text }, sent));

    private OutcomeRecorded Outcome(Guid meetingId, Guid outcomeId) =>
        new(
            meetingId,
            outcomeId,
            Kind,
            [.. Text.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new LanguageText(t.Key, t.Value))],
            DocumentUrl,
            Sha256,
            Status
        );
}

public static class RecordOutcomeEndpoint
{
    [
        WolverinePost("/v1/meetings/{meetingId}/outcomes", OperationId = "record-outcome"),
        Command(Scopes.ActivityWrite, CreatesAt = "/v1/meetings/", Part = "outcomeId")
    ]
    public static CommandRule Post(RecordOutcome command) =>
        CommandRule.By(async work =>
        {
            var outcomeId = Guid.Empty;
            var change = await work.Change<Meeting>(command.MeetingId, meeting =>
            {
                outcomeId = RecordOutcome.Identify(meeting, command) ?? Guid.NewGuid();
                return RecordOutcome.Decide(meeting, outcomeId, command);
            });
            return change with { PartId = outcomeId };
        });
}
