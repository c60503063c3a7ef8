using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>What earlier imports took of a calendar.</summary>
public interface IImportedCalendar
{
    Task<ImportedUid> Of(string uid);

    /// <summary>
    /// The entries that the calendar did not call off when they were imported last and that lie in the window, in the order of
    /// their ids. What the running import itself found missing is among them, so that a run that is continued finds the same.
    /// </summary>
    IAsyncEnumerable<ImportedEntry> Live(CalendarWindow window);

    /// <summary>
    /// Those that an earlier import found missing and none took up since, and that lie in the window, in the order of their ids.
    /// </summary>
    IAsyncEnumerable<ImportedEntry> Lacked(CalendarWindow window);

    /// <summary>
    /// Those entries, by their ids, whose meeting is under a framework of the mapping and in its window, or is to take place and was moved
    /// out of it here. Others of its system are another calendar's.
    /// </summary>
    Task<IReadOnlyDictionary<string, MeetingOfEntry>> OfMapping(CalendarMapping mapping, IReadOnlyList<ImportedEntry> entries);
}

/// <inheritdoc cref="IImportedCalendar.OfMapping"/>
public delegate Task<IReadOnlyDictionary<string, MeetingOfEntry>> MeetingsOfEntries(
    CalendarMapping mapping,
    IReadOnlyList<ImportedEntry> entries
);

/// <summary>The meeting of an entry that was imported.</summary>
/// <param name="Id">Null where it has none.</param>
/// <param name="State">Null where it has none.</param>
/// <param name="LeftWindow">Whether it was moved out of the window here.</param>
public sealed record MeetingOfEntry(Guid? Id, MeetingState? State = null, bool Voided = false, bool LeftWindow = false)
{
    public bool IsToCome => State is MeetingState.Scheduled or MeetingState.Postponed && !Voided;
}

/// <summary>What was imported of a UID: the newest revision of the whole, and the entries it has.</summary>
/// <param name="Revision">Null where no import spoke of the UID as a whole.</param>
/// <param name="Cancelled">Whether that revision called off the whole.</param>
public sealed record ImportedUid(CalendarRevision? Revision, bool Cancelled, IReadOnlyList<ImportedEntry> Entries)
{
    public static ImportedUid None { get; } = new(null, false, []);
}

/// <summary>An entry as it was imported last.</summary>
/// <param name="Own">Whether the calendar stated it of this occurrence alone.</param>
/// <param name="Cancelled">Whether the calendar called it off.</param>
/// <param name="Missing">Whether the calendar lacked it since.</param>
public sealed record ImportedEntry(
    string Uid,
    string Id,
    CalendarRevision Revision,
    bool Own = false,
    bool Cancelled = false,
    bool Missing = false
)
{
    /// <summary>The first and the last day that the calendar stated for it; null where it stated none.</summary>
    public (DateOnly First, DateOnly Last)? Days { get; init; }
}
