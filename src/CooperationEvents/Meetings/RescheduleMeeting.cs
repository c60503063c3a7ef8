using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Moves a meeting to other days; a postponed one is scheduled again. The reason is public record.</summary>
public sealed record RescheduleMeeting(
    Reference MeetingId,
    [property: TimeOfDay] PartialDate Start,
    [property: TimeOfDay] PartialDate? End = null,
    [property: TimeZone] string? TimeZone = null,
    [property: Text(1000)] string? Reason = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, IReadOnlyList<PlacementFacts> facts, ShownTime shown, RescheduleMeeting command) =>
        meeting.While(Change(meeting, facts, shown, command), MeetingState.Scheduled, MeetingState.Postponed);

    private static Decision Change(Meeting meeting, IReadOnlyList<PlacementFacts> facts, ShownTime shown, RescheduleMeeting command)
    {
        var days = new MeetingDays(command.Start, command.End ?? command.Start, command.TimeZone ?? meeting.Days.TimeZone);
        if (meeting.State is MeetingState.Scheduled or MeetingState.Held && meeting.Days == days)
            return Decision.Nothing;
        if (days.Fault("/start", "/end", shown) is { } fault)
            return fault;
        if (PlacementRules.Ended(meeting.Details.Frameworks, days.FirstDay, facts, "/start") is { } ended)
            return ended;
        return Decision.Accept(new MeetingRescheduled(meeting.Id, days.Start, days.End, days.TimeZone, command.Reason));
    }
}

public static class RescheduleMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/reschedule", OperationId = "reschedule-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RescheduleMeeting command) =>
        new(work =>
            work.Change<Meeting>(command.MeetingId, async meeting =>
                RescheduleMeeting.Decide(
                    meeting,
                    await Placements.Facts(work, meeting.Details.Frameworks),
                    TimeZones.Shown,
                    command with
                    {
                        TimeZone = TimeZones.OrRecorded(command.TimeZone, meeting.Days.TimeZone),
                    }
                )
            )
        );
}
