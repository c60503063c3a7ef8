using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Returns a voided meeting to the state it had. The reason is public record.</summary>
public sealed record ReinstateMeeting(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, ReinstateMeeting command) =>
        meeting.Voided ? Decision.Accept(new MeetingReinstated(meeting.Id, command.Reason)) : Decision.Nothing;
}

public static class ReinstateMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/reinstate", OperationId = "reinstate-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ReinstateMeeting command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => ReinstateMeeting.Decide(meeting, command)));
}
