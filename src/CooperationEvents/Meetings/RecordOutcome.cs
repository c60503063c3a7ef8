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
    [property: Text(64, Pattern = TextAttribute.Sha256, Words = TextAttribute.Sha256Words)] string? Sha256 = null,
    [property: Text(60)] string? Status = null
) : ICommand
{
    private static readonly StringComparer AnyCapitals = StringComparer.OrdinalIgnoreCase;

    /// <summary>The id the outcome has: the caller's, or that of one recorded with the same content; null where it is new.</summary>
    public static Guid? Identify(Meeting meeting, RecordOutcome command) =>
        command.Id ?? Correctable<OutcomeFacts>.Saying(meeting.Outcomes, said => IsSame(said, command.Said()))?.Id;

    public static Decision Decide(Meeting meeting, Guid outcomeId, RecordOutcome command) =>
        meeting.While(Change(meeting, outcomeId, command), MeetingState.Scheduled, MeetingState.Held);

    private static Decision Change(Meeting meeting, Guid outcomeId, RecordOutcome command)
    {
        var (outcome, other) = (command.Said(), meeting.Outcomes.Find(o => o.Id == outcomeId));
        if (other is { Withdrawn: true })
            return MeetingProblems.OutcomeWithdrawn.Because(
                "This outcome was withdrawn. Correct it with withdrawn: false where it stands after all; give another one an id of its own."
            );
        if (other?.IsRepeated(said => IsSame(said, outcome)) == true)
            return Decision.Nothing;
        if (LanguageFault(outcome, []) is { } fault)
            return fault;
        return other is not null
            ? KernelProblems.IdInUse.Differing("This id names another outcome of the meeting.", [.. Differences(other.Last, outcome)])
            : Decision.Accept(
                new OutcomeRecorded(meeting.Id, outcomeId, outcome.Kind, outcome.Text, outcome.DocumentUrl, outcome.Sha256, outcome.Status)
            );
    }

    /// <summary>The tag of a language means the same in capitals and in small letters.</summary>
    internal static bool IsSame(OutcomeFacts one, OutcomeFacts other) => InSmallLetters(one) == InSmallLetters(other);

    /// <summary>What is wrong with the languages of a text.</summary>
    /// <param name="recorded">The text that it replaces, whose languages may stay.</param>
    internal static Problem? LanguageFault(OutcomeFacts outcome, ValueList<LanguageText> recorded)
    {
        var given = outcome.Text.Select(t => t.Language).ToList();
        if (given.GroupBy(l => l, AnyCapitals).FirstOrDefault(l => l.Skip(1).Any()) is { } twice)
            return KernelProblems.Invalid.At($"/text/{twice.Last()}", "A language is given once, whatever its capitals.");
        var faults = given
            .Except(recorded.Select(t => t.Language), AnyCapitals)
            .Select(l => (Language: l, Fault: Languages.Fault(l)))
            .Where(l => l.Fault is not null)
            .Select(l => new FieldError($"/text/{l.Language}", l.Fault!))
            .ToList();
        return faults.Count == 0 ? null : KernelProblems.Invalid.With(faults);
    }

    internal static ValueList<LanguageText> Texts(IReadOnlyDictionary<string, string> text) =>
        [.. text.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new LanguageText(t.Key, t.Value))];

    private static OutcomeFacts InSmallLetters(OutcomeFacts outcome) =>
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

    private static string? TextIn(OutcomeFacts outcome, string language) =>
        outcome.Text.FirstOrDefault(t => AnyCapitals.Equals(t.Language, language))?.Text;

    private static IEnumerable<FieldError> Differences(OutcomeFacts recorded, OutcomeFacts sent) =>
        sent
            .Text.Concat(recorded.Text)
            .Select(t => t.Language)
            .Distinct(AnyCapitals)
            .Select(language => (language, Before: TextIn(recorded, language), Now: TextIn(sent, language)))
            .Where(t => t.Before != t.Now)
            .Select(t => Difference.Of($"/text/{t.language}", t.Before, t.Now))
            .Concat(Difference.Between(recorded with { Text = sent.Text }, sent));

    private OutcomeFacts Said() => new(Kind, Texts(Text), DocumentUrl, Sha256, Status);
}

public static class RecordOutcomeEndpoint
{
    [
        WolverinePost("/v1/meetings/{meetingId}/outcomes", OperationId = "record-outcome"),
        Command(Scopes.ActivityWrite, CreatesAt = "/v1/meetings/", Part = "outcomeId")
    ]
    public static CommandRule Post(RecordOutcome command) =>
        new(async work =>
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
