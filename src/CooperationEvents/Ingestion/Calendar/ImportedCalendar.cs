namespace CooperationEvents.Ingestion.Calendar;

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
    /// Those entries, by their ids, whose meeting takes place under a framework of the mapping and in its window, each with the id of the
    /// meeting, or null where it has none. Others of its system are another calendar's.
    /// </summary>
    Task<IReadOnlyDictionary<string, Guid?>> OfMapping(CalendarMapping mapping, IReadOnlyList<ImportedEntry> entries);
}

/// <inheritdoc cref="IImportedCalendar.OfMapping"/>
public delegate Task<IReadOnlyDictionary<string, Guid?>> MeetingsOfEntries(CalendarMapping mapping, IReadOnlyList<ImportedEntry> entries);

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
