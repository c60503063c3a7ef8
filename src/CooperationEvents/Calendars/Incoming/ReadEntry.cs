using CooperationEvents.Calendars.Format;
using Ical.Net.DataTypes;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>A VEVENT as read: what its entries have in common, its own days, and how it recurs.</summary>
/// <param name="Recurrence">The occurrence it speaks of, as it writes it; null where it speaks of the UID as a whole.</param>
internal sealed record ReadEntry(CalendarEntry Entry, CalendarTime? Start, CalendarTime? End, CalendarTime? Recurrence)
{
    /// <summary>The zone in which its days last from midnight to midnight; null where it does not write them as times.</summary>
    public string? ZoneOfDays { get; init; }

    public RecurrenceRule? Rule { get; init; }

    /// <summary>Where the end is stated as a duration: its days and weeks are those of the calendar, at each occurrence.</summary>
    public Duration? Duration { get; init; }

    /// <summary>The last moment at which the rule may have an occurrence.</summary>
    public CalendarTime? Until { get; init; }

    public IReadOnlyList<CalendarTime> RecurrenceDates { get; init; } = [];

    public IReadOnlyList<CalendarTime> ExceptionDates { get; init; } = [];

    /// <summary>The properties that are passed over, each with why.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    public CalendarRevision Revision => Entry.Revision;

    /// <summary>Whether it stands for several occurrences.</summary>
    public bool Recurs => Recurrence is null && (Rule is not null || RecurrenceDates.Count > 0);

    /// <summary>The entry with these days.</summary>
    public CalendarEntry On(CalendarTime? start, CalendarTime? end) =>
        Entry with
        {
            Start = start?.Date,
            End = end?.Date,
            TimeZone = start?.TimeZone,
        };
}

/// <summary>A VEVENT that is refused: its fault, and what it would have replaced.</summary>
/// <param name="Revision">Null where it cannot be told.</param>
/// <param name="Replaces">Null where it speaks of the UID as a whole.</param>
internal sealed record RefusedEvent(CalendarFault Fault, string? Uid, CalendarRevision? Revision, HeldBack? Replaces);
