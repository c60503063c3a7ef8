using System.Text;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using NodaTime;

namespace CooperationEvents.Calendars.Outgoing;

/// <summary>A meeting as a VEVENT (RFC 5545), and the VTIMEZONE its times need.</summary>
internal static class CalendarComponents
{
    /// <param name="names">Of the meeting's frameworks and of its first host.</param>
    /// <param name="people">Who is named, by id; null where the caller may see no names.</param>
    public static CalendarEvent Of(MeetingView view, CalendarNames names, IReadOnlyDictionary<Guid, PersonName>? people)
    {
        var recorded = new CalDateTime(view.RecordedAt.UtcDateTime, "UTC");
        var cancelled = view.State is "cancelled" or "did-not-take-place" or "voided";
        var exact =
            (view.Start.Precision, view.End.Precision) is
            (DatePrecision.Day or DatePrecision.Time, DatePrecision.Day or DatePrecision.Time);
        var (start, end) = WrittenMeeting.Days(new MeetingDays(view.Start, view.End, view.TimeZone));
        var component = new CalendarEvent
        {
            Uid = WrittenMeeting.Uid(view.Id),
            DtStamp = recorded,
            LastModified = recorded,
            Sequence = view.Sequence,
            Status =
                cancelled ? EventStatus.Cancelled
                : view.State == "postponed" ? EventStatus.Tentative
                : EventStatus.Confirmed,
            Transparency = cancelled || !exact ? TransparencyType.Transparent : TransparencyType.Opaque,
            DtStart = start.Calendar,
            DtEnd = end?.Calendar,
            Summary = CalendarWords.OneLine(view.Title),
            Location = WrittenMeeting.Place(view.Venue, view.Country) is { } place ? CalendarWords.OneLine(place) : null,
            Description = Description(view, exact, names),
            Categories = [.. view.Topics],
            Organizer = Organizer(view, names, people),
        };
        foreach (var attendee in people is null ? [] : Attendees(view, people))
            component.Attendees.Add(attendee);
        return component;
    }

    /// <summary>
    /// The zone's rules from a year before to a year after, each change by its own date: so it is right for zones whose
    /// changes follow no rule, and for days long past.
    /// </summary>
    public static VTimeZone Of(string timeZone, DateOnly firstDay, DateOnly lastDay)
    {
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        var component = new VTimeZone(timeZone);
        foreach (
            var interval in zone.GetZoneIntervals(
                Midnight(firstDay.Year > 1 ? firstDay.AddYears(-1) : firstDay),
                Midnight(lastDay.Year < 9999 ? lastDay.AddYears(1) : lastDay)
            )
        )
        {
            var before = interval.HasStart
                ? zone.GetZoneInterval(interval.Start - NodaTime.Duration.Epsilon).WallOffset
                : interval.WallOffset;
            component.TimeZoneInfos.Add(
                new VTimeZoneInfo(interval.Savings == Offset.Zero ? Components.Standard : Components.Daylight)
                {
                    DtStart = new CalDateTime(
                        interval.HasStart
                            ? interval.Start.WithOffset(before).LocalDateTime.ToDateTimeUnspecified()
                            : new DateTime(1601, 1, 1)
                    ),
                    OffsetFrom = new UtcOffset(before.ToTimeSpan()),
                    OffsetTo = new UtcOffset(interval.WallOffset.ToTimeSpan()),
                    TimeZoneName = interval.Name,
                }
            );
        }

        return component;

        static Instant Midnight(DateOnly day) => Instant.FromUtc(day.Year, day.Month, day.Day, 0, 0);
    }

    private static string Description(MeetingView view, bool exact, CalendarNames names)
    {
        var text = new StringBuilder("State: ").Append(view.State);
        foreach (var placement in view.Frameworks)
        {
            var framework = names.Frameworks.GetValueOrDefault(placement.FrameworkId);
            if (framework is not null)
                text.Append("\nFramework: ").Append(CalendarWords.OneLine(framework.Name));
            text.Append("\nLevel: ").Append(CalendarWords.OneLine(framework?.Levels.GetValueOrDefault(placement.Level) ?? placement.Level));
            if (placement.Edition is { } edition)
                text.Append(", edition ").Append(edition);
        }

        if (view.Mode is { } mode)
            text.Append("\nMode: ").Append(Json.Word(mode));
        if (!exact)
            text.Append("\nThe days are not known exactly: the register says ")
                .Append(view.Start)
                .Append(view.Start == view.End ? "" : $" to {view.End}")
                .Append('.');
        else if (view.Start.Precision != view.End.Precision)
            text.Append("\nOne time is known only: the register says ").Append(view.Start).Append(" to ").Append(view.End).Append('.');
        return text.ToString();
    }

    /// <summary>
    /// Who chairs, for callers who may see names; else, as a calendar must name somebody, the host or the framework, at its id.
    /// </summary>
    private static Organizer Organizer(MeetingView view, CalendarNames names, IReadOnlyDictionary<Guid, PersonName>? people)
    {
        var chair = view.Hosts.FirstOrDefault(h => h is { Role: HostRole.Chair, PersonId: not null })?.PersonId
            ?? view.Attendances.FirstOrDefault(a => a is { Role: AttendeeRole.Chair, Status: AttendanceStatus.Attended })?.PersonId
            ?? view.Registrations.FirstOrDefault(r => r.Role == AttendeeRole.Chair)?.PersonId;
        if (chair is { } id && people?.GetValueOrDefault(id) is { } person)
            return new Organizer { Value = Address(id, person), CommonName = Parameter(person.Name) };
        var (organizer, name) =
            view.Hosts.Count > 0
                ? (view.Hosts[0].OrganisationId, names.Organisations.GetValueOrDefault(view.Hosts[0].OrganisationId))
                : (view.Frameworks[0].FrameworkId, names.Frameworks.GetValueOrDefault(view.Frameworks[0].FrameworkId)?.Name);
        return new Organizer { Value = Urn(organizer), CommonName = name is null ? null : Parameter(name) };
    }

    /// <summary>Who is recorded as present or absent, and who is registered of the others.</summary>
    private static IEnumerable<Attendee> Attendees(MeetingView view, IReadOnlyDictionary<Guid, PersonName> people)
    {
        var attended = view
            .Attendances.Select(a =>
                (
                    a.PersonId,
                    a.Role,
                    Status: a.Status == AttendanceStatus.Attended ? EventParticipationStatus.Accepted : EventParticipationStatus.Declined
                )
            )
            .ToList();
        var registered = view
            .Registrations.Where(r => attended.TrueForAll(a => a.PersonId != r.PersonId))
            .Select(r => (r.PersonId, r.Role, Status: EventParticipationStatus.Accepted));
        return from attendee in attended.Concat(registered)
            let person = people.GetValueOrDefault(attendee.PersonId)
            where person is not null
            select new Attendee
            {
                Value = Address(attendee.PersonId, person),
                CommonName = Parameter(person.Name),
                Role = attendee.Role switch
                {
                    AttendeeRole.Chair => ParticipationRole.Chair,
                    AttendeeRole.Observer or AttendeeRole.Interpreter or AttendeeRole.Support => ParticipationRole.NonParticipant,
                    _ => ParticipationRole.RequiredParticipant,
                },
                ParticipationStatus = attendee.Status,
            };
    }

    private static Uri Address(Guid id, PersonName person) =>
        person.Email is { } email && Uri.TryCreate("mailto:" + email, UriKind.Absolute, out var mail) ? mail : Urn(id);

    private static Uri Urn(Guid id) => new($"urn:uuid:{id}");

    private static string Parameter(string text) => ParameterText.Encoded(CalendarWords.OneLine(text));
}
