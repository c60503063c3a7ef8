using CooperationEvents.Calendars.Outgoing;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;
using CooperationEvents.Recording;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>Looks up what a plan must know of what is recorded.</summary>
public static class CalendarLookup
{
    public static async Task<CalendarFacts> Facts(UnitOfWork work, CalendarMapping mapping, CalendarEntry entry)
    {
        if (await Ours(work, entry) is { } ours)
            return new CalendarFacts(ours, new Dictionary<string, Guid>(), [], IsOurs: true);
        var meeting = await Meeting(work, mapping, entry.Id)
            ?? (entry.SentId == entry.Id ? null : await Meeting(work, mapping, entry.SentId));
        var erased = await Erased(work, mapping, entry);
        var people = await People(work, mapping, entry, erased);
        List<Reference> named = [.. entry.Attendees.Select(a => mapping.OrganisationOf(a.Address)).OfType<Reference>()];
        var organisations = await work.FindMany(StreamKind.Organisation, named);
        return new CalendarFacts(meeting, people, await OfTheCalendar(work, mapping, meeting, people))
        {
            Erased = erased,
            Organisations = organisations,
            UnknownOrganisations = named.Except(organisations.Keys).ToHashSet(),
        };
    }

    /// <inheritdoc cref="IImportedCalendar.OfMapping"/>
    public static async Task<IReadOnlyDictionary<string, MeetingOfEntry>> OfMapping(
        UnitOfWork work,
        CalendarMapping mapping,
        IReadOnlyList<ImportedEntry> entries
    )
    {
        var meetings = await MeetingDirectory.FindMany(work, [.. entries.Select(e => Sent(mapping, e.Id))]);
        var named = await work.FindMany(StreamKind.Framework, [.. mapping.Frameworks.Select(placement => placement.FrameworkId)]);
        var frameworks = named.Values.ToHashSet();
        return entries
            .Select(e => (e.Id, Meeting: meetings.GetValueOrDefault(Sent(mapping, e.Id))))
            .Where(e => e.Meeting is not { } meeting || IsOfMapping(meeting))
            .ToDictionary(
                e => e.Id,
                e =>
                    e.Meeting is { } meeting
                        ? new MeetingOfEntry(meeting.Id, meeting.State, meeting.Voided, !LiesInWindow(meeting))
                        : new MeetingOfEntry(null)
            );

        // Of what was moved out of the window, and is over or called off, there is nothing more to say.
        bool IsOfMapping(MeetingDirectoryEntry meeting) =>
            meeting.Frameworks.Any(frameworks.Contains)
            && (LiesInWindow(meeting) || meeting is { Voided: false, State: MeetingState.Scheduled or MeetingState.Postponed });

        bool LiesInWindow(MeetingDirectoryEntry meeting) => mapping.Window?.Holds(meeting.Start, meeting.End) != false;
    }

    private static Reference Sent(CalendarMapping mapping, string id) => Reference.To(ExternalReference.Sent(mapping.System, id));

    private static Task<MeetingDirectoryEntry?> Meeting(UnitOfWork work, CalendarMapping mapping, string id) =>
        MeetingDirectory.Find(work, Sent(mapping, id));

    /// <summary>The meeting whose id the UID is, as calendars of the register have it.</summary>
    private static async Task<MeetingDirectoryEntry?> Ours(UnitOfWork work, CalendarEntry entry) =>
        entry.RecurrenceId is null && WrittenMeeting.IdOf(entry.Uid) is { } id ? await MeetingDirectory.Find(work, id) : null;

    /// <summary>
    /// The attendees who are recorded. Erased persons are left out: they cost their registration, and not that of the others.
    /// </summary>
    private static async Task<IReadOnlyDictionary<string, Guid>> People(
        UnitOfWork work,
        CalendarMapping mapping,
        CalendarEntry entry,
        IReadOnlySet<string> erased
    )
    {
        if (mapping.Attendees is not { } attendees || entry.Attendees.Count == 0)
            return new Dictionary<string, Guid>();
        var people = entry
            .Attendees.Where(a => !erased.Contains(a.Address))
            .Select(a => (a.Address, Reference: Reference.To(ExternalReference.Sent(attendees.System, a.Address))))
            .ToList();
        var references = new References();
        foreach (var (address, reference) in people)
            references.Add(StreamKind.Person, reference, address);
        var (ids, problem) = await work.Resolve(references);
        var unknown = problem?.Errors.Select(e => e.Pointer).ToHashSet() ?? [];
        return people.Where(p => !unknown.Contains(p.Address)).ToDictionary(p => p.Address, p => ids.Of(StreamKind.Person, p.Reference));
    }

    private static async Task<IReadOnlySet<string>> Erased(UnitOfWork work, CalendarMapping mapping, CalendarEntry entry)
    {
        var erased = new HashSet<string>();
        foreach (var attendee in mapping.Attendees is null ? [] : entry.Attendees)
        {
            var reference = new ExternalReference(mapping.Attendees!.System, attendee.Address);
            if (await work.IsErased(StreamKind.Person, null, reference) || await work.IsErased(attendee.Address))
                erased.Add(attendee.Address);
        }

        return erased;
    }

    private static async Task<ValueList<Guid>> OfTheCalendar(
        UnitOfWork work,
        CalendarMapping mapping,
        MeetingDirectoryEntry? meeting,
        IReadOnlyDictionary<string, Guid> people
    )
    {
        var ours = new List<Guid>();
        foreach (var personId in mapping.Attendees is null ? [] : meeting?.Registered.Except(people.Values) ?? [])
        {
            if ((await PeopleDirectory.ExternalReference(work, personId))?.System == mapping.Attendees!.System)
                ours.Add(personId);
        }

        return [.. ours];
    }
}
