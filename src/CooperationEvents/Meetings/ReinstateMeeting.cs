using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>Returns a voided meeting to the state it had. The reason is public record.</summary>
public sealed record ReinstateMeeting(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Meeting meeting, ReinstateMeeting command) =>
        meeting.Voided ? Decision.Accept(new MeetingReinstated(meeting.Id, command.Reason)) : Decision.Nothing;
}
