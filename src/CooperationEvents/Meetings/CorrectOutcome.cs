using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Corrects an outcome; a member that is absent stays, and <paramref name="Text"/> replaces the text in every language.
/// <paramref name="Withdrawn"/> takes the outcome back; false has one that was taken back stand again. Text and reason are public record.
/// </summary>
public sealed record CorrectOutcome(
    Reference MeetingId,
    Guid OutcomeId,
    [property: Text(1000)] string Reason,
    bool? Withdrawn = null,
    [property: Bounds(0, 3)] ValueList<RemovableOfOutcome>? Remove = null,
    OutcomeKind? Kind = null,
    [property: Text(4000), Bounds(1, 30)] IReadOnlyDictionary<string, string>? Text = null,
    [property: Uri, Text(2000)] string? DocumentUrl = null,
    [property: Text(64, Pattern = TextAttribute.Sha256, Words = TextAttribute.Sha256Words)] string? Sha256 = null,
    [property: Text(60)] string? Status = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, CorrectOutcome command)
    {
        if (meeting.Voided)
            return meeting.RefuseUnless()!;
        if (meeting.Outcomes.Find(o => o.Id == command.OutcomeId) is not { } recorded)
            return MeetingProblems.OutcomeNotFound.At("/outcomeId", $"The meeting has no outcome {command.OutcomeId}.");
        if (
            Correction.NothingGiven(
                ("kind", command.Kind),
                ("text", command.Text),
                ("documentUrl", command.DocumentUrl),
                ("sha256", command.Sha256),
                ("status", command.Status),
                ("remove", command.Remove.UnlessEmpty()),
                ("withdrawn", command.Withdrawn)
            ) is
            { } nothing
        )
            return nothing;
        if (command.Contradiction() is { } contradiction)
            return contradiction;
        var now = recorded.Withdrawn ? null : recorded.Last;
        if (command.Withdrawn == true)
            return now is null ? Decision.Nothing : Accept(null);
        if (now is null && command.Withdrawn is null)
            return MeetingProblems.OutcomeWithdrawn.Because("The outcome was withdrawn. Say withdrawn: false where it stands after all.");

        var last = recorded.Last;
        var wanted = new OutcomeFacts(
            command.Kind ?? last.Kind,
            command.Text is null ? last.Text : RecordOutcome.Texts(command.Text),
            command.Removes(RemovableOfOutcome.DocumentUrl) ? null : command.DocumentUrl ?? last.DocumentUrl,
            command.Removes(RemovableOfOutcome.Sha256) ? null : command.Sha256 ?? last.Sha256,
            command.Removes(RemovableOfOutcome.Status) ? null : command.Status ?? last.Status
        );
        if (now is not null && RecordOutcome.IsSame(now, wanted))
            return Decision.Nothing;
        return command.Text is not null && RecordOutcome.LanguageFault(wanted, last.Text) is { } fault ? fault : Accept(wanted);

        Decision Accept(OutcomeFacts? corrected) =>
            Decision.Accept(new OutcomeCorrected(meeting.Id, recorded.Id, command.Reason, now, corrected));
    }

    private bool Removes(RemovableOfOutcome member) => Remove?.Contains(member) == true;

    private Problem? Contradiction() =>
        Correction.Contradiction(
            Remove,
            (RemovableOfOutcome.DocumentUrl, DocumentUrl),
            (RemovableOfOutcome.Sha256, Sha256),
            (RemovableOfOutcome.Status, Status)
        )
        ?? (
            Withdrawn == true && this is not { Kind: null, Text: null, DocumentUrl: null, Sha256: null, Status: null, Remove: null }
                ? KernelProblems.Invalid.At("/withdrawn", "An outcome that is withdrawn says nothing more: leave out what it should say.")
                : null
        );
}

public static class CorrectOutcomeEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/outcomes/{outcomeId}/correct", OperationId = "correct-outcome"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectOutcome command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => CorrectOutcome.Decide(meeting, command)));
}

/// <summary>What a correction of an outcome can take away.</summary>
public enum RemovableOfOutcome
{
    DocumentUrl,
    Sha256,
    Status,
}
