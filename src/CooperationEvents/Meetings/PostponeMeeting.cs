using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Postpones a meeting to days not yet known. The reason is public record.</summary>
public sealed record PostponeMeeting(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, PostponeMeeting command) =>
        meeting is { State: MeetingState.Postponed, Voided: false }
            ? Decision.Nothing
            : meeting.RefuseUnless(MeetingState.Scheduled) ?? Decision.Accept(new MeetingPostponed(meeting.Id, command.Reason));
}

public static class PostponeMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/postpone", OperationId = "postpone-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(PostponeMeeting command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => PostponeMeeting.Decide(meeting, command)));
}
