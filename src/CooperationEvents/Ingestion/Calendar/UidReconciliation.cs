namespace CooperationEvents.Ingestion.Calendar;

/// <summary>
/// Reconciles what a file states of one UID with what earlier imports took of it. One UID is one thing: of what speaks of the same the
/// newest counts, what contradicts it is refused, and what a refused part would have replaced is held back. The whole is the event without
/// RECURRENCE-ID, of a series its master; a part has one, and overrides that occurrence.
/// </summary>
/// <param name="isUid">Whether the file holds such a UID.</param>
internal sealed class UidReconciliation(string uid, CalendarMapping mapping, ImportedUid imported, Func<string, bool> isUid)
{
    private readonly ImportedUid _imported = imported;
    private readonly List<ReadEvent> _wholes = [];
    private readonly List<ReadEvent> _parts = [];
    private readonly List<ReadEvent> _uninvitations = [];
    private readonly List<RefusedEvent> _refused = [];
    private readonly List<Slot> _slots = [];
    private readonly List<CalendarItem> _items = [];
    private readonly Dictionary<string, ImportedEntry> _known = imported.Entries.ToDictionary(e => e.Id);

    public void Add(ReadEvent read)
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
        if (whole is not null && IsOlder(whole))
        {
            PassOver(whole, CalendarRemarkKind.Older, WhyOlder(whole));
            whole = null;
        }

        if (whole is null || Expand(whole))
        {
            // Without the whole, an older statement of it says how times are written, or else a part that was not moved to whole days.
            var start = whole?.Start
                ?? _wholes.Find(w => w.Recurs)?.Start
                ?? _parts.Find(p => p.Start?.IsDay == p.Recurrence!.IsDay)?.Start;
            KeepOwn(whole, PlaceParts(whole, start));
            HoldBack(start);
            Settle(whole, start);
        }

        foreach (var uninvitation in _uninvitations)
            Uninvite(uninvitation, whole);
        return _items;
    }

    /// <summary>The newest that speaks of the UID as a whole; the others are passed over, or refused where they contradict it.</summary>
    private ReadEvent? NewestWhole()
    {
        var recurs = _wholes.Exists(w => w.Recurs);
        var newest = _wholes.Where(w => w.Recurs == recurs || w.Entry.Cancelled).Newest();
        foreach (var other in _wholes.Where(w => w != newest))
            Contradict(other, newest!);
        return newest;
    }

    private void Contradict(ReadEvent other, ReadEvent newest)
    {
        if (other.Revision.IsBefore(newest.Revision))
            PassOver(other, CalendarRemarkKind.Older, $"Line {newest.Entry.Line} states a newer revision.");
        else if (newest.Entry.Cancelled || other.SaysTheSameAs(newest))
            PassOver(other, CalendarRemarkKind.PassedOver, $"Line {newest.Entry.Line} states the same event.");
        else
            Refuse(
                other,
                "UID",
                $"UID {uid} stands at line {newest.Entry.Line} {newest.OtherwiseThan(other)}. One UID is one event: give another one, or a "
                    + $"newer SEQUENCE."
            );
    }

    private ReadEvent? NotHeldBack(ReadEvent? whole)
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
    private bool IsOlder(ReadEvent read) =>
        _imported.Revision is { } last
        && (
            read.Revision.IsBefore(last)
            || _imported.Cancelled && !read.Entry.Cancelled && !read.Entry.StatesCalendar && !last.IsBefore(read.Revision)
        );

    private string WhyOlder(ReadEvent read) =>
        read.Revision.IsBefore(_imported.Revision!)
            ? "A newer revision of it was imported before."
            : "The same revision of it called it off before. Send it with a newer SEQUENCE.";

    private bool Expand(ReadEvent whole)
    {
        if (!whole.Recurs)
        {
            _slots.Add(new Slot(whole.Start, whole.Entry.Id, first: true) { Stated = whole, Entry = whole.Entry });
            return true;
        }

        var (occurrences, fault) = Recurrence.Expand(whole, mapping.Window, mapping.DefaultTimeZone);
        if (fault is not null)
            _items.Add(fault);
        else if (Recurrence.LeavesOutItsStart(whole, mapping.Window!, occurrences))
            PassOver(
                whole,
                CalendarRemarkKind.PassedOver,
                $"Its DTSTART {whole.Start!.Date} does not fit its rule, and is no meeting. If it takes place, state it as an RDATE too."
            );
        _slots.AddRange(occurrences.Select(o => new Slot(o.At, IdOf(o.At), whole.Start!.Names(o.At)) { Stated = whole, Entry = o.Entry }));
        return fault is null;
    }

    /// <summary>The id of an occurrence: the one it has, or else one that is no other event's of the file.</summary>
    private string IdOf(CalendarTime at)
    {
        var id = CalendarEntry.IdOf(uid, at.Id);
        return isUid(id) && !_known.ContainsKey(id) ? CalendarEntry.HashedIdOf(uid, at.Id) : id;
    }

    /// <summary>Puts each part in the place of the occurrence it names, and returns those places.</summary>
    private HashSet<Slot> PlaceParts(ReadEvent? whole, CalendarTime? start)
    {
        var places = new HashSet<Slot>();
        foreach (var (at, part) in NewestParts(start))
        {
            var slot = _slots.Find(s => s.At is not null && at.Names(s.At));
            if (slot is null)
            {
                if (!IsWanted(part, at, whole, start))
                    continue;
                var id = IdOf(at);
                if (whole is null && !_known.ContainsKey(id))
                    id = _imported.Entries.FirstOrDefault(e => start is not null && AtOf(e.Id, start) is { } other && at.Names(other))?.Id
                        ?? id;
                _slots.Add(slot = new Slot(at, id, start?.Names(at) == true));
            }

            places.Add(slot);
            if (
                _known.GetValueOrDefault(slot.Id) is { Own: true } last
                    ? part.Revision.IsBefore(last.Revision)
                    : whole is null && IsOlder(part)
            )
            {
                PassOver(
                    part,
                    CalendarRemarkKind.Older,
                    _known.GetValueOrDefault(slot.Id) is { Own: true } ? "A newer revision of it was imported before." : WhyOlder(part),
                    slot.Id
                );
                slot.Entry = null;
            }
            else if (
                whole is not null
                && slot.Entry?.Cancelled == true
                && !part.Entry.Cancelled
                && (whole.Entry.Cancelled || !whole.Revision.IsBefore(part.Revision))
            )
            {
                if (!whole.Entry.Cancelled)
                    PassOver(part, CalendarRemarkKind.Older, $"Line {whole.Entry.Line} leaves the occurrence out.", slot.Id);
            }
            else
            {
                (slot.Stated, slot.Entry) = (part, part.Entry with { Id = slot.Id });
            }
        }

        return places;
    }

    /// <summary>Whether the occurrence that a part names, or the part, lies in the window; without its series every part does.</summary>
    private bool IsWanted(ReadEvent part, CalendarTime at, ReadEvent? whole, CalendarTime? start)
    {
        if (whole is null || mapping.Window is not { } window)
            return true;
        var day = at.In(start?.TimeZone ?? "UTC").Day;
        return window.Holds(day, day) || part.End is { } end && window.Holds(part.Start!.Day, end.Day);
    }

    /// <summary>The newest part of each occurrence, whatever the zone it is named in.</summary>
    private IEnumerable<(CalendarTime At, ReadEvent Part)> NewestParts(CalendarTime? start)
    {
        var occurrences = new List<List<(CalendarTime At, ReadEvent Part)>>();
        var byName = new Dictionary<string, List<(CalendarTime At, ReadEvent Part)>>();
        foreach (var part in _parts)
        {
            if (AtOf(part, start) is { } at)
            {
                var same = byName.GetValueOrDefault(at.Id)
                    ?? (at.IsDay ? occurrences.Find(o => o[0].At.Day == at.Day) : byName.GetValueOrDefault(new CalendarTime(at.Day).Id));
                if (same is null)
                    occurrences.Add(same = []);
                byName.TryAdd(at.Id, same);
                same.Add((at, part));
            }
            else
            {
                Refuse(
                    part,
                    "RECURRENCE-ID",
                    "Which occurrence it names cannot be told. State the calendar's zone in the mapping, as defaultTimeZone."
                );
            }
        }

        foreach (var same in occurrences)
        {
            var newest = same.Select(s => s.Part).Newest()!;
            foreach (var (_, other) in same.Where(s => s.Part != newest))
                Contradict(other, newest);
            yield return (same.Find(s => !s.At.IsDay).At ?? same[0].At, newest);
        }
    }

    /// <summary>The occurrence that a part names, as the series writes it; null where that cannot be told.</summary>
    private CalendarTime? AtOf(ReadEvent part, CalendarTime? start)
    {
        var at = start is null ? part.Recurrence : part.Recurrence!.Beside(start, mapping.DefaultTimeZone);
        return at is { IsFloating: true }
            ? mapping.DefaultTimeZone is { } zone
                ? at.In(zone)
                : null
            : at;
    }

    /// <summary>The start by the rule that such an id has, as the series writes it; null where it is that of the whole UID.</summary>
    private CalendarTime? AtOf(string id, CalendarTime? start) =>
        CalendarEntry.RecurrenceIdOf(uid, id) is { } recurrence && CalendarTime.Read(recurrence) is { } at
            ? start is null
                ? at
                : at.Beside(start, mapping.DefaultTimeZone) ?? new CalendarTime(at.Day)
            : null;

    /// <summary>
    /// Leaves what an earlier file stated of one occurrence, where its series is no newer. A complete file would state it again.
    /// </summary>
    private void KeepOwn(ReadEvent? whole, HashSet<Slot> stated)
    {
        foreach (var slot in _slots.Where(s => !stated.Contains(s)))
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

    private bool Keeps(ImportedEntry last, ReadEvent whole, bool cancelled) =>
        !mapping.Complete && last.Own && (cancelled ? whole.Revision.IsBefore(last.Revision) : !last.Revision.IsBefore(whole.Revision));

    private void HoldBack(CalendarTime? start)
    {
        foreach (var slot in _slots.Where(s => s.Entry is not null && IsHeld(s.At, s.Stated, start)))
            slot.Entry = null;
    }

    private bool IsHeld(CalendarTime? at, ReadEvent? stated, CalendarTime? start) =>
        at is not null
        && _refused.Exists(r =>
            r.Replaces is { } replaces
            && replaces.Holds(at, start ?? at, mapping.DefaultTimeZone)
            && (stated?.Recurrence is null || r.Outlasts(stated))
        );

    /// <summary>
    /// Adds the entries under the ids they were imported under, and a cancelled one for each that the calendar no longer has.
    /// </summary>
    private void Settle(ReadEvent? whole, CalendarTime? start)
    {
        var gone = _imported.Entries.Where(e => !_slots.Exists(s => s.Id == e.Id)).ToList();
        foreach (var slot in _slots.Where(s => whole is not null && !_known.ContainsKey(s.Id)))
        {
            if (gone.Find(e => AtOf(e.Id, start) is { } at ? at.Day == slot.At?.Day : slot.First) is not { } before)
                continue;
            gone.Remove(before);
            slot.Id = before.Id;
        }

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
    private static bool IsNothing(ReadEvent whole, bool partsAreGone) => whole.Recurs ? !whole.Entry.Cancelled : partsAreGone;

    private void SayGone(ImportedEntry entry, ReadEvent? whole, CalendarTime? start)
    {
        var at = AtOf(entry.Id, start);
        var inWindow = at is null || mapping.Window?.Holds(at.Day, at.Day) != false;
        if (whole is not null)
        {
            if ((whole.Entry.Cancelled || inWindow) && !Keeps(entry, whole, cancelled: true) && !IsHeld(at, null, start))
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
            && !IsHeld(at, null, start)
        )
        {
            _items.Add(MissingEntry(entry));
        }
    }

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
    private void Uninvite(ReadEvent uninvitation, ReadEvent? whole)
    {
        var start = whole?.Start ?? uninvitation.Start;
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
        var ids = _imported
            .Entries.Select(e => e.Id)
            .Union(_slots.Where(s => s.Entry is not null).Select(s => s.Id))
            .Where(id => ofAll || at is not null && AtOf(id, start) is { } other && at.Names(other))
            .ToList();
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

    /// <summary>Attendees are called off of what is not recorded yet. That states no revision of it, and is known when it comes.</summary>
    private void UninviteAhead(ReadEvent uninvitation, CalendarTime? at)
    {
        if (uninvitation.Recurrence is not null && at is null)
            PassOver(uninvitation, CalendarRemarkKind.PassedOver, "It calls off attendees of an event that is not recorded.");
        else
            _items.Add(uninvitation.Entry with { Id = CalendarEntry.IdOf(uid, at?.Id), RecurrenceId = at?.Id, Own = false });
    }

    private void Say(CalendarEntry entry, ReadEvent? whole) =>
        _items.Add(entry with { Before = _known.GetValueOrDefault(entry.Id), WholeUid = whole is null ? null : Whole(whole) });

    /// <summary>What is to be kept of the UID; null where it is kept already.</summary>
    private ImportedUid? Whole(ReadEvent whole) =>
        _imported.Revision == whole.Revision && _imported.Cancelled == whole.Entry.Cancelled
            ? null
            : new ImportedUid(whole.Revision, whole.Entry.Uninvites ? _imported.Cancelled : whole.Entry.Cancelled, []);

    private void Refuse(ReadEvent read, string field, string reason) =>
        _items.Add(new CalendarFault(read.Entry.Row, read.Entry.Line, field, reason));

    private void PassOver(ReadEvent read, CalendarRemarkKind kind, string reason, string? id = null) =>
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

        public ReadEvent? Stated { get; set; }

        /// <summary>What the file says of it; null where it is left as it is.</summary>
        public CalendarEntry? Entry { get; set; }
    }
}
