using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Records that a meeting did not take place, though nobody cancelled it. The reason is public record.</summary>
public sealed record RecordDidNotTakePlace(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, RecordDidNotTakePlace command) =>
        meeting is { State: MeetingState.DidNotTakePlace, Voided: false }
            ? Decision.Nothing
            : meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed)
                ?? Decision.Accept(new MeetingDidNotTakePlace(meeting.Id, command.Reason));
}

public static class RecordDidNotTakePlaceEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/did-not-take-place", OperationId = "record-did-not-take-place"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RecordDidNotTakePlace command) =>
        CommandRule.Change<Meeting>(command.MeetingId, meeting => RecordDidNotTakePlace.Decide(meeting, command));
}
