using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>Records what a meeting came to. The text, by language, is public record.</summary>
public sealed record RecordOutcome(
    Reference MeetingId,
    OutcomeKind Kind,
    [property: Text(4000), Bounds(1, 30)] IReadOnlyDictionary<string, string> Text,
    Guid? Id = null,
    [property: Uri, Text(2000)] string? DocumentUrl = null,
    [property: Text(64, Pattern = "^[0-9a-f]{64}$", Words = "a SHA-256 in 64 lower-case hexadecimal digits")] string? Sha256 = null,
    [property: Text(60)] string? Status = null) : ICommand
{
    public static Decision Decide(Meeting meeting, Guid outcomeId, RecordOutcome command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Held) is { } refused)
            return refused;
        var outcome = new OutcomeRecorded(
            meeting.Id,
            outcomeId,
            command.Kind,
            [.. command.Text.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new LanguageText(t.Key, t.Value))],
            command.DocumentUrl,
            command.Sha256,
            command.Status);
        if (meeting.Outcomes.Contains(outcome))
            return Decision.Nothing;
        return meeting.Outcomes.Any(o => o.OutcomeId == outcomeId)
            ? KernelProblems.IdInUse.At("/id", "This id names another outcome of the meeting.")
            : Decision.Accept(outcome);
    }
}
