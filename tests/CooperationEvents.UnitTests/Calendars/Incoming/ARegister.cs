using System.Text;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>
/// A register that takes calendars: its meetings as the commands' own rules leave them, and what was kept of each import.
/// </summary>
internal sealed class ARegister : IImportedCalendar
{
    private readonly Dictionary<string, List<object>> _meetings = [];
    private readonly Dictionary<string, Guid> _people = [];
    private readonly Dictionary<string, ImportedEntry> _entries = [];
    private readonly Dictionary<string, ImportedUid> _uids = [];

    /// <summary>What was missing before the import that runs.</summary>
    private IReadOnlyList<ImportedEntry> _lackedBefore = [];

    /// <param name="imported">Ids of entries that were imported of the UID before the slash.</param>
    public ARegister(params string[] imported)
    {
        foreach (var id in imported)
            _entries.Add(id, new ImportedEntry(id.Split('/')[0], id, new CalendarRevision(0)));
    }

    public IReadOnlyCollection<string> People => _people.Keys;

    /// <summary>The title, days, place and people of each meeting that is scheduled, in their order.</summary>
    public IReadOnlyList<string> Scheduled =>
        [
            .. from meeting in _meetings.Values.Select(m => Given.Folded<Meeting>(m))
            where meeting is { State: MeetingState.Scheduled, Voided: false }
            let people = _people.Where(p => meeting.Registrations.GetValueOrDefault(p.Value) is not null).Select(p => p.Key).Order()
            orderby meeting.Days.Start, meeting.Details.Title
            select $"{meeting.Details.Title} {meeting.Days.Start} {meeting.Details.Venue} {string.Join(' ', people)}".Trim(),
        ];

    public IEnumerable<string> Days =>
        _meetings
            .Values.Select(m => Given.Folded<Meeting>(m))
            .Where(m => m.State == MeetingState.Scheduled)
            .Select(m => m.Days.Start)
            .Order()
            .Select(d => d.ToString());

    /// <summary>The zone of each meeting.</summary>
    public IEnumerable<string?> Zones => _meetings.Values.Select(m => Given.Folded<Meeting>(m).Days.TimeZone);

    public Meeting Meeting(string id) => Given.Folded<Meeting>(_meetings[id]);

    /// <summary>An entry that was imported of that UID.</summary>
    public void Add(string id, string uid) => _entries.Add(id, new ImportedEntry(uid, id, new CalendarRevision(0)));

    public void Record(string id, object happened) => _meetings[id].Add(happened);

    public Task<ImportedUid> Of(string uid)
    {
        var whole = _uids.GetValueOrDefault(uid) ?? ImportedUid.None;
        return Task.FromResult(
            whole with
            {
                Entries = [.. _entries.Values.Where(e => e.Uid == uid).OrderBy(e => e.Id, StringComparer.Ordinal)],
            }
        );
    }

    public async IAsyncEnumerable<ImportedEntry> Live(CalendarWindow window)
    {
        await Task.CompletedTask;
        foreach (var entry in _entries.Values.Where(e => !e.Cancelled && !e.Missing).OrderBy(e => e.Id, StringComparer.Ordinal).ToList())
            yield return entry;
    }

    public async IAsyncEnumerable<ImportedEntry> Lacked(CalendarWindow window)
    {
        await Task.CompletedTask;
        foreach (var entry in _lackedBefore)
            yield return entry;
    }

    /// <summary>How often it was asked whether entries are of the mapping.</summary>
    public int Asked { get; private set; }

    public Task<IReadOnlyDictionary<string, MeetingOfEntry>> OfMapping(CalendarMapping mapping, IReadOnlyList<ImportedEntry> entries)
    {
        Asked++;
        return Task.FromResult<IReadOnlyDictionary<string, MeetingOfEntry>>(entries.ToDictionary(e => e.Id, e => OfEntry(e.Id)));

        MeetingOfEntry OfEntry(string id) =>
            _meetings.ContainsKey(id) && Meeting(id) is var meeting
                ? new MeetingOfEntry(meeting.Id, meeting.State, meeting.Voided)
                : new MeetingOfEntry(null);
    }

    /// <summary>Imports a file, row by row; what it recorded, and what there was to say.</summary>
    public async Task<(int Events, IReadOnlyList<CalendarItem> Said, IReadOnlyList<CalendarPlan> Plans)> Import(
        string text,
        CalendarMapping? mapping = null
    )
    {
        var (events, said, plans) = (0, new List<CalendarItem>(), new List<CalendarPlan>());
        mapping ??= ACalendar.Mapping;
        _lackedBefore = [.. _entries.Values.Where(e => e.Missing).OrderBy(e => e.Id, StringComparer.Ordinal)];
        await foreach (var item in CalendarReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), mapping, this))
        {
            if (item is not CalendarEntry entry)
            {
                said.Add(item);
                if (item is CalendarRemark { Uid: { } whole } remark)
                    _uids[remark.Subject!] = whole;
                continue;
            }

            var plan = CalendarPlan.Of(entry, mapping, Facts(entry));
            plans.Add(plan);
            foreach (var command in plan.Commands)
                events += Do(entry.Id, command);
            if (plan.Standing is CalendarStanding.Refused or CalendarStanding.CalledOff)
                continue;
            if (entry.Kept is { } kept)
                _entries[kept.Id] = kept;
            if (entry.WholeUid is { } ofUid)
                _uids[entry.Uid] = ofUid;
        }

        return (events, said, plans);
    }

    private CalendarFacts Facts(CalendarEntry entry)
    {
        var people = _people.Where(p => entry.Attendees.Any(a => a.Address == p.Key)).ToDictionary();
        if (!_meetings.ContainsKey(entry.Id))
            return new CalendarFacts(null, people, []);
        var m = Meeting(entry.Id);
        ValueList<Guid> registered = [.. m.Registrations.Where(r => r.Value is not null).Select(r => r.Key)];
        var known = new MeetingDirectoryEntry(
            m.Id,
            m.Details.Title,
            m.State,
            m.Voided,
            m.Planned.Start,
            m.Planned.End,
            m.Planned.TimeZone,
            m.Details.Venue,
            m.Details.Topics,
            registered
        )
        {
            Held = m.State == MeetingState.Held ? m.Days : null,
            Country = m.Details.Country,
            Attendances = [.. m.Attendances.Keys],
            Sequence = m.Details.Sequence,
        };
        return new CalendarFacts(known, people, [.. registered.Except(people.Values)]);
    }

    private int Do(string id, ICommand command)
    {
        if (command is RegisterPerson person)
        {
            _people.Add(person.ExternalReference!.Id, Guid.NewGuid());
            return 1;
        }

        var ids = new KnownIds(
            _people.ToDictionary(p => (StreamKind.Person, Reference.To(new ExternalReference("mail", p.Key))), p => p.Value)
        );
        IReadOnlyList<PlacementFacts> facts = [new(Some.Framework, ["senior-officials"], ["resettlement", "visa"])];
        var decision = command switch
        {
            ScheduleMeeting c => ScheduleMeeting.Decide(Guid.NewGuid(), null, ids, facts, TimeZones.Shown, c),
            RescheduleMeeting c => RescheduleMeeting.Decide(Meeting(id), facts, TimeZones.Shown, c),
            RelocateMeeting c => RelocateMeeting.Decide(Meeting(id), c),
            CorrectMeeting c => CorrectMeeting.Decide(
                Meeting(id),
                ids,
                facts,
                new HashSet<Guid>(),
                Some.Day("2026-12-31"),
                TimeZones.Shown,
                c
            ),
            CancelMeeting c => CancelMeeting.Decide(Meeting(id), c),
            RegisterAttendance c => RegisterAttendance.Decide(Meeting(id), ids, c),
            WithdrawRegistration c => WithdrawRegistration.Decide(Meeting(id), c.PersonId.Id!.Value, c),
            _ => throw new InvalidOperationException($"A calendar plans no {command.GetType().Name}."),
        };
        var events = decision.ShouldBeOfType<Decision.Accepted>($"{command}: {decision}").Events;
        if (!_meetings.TryGetValue(id, out var history))
            _meetings.Add(id, history = []);
        history.AddRange(events);
        return events.Count;
    }
}
