using CooperationEvents.Http;
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

    /// <summary>A complete file lacks it, and the meeting was held: it stays.</summary>
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
    /// <summary>How many people one command registers.</summary>
    private const int MostRegistered = 1_000;

    /// <summary>What to do about who was expected at a meeting that was held, or no longer is.</summary>
    private const string RecordThem = "Record whether they were there.";

    /// <summary>The attendees who are not registered, each with why.</summary>
    public ValueList<string> PassedOver { get; init; } = [];

    public static CalendarPlan Of(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        if (facts is { IsOurs: true, Meeting: { } ours } && entry.Revision.Sequence < ours.Sequence)
            return new CalendarPlan(CalendarStanding.Older, []);
        if (facts.CalledOff.Count > 0)
            entry = WithoutCalledOff(entry, facts);
        var plan = entry switch
        {
            { Missing: true } => Lacking(mapping, facts.Meeting),
            { Uninvites: true } => Uninvited(entry, mapping, facts),
            _ => Led(entry, mapping, facts),
        };
        if (facts.IsOurs || plan.Standing == CalendarStanding.Unknown || entry.Cancelled || mapping.Attendees is null && !entry.Uninvites)
            return plan;
        return plan with
        {
            PassedOver =
            [
                .. entry.PassedOver,
                .. entry.Uninvites ? NotWithdrawn(entry, mapping, facts) : Unplaced(entry, mapping, facts, plan.Standing),
            ],
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

    private static CalendarPlan Led(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        if (facts.Meeting is not { } meeting)
        {
            return entry.Cancelled || entry is { LeavesState: true, Before.Cancelled: true }
                ? new CalendarPlan(CalendarStanding.Unknown, [])
                : new CalendarPlan(CalendarStanding.New, Scheduled(entry, mapping, facts));
        }

        var changes = Changes.Of(entry, mapping, facts);
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
            _ => Planned(InStep(entry, mapping, facts, meeting, changes)),
        };
    }

    private static CalendarPlan Lacking(CalendarMapping mapping, MeetingDirectoryEntry? meeting) =>
        meeting switch
        {
            null or { Voided: true } or { State: MeetingState.Cancelled or MeetingState.DidNotTakePlace } => Planned([]),
            _ when mapping.Window?.Holds(meeting.Start, meeting.End) == false => Planned([]),
            { State: MeetingState.Held } => new CalendarPlan(CalendarStanding.Missing, []),
            _ => new CalendarPlan(
                CalendarStanding.Cancelled,
                [new CancelMeeting(meeting.Id, $"No longer in the calendar {mapping.System}.")]
            ),
        };

    private static CalendarPlan Uninvited(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts) =>
        facts.Meeting switch
        {
            null => new CalendarPlan(CalendarStanding.Unknown, []),
            { } meeting when IsToCome(meeting) => Planned([
                .. from attendee in entry.Attendees
                where facts.People.TryGetValue(attendee.Address, out var person) && meeting.Registered.Contains(person)
                select new WithdrawRegistration(meeting.Id, facts.People[attendee.Address], Withdrawn(mapping)),
            ]),
            _ => Planned([]),
        };

    private static bool IsToCome(MeetingDirectoryEntry meeting) =>
        meeting is { Voided: false, State: MeetingState.Scheduled or MeetingState.Postponed };

    /// <summary>
    /// Those whom a message calls off and who are not withdrawn, each with why. Of who is recorded and not registered there is nothing to
    /// say: an earlier message may have withdrawn them.
    /// </summary>
    private static IEnumerable<string> NotWithdrawn(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        if (mapping.Attendees is null)
            yield return "The mapping names no attendees, so that nobody is withdrawn.";
        foreach (var attendee in mapping.Attendees is null ? [] : entry.Attendees.Where(a => !facts.Erased.Contains(a.Address)))
        {
            if (!facts.People.TryGetValue(attendee.Address, out var person))
                yield return WhyNot(attendee, mapping.OrganisationOf(attendee.Address), facts)
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

    private static ValueList<ICommand> Scheduled(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
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
        return [meeting, .. Registered(entry, mapping, facts, Reference.To(reference), [])];
    }

    private static ValueList<ICommand> InStep(
        CalendarEntry entry,
        CalendarMapping mapping,
        CalendarFacts facts,
        MeetingDirectoryEntry meeting,
        Changes changes
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
        if (facts.IsOurs)
            return [.. commands];
        commands.AddRange(Registered(entry, mapping, facts, meeting.Id, meeting.Registered));
        var coming = Coming(entry).Select(a => facts.People.GetValueOrDefault(a.Address)).ToHashSet();
        var gone = facts
            .OfTheCalendar.Concat(facts.People.Values.Where(meeting.Registered.Contains))
            .Where(p => !coming.Contains(p))
            .Distinct();
        commands.AddRange(gone.Select(p => new WithdrawRegistration(meeting.Id, p, Withdrawn(mapping))));
        return [.. commands];
    }

    private static string Withdrawn(CalendarMapping mapping) => $"No longer expected by the calendar {mapping.System}.";

    /// <summary>Whether a command is about attendees alone, so that its refusal does not cost the meeting.</summary>
    public static bool IsOfAttendees(ICommand command) => command is RegisterPerson or RegisterAttendance or WithdrawRegistration;

    /// <summary>
    /// Registers whom the calendar expects and whose organisation the mapping knows, recording first who is not recorded. Who is registered
    /// keeps the role and the organisation.
    /// </summary>
    private static IEnumerable<ICommand> Registered(
        CalendarEntry entry,
        CalendarMapping mapping,
        CalendarFacts facts,
        Reference meeting,
        ValueList<Guid> registered
    )
    {
        var attendees = new List<RegistrationFields>();
        foreach (var attendee in Coming(entry))
        {
            if (mapping.OrganisationOf(attendee.Address) is not { } organisation || WhyNot(attendee, organisation, facts) is not null)
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

    /// <summary>Who is expected: not who declined, sent somebody else, or is merely informed.</summary>
    private static IEnumerable<CalendarAttendee> Coming(CalendarEntry entry) => entry.Attendees.Where(a => NotComing(a) is null);

    /// <summary>Why an attendee is not expected; null where they are.</summary>
    private static string? NotComing(CalendarAttendee attendee) =>
        attendee.Participation == Participation.Declined ? $"'{attendee.Address}' has declined."
        : attendee.Participation == Participation.Delegated ? $"'{attendee.Address}' sends somebody else."
        : attendee.Role == CalendarRole.NonParticipant ? $"'{attendee.Address}' is informed and not expected."
        : null;

    /// <summary>
    /// The attendees who are not registered, each with why. An attendee who is not expected is named where the event is new or has changed,
    /// and not each time that a file has it. For one who was registered, the withdrawal says it. An attendee who is expected at a held
    /// meeting, or no longer expected there and still registered, is said each time, until it is recorded whether they were there.
    /// </summary>
    private static IEnumerable<string> Unplaced(
        CalendarEntry entry,
        CalendarMapping mapping,
        CalendarFacts facts,
        CalendarStanding standing
    )
    {
        var held = facts.Meeting is { State: MeetingState.Held, Voided: false } meeting ? meeting : null;
        foreach (var attendee in entry.Attendees)
        {
            if (NotComing(attendee) is not { } reason)
            {
                var organisation = mapping.OrganisationOf(attendee.Address);
                if (WhyNot(attendee, organisation, facts) is { } why)
                    yield return why;
                else if (ForAnother(attendee, organisation!, facts) is { } other)
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
    /// What there is to say of who is registered for another organisation than the mapping names; null where that is not so, or is over.
    /// Somebody here may have stated better, or the calendar may say something new: which of the two cannot be told.
    /// </summary>
    private static string? ForAnother(CalendarAttendee attendee, Reference organisation, CalendarFacts facts) =>
        facts.Meeting is { Voided: false, State: MeetingState.Scheduled or MeetingState.Postponed } meeting
        && facts.People.TryGetValue(attendee.Address, out var person)
        && meeting.RegisteredFor.TryGetValue(person, out var recorded)
        && facts.Organisations.TryGetValue(organisation, out var named)
        && recorded != named
            ? $"'{attendee.Address}' is registered for the organisation {recorded}, and the mapping names {organisation} for that domain. "
                + "The registration stays; register them here for the other one, if the calendar is right."
            : null;

    /// <summary>Why an attendee cannot be registered; null where they can. It does not name a person who was erased.</summary>
    private static string? WhyNot(CalendarAttendee attendee, Reference? organisation, CalendarFacts facts) =>
        facts.Erased.Contains(attendee.Address) ? "One was erased, and is not registered anew."
        : organisation is null ? $"The mapping names no organisation for the domain of '{attendee.Address}'."
        : facts.UnknownOrganisations.Contains(organisation)
            ? $"There is no organisation {organisation}, which the mapping names for the domain of '{attendee.Address}'."
        : null;

    /// <summary>In what a calendar says otherwise of a meeting than the register.</summary>
    private sealed record Changes(CalendarEntry Entry, bool Moved, string? Title, string? Venue, bool NoVenue, ValueList<string>? Topics)
    {
        /// <summary>Whether it had times of a zone, and is of whole days now, which have none.</summary>
        public bool NoTimeZone { get; private init; }

        public bool Any => Moved || Title is not null || Venue is not null || NoVenue || Topics is not null;

        public static Changes Of(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
        {
            var meeting = facts.Meeting!;
            var written = facts.IsOurs ? string.Join(", ", new[] { meeting.Venue, meeting.Country }.OfType<string>()) : meeting.Venue;
            var moved = entry.Start is not null && IsMoved(entry, meeting, facts.IsOurs);
            return new Changes(
                entry,
                moved,
                entry.Title is null || CalendarWords.AreOne(entry.Title, meeting.Title) ? null : entry.Title,
                entry.Location is null || CalendarWords.AreOne(entry.Location, written) ? null
                    : facts.IsOurs ? WithoutCountry(entry.Location, meeting)
                    : entry.Location,
                entry.Location is null && mapping.EmptyMeansEmpty && meeting.Venue is not null,
                TopicsAfter(entry, mapping, facts)
            )
            {
                NoTimeZone =
                    moved && entry.TimeZone is null && meeting.TimeZone is not null && (meeting.Start.Time ?? meeting.End.Time) is not null,
            };
        }

        public CorrectMeeting Correction(Guid meetingId, string reason) =>
            new(
                meetingId,
                reason,
                Remove: Removed,
                Title: Title,
                Start: Moved ? Entry.Start : null,
                End: Moved ? Entry.End : null,
                TimeZone: Moved ? Entry.TimeZone : null,
                Venue: Venue,
                Topics: Topics
            );

        private ValueList<Removable>? Removed =>
            (NoVenue, NoTimeZone) switch
            {
                (true, true) => [Removable.Venue, Removable.TimeZone],
                (true, _) => [Removable.Venue],
                (_, true) => [Removable.TimeZone],
                _ => null,
            };

        /// <summary>
        /// Whether the days are others than those planned last and, of a meeting that was held, than those it had, each in their own zone.
        /// Days have no zone in a calendar, so that the zone of the meeting is no difference.
        /// </summary>
        private static bool IsMoved(CalendarEntry entry, MeetingDirectoryEntry meeting, bool isOurs)
        {
            var planned = new MeetingDays(meeting.Start, meeting.End, meeting.TimeZone);
            return !new[] { planned, meeting.Held ?? planned }.Any(days =>
                (isOurs ? AsWritten(days) : (days.Start, days.End)) == (entry.Start!.Value, entry.End!.Value)
                && (entry.TimeZone is not { } zone || TimeZones.AreOne(zone, days.TimeZone))
            );
        }

        /// <summary>The days as they are read from a calendar that the register wrote.</summary>
        private static (PartialDate Start, PartialDate End) AsWritten(MeetingDays days)
        {
            var (start, end) = (days.Start, days.End);
            if ((start.Time, end.Time) is not ({ } from, { } to))
                return (PartialDate.Of(start.FirstDay), PartialDate.Of(end.LastDayFrom(start)));
            return from == TimeOnly.MinValue && to == TimeOnly.MinValue && end.FirstDay > start.FirstDay
                ? (PartialDate.Of(start.FirstDay), PartialDate.Of(end.FirstDay.AddDays(-1)))
                : (start, days.TakesTime(TimeZones.Shown) ? end : start);
        }

        private static string WithoutCountry(string location, MeetingDirectoryEntry meeting) =>
            meeting.Country is { } country && location.EndsWith(", " + country, StringComparison.Ordinal)
                ? location[..^(country.Length + 2)]
                : location;

        /// <summary>
        /// The topics after the change; null where none changes. Topics that no category stands for are not the calendar's.
        /// </summary>
        private static ValueList<string>? TopicsAfter(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
        {
            var topics = facts.Meeting!.Topics;
            var stated = mapping.TopicsOf(entry.Categories).ToList();
            if (facts.IsOurs)
                stated.AddRange(topics.Where(t => entry.Categories.Contains(t, StringComparer.OrdinalIgnoreCase) && !stated.Contains(t)));
            var kept = topics.Where(t => stated.Contains(t) || !mapping.Topics.Contains(t)).ToList();
            var added = stated.Except(kept).ToList();
            return kept.Count == topics.Count && added.Count == 0 ? null : [.. kept, .. added];
        }
    }
}
