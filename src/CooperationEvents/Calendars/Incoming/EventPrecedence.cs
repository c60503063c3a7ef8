namespace CooperationEvents.Calendars.Incoming;

/// <summary>Which of several statements of one event counts.</summary>
internal static class EventPrecedence
{
    /// <summary>The first of the newest, but for one that calls it off.</summary>
    public static ReadEntry? Newest(this IEnumerable<ReadEntry> events) =>
        events.Aggregate((ReadEntry?)null, (newest, e) => newest is null || Outranks(e, newest) ? e : newest);

    private static bool Outranks(ReadEntry read, ReadEntry other) =>
        other.Revision.IsBefore(read.Revision) || !read.Revision.IsBefore(other.Revision) && read.Entry.Cancelled && !other.Entry.Cancelled;

    /// <summary>Whether what was refused may be as new as the event.</summary>
    public static bool Outlasts(this RefusedEvent refused, ReadEntry read) =>
        refused.Revision is null || !refused.Revision.IsBefore(read.Revision);

    public static bool SaysTheSameAs(this ReadEntry a, ReadEntry b) =>
        a.Entry == b.Entry with { Row = a.Entry.Row, Line = a.Entry.Line, Revision = a.Entry.Revision, SentUid = a.Entry.SentUid }
        && (a.Start, a.End, a.Recurrence, a.Until, a.Rule?.ToString()) == (b.Start, b.End, b.Recurrence, b.Until, b.Rule?.ToString())
        && a.RecurrenceDates.SequenceEqual(b.RecurrenceDates)
        && a.ExceptionDates.SequenceEqual(b.ExceptionDates);

    /// <summary>How the newest differs from another statement of the same event.</summary>
    public static string OtherwiseThan(this ReadEntry newest, ReadEntry other) =>
        other.Recurs != newest.Recurs
            ? newest.Recurs
                ? "as a series"
                : "as a single event"
            : (other.Start, other.End) != (newest.Start, newest.End)
                ? "with other days"
                : "with other contents";
}
