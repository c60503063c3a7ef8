using Ical.Net.CalendarComponents;
using Ical.Net.Evaluation;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A recurring event as its occurrences within the window, each with what the calendar says of it alone.</summary>
internal static class Series
{
    /// <summary>How many occurrences one event may have in the window.</summary>
    public const int MostOccurrences = 1_000;

    /// <summary>How many steps of a rule may follow each other without an occurrence.</summary>
    private const int MostUnmatched = 10_000;

    private const int FirstYear = 1900;

    /// <summary>One entry, with the day it has by the rule and whether that is the first of the series.</summary>
    public sealed record Occurrence(CalendarEntry Entry, DateOnly? Day, bool First);

    /// <param name="overrides">The VEVENTs of the same UID with a RECURRENCE-ID; each takes the place of its occurrence.</param>
    public static (IReadOnlyList<Occurrence> Occurrences, CalendarFault? Fault) Expand(
        ReadEvent master, IReadOnlyList<ReadEvent> overrides, CalendarWindow? window)
    {
        if (window is null)
            return Refused(master, "The event recurs. State in the mapping between which days its occurrences are wanted, as window.");
        if (master.Start is not { } start || start.Day.Year < FirstYear)
            return Refused(master, $"A recurring event needs a DTSTART, not before {FirstYear}.");

        var occurrences = new List<Occurrence>();
        var replaced = overrides.Select(o => o.Recurrence!).ToList();
        try
        {
            foreach (var (from, to) in Within(master, window))
            {
                if (occurrences.Count == MostOccurrences)
                    return Refused(master, $"The event has more than {MostOccurrences} occurrences in the window. Narrow the window.");
                if (!replaced.Exists(r => Same(r, from)))
                    occurrences.Add(Occurring(master, from, to));
            }
        }
        catch (Exception e) when (e is EvaluationException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return Refused(master, $"The rule cannot be followed: {e.Message}");
        }

        foreach (var changed in overrides)
        {
            var day = changed.Recurrence!.In(start.TimeZone ?? "UTC").Day;
            if (window.Holds(day, day) || changed.End is { } end && window.Holds(changed.Start!.Day, end.Day))
                occurrences.Add(new Occurrence(changed.Entry with { Cancelled = changed.Entry.Cancelled || master.Entry.Cancelled }, day, Same(changed.Recurrence, start)));
        }

        return (occurrences, null);
    }

    private static IEnumerable<(Moment From, Moment To)> Within(ReadEvent master, CalendarWindow window)
    {
        var (start, end) = (master.Start!, master.End!);
        var recurring = new CalendarEvent
        {
            DtStart = start.Calendar,
            DtEnd = (start.Time is null ? end with { Day = end.Day.AddDays(1) } : end).Calendar,
            RecurrenceRule = master.Rule,
        };
        recurring.RecurrenceDates.AddRange(master.RecurrenceDates.Select(d => d.Calendar));
        foreach (var occurrence in recurring.GetOccurrences(null, new EvaluationOptions { MaxUnmatchedIncrementsLimit = MostUnmatched }))
        {
            var from = new Moment(occurrence.Period.StartTime.Date, occurrence.Period.StartTime.Time, start.TimeZone);
            if (from.Day > window.Last)
                yield break;
            var until = occurrence.Period.EffectiveEndTime ?? occurrence.Period.StartTime;
            var to = start.Time is null ? new Moment(until.Date.AddDays(-1)) : new Moment(until.Date, until.Time, start.TimeZone);
            if (window.Holds(from.Day, to.Day))
                yield return (from, to);
        }
    }

    private static Occurrence Occurring(ReadEvent master, Moment from, Moment to)
    {
        var entry = master.On(from, to) with
        {
            Id = CalendarEntry.IdOf(master.Entry.Uid, from.Id),
            RecurrenceId = from.Id,
            Cancelled = master.Entry.Cancelled || master.ExceptionDates.Any(e => Same(e, from)),
        };
        return new Occurrence(entry, from.Day, Same(from, master.Start!));
    }

    /// <summary>Whether both name one occurrence; a day names the occurrence that begins on it.</summary>
    private static bool Same(Moment named, Moment occurrence) =>
        named.Time is null || occurrence.Time is null ? named.Day == occurrence.Day : named.Id == occurrence.Id;

    private static (IReadOnlyList<Occurrence>, CalendarFault?) Refused(ReadEvent master, string reason) =>
        ([], new CalendarFault(master.Entry.Row, master.Entry.Line, master.Rule is null ? "RDATE" : "RRULE", reason));
}
