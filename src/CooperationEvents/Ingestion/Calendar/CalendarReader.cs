using System.Runtime.CompilerServices;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>The ids of the entries that earlier imports of the calendar recorded for a UID.</summary>
public delegate Task<IReadOnlyCollection<string>> ImportedIds(string uid);

/// <summary>
/// Reads an iCalendar file (RFC 5545) as a sequence of entries and faults, one VEVENT in memory at a time. What recurs, or
/// changes one occurrence, is kept until the file ends, since the two may stand anywhere in it.
/// </summary>
public static class CalendarReader
{
    /// <summary>The longest line read, in octets after unfolding.</summary>
    public const int LongestLine = 256 * 1024;

    /// <summary>How many VEVENTs of one file may recur or change one occurrence.</summary>
    public const int MostRecurring = 10_000;

    /// <param name="imported">
    /// Where given, an occurrence that was moved keeps the id it was imported under (by the day it has in the series), and one
    /// that the series no longer has is cancelled.
    /// </param>
    /// <returns>Malformed input gives a <see cref="CalendarFault"/>, never an exception.</returns>
    public static async IAsyncEnumerable<CalendarItem> Read(
        Stream stream, CalendarMapping mapping, ImportedIds? imported = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var zones = new TimeZoneNames(mapping.TimeZones);
        var recurring = new Dictionary<string, List<ReadEvent>>();
        var kept = 0;
        await foreach (var part in EventComponents.Read(ContentLines.Read(stream, cancellation), zones, cancellation))
        {
            if (part is not EventComponent component)
            {
                yield return (CalendarFault)part;
                continue;
            }

            var (read, fault) = EventReading.Read(component, mapping, zones);
            if (read is null)
            {
                yield return fault!;
            }
            else if (read is { Recurs: false, Recurrence: null })
            {
                foreach (var item in await Settled(read, [new Series.Occurrence(read.Entry, read.Start?.Day, First: true)], mapping.Window, imported))
                    yield return item;
            }
            else if (++kept > MostRecurring)
            {
                yield return new CalendarFault(component.Row, component.Line, null, $"More than {MostRecurring} events of the file recur or change an occurrence; split it.");
            }
            else
            {
                if (!recurring.TryGetValue(read.Entry.Uid, out var events))
                    recurring.Add(read.Entry.Uid, events = []);
                events.Add(read);
            }
        }

        foreach (var events in recurring.Values)
        {
            foreach (var item in await Occurrences(events, mapping.Window, imported))
                yield return item;
        }
    }

    private static async Task<IReadOnlyList<CalendarItem>> Occurrences(List<ReadEvent> events, CalendarWindow? window, ImportedIds? imported)
    {
        // Of an event that stands in the file more than once the newest is read.
        var newest = events.OrderBy(e => e.Entry.Revision.Sequence).ThenBy(e => e.Entry.Revision.LastModified).ToList();
        var overrides = newest.Where(e => e.Recurrence is not null).GroupBy(e => e.Recurrence!.Id).Select(g => g.Last()).OrderBy(e => e.Entry.Row).ToList();
        if (newest.LastOrDefault(e => e.Recurs) is not { } master)
            return [.. overrides.Select(o => o.Entry)];
        var (occurrences, fault) = Series.Expand(master, overrides, window);
        return fault is null ? await Settled(master, occurrences, window, imported) : [fault];
    }

    /// <summary>The entries under the ids they were imported under, and cancelled ones for those of which the calendar no longer speaks.</summary>
    private static async Task<IReadOnlyList<CalendarItem>> Settled(
        ReadEvent master, IReadOnlyList<Series.Occurrence> occurrences, CalendarWindow? window, ImportedIds? imported)
    {
        if (imported is null)
            return [.. occurrences.Select(o => o.Entry)];
        var known = await imported(master.Entry.Uid);
        var gone = known.Except(occurrences.Select(o => o.Entry.Id)).ToList();
        var entries = new List<CalendarItem>();
        foreach (var (entry, day, first) in occurrences)
        {
            var before = known.Contains(entry.Id) ? null : gone.Find(id => DayOf(id) is { } earlier ? earlier == day : first);
            if (before is not null)
                gone.Remove(before);
            entries.Add(before is null ? entry : entry with { Id = before });
        }

        entries.AddRange(
            from id in gone
            let day = DayOf(id)
            where master.Entry.Cancelled || day is null || window?.Holds(day.Value, day.Value) != false
            select master.Entry with { Id = id, RecurrenceId = RecurrenceIdOf(id), Cancelled = true, Start = null, End = null, TimeZone = null });
        return entries;

        DateOnly? DayOf(string id) => RecurrenceIdOf(id) is { } recurrence ? Moment.DayOf(recurrence, master.Start?.TimeZone) : null;

        string? RecurrenceIdOf(string id)
        {
            var bare = CalendarEntry.IdOf(master.Entry.Uid, null);
            var at = id.LastIndexOf('/');
            return id == bare || at < 0 || Moment.DayOf(id[(at + 1)..], null) is null ? null : id[(at + 1)..];
        }
    }
}
