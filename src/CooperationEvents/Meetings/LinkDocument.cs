using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Links a document of the meeting. The title is public record.</summary>
public sealed record LinkDocument(
    Reference MeetingId,
    [property: Text(300)] string Title,
    [property: Uri, Text(2000)] string Url,
    DocumentStatus Status,
    [property: Text(64, Pattern = TextAttribute.Sha256, Words = TextAttribute.Sha256Words)] string? Sha256 = null,
    [property: Text(35, Pattern = TextAttribute.LanguageTag, Words = LinkDocument.LanguageWords)] string? Language = null
) : ICommand
{
    internal const string LanguageWords = "a language tag such as en or fr-BE";

    /// <summary>The id of the document that it links again; null where it is new, and known by the id of the event then.</summary>
    public static Guid? Identify(Meeting meeting, LinkDocument command) => Linked(meeting, command)?.Id;

    public static Decision Decide(Meeting meeting, LinkDocument command) =>
        meeting.While(Change(meeting, command), MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Decision Change(Meeting meeting, LinkDocument command) =>
        Linked(meeting, command) switch
        {
            null when LanguageFault(command.Language) is { } fault => fault,
            null => Decision.Accept(
                new DocumentLinked(meeting.Id, command.Title, command.Url, command.Status, command.Sha256, command.Language)
            ),
            { Withdrawn: true } withdrawn => MeetingProblems.DocumentWithdrawn.Because(
                $"This document was linked, and withdrawn. Correct {withdrawn.Id} with withdrawn: false where it belongs here after all."
            ),
            _ => Decision.Nothing,
        };

    /// <summary>What is wrong with a language that is new; what was recorded with it stays, and is repeated.</summary>
    internal static Problem? LanguageFault(string? language) =>
        language is not null && Languages.Fault(language) is { } fault ? KernelProblems.Invalid.At("/language", fault) : null;

    private static Correctable<DocumentFacts>? Linked(Meeting meeting, LinkDocument command)
    {
        var document = new DocumentFacts(command.Title, command.Url, command.Status, command.Sha256, command.Language);
        return Correctable<DocumentFacts>.Saying(meeting.Documents, said => IsSame(said, document));
    }

    /// <summary>The tag of a language means the same in capitals and in small letters.</summary>
    internal static bool IsSame(DocumentFacts one, DocumentFacts other) =>
        string.Equals(one.Language, other.Language, StringComparison.OrdinalIgnoreCase) && one with { Language = other.Language } == other;
}

public static class LinkDocumentEndpoint
{
    [
        WolverinePost("/v1/meetings/{meetingId}/documents", OperationId = "link-document"),
        Command(Scopes.ActivityWrite, Part = "documentId", PartIsNew = true)
    ]
    public static CommandRule Post(LinkDocument command) =>
        new(async work =>
        {
            Guid? linked = null;
            var change = await work.Change<Meeting>(command.MeetingId, meeting =>
            {
                linked = LinkDocument.Identify(meeting, command);
                return LinkDocument.Decide(meeting, command);
            });
            return change with { PartId = linked, PartIsItsEvent = linked is null };
        });
}
