using CooperationEvents.Calendars.Format;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// Reconciles what a file states of one UID with what earlier imports took of it. One UID is one thing: of what speaks of the same the
/// newest counts, what contradicts it is refused, and what a refused part would have replaced is held back. The whole is the event without
/// RECURRENCE-ID, of a series its master; a part has one, and overrides that occurrence.
/// </summary>
/// <param name="isUid">Whether the file holds such a UID.</param>
internal sealed partial class UidReconciliation(string uid, CalendarMapping mapping, ImportedUid imported, Func<string, bool> isUid)
{
    private readonly ImportedUid _imported = imported;
    private readonly List<ReadEntry> _wholes = [];
    private readonly List<ReadEntry> _parts = [];
    private readonly List<ReadEntry> _uninvitations = [];
    private readonly List<RefusedEvent> _refused = [];
    private readonly List<Slot> _slots = [];
    private readonly List<CalendarItem> _items = [];
    private readonly Dictionary<string, ImportedEntry> _known = imported.Entries.ToDictionary(e => e.Id);

    /// <summary>The series as the file states it, be it an older statement; null where the file holds parts alone.</summary>
    private ReadEntry? _series;

    /// <summary>The zone of the days of the series, in which times beside them are the day that they have there.</summary>
    private string? _zoneOfDays = mapping.DefaultTimeZone;

    /// <summary>The day of the last occurrence of the series; null where there is no series, or where it goes on.</summary>
    private DateOnly? _lastDay;

    /// <summary>Once the items are there: -1 where the file states an older revision than was imported, 1 where a newer.</summary>
    public int Age { get; private set; }

    public void Add(ReadEntry read)
    {
        (
            read.Entry.Uninvites ? _uninvitations
            : read.Recurrence is null ? _wholes
            : _parts
        ).Add(read);
        foreach (var reason in read.PassedOver)
            PassOver(read, CalendarRemarkKind.PassedOver, reason);
    }

    public void Add(RefusedEvent refused) => _refused.Add(refused);

    public IReadOnlyList<CalendarItem> Items()
    {
        _items.AddRange(_refused.Select(r => r.Fault));
        var whole = NotHeldBack(NewestWhole());
        if (whole is not null && _imported.Revision is { } last)
        {
            Age =
                whole.Revision.IsBefore(last) ? -1
                : last.IsBefore(whole.Revision) ? 1
                : 0;
        }

        if (whole is not null && IsOlder(whole))
        {
            PassOver(whole, CalendarRemarkKind.Older, WhyOlder(whole));
            whole = null;
        }

        _series = whole ?? _wholes.Find(w => w.Recurs);
        var zoned = _series ?? _parts.Concat(_uninvitations).FirstOrDefault(p => p.ZoneOfDays is not null);
        _zoneOfDays = zoned?.ZoneOfDays ?? _zoneOfDays;
        if (whole is null || Expand(whole))
        {
            var start = _series?.Start ?? StartWithoutSeries();
            KeepOwn(whole, PlaceParts(whole, start));
            HoldBack(start);
            Settle(whole, start);
            SayHeld();
        }

        foreach (var uninvitation in _uninvitations)
            Uninvite(uninvitation, whole);
        return _items;
    }

    /// <summary>
    /// How the series writes its times, where the file holds parts of it alone: as earlier imports recorded them, or else as a part does
    /// that was not moved from times to whole days, or back.
    /// </summary>
    private CalendarTime? StartWithoutSeries()
    {
        var recorded = _imported.Entries.Select(e => AtOf(e.Id, start: null)).OfType<CalendarTime>().ToList();
        var stated = _parts.Find(p => p.Start?.IsDay == p.Recurrence!.IsDay)?.Start;
        return recorded.Count == 0 ? stated
            : recorded.TrueForAll(at => at.IsDay) ? recorded[0]
            : stated is { IsDay: false } ? stated
            : recorded.Find(at => !at.IsDay);
    }

    /// <summary>The newest that speaks of the UID as a whole; the others are passed over, or refused where they contradict it.</summary>
    private ReadEntry? NewestWhole()
    {
        var recurs = _wholes.Exists(w => w.Recurs);
        var newest = _wholes.Where(w => w.Recurs == recurs || w.Entry.Cancelled).Newest();
        foreach (var other in _wholes.Where(w => w != newest))
            Contradict(other, newest!);
        return newest;
    }

    private void Contradict(ReadEntry other, ReadEntry newest)
    {
        if (other.Revision.IsBefore(newest.Revision))
            PassOver(other, CalendarRemarkKind.Older, $"Line {newest.Entry.Line} states a newer revision.");
        else if (newest.Entry.Cancelled || other.SaysTheSameAs(newest))
            PassOver(other, CalendarRemarkKind.PassedOver, $"Line {newest.Entry.Line} states the same event.");
        else
            Refuse(
                other,
                "UID",
                $"UID {uid} stands at line {newest.Entry.Line} {newest.OtherwiseThan(other)}. One UID is one event: "
                    + (
                        other.Recurs == newest.Recurs
                            ? "give another one, or a newer SEQUENCE."
                            : "give another one, or a RECURRENCE-ID where it is an occurrence of the series."
                    )
            );
    }

    private ReadEntry? NotHeldBack(ReadEntry? whole)
    {
        if (whole is null || _refused.Find(r => r.Replaces is null && r.Outlasts(whole)) is not { } refused)
            return whole;
        PassOver(
            whole,
            CalendarRemarkKind.PassedOver,
            $"Line {refused.Fault.Line} states the same event, not older, and was refused. What it would have replaced is held back."
        );
        return null;
    }

    /// <summary>
    /// Whether a newer revision was imported. What was called off in one revision is taken up again by the same where a file states
    /// the calendar as it is now; a message of that revision may have been sent before.
    /// </summary>
    private bool IsOlder(ReadEntry read) =>
        _imported.Revision is { } last
        && (
            read.Revision.IsBefore(last)
            || _imported.Cancelled && !read.Entry.Cancelled && !read.Entry.StatesCalendar && !last.IsBefore(read.Revision)
        );

    private string WhyOlder(ReadEntry read) =>
        read.Revision.IsBefore(_imported.Revision!)
            ? "A newer revision of it was imported before."
            : "The same revision of it called it off before. Send it with a newer SEQUENCE.";

    private void Refuse(ReadEntry read, string field, string reason) =>
        _items.Add(new CalendarFault(read.Entry.Row, read.Entry.Line, field, reason));

    private void PassOver(ReadEntry read, CalendarRemarkKind kind, string reason, string? id = null) =>
        _items.Add(
            new CalendarRemark(
                read.Entry.Row,
                read.Entry.Line,
                kind,
                id ?? (read.Recurrence is null ? uid : $"{uid}/{read.Recurrence.Day:yyyyMMdd}"),
                reason
            )
        );

    /// <summary>An occurrence, by the start it has in the series.</summary>
    /// <param name="at">Null where the event has no start.</param>
    /// <param name="first">Whether it is the first of the series, or the only one.</param>
    private sealed class Slot(CalendarTime? at, string id, bool first)
    {
        public CalendarTime? At => at;

        public string Id { get; set; } = id;

        public bool First => first;

        public ReadEntry? Stated { get; set; }

        /// <summary>Whether by the series, or as the file moves it, it lies in the window.</summary>
        public bool InWindow { get; set; }

        /// <summary>The refused part that may state it; null where there is none.</summary>
        public RefusedEvent? HeldBy { get; set; }

        /// <summary>What the file says of it; null where it is left as it is.</summary>
        public CalendarEntry? Entry { get; set; }
    }
}
