using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>The commands that bring what is recorded in step with an entry.</summary>
public enum CalendarStanding
{
    /// <summary>A meeting to be scheduled.</summary>
    New,

    /// <summary>The recorded meeting is to be brought in step.</summary>
    Changed,

    /// <summary>The recorded meeting is to be cancelled.</summary>
    Cancelled,

    /// <summary>The register says what the calendar says.</summary>
    Unchanged,

    /// <summary>An older calendar of the register's own: the meeting was changed here since.</summary>
    Older,

    /// <summary>A message that may have been sent before the calendar called off the recorded meeting: it stays cancelled.</summary>
    CalledOff,

    /// <summary>It does not take place, or calls off attendees, and was never recorded.</summary>
    Unknown,

    /// <summary>A complete file lacks it, and the meeting was held or voided: it stays.</summary>
    Missing,

    /// <summary>The meeting can no longer follow the calendar.</summary>
    Refused,
}

/// <summary>
/// The commands that bring the register in step with a calendar's entry, in the order in which they are to be decided; none
/// where it is in step already. A calendar plans: it never holds a meeting, and its attendees never attended.
/// </summary>
public sealed record CalendarPlan(CalendarStanding Standing, ValueList<ICommand> Commands, Problem? Problem = null)
{
    /// <summary>The attendees who are not registered, each with why.</summary>
    public ValueList<string> PassedOver { get; init; } = [];

    public static CalendarPlan Of(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        if (facts is { IsOurs: true, Meeting: { } ours } && entry.Revision.Sequence < ours.Sequence)
            return new CalendarPlan(CalendarStanding.Older, []);
        if (facts.CalledOff.Count > 0)
            entry = WithoutCalledOff(entry, facts);
        var attendees = new AttendeePlan(entry, mapping, facts);
        var plan = entry switch
        {
            { Missing: true } => Lacking(mapping, facts.Meeting),
            { Uninvites: true } => facts.Meeting is { } meeting
                ? Planned([.. attendees.CalledOff(meeting)])
                : new CalendarPlan(CalendarStanding.Unknown, []),
            _ => Led(entry, mapping, facts, attendees),
        };
        if (facts.IsOurs || plan.Standing == CalendarStanding.Unknown || entry.Cancelled || mapping.Attendees is null && !entry.Uninvites)
            return plan;
        return plan with
        {
            PassedOver = [.. entry.PassedOver, .. entry.Uninvites ? attendees.NotWithdrawn() : attendees.NotRegistered(plan.Standing)],
        };
    }

    private static CalendarEntry WithoutCalledOff(CalendarEntry entry, CalendarFacts facts) =>
        entry with
        {
            Attendees = [.. entry.Attendees.Where(a => !facts.CalledOff.Contains(a.Address))],
            PassedOver =
            [
                .. entry.PassedOver,
                .. facts.CalledOff.Except(facts.Erased).Select(address => $"A newer revision called off '{address}'."),
            ],
        };

    private static CalendarPlan Led(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts, AttendeePlan attendees)
    {
        if (facts.Meeting is not { } meeting)
        {
            return entry.Cancelled || entry is { LeavesState: true, Before.Cancelled: true }
                ? new CalendarPlan(CalendarStanding.Unknown, [])
                : new CalendarPlan(CalendarStanding.New, Scheduled(entry, mapping, attendees));
        }

        var changes = CalendarChanges.Of(entry, mapping, facts);
        return meeting.State switch
        {
            _ when meeting.Voided => Closed(!entry.Cancelled && changes.Any, MeetingProblems.Voided, "was voided"),
            MeetingState.Held when !entry.Cancelled && mapping.LateChanges is { } late => Planned(
                changes.Any ? [changes.Correction(meeting.Id, late.Reason)] : []
            ),
            MeetingState.Held => Closed(entry.Cancelled || changes.Any, MeetingProblems.AlreadyHeld, "was held"),
            MeetingState.DidNotTakePlace => Closed(
                !entry.Cancelled && changes.Any,
                MeetingProblems.DidNotTakePlace,
                "is recorded as one that did not take place"
            ),
            MeetingState.Cancelled when !entry.Cancelled && entry.Before is { Cancelled: true } && !TakesUpAgain(entry) => new CalendarPlan(
                CalendarStanding.CalledOff,
                []
            ),
            MeetingState.Cancelled when entry.Cancelled || entry.LeavesState || !TakesUpAgain(entry) => Planned([]),
            _ when entry.Cancelled => new CalendarPlan(
                CalendarStanding.Cancelled,
                [new CancelMeeting(meeting.Id, $"Cancelled in the calendar {mapping.System}.")]
            ),
            _ => Planned(InStep(entry, mapping, meeting, changes, facts.IsOurs ? null : attendees)),
        };
    }

    private static CalendarPlan Lacking(CalendarMapping mapping, MeetingDirectoryEntry? meeting) =>
        meeting switch
        {
            null => Planned([]),
            _ when mapping.Window?.Holds(meeting.Start, meeting.End) == false => Planned([]),
            { Voided: false, State: MeetingState.Cancelled or MeetingState.DidNotTakePlace } => Planned([]),
            { Voided: true } or { State: MeetingState.Held } => new CalendarPlan(CalendarStanding.Missing, []),
            _ => new CalendarPlan(
                CalendarStanding.Cancelled,
                [new CancelMeeting(meeting.Id, $"No longer in the calendar {mapping.System}.")]
            ),
        };

    /// <summary>
    /// Whether a cancellation is undone: by the calendar as it is now where the calendar cancelled it, or by a message of a newer
    /// revision; by the event itself where a file lacked it; and by a change of the event, not by another export, where it was
    /// cancelled here.
    /// </summary>
    private static bool TakesUpAgain(CalendarEntry entry) =>
        entry.Before switch
        {
            null or { Missing: true } => true,
            { Cancelled: true } before when entry.StatesCalendar => !entry.Revision.IsBefore(before.Revision),
            { Cancelled: true } before => before.Revision.IsBefore(entry.Revision),
            var before => entry.Revision.ChangedSince(before.Revision),
        };

    private static CalendarPlan Planned(ValueList<ICommand> commands) =>
        new(commands.Count == 0 ? CalendarStanding.Unchanged : CalendarStanding.Changed, commands);

    private static CalendarPlan Closed(bool differs, ProblemType problem, string words) =>
        differs
            ? new CalendarPlan(
                CalendarStanding.Refused,
                [],
                problem.Because(
                    $"The calendar says otherwise of a meeting that {words}. Correct the meeting here, if the calendar is right."
                )
            )
            : new CalendarPlan(CalendarStanding.Unchanged, []);

    private static ValueList<ICommand> Scheduled(CalendarEntry entry, CalendarMapping mapping, AttendeePlan attendees)
    {
        var reference = ExternalReference.Sent(mapping.System, entry.Id);
        var meeting = new ScheduleMeeting
        {
            Title = entry.Title!,
            Frameworks = mapping.Frameworks,
            Start = entry.Start!.Value,
            End = entry.End,
            TimeZone = entry.TimeZone,
            Venue = entry.Location,
            Topics = [.. mapping.TopicsOf(entry.Categories)],
            ExternalReference = reference,
        };
        return [meeting, .. attendees.Registered(Reference.To(reference), [])];
    }

    /// <param name="attendees">Null where they are left alone.</param>
    private static ValueList<ICommand> InStep(
        CalendarEntry entry,
        CalendarMapping mapping,
        MeetingDirectoryEntry meeting,
        CalendarChanges changes,
        AttendeePlan? attendees
    )
    {
        var commands = new List<ICommand>();
        var reason = $"Changed in the calendar {mapping.System}.";
        if (meeting.State == MeetingState.Cancelled)
            commands.Add(new CorrectMeeting(meeting.Id, $"No longer cancelled in the calendar {mapping.System}.", Undoing.Cancellation));
        if (changes.Moved)
            commands.Add(new RescheduleMeeting(meeting.Id, entry.Start!.Value, entry.End, entry.TimeZone, reason));
        if (changes.Venue is { } venue)
            commands.Add(new RelocateMeeting(meeting.Id, Venue: venue, Reason: reason));
        if (changes.Title is not null || changes.Topics is not null || changes.NoVenue || changes.NoTimeZone)
            commands.Add((changes with { Moved = false, Venue = null }).Correction(meeting.Id, reason));
        if (attendees is not null)
            commands.AddRange([.. attendees.Registered(meeting.Id, meeting.Registered), .. attendees.Gone(meeting)]);
        return [.. commands];
    }

    /// <summary>Whether a command is about attendees alone, so that its refusal does not cost the meeting.</summary>
    public static bool IsOfAttendees(ICommand command) => command is RegisterPerson or RegisterAttendance or WithdrawRegistration;
}
