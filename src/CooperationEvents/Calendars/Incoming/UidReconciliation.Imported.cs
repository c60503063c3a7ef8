using CooperationEvents.Calendars.Format;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>What becomes of what earlier imports took.</summary>
internal sealed partial class UidReconciliation
{
    /// <summary>Of so many occurrences that are held back the days are named.</summary>
    private const int MostDaysTold = 10;

    /// <summary>What is recorded, what the series no longer has, and what a refused part may state.</summary>
    private readonly List<(RefusedEvent By, ReadEntry Stated, CalendarTime At, string Id)> _goneAndHeld = [];

    /// <summary>
    /// Leaves what an earlier file stated of one occurrence, where its series is no newer. A complete file would state it again.
    /// </summary>
    private void KeepOwn(ReadEntry? whole, HashSet<Slot> stated)
    {
        foreach (var slot in _slots.Where(s => !stated.Contains(s) && IsSpokenOf(s)))
        {
            if (_known.GetValueOrDefault(slot.Id) is not { Own: true } last || !Keeps(last, whole!, slot.Entry!.Cancelled))
                continue;
            PassOver(
                whole!,
                CalendarRemarkKind.Older,
                "A revision of this occurrence that is not older was imported before. A newer SEQUENCE of the series replaces it.",
                slot.Id
            );
            slot.Entry = null;
        }
    }

    /// <summary>
    /// Whether the file speaks of it: it lies in the window, by the series or as it was recorded, or it was recorded and is stated, or left
    /// out, by itself. A series as a whole says nothing of what lies outside.
    /// </summary>
    private bool IsSpokenOf(Slot slot) =>
        slot.InWindow
        || _known.TryGetValue(slot.Id, out var recorded)
            && (slot.Stated?.Recurrence is not null || slot.Entry?.Cancelled == true || LiesInWindow(recorded));

    /// <summary>Whether the days that the calendar stated for it last lie in the window.</summary>
    private bool LiesInWindow(ImportedEntry recorded) => recorded.Days is var (first, last) && mapping.Window?.Holds(first, last) != false;

    private bool Keeps(ImportedEntry last, ReadEntry whole, bool cancelled) =>
        !mapping.Complete && last.Own && (cancelled ? whole.Revision.IsBefore(last.Revision) : !last.Revision.IsBefore(whole.Revision));

    private void HoldBack(CalendarTime? start)
    {
        foreach (var slot in _slots.Where(s => s.Entry is not null))
        {
            if (HeldBy(slot.At, slot.Stated, start) is not { } refused)
                continue;

            // What is left out, and was never recorded, comes to nothing anyhow.
            if (!slot.Entry!.Cancelled || _known.ContainsKey(slot.Id))
                slot.HeldBy = refused;
            slot.Entry = null;
        }
    }

    /// <summary>The refused part that may replace an occurrence; null where none does.</summary>
    private RefusedEvent? HeldBy(CalendarTime? at, ReadEntry? stated, CalendarTime? start) =>
        at is null
            ? null
            : _refused.Find(r =>
                r.Replaces is { } replaces
                && replaces.Holds(at, start ?? at, _zoneOfDays, _series?.Start?.TimeZone)
                && (stated?.Recurrence is null || r.Outlasts(stated))
            );

    /// <summary>Says which occurrences are held back, by the event that states them otherwise.</summary>
    private void SayHeld()
    {
        var held = _slots
            .Where(s => s.HeldBy is not null)
            .Select(s => (By: s.HeldBy!, Stated: s.Stated!, At: s.At!, s.Id))
            .Concat(_goneAndHeld)
            .OrderBy(h => h.At.Local);
        foreach (var some in held.GroupBy(h => (h.By.Fault.Line, h.Stated.Entry.Line)).Select(g => g.ToList()))
        {
            var (by, stated, _, id) = some[0];
            var which = by.Replaces!.From is null ? " Which occurrence it states cannot be told." : "";
            var days = string.Join(", ", some.Take(MostDaysTold).Select(h => h.At.Date));
            var more = some.Count > MostDaysTold ? $" and {some.Count - MostDaysTold} more" : "";
            PassOver(
                stated,
                CalendarRemarkKind.PassedOver,
                $"Line {by.Fault.Line} states a part of it, and was refused.{which} What it may replace is held back, neither "
                    + $"scheduled nor changed: {days}{more}.",
                some.Count == 1 ? id : null
            );
        }
    }

    /// <summary>
    /// Adds the entries under the ids they were imported under, and a cancelled one for each that the calendar no longer has.
    /// </summary>
    private void Settle(ReadEntry? whole, CalendarTime? start)
    {
        var gone = whole is not null ? KeepIds(start, Unstated()) : [.. Unstated()];
        _slots.RemoveAll(s => !IsSpokenOf(s));
        var said = _items.Count;
        foreach (var slot in _slots.Where(s => s.Entry is not null))
        {
            if (slot.Stated == whole && slot.Entry!.Cancelled && !_known.ContainsKey(slot.Id) && IsNothing(whole!, gone.Count > 0))
                continue;
            Say(slot.Entry! with { Id = slot.Id, RecurrenceId = CalendarEntry.RecurrenceIdOf(uid, slot.Id) }, whole);
        }

        foreach (var entry in gone)
            SayGone(entry, whole, start);
        if (whole is not null && _items.Count == said && _slots.Count == 0)
        {
            _items.Add(
                new CalendarRemark(
                    whole.Entry.Row,
                    whole.Entry.Line,
                    CalendarRemarkKind.PassedOver,
                    uid,
                    "None of its occurrences lies in the window."
                )
                {
                    Uid = Whole(whole),
                }
            );
        }
    }

    /// <summary>
    /// Whether a cancelled occurrence that was never recorded says nothing: its series leaves it out, or what was recorded were parts of
    /// the UID, which are cancelled each by itself.
    /// </summary>
    private static bool IsNothing(ReadEntry whole, bool partsAreGone) => whole.Recurs ? !whole.Entry.Cancelled : partsAreGone;

    private void SayGone(ImportedEntry entry, ReadEntry? whole, CalendarTime? start)
    {
        var at = AtOf(entry.Id, start);
        var inWindow = LiesInWindow(entry) || (at is null ? entry.Days is null : mapping.Window?.Holds(at.Day) != false);
        if (whole is not null)
        {
            if (!LacksOrLeavesOut(whole, at, inWindow) || Keeps(entry, whole, cancelled: true))
                return;
            if (HeldBy(at, null, start) is { } refused)
                _goneAndHeld.Add((refused, whole, at!, entry.Id));
            else
                Say(
                    whole.Entry with
                    {
                        Id = entry.Id,
                        RecurrenceId = CalendarEntry.RecurrenceIdOf(uid, entry.Id),
                        Cancelled = true,
                        Start = null,
                        End = null,
                        TimeZone = null,
                    },
                    whole
                );
        }
        else if (
            mapping.Complete
            && inWindow
            && _wholes.Count == 0
            && _parts.Count > 0
            && !_refused.Exists(r => r.Replaces is null)
            && HeldBy(at, null, start) is null
        )
        {
            _items.Add(MissingEntry(entry));
        }
    }

    private bool LacksOrLeavesOut(ReadEntry whole, CalendarTime? at, bool inWindow) =>
        whole.Entry.Cancelled
        || inWindow && (at is null || IsFollowedTo(at.Day))
        || at is not null && mapping.Window?.Last < at.Day && _lastDay < at.Day
        || whole.Recurs && at is not null && Recurrence.LeavesOut(whole, _zoneOfDays, at);

    /// <summary>An entry of which a complete file does not speak.</summary>
    public static CalendarEntry MissingEntry(ImportedEntry entry) =>
        new(0, 0)
        {
            Id = entry.Id,
            Uid = entry.Uid,
            RecurrenceId = CalendarEntry.RecurrenceIdOf(entry.Uid, entry.Id),
            Revision = entry.Revision,
            Own = entry.Own,
            Cancelled = true,
            Missing = true,
            Before = entry,
        };

    /// <summary>Attendees alone are called off: of one occurrence, or of all there are.</summary>
    private void Uninvite(ReadEntry uninvitation, ReadEntry? whole)
    {
        var start = _series?.Start ?? StartWithoutSeries() ?? uninvitation.Start;
        var ofAll = uninvitation.Recurrence is null;
        if (
            whole is not null && uninvitation.Revision.IsBefore(whole.Revision)
            || _imported.Revision is { } last && uninvitation.Revision.IsBefore(last)
        )
        {
            PassOver(uninvitation, CalendarRemarkKind.Older, "A newer revision states who is expected.");
            return;
        }

        var at = ofAll ? null : AtOf(uninvitation, start);
        IReadOnlyCollection<string> ids =
            ofAll ? [.. _known.Keys.Union(_slots.Where(s => s.Entry is not null).Select(s => s.Id))]
            : at is not null && IdOf(uninvitation, at, start) is { } one ? [one]
            : [];
        if (ids.Count == 0)
            UninviteAhead(uninvitation, at);
        foreach (var id in ids)
            Say(
                uninvitation.Entry with
                {
                    Id = id,
                    RecurrenceId = CalendarEntry.RecurrenceIdOf(uid, id),
                    Own = !ofAll,
                },
                ofAll ? uninvitation : null
            );
    }

    /// <summary>The id of an occurrence that is stated or recorded; null where it is neither.</summary>
    private string? IdOf(ReadEntry part, CalendarTime at, CalendarTime? start) =>
        _slots.Find(s => s.At is not null && at.Names(s.At)) is not { } slot ? RecordedAs(part, at, start)
        : slot.Entry is not null || _known.ContainsKey(slot.Id) ? slot.Id
        : null;

    /// <summary>Attendees are called off of what is not recorded yet. That states no revision of it, and is known when it comes.</summary>
    private void UninviteAhead(ReadEntry uninvitation, CalendarTime? at)
    {
        if (uninvitation.Recurrence is not null && at is null)
            PassOver(uninvitation, CalendarRemarkKind.PassedOver, "It calls off attendees of an event that is not recorded.");
        else
            _items.Add(uninvitation.Entry with { Id = CalendarEntry.IdOf(uid, at?.Id), RecurrenceId = at?.Id, Own = false });
    }

    private void Say(CalendarEntry entry, ReadEntry? whole) =>
        _items.Add(entry with { Before = _known.GetValueOrDefault(entry.Id), WholeUid = whole is null ? null : Whole(whole) });

    /// <summary>What is to be kept of the UID; null where it is kept already.</summary>
    private ImportedUid? Whole(ReadEntry whole)
    {
        var cancelled = whole.Entry.Uninvites || whole.Entry.LeavesState ? _imported.Cancelled : whole.Entry.Cancelled;
        return _imported.Revision == whole.Revision && _imported.Cancelled == cancelled
            ? null
            : new ImportedUid(whole.Revision, cancelled, []);
    }
}
