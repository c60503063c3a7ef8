using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Corrects what is said of a linked document; a member that is absent stays. <paramref name="Withdrawn"/> takes the link back; false has
/// one that was taken back stand again. Title and reason are public record.
/// </summary>
public sealed record CorrectDocument(
    Reference MeetingId,
    Guid DocumentId,
    [property: Text(1000)] string Reason,
    bool? Withdrawn = null,
    [property: Bounds(0, 2)] ValueList<RemovableOfDocument>? Remove = null,
    [property: Text(300)] string? Title = null,
    [property: Uri, Text(2000)] string? Url = null,
    DocumentStatus? Status = null,
    [property: Text(64, Pattern = TextAttribute.Sha256, Words = TextAttribute.Sha256Words)] string? Sha256 = null,
    [property: Text(35, Pattern = TextAttribute.LanguageTag, Words = LinkDocument.LanguageWords)] string? Language = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, CorrectDocument command)
    {
        if (meeting.Voided)
            return meeting.RefuseUnless()!;
        if (meeting.Documents.Find(d => d.Id == command.DocumentId) is not { } linked)
            return MeetingProblems.DocumentNotFound.At("/documentId", $"The meeting has no document {command.DocumentId}.");
        if (
            Correction.NothingGiven(
                ("title", command.Title),
                ("url", command.Url),
                ("status", command.Status),
                ("sha256", command.Sha256),
                ("language", command.Language),
                ("remove", command.Remove.UnlessEmpty()),
                ("withdrawn", command.Withdrawn)
            ) is
            { } nothing
        )
            return nothing;
        if (command.Contradiction() is { } contradiction)
            return contradiction;
        var now = linked.Withdrawn ? null : linked.Last;
        if (command.Withdrawn == true)
            return now is null ? Decision.Nothing : Accept(null);
        if (now is null && command.Withdrawn is null)
            return MeetingProblems.DocumentWithdrawn.Because(
                "The document was withdrawn. Say withdrawn: false where it belongs here after all."
            );

        var last = linked.Last;
        var wanted = new DocumentFacts(
            command.Title ?? last.Title,
            command.Url ?? last.Url,
            command.Status ?? last.Status,
            command.Removes(RemovableOfDocument.Sha256) ? null : command.Sha256 ?? last.Sha256,
            command.Removes(RemovableOfDocument.Language) ? null : command.Language ?? last.Language
        );
        if (now is not null && LinkDocument.IsSame(now, wanted))
            return Decision.Nothing;
        return wanted.Language != last.Language && LinkDocument.LanguageFault(wanted.Language) is { } fault ? fault : Accept(wanted);

        Decision Accept(DocumentFacts? corrected) =>
            Decision.Accept(new DocumentCorrected(meeting.Id, linked.Id, command.Reason, now, corrected));
    }

    private bool Removes(RemovableOfDocument member) => Remove?.Contains(member) == true;

    private Problem? Contradiction() =>
        Correction.Contradiction(Remove, (RemovableOfDocument.Sha256, Sha256), (RemovableOfDocument.Language, Language))
        ?? (
            Withdrawn == true && this is not { Title: null, Url: null, Status: null, Sha256: null, Language: null, Remove: null }
                ? KernelProblems.Invalid.At(
                    "/withdrawn",
                    "Nothing more is said of a document that is withdrawn: leave out the other members."
                )
                : null
        );
}

public static class CorrectDocumentEndpoint
{
    [
        WolverinePost("/v1/meetings/{meetingId}/documents/{documentId}/correct", OperationId = "correct-document"),
        Command(Scopes.ActivityWrite)
    ]
    public static CommandRule Post(CorrectDocument command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => CorrectDocument.Decide(meeting, command)));
}

/// <summary>What a correction of a document can take away.</summary>
public enum RemovableOfDocument
{
    Sha256,
    Language,
}
