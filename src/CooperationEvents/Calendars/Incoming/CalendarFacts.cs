using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>What is recorded of an entry's meeting and of its attendees.</summary>
/// <param name="Meeting">Null where no meeting has the entry's external reference, and none the UID as its id.</param>
/// <param name="People">By address: those of the entry's attendees who are recorded under it.</param>
/// <param name="OfTheCalendar">
/// Those registered for the meeting, and not among the attendees, who were recorded from the attendees of a calendar like this.
/// </param>
/// <param name="IsOurs">Whether the UID is the meeting's id, so that the entry is from a calendar that the register wrote.</param>
public sealed record CalendarFacts(
    MeetingDirectoryEntry? Meeting,
    IReadOnlyDictionary<string, Guid> People,
    ValueList<Guid> OfTheCalendar,
    bool IsOurs = false
)
{
    /// <summary>
    /// The addresses of those attendees who were erased: nothing is recorded about them, and the others come all the same.
    /// </summary>
    public IReadOnlySet<string> Erased { get; init; } = new HashSet<string>();

    /// <summary>By what the mapping names for attendees of the entry, the organisations that are recorded.</summary>
    public IReadOnlyDictionary<Reference, Guid> Organisations { get; init; } = new Dictionary<Reference, Guid>();

    /// <summary>The organisations that the mapping names for attendees of the entry, and that are not recorded.</summary>
    public IReadOnlySet<Reference> UnknownOrganisations { get; init; } = new HashSet<Reference>();

    /// <summary>The addresses of those attendees whom a newer revision called off, which came before.</summary>
    public IReadOnlySet<string> CalledOff { get; init; } = new HashSet<string>();
}
