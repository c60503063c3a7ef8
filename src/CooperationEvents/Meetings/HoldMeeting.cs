using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Records that a meeting took place, on the days it was planned for or on the days given here. Only somebody's word holds
/// a meeting, never the clock; and not before its first day.
/// </summary>
public sealed record HoldMeeting(
    Reference MeetingId,
    [property: TimeOfDay] PartialDate? HeldFrom = null,
    [property: TimeOfDay] PartialDate? HeldTo = null,
    MeetingMode? Mode = null
) : ICommand
{
    /// <param name="today">The day it is in the meeting's time zone.</param>
    public static Decision Decide(
        Meeting meeting,
        IReadOnlyList<PlacementFacts> facts,
        DateOnly today,
        ShownTime shown,
        HoldMeeting command
    )
    {
        if (
            meeting is { State: MeetingState.Held, Voided: false }
            && (IsSo(meeting.Details) || meeting.HeldAtFirst is { } first && IsSo(first))
        )
            return Decision.Nothing;
        var days = meeting.Days.Held(command.HeldFrom, command.HeldTo);
        if (meeting.RefuseUnless(MeetingState.Scheduled) is { } refused)
            return refused.Type == MeetingProblems.AlreadyHeld ? refused with { Errors = Differing(meeting, command) } : refused;
        return (days == meeting.Days ? null : days.Fault("/heldFrom", "/heldTo", shown))
            ?? NotBegun(days, today, "/heldFrom")
            ?? (command.HeldFrom is null ? null : PlacementRules.Ended(meeting.Details.Frameworks, days.FirstDay, facts, "/heldFrom"))
            ?? Decision.Accept(new MeetingHeld(meeting.Id, days.Start, days.End, command.Mode));

        bool IsSo(MeetingDetails held) =>
            held.Days().Held(command.HeldFrom, command.HeldTo) == held.Days() && (command.Mode ?? held.Mode) == held.Mode;
    }

    /// <summary>What the command says of a meeting that was held otherwise, member by member.</summary>
    private static ValueList<FieldError> Differing(Meeting meeting, HoldMeeting command) =>
        [
            .. new (string Pointer, object? Recorded, object? Sent)[]
            {
                ("/heldFrom", meeting.Days.Start, command.HeldFrom),
                ("/heldTo", meeting.Days.End, command.HeldTo),
                ("/mode", meeting.Details.Mode, command.Mode),
            }
                .Where(member => member.Sent is not null && !member.Sent.Equals(member.Recorded))
                .Select(member => Difference.Of(member.Pointer, member.Recorded, member.Sent)),
        ];

    internal static Problem? NotBegun(MeetingDays days, DateOnly today, string pointer) =>
        days.FirstDay > today
            ? MeetingProblems.NotBegun.At(pointer, $"The meeting's first day is {days.FirstDay:yyyy-MM-dd}; it is {today:yyyy-MM-dd}.")
            : null;
}

public static class HoldMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/hold", OperationId = "hold-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(HoldMeeting command) =>
        new(work =>
            work.Change<Meeting>(command.MeetingId, async meeting =>
                HoldMeeting.Decide(
                    meeting,
                    command.HeldFrom is null ? [] : await Placements.Facts(work, meeting.Details.Frameworks),
                    work.Today(meeting.Days.TimeZone),
                    TimeZones.Shown,
                    command
                )
            )
        );
}
