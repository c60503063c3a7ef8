using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Cancels a meeting that is scheduled or postponed. The reason is public record.</summary>
public sealed record CancelMeeting(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, CancelMeeting command) =>
        meeting is { State: MeetingState.Cancelled, Voided: false }
            ? Decision.Nothing
            : meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed)
                ?? Decision.Accept(new MeetingCancelled(meeting.Id, command.Reason));
}

public static class CancelMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/cancel", OperationId = "cancel-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CancelMeeting command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => CancelMeeting.Decide(meeting, command)));
}
