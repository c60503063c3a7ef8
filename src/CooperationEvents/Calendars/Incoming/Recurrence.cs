using CooperationEvents.Calendars.Format;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>Expands a recurring event into its occurrences within the window, and on named days outside it.</summary>
internal static class Recurrence
{
    /// <summary>How many occurrences one event may have in the window.</summary>
    public const int MostOccurrences = 1_000;

    /// <summary>How many steps of a rule may follow each other without an occurrence.</summary>
    private const int MostUnmatched = 10_000;

    /// <summary>
    /// The days of the longest step of a rule, a year. Ical.Net gives up the step that holds UNTIL where UNTIL comes before the start's own
    /// place in it: it is asked for one step more, and what comes after UNTIL is left out here.
    /// </summary>
    private const int LongestStep = 366;

    private const int FirstYear = 1900;

    private static readonly TimeOnly EndOfDay = new(23, 59, 59);

    /// <summary>The occurrences that were asked for.</summary>
    /// <param name="LastDay">The day of the last one that the event has at all; null where it goes on beyond the days asked for.</param>
    /// <param name="Fault">Why it has none; null where it was expanded.</param>
    public sealed record Expansion(IReadOnlyList<Occurrence> Occurrences, DateOnly? LastDay = null, CalendarFault? Fault = null);

    /// <summary>An occurrence with the start it has by the rule; cancelled where the series leaves it out.</summary>
    public sealed record Occurrence(CalendarTime At, CalendarEntry Entry, bool InWindow);

    /// <summary>Whether DTSTART is none of its occurrences: what follows from that is left open (RFC 5545, 3.8.5.3).</summary>
    /// <param name="occurrences">Those within the window.</param>
    public static bool LeavesOutItsStart(ReadEntry master, CalendarWindow window, IReadOnlyList<Occurrence> occurrences) =>
        window.Holds(master.Start!.Day) && !occurrences.Any(o => master.Start.Names(o.At));

    /// <summary>Its exceptions on days of the window that name none of these occurrences.</summary>
    public static IEnumerable<CalendarTime> LeavesOutNothing(
        ReadEntry master,
        CalendarWindow window,
        string? zone,
        IReadOnlyList<Occurrence> occurrences
    ) =>
        from exception in Beside(master.ExceptionDates, master.Start!, zone) ?? []
        where window.Holds(exception.Day) && !exception.Names(master.Start!) && !occurrences.Any(o => exception.Names(o.At))
        select exception;

    /// <summary>Whether an exception names that start.</summary>
    public static bool LeavesOut(ReadEntry master, string? zone, CalendarTime at) =>
        Beside(master.ExceptionDates, master.Start!, zone)?.Exists(e => e.Names(at)) == true;

    /// <param name="zone">The zone of the event's days: where it is of whole days, a time is the day it has in it.</param>
    /// <param name="daysBeyond">Days outside the window, the occurrences of which are wanted too.</param>
    public static Expansion Expand(ReadEntry master, CalendarWindow? window, string? zone, IReadOnlySet<DateOnly> daysBeyond)
    {
        if (window is null)
            return Refused(master, "The event recurs. State in the mapping between which days its occurrences are wanted, as window.");
        if (master.Start is not { } start || start.Day.Year < FirstYear)
            return Refused(master, $"A recurring event needs a DTSTART, not before {FirstYear}.");
        var (more, less) = (Beside(master.RecurrenceDates, start, zone), Beside(master.ExceptionDates, start, zone));
        var until = master.Until?.Beside(start, zone);
        if (more is null || less is null || master.Until is not null && until is null)
        {
            return Refused(
                master,
                "The event is of whole days, and a time in it is no midnight. State the calendar's zone in the mapping, as "
                    + "defaultTimeZone.",
                less is null ? "EXDATE" : null
            );
        }

        var occurrences = new List<Occurrence>();
        var inWindow = 0;
        var last = daysBeyond.Append(window.Last).Max();
        DateOnly? lastDay = DateOnly.MinValue;
        try
        {
            foreach (var (from, to) in UpTo(last, master, more, until))
            {
                if (from.Day > last)
                {
                    lastDay = null;
                    break;
                }

                lastDay = from.Day;
                var isInWindow = window.Holds(from.Date, to.Date);
                if (!isInWindow && !daysBeyond.Contains(from.Day))
                    continue;
                if (isInWindow && ++inWindow > MostOccurrences)
                    return Refused(master, $"The event has more than {MostOccurrences} occurrences in the window. Narrow the window.");
                var entry = master.On(from, to) with
                {
                    Id = CalendarEntry.IdOf(master.Entry.Uid, from.Id),
                    RecurrenceId = from.Id,
                    Cancelled = master.Entry.Cancelled || less.Exists(e => e.Names(from)),
                };
                occurrences.Add(new Occurrence(from, entry, isInWindow));
            }
        }
        catch (Exception e) when (e is EvaluationException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return Refused(
                master,
                "The rule cannot be followed: a part of it is out of its range, or it names days that never come. Correct it, or list the "
                    + "days as RDATE."
            );
        }

        return new Expansion(occurrences, lastDay);
    }

    private static List<CalendarTime>? Beside(IReadOnlyList<CalendarTime> moments, CalendarTime start, string? zone)
    {
        var beside = moments.Select(m => m.Beside(start, zone)).OfType<CalendarTime>().ToList();
        return beside.Count == moments.Count ? beside : null;
    }

    /// <summary>Its occurrences up to that day, and the start of the next one, which says that it goes on.</summary>
    /// <param name="until">The last moment of the rule. A day ends with its last second in the zone of the start.</param>
    private static IEnumerable<(CalendarTime From, CalendarTime To)> UpTo(
        DateOnly last,
        ReadEntry master,
        IEnumerable<CalendarTime> more,
        CalendarTime? until
    )
    {
        var (start, finish) = (master.Start!, master.End!);
        var recurring = new CalendarEvent
        {
            DtStart = start.Calendar,
            DtEnd = (start.IsDay ? finish with { Day = finish.Day.AddDays(1) } : finish).Calendar,
            RecurrenceRule = master.Rule,
        };
        var end = until is { IsDay: true } && !start.IsDay ? until with { Time = EndOfDay, TimeZone = start.TimeZone } : until;
        if (end is not null)
            recurring.RecurrenceRule!.Until = (end with { Day = end.Day.AddDays(LongestStep) }).In("UTC").Calendar;
        List<CalendarTime> dates = [.. more.Select(m => m.IsDay && !start.IsDay ? start with { Day = m.Day } : m)];
        recurring.RecurrenceDates.AddRange(dates.Select(d => d.Calendar));
        foreach (var occurrence in recurring.GetOccurrences(null, new EvaluationOptions { MaxUnmatchedIncrementsLimit = MostUnmatched }))
        {
            var from = Of(occurrence.Period.StartTime);
            if (end is not null && IsAfter(from, end) && !dates.Exists(d => d.Names(from)))
                continue;
            if (from.Day > last)
            {
                yield return (from, from);
                yield break;
            }

            yield return (
                from,
                start.IsDay ? new CalendarTime(Of(occurrence.Period.EffectiveEndTime ?? occurrence.Period.StartTime).Day.AddDays(-1))
                : master.Duration is { } duration ? Of(from.Calendar.Add(duration))
                : from.Later(finish.Local - start.Local)
            );
        }

        CalendarTime Of(CalDateTime time) =>
            start.IsDay
                ? new CalendarTime(time.Date)
                : new CalendarTime(time.Date, time.Time, time.TzId ?? start.TimeZone).In(start.TimeZone!);
    }

    private static bool IsAfter(CalendarTime from, CalendarTime end) => from.IsDay ? from.Day > end.Day : from.Instant > end.Instant;

    private static Expansion Refused(ReadEntry master, string reason, string? field = null) =>
        new([], Fault: new CalendarFault(master.Entry.Row, master.Entry.Line, field ?? (master.Rule is null ? "RDATE" : "RRULE"), reason));
}
