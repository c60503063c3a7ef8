using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Takes a meeting out of every figure, whatever its state, as recorded in error. The reason is public record.</summary>
public sealed record VoidMeeting(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, VoidMeeting command) =>
        meeting.Voided ? Decision.Nothing : Decision.Accept(new MeetingVoided(meeting.Id, command.Reason));
}

public static class VoidMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/void", OperationId = "void-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(VoidMeeting command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => VoidMeeting.Decide(meeting, command)));
}
