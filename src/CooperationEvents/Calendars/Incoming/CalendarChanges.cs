using CooperationEvents.Calendars.Format;
using CooperationEvents.Calendars.Outgoing;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>In what a calendar says otherwise of a meeting than the register.</summary>
internal sealed record CalendarChanges(
    CalendarEntry Entry,
    bool Moved,
    string? Title,
    string? Venue,
    bool NoVenue,
    ValueList<string>? Topics
)
{
    /// <summary>Whether it had times of a zone, and is of whole days now, which have none.</summary>
    public bool NoTimeZone { get; private init; }

    public bool Any => Moved || Title is not null || Venue is not null || NoVenue || Topics is not null;

    public static CalendarChanges Of(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        var meeting = facts.Meeting!;
        var place = facts.IsOurs ? WrittenMeeting.Place(meeting.Venue, meeting.Country) : meeting.Venue;
        var moved = entry.Start is not null && IsMoved(entry, meeting, facts.IsOurs);
        return new CalendarChanges(
            entry,
            moved,
            entry.Title is null || CalendarWords.AreOne(entry.Title, meeting.Title) ? null : entry.Title,
            entry.Location is null || CalendarWords.AreOne(entry.Location, place) ? null
                : facts.IsOurs ? WrittenMeeting.VenueOf(entry.Location, meeting.Country)
                : entry.Location,
            entry.Location is null && mapping.EmptyMeansEmpty && meeting.Venue is not null,
            TopicsAfter(entry, mapping, facts)
        )
        {
            NoTimeZone =
                moved && entry.TimeZone is null && meeting.TimeZone is not null && (meeting.Start.Time ?? meeting.End.Time) is not null,
        };
    }

    public CorrectMeeting Correction(Guid meetingId, string reason) =>
        new(
            meetingId,
            reason,
            Remove: Removed,
            Title: Title,
            Start: Moved ? Entry.Start : null,
            End: Moved ? Entry.End : null,
            TimeZone: Moved ? Entry.TimeZone : null,
            Venue: Venue,
            Topics: Topics
        );

    private ValueList<Removable>? Removed =>
        (NoVenue, NoTimeZone) switch
        {
            (true, true) => [Removable.Venue, Removable.TimeZone],
            (true, _) => [Removable.Venue],
            (_, true) => [Removable.TimeZone],
            _ => null,
        };

    /// <summary>
    /// Whether the days are others than those planned last and, of a meeting that was held, than those it had, each in their own zone.
    /// Days have no zone in a calendar, so that the zone of the meeting is no difference.
    /// </summary>
    private static bool IsMoved(CalendarEntry entry, MeetingDirectoryEntry meeting, bool isOurs)
    {
        var planned = new MeetingDays(meeting.Start, meeting.End, meeting.TimeZone);
        return !new[] { planned, meeting.Held ?? planned }.Any(days =>
            (isOurs ? AsWritten(days) : (days.Start, days.End)) == (entry.Start!.Value, entry.End!.Value)
            && (entry.TimeZone is not { } zone || TimeZones.AreOne(zone, days.TimeZone))
        );
    }

    /// <summary>The days as they are read from a calendar that the register wrote.</summary>
    private static (PartialDate Start, PartialDate End) AsWritten(MeetingDays days)
    {
        var (start, end) = WrittenMeeting.Days(days);
        var (first, last) = CalendarTime.Lasting(start, end);
        return (first.Date, last.Date);
    }

    /// <summary>
    /// The topics after the change; null where none changes. Topics that no category stands for are not the calendar's.
    /// </summary>
    private static ValueList<string>? TopicsAfter(CalendarEntry entry, CalendarMapping mapping, CalendarFacts facts)
    {
        var topics = facts.Meeting!.Topics;
        var stated = mapping.TopicsOf(entry.Categories).ToList();
        if (facts.IsOurs)
            stated.AddRange(topics.Where(t => entry.Categories.Contains(t, StringComparer.OrdinalIgnoreCase) && !stated.Contains(t)));
        var kept = topics.Where(t => stated.Contains(t) || !mapping.Topics.Contains(t)).ToList();
        var added = stated.Except(kept).ToList();
        return kept.Count == topics.Count && added.Count == 0 ? null : [.. kept, .. added];
    }
}
