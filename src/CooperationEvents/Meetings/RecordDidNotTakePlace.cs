using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Records that a meeting did not take place, though nobody cancelled it; not before its first day. The reason is public record.
/// </summary>
public sealed record RecordDidNotTakePlace(Reference MeetingId, [property: Text(1000)] string Reason) : ICommand
{
    /// <param name="today">The day it is in the meeting's time zone.</param>
    public static Decision Decide(Meeting meeting, DateOnly today, RecordDidNotTakePlace command) =>
        meeting is { State: MeetingState.DidNotTakePlace, Voided: false }
            ? Decision.Nothing
            : meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed)
                ?? ToCome(meeting.Days, today)
                ?? Decision.Accept(new MeetingDidNotTakePlace(meeting.Id, command.Reason));

    private static Problem? ToCome(MeetingDays days, DateOnly today) =>
        days.FirstDay > today
            ? MeetingProblems.NotBegun.Because(
                $"The meeting's first day is {days.FirstDay:yyyy-MM-dd}; it is {today:yyyy-MM-dd}. Cancel a meeting that is not to take "
                    + "place."
            )
            : null;
}

public static class RecordDidNotTakePlaceEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/did-not-take-place", OperationId = "record-did-not-take-place"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RecordDidNotTakePlace command) =>
        new(work =>
            work.Change<Meeting>(command.MeetingId, meeting =>
                RecordDidNotTakePlace.Decide(meeting, work.Today(meeting.Days.TimeZone), command)
            )
        );
}
