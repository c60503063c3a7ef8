using CooperationEvents.Calendars.Format;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>The occurrences that the file states, and which part stands in the place of which.</summary>
internal sealed partial class UidReconciliation
{
    /// <summary>How many days after the window a series is followed, to find the occurrences that the file or the register names.</summary>
    private const int FarthestBeyond = 3_660;

    /// <summary>What was read of an id once: each is held against every part and every occurrence of the series.</summary>
    private readonly Dictionary<(string Id, CalendarTime? Start), CalendarTime?> _startsOfIds = [];

    /// <summary>The starts by the rule that the parts name; null until they are asked for.</summary>
    private HashSet<string>? _named;

    private bool Expand(ReadEntry whole)
    {
        if (!whole.Recurs)
        {
            _slots.Add(
                new Slot(whole.Start, whole.Entry.Id, first: true)
                {
                    Stated = whole,
                    Entry = whole.Entry,
                    InWindow = true,
                }
            );
            return true;
        }

        var (occurrences, lastDay, fault) = Recurrence.Expand(whole, mapping.Window, _zoneOfDays, DaysNamed(whole.Start));
        if (fault is not null)
        {
            _items.Add(fault);
            return false;
        }

        NoteWhatDoesNotFit(whole, occurrences);
        _lastDay = lastDay;
        _slots.AddRange(
            occurrences.Select(o => new Slot(o.At, IdOf(o.At), whole.Start!.Names(o.At))
            {
                Stated = whole,
                Entry = o.Entry,
                InWindow = o.InWindow,
            })
        );
        KeepIds(whole.Start, Unstated().Where(e => !IsNamedByPart(e, whole.Start)));
        return true;
    }

    /// <summary>
    /// Gives occurrences that were imported under another id that id: their time of day, or how it is written, has changed since. What was
    /// imported and is no longer there is returned.
    /// </summary>
    /// <param name="unstated">What was imported and may be one of them.</param>
    private List<ImportedEntry> KeepIds(CalendarTime? start, IEnumerable<ImportedEntry> unstated)
    {
        var gone = unstated.ToList();
        foreach (var slot in _slots.Where(s => !_known.ContainsKey(s.Id)))
        {
            if (gone.Find(e => AtOf(e.Id, start) is { } at ? at.Day == slot.At?.Day : slot.First) is not { } before)
                continue;
            gone.Remove(before);
            slot.Id = before.Id;
        }

        return gone;
    }

    private IEnumerable<ImportedEntry> Unstated()
    {
        var stated = _slots.Select(s => s.Id).ToHashSet();
        return _imported.Entries.Where(e => !stated.Contains(e.Id));
    }

    /// <summary>The days of the occurrences that parts name, or that are recorded.</summary>
    private HashSet<DateOnly> DaysNamed(CalendarTime? start) =>
        start is null
            ? []
            :
            [
                .. _parts
                    .Select(p => AtOf(p, start))
                    .OfType<CalendarTime>()
                    .Concat(_imported.Entries.Select(e => AtOf(e.Id, start) ?? start))
                    .Select(at => at.Day)
                    .Where(IsFollowedTo),
            ];

    private bool IsFollowedTo(DateOnly day) => mapping.Window is not { } window || day.DayNumber - window.Last.DayNumber <= FarthestBeyond;

    private void NoteWhatDoesNotFit(ReadEntry whole, IReadOnlyList<Recurrence.Occurrence> occurrences)
    {
        if (Recurrence.LeavesOutItsStart(whole, mapping.Window!, occurrences))
            PassOver(
                whole,
                CalendarRemarkKind.PassedOver,
                $"Its DTSTART {whole.Start!.Date} does not fit its rule, and is no meeting. If it takes place, state it as an RDATE too."
            );
        var nothing = Recurrence.LeavesOutNothing(whole, mapping.Window!, _zoneOfDays, occurrences).ToList();
        if (nothing.Count == 0 || whole.Entry.Cancelled)
            return;
        var more = nothing.Count == 1 ? "" : $" (and {nothing.Count - 1} more)";
        PassOver(
            whole,
            CalendarRemarkKind.PassedOver,
            $"EXDATE {nothing[0].Date}{more} names none of its occurrences, and leaves out nothing. Give the start that the occurrence has "
                + "by the rule."
        );
    }

    /// <summary>The id of an occurrence: the one it has, or else one that is no other event's of the file.</summary>
    private string IdOf(CalendarTime at)
    {
        var id = CalendarEntry.IdOf(uid, at.Id);
        return isUid(id) && !_known.ContainsKey(id) ? CalendarEntry.HashedIdOf(uid, at.Id) : id;
    }

    /// <summary>Puts each part in the place of the occurrence it names, and returns those places.</summary>
    private HashSet<Slot> PlaceParts(ReadEntry? whole, CalendarTime? start)
    {
        var places = new HashSet<Slot>();
        var recorded = _imported.Entries.Select(e => (AtOf(e.Id, start) ?? start)?.Day).ToHashSet();
        foreach (var (at, part) in NewestParts(start))
        {
            var slot = _slots.Find(s => s.At is not null && at.Names(s.At));
            var isInWindow = whole is null || IsInWindow(part, at, start);
            if (!isInWindow && slot?.InWindow != true && !recorded.Contains(at.Day))
                continue;
            if (slot is null && whole is { Entry.Cancelled: true } && !part.Entry.Cancelled)
            {
                PassOver(part, CalendarRemarkKind.PassedOver, $"Line {whole.Entry.Line} calls off the event as a whole.");
                continue;
            }

            var isOfNone = slot is null && whole is { Recurs: true, Entry.Cancelled: false } && IsFollowedTo(at.Day);
            if (slot is null)
            {
                var id = (whole is null ? RecordedAs(part, at, start) : null) ?? IdOf(at);
                _slots.Add(slot = new Slot(at, id, start?.Names(at) == true));
            }

            slot.InWindow |= isInWindow;
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
                if (isOfNone)
                    PassOver(
                        part,
                        CalendarRemarkKind.PassedOver,
                        $"Its RECURRENCE-ID {at.Date} names no occurrence of the series, and changes none of them. Give the start that the "
                            + "occurrence has by the rule.",
                        slot.Id
                    );
            }
        }

        return places;
    }

    /// <summary>Whether the occurrence that a part names, or the part, lies in the window.</summary>
    private bool IsInWindow(ReadEntry part, CalendarTime at, CalendarTime? start)
    {
        if (mapping.Window is not { } window)
            return true;
        var day = at.In(start?.TimeZone ?? "UTC").Day;
        return window.Holds(day) || part.End is { } end && window.Holds(part.Start!.Date, end.Date);
    }

    /// <summary>The newest part of each occurrence, whatever the zone it is named in.</summary>
    private IEnumerable<(CalendarTime At, ReadEntry Part)> NewestParts(CalendarTime? start)
    {
        var occurrences = new List<List<(CalendarTime At, ReadEntry Part)>>();
        var byName = new Dictionary<string, List<(CalendarTime At, ReadEntry Part)>>();
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
    private CalendarTime? AtOf(ReadEntry part, CalendarTime? start)
    {
        var stated = part.Recurrence!;
        if (stated.IsFloating && start is not { IsDay: true })
        {
            // The ids of what is recorded are in UTC, and say nothing of the zone in which a part is written.
            if ((_series?.Start ?? part.Start)?.TimeZone is not { } zone && (zone = mapping.DefaultTimeZone) is null)
                return null;
            stated = stated.In(zone);
        }

        return start is null ? stated : stated.Beside(start, _zoneOfDays);
    }

    /// <summary>
    /// The id under which the occurrence is recorded that a part names, where the file does not hold the series: the one that begins at
    /// that moment by the rule, or else the only one that is on that day. A series keeps its ids when its time of day changes, or when a
    /// single event comes to recur. Null where none is recorded.
    /// </summary>
    private string? RecordedAs(ReadEntry part, CalendarTime at, CalendarTime? start)
    {
        if (_imported.Entries.FirstOrDefault(e => IsNamedBy(at, e, start)) is { } exact)
            return exact.Id;
        var zone = new[] { part.Recurrence!.TimeZone, part.Start?.TimeZone }.FirstOrDefault(z => z is not (null or "UTC"))
            ?? mapping.DefaultTimeZone
            ?? "UTC";
        var isOfItsClock = at.IsDay || part.Recurrence.IsFloating;
        var day = at is { IsDay: false } && part.Recurrence.IsFloating ? part.Recurrence.Day : at.In(zone).Day;
        return _imported.Entries.Where(e => DayOf(e) == day && MayBeOtherwise(e)).Take(2).ToList() is [var only] ? only.Id : null;

        // A day, and a time without a zone, are of the clock of the series; a moment and an id are compared in one zone.
        DateOnly? DayOf(ImportedEntry recorded) =>
            isOfItsClock && recorded is { Own: false, Days: var (first, _) } ? first
            : AtOf(recorded.Id, start) is { } own ? own.In(zone).Day
            : recorded.Days?.First;

        bool MayBeOtherwise(ImportedEntry recorded) =>
            !_slots.Exists(s => s.Id == recorded.Id)
            && !IsNamedByPart(recorded, start)
            && (at.IsDay || AtOf(recorded.Id, start) is null || !recorded.Own && _imported.Revision is not null);
    }

    /// <summary>Whether the recorded occurrence has that very start by the rule.</summary>
    private bool IsNamedBy(CalendarTime at, ImportedEntry recorded, CalendarTime? start) =>
        AtOf(recorded.Id, start) is { } own && own.IsDay == at.IsDay && at.Names(own);

    /// <summary>Whether a part names that very start.</summary>
    private bool IsNamedByPart(ImportedEntry recorded, CalendarTime? start)
    {
        _named ??= [.. _parts.Select(p => AtOf(p, start)?.Id).OfType<string>()];
        return AtOf(recorded.Id, start) is { } own && _named.Contains(own.Id);
    }

    /// <summary>The start by the rule that such an id has, as the series writes it; null where it is that of the whole UID.</summary>
    private CalendarTime? AtOf(string id, CalendarTime? start)
    {
        if (!_startsOfIds.TryGetValue((id, start), out var at))
            _startsOfIds.Add((id, start), at = Read());
        return at;

        CalendarTime? Read() =>
            CalendarEntry.RecurrenceIdOf(uid, id) is { } recurrence && CalendarTime.Read(recurrence) is { } read
                ? start is null
                    ? read
                    : read.Beside(start, _zoneOfDays) ?? new CalendarTime(read.Day)
                : null;
    }
}
