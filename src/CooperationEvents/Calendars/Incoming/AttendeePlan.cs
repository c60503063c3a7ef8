using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>Who is to be registered by an entry, who is to be withdrawn, and who is passed over and why.</summary>
internal sealed class AttendeePlan(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
{
    /// <summary>How many people one command registers.</summary>
    private const int MostRegistered = 1_000;

    /// <summary>What to do about who was expected at a meeting that was held, or no longer is.</summary>
    private const string RecordThem = "Record whether they were there.";

    /// <summary>
    /// Registers whom the calendar expects and whose organisation the mapping knows, recording first who is not recorded. Who is registered
    /// keeps the role and the organisation.
    /// </summary>
    /// <param name="registered">Who is registered for the meeting.</param>
    public IEnumerable<ICommand> Registered(Reference meeting, ValueList<Guid> registered)
    {
        var attendees = new List<RegistrationFields>();
        foreach (var attendee in Coming)
        {
            if (mapping.OrganisationOf(attendee.Address) is not { } organisation || WhyNot(attendee, organisation) is not null)
                continue;
            var external = ExternalReference.Sent(mapping.Attendees!.System, attendee.Address);
            var recorded = facts.People.TryGetValue(attendee.Address, out var id);
            if (recorded && registered.Contains(id))
                continue;
            if (!recorded)
                yield return new RegisterPerson(
                    attendee.Name ?? attendee.Address,
                    Email: attendee.Address,
                    Affiliation: new FirstAffiliation(organisation),
                    ExternalReference: external
                );
            attendees.Add(
                new RegistrationFields(
                    recorded ? id : Reference.To(external),
                    organisation,
                    attendee.Role == CalendarRole.Chair ? AttendeeRole.Chair : AttendeeRole.Delegate
                )
            );
        }

        // Who is recorded already is registered apart, so that nobody waits for a person who may not be recorded.
        foreach (var some in attendees.GroupBy(a => a.PersonId.Id is null).SelectMany(same => same.Chunk(MostRegistered)))
            yield return new RegisterAttendance(meeting, [.. some]);
    }

    /// <summary>Withdraws who is registered, and is no longer expected by the calendar.</summary>
    public IEnumerable<ICommand> Gone(MeetingDirectoryEntry meeting)
    {
        var coming = Coming.Select(a => facts.People.GetValueOrDefault(a.Address)).ToHashSet();
        return facts
            .OfTheCalendar.Concat(facts.People.Values.Where(meeting.Registered.Contains))
            .Where(p => !coming.Contains(p))
            .Distinct()
            .Select(p => Withdrawal(meeting, p));
    }

    /// <summary>Withdraws those whom a message calls off; nobody once the meeting is no longer to come.</summary>
    public IEnumerable<ICommand> CalledOff(MeetingDirectoryEntry meeting) =>
        from attendee in IsToCome(meeting) ? entry.Attendees : []
        where facts.People.TryGetValue(attendee.Address, out var person) && meeting.Registered.Contains(person)
        select Withdrawal(meeting, facts.People[attendee.Address]);

    /// <summary>
    /// The attendees who are not registered, each with why. An attendee who is not expected is named where the event is new or has changed,
    /// and not each time that a file has it. For one who was registered, the withdrawal says it. An attendee who is expected at a held
    /// meeting, or no longer expected there and still registered, is said each time, until it is recorded whether they were there.
    /// </summary>
    public IEnumerable<string> NotRegistered(CalendarStanding standing)
    {
        var held = facts.Meeting is { State: MeetingState.Held, Voided: false } meeting ? meeting : null;
        foreach (var attendee in entry.Attendees)
        {
            if (NotComing(attendee) is not { } reason)
            {
                var organisation = mapping.OrganisationOf(attendee.Address);
                if (WhyNot(attendee, organisation) is { } why)
                    yield return why;
                else if (ForAnother(attendee, organisation!) is { } other)
                    yield return other;
                else if (held is not null && !IsAmong(held.Registered, attendee) && !IsAmong(held.Attendances, attendee))
                    yield return $"'{attendee.Address}' is not registered: the meeting was held. {RecordThem}";
            }
            else if (held is not null && IsAmong(held.Registered, attendee) && !IsAmong(held.Attendances, attendee))
            {
                yield return $"{reason} They stay registered: the meeting was held. {RecordThem}";
            }
            else if (
                standing != CalendarStanding.Unchanged
                && !facts.Erased.Contains(attendee.Address)
                && !IsAmong(facts.Meeting?.Registered, attendee)
            )
            {
                yield return reason;
            }
        }

        var gone = held is null ? 0 : facts.OfTheCalendar.Count(person => !held.Attendances.Contains(person));
        if (gone > 0)
            yield return $"{(gone == 1 ? "One who is registered no longer stands" : $"{gone} who are registered no longer stand")} in the "
                + $"calendar, and the registration stays: the meeting was held. {RecordThem}";

        bool IsAmong(ValueList<Guid>? people, CalendarAttendee attendee) =>
            facts.People.TryGetValue(attendee.Address, out var person) && people?.Contains(person) == true;
    }

    /// <summary>
    /// Those whom a message calls off and who are not withdrawn, each with why. Of who is recorded and not registered there is nothing to
    /// say: an earlier message may have withdrawn them.
    /// </summary>
    public IEnumerable<string> NotWithdrawn()
    {
        if (mapping.Attendees is null)
            yield return "The mapping names no attendees, so that nobody is withdrawn.";
        foreach (var attendee in mapping.Attendees is null ? [] : entry.Attendees.Where(a => !facts.Erased.Contains(a.Address)))
        {
            if (!facts.People.TryGetValue(attendee.Address, out var person))
                yield return WhyNot(attendee, mapping.OrganisationOf(attendee.Address))
                    ?? $"'{attendee.Address}' is not recorded, and so not registered.";
            else if (facts.Meeting is { } meeting && !IsToCome(meeting) && meeting.Registered.Contains(person))
                yield return $"'{attendee.Address}' stays registered: the meeting {What(meeting)}.";
        }

        static string What(MeetingDirectoryEntry meeting) =>
            meeting.Voided ? "was voided"
            : meeting.State == MeetingState.Held ? "was held"
            : meeting.State == MeetingState.Cancelled ? "is cancelled"
            : "did not take place";
    }

    private WithdrawRegistration Withdrawal(MeetingDirectoryEntry meeting, Guid person) =>
        new(meeting.Id, person, $"No longer expected by the calendar {mapping.System}.");

    private static bool IsToCome(MeetingDirectoryEntry meeting) =>
        meeting is { Voided: false, State: MeetingState.Scheduled or MeetingState.Postponed };

    /// <summary>Who is expected: not who declined, sent somebody else, or is merely informed.</summary>
    private IEnumerable<CalendarAttendee> Coming => entry.Attendees.Where(a => NotComing(a) is null);

    /// <summary>Why an attendee is not expected; null where they are.</summary>
    private static string? NotComing(CalendarAttendee attendee) =>
        attendee.Participation == Participation.Declined ? $"'{attendee.Address}' has declined."
        : attendee.Participation == Participation.Delegated ? $"'{attendee.Address}' sends somebody else."
        : attendee.Role == CalendarRole.NonParticipant ? $"'{attendee.Address}' is informed and not expected."
        : null;

    /// <summary>
    /// What there is to say of who is registered for another organisation than the mapping names; null where that is not so, or is over.
    /// Somebody here may have stated better, or the calendar may say something new: which of the two cannot be told.
    /// </summary>
    private string? ForAnother(CalendarAttendee attendee, Reference organisation) =>
        facts.Meeting is { } meeting
        && IsToCome(meeting)
        && facts.People.TryGetValue(attendee.Address, out var person)
        && meeting.RegisteredFor.TryGetValue(person, out var recorded)
        && facts.Organisations.TryGetValue(organisation, out var named)
        && recorded != named
            ? $"'{attendee.Address}' is registered for the organisation {recorded}, and the mapping names {organisation} for that domain. "
                + "The registration stays; register them here for the other one, if the calendar is right."
            : null;

    /// <summary>Why an attendee cannot be registered; null where they can. It does not name a person who was erased.</summary>
    private string? WhyNot(CalendarAttendee attendee, Reference? organisation) =>
        facts.Erased.Contains(attendee.Address) ? "One was erased, and is not registered anew."
        : organisation is null ? $"The mapping names no organisation for the domain of '{attendee.Address}'."
        : facts.UnknownOrganisations.Contains(organisation)
            ? $"There is no organisation {organisation}, which the mapping names for the domain of '{attendee.Address}'."
        : null;
}
