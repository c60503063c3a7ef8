using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>What an entry comes to beside what is recorded.</summary>
public enum CalendarStanding
{
    /// <summary>A meeting to be scheduled.</summary>
    New,

    /// <summary>The recorded meeting is to be brought in step.</summary>
    Changed,

    /// <summary>The register says what the calendar says.</summary>
    Unchanged,

    /// <summary>An earlier import took a newer revision of the entry.</summary>
    Older,

    /// <summary>It is cancelled, and was never recorded.</summary>
    Unknown,

    /// <summary>The meeting can no longer follow the calendar.</summary>
    Refused,
}

/// <summary>
/// The commands that bring the register in step with a calendar's entry, in the order in which they are to be decided; none
/// where it is in step already. A calendar plans: it never holds a meeting, and its attendees never attended.
/// </summary>
public sealed record CalendarPlan(CalendarStanding Standing, ValueList<ICommand> Commands, Problem? Problem = null)
{
    /// <summary>How many people one command registers.</summary>
    private const int MostRegistered = 1_000;

    public static CalendarPlan Of(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        if (facts.Last is { } last && entry.Revision.IsBefore(last))
            return new CalendarPlan(CalendarStanding.Older, []);
        if (facts.Meeting is not { } meeting)
            return entry.Cancelled ? new CalendarPlan(CalendarStanding.Unknown, []) : new CalendarPlan(CalendarStanding.New, Scheduled(entry, mapping, facts));
        return meeting.State switch
        {
            _ when meeting.Voided => Closed(!entry.Cancelled && Differs(entry, mapping, meeting), MeetingProblems.Voided, "was voided"),
            MeetingState.Held => Closed(Differs(entry, mapping, meeting), MeetingProblems.AlreadyHeld, "was held"),
            MeetingState.DidNotTakePlace => Closed(
                !entry.Cancelled && Differs(entry, mapping, meeting), MeetingProblems.DidNotTakePlace, "is recorded as one that did not take place"),
            MeetingState.Cancelled when entry.Cancelled || facts.Last is { } imported && !imported.IsBefore(entry.Revision) => Planned([]),
            _ => Planned(entry.Cancelled ? [Cancellation(meeting, mapping)] : InStep(entry, mapping, facts, meeting)),
        };
    }

    private static CalendarPlan Planned(ValueList<ICommand> commands) =>
        new(commands.Count == 0 ? CalendarStanding.Unchanged : CalendarStanding.Changed, commands);

    private static CalendarPlan Closed(bool differs, ProblemType problem, string words) => differs
        ? new CalendarPlan(CalendarStanding.Refused, [], problem.Because($"The calendar says otherwise of a meeting that {words}. Correct the meeting here, if the calendar is right."))
        : new CalendarPlan(CalendarStanding.Unchanged, []);

    private static ValueList<ICommand> Scheduled(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        var reference = new ExternalReference(mapping.System, entry.Id);
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
        return [meeting, .. Registered(entry, mapping, facts, Reference.To(reference), [])];
    }

    private static ValueList<ICommand> InStep(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts, MeetingDirectoryEntry meeting)
    {
        var commands = new List<ICommand>();
        var reason = $"Changed in the calendar {mapping.System}.";
        if (meeting.State == MeetingState.Cancelled)
            commands.Add(new CorrectMeeting(meeting.Id, $"No longer cancelled in the calendar {mapping.System}.", Undoing.Cancellation));
        if (Moved(entry, meeting))
            commands.Add(new RescheduleMeeting(meeting.Id, entry.Start!.Value, entry.End, entry.TimeZone, reason));
        if (Relocated(entry, meeting))
            commands.Add(new RelocateMeeting(meeting.Id, Venue: entry.Location, Reason: reason));
        var (title, topics) = (entry.Title == meeting.Title ? null : entry.Title, Topics(entry, mapping, meeting));
        if ((title ?? (object?)topics) is not null)
            commands.Add(new CorrectMeeting(meeting.Id, reason, Title: title, Topics: topics));
        commands.AddRange(Registered(entry, mapping, facts, meeting.Id, meeting.Registered));
        var coming = Coming(entry).Select(a => facts.People.TryGetValue(a.Address, out var id) ? id : Guid.Empty).ToHashSet();
        commands.AddRange(facts.OfTheCalendar.Where(p => !coming.Contains(p)).Select(p => new WithdrawRegistration(meeting.Id, p, $"No longer expected by the calendar {mapping.System}.")));
        return [.. commands];
    }

    /// <summary>Registers whom the calendar expects and whose organisation the mapping knows, recording first who is not recorded.</summary>
    private static IEnumerable<ICommand> Registered(
        CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts, Reference meeting, ValueList<Guid> registered)
    {
        var attendees = new List<RegistrationFields>();
        foreach (var attendee in Coming(entry))
        {
            if (mapping.OrganisationOf(attendee.Address) is not { } organisation)
                continue;
            var external = new ExternalReference(mapping.Attendees!.System, attendee.Address);
            var recorded = facts.People.TryGetValue(attendee.Address, out var id);
            if (recorded && registered.Contains(id))
                continue;
            if (!recorded)
                yield return new RegisterPerson(attendee.Name ?? attendee.Address, Email: attendee.Address, Affiliation: new FirstAffiliation(organisation), ExternalReference: external);
            if (facts.Erased.Contains(attendee.Address))
                continue;
            attendees.Add(new RegistrationFields(
                recorded ? id : Reference.To(external), organisation, attendee.Role == CalendarRole.Chair ? AttendeeRole.Chair : AttendeeRole.Delegate));
        }

        foreach (var some in attendees.Chunk(MostRegistered))
            yield return new RegisterAttendance(meeting, [.. some]);
    }

    private static CancelMeeting Cancellation(MeetingDirectoryEntry meeting, CalendarMapping mapping) =>
        new(meeting.Id, $"Cancelled in the calendar {mapping.System}.");

    /// <summary>Who is expected: not who declined, sent somebody else, or is merely informed.</summary>
    private static IEnumerable<CalendarAttendee> Coming(CalendarEntry entry) => entry.Attendees.Where(a =>
        a.Participation is not (Participation.Declined or Participation.Delegated) && a.Role != CalendarRole.NonParticipant);

    private static bool Differs(CalendarEntry entry, CalendarMapping mapping, MeetingDirectoryEntry meeting) =>
        entry.Cancelled
        || Moved(entry, meeting)
        || Relocated(entry, meeting)
        || entry.Title != meeting.Title
        || Topics(entry, mapping, meeting) is not null;

    /// <summary>Days have no zone in a calendar, so that one the meeting has is none that was changed.</summary>
    private static bool Moved(CalendarEntry entry, MeetingDirectoryEntry meeting) =>
        entry.Start != meeting.Start || entry.End != meeting.End || entry.TimeZone is { } zone && zone != meeting.TimeZone;

    /// <summary>A calendar that names no place says nothing of it.</summary>
    private static bool Relocated(CalendarEntry entry, MeetingDirectoryEntry meeting) =>
        entry.Location is { } location && location != meeting.Venue;

    /// <summary>The topics after the change; null where none changes. Topics that no category stands for are not the calendar's.</summary>
    private static ValueList<string>? Topics(CalendarEntry entry, CalendarMapping mapping, MeetingDirectoryEntry meeting)
    {
        var stated = mapping.TopicsOf(entry.Categories).ToList();
        var kept = meeting.Topics.Where(t => stated.Contains(t) || !mapping.Topics.Contains(t)).ToList();
        var added = stated.Except(kept).ToList();
        return kept.Count == meeting.Topics.Count && added.Count == 0 ? null : [.. kept, .. added];
    }
}
