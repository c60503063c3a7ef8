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
    [property: Text(64, Pattern = "^[0-9a-f]{64}$", Words = "a SHA-256 in 64 lower-case hexadecimal digits")] string? Sha256 = null,
    [property: Text(35, Pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", Words = "a language tag such as en or fr-BE")]
        string? Language = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, LinkDocument command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held) is { } refused)
            return refused;
        var document = new DocumentLinked(meeting.Id, command.Title, command.Url, command.Status, command.Sha256, command.Language);
        return meeting.Documents.Any(d => IsSame(d, document)) ? Decision.Nothing : Decision.Accept(document);
    }

    /// <summary>The tag of a language means the same in capitals and in small letters.</summary>
    private static bool IsSame(DocumentLinked one, DocumentLinked other) =>
        string.Equals(one.Language, other.Language, StringComparison.OrdinalIgnoreCase) && one with { Language = other.Language } == other;
}

public static class LinkDocumentEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/documents", OperationId = "link-document"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(LinkDocument command) =>
        CommandRule.Change<Meeting>(command.MeetingId, meeting => LinkDocument.Decide(meeting, command));
}
