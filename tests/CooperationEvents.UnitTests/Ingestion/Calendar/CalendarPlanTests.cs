using CooperationEvents.Ingestion.Calendar;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.Ingestion.Calendar;

public sealed class CalendarPlanTests
{
    private const string Changed = "Changed in the calendar outlook.";

    private static readonly ExternalReference External = new("outlook", "uid-1");

    private static readonly CalendarAttendee AdaComes = new("ada@iom.int", "Ada Okafor");
    private static readonly CalendarAttendee BenChairs = new("ben@ec.europa.eu", null, CalendarRole.Chair, Participation.Accepted);

    private static readonly CalendarEntry Entry = new(1, 5)
    {
        Id = "uid-1",
        Uid = "uid-1",
        Title = "Fifth meeting",
        Start = Some.Date("2026-02-04T09:30"),
        End = Some.Date("2026-02-04T12:30"),
        TimeZone = "Europe/Brussels",
        Location = "Berlaymont",
        Categories = ["resettlement", "Blue Category"],
    };

    /// <summary>The meeting as the entry made it.</summary>
    private static readonly MeetingDirectoryEntry Recorded = new(
        Some.Meeting, "Fifth meeting", MeetingState.Scheduled, false, Entry.Start!.Value, Entry.End!.Value, "Europe/Brussels", "Berlaymont", ["resettlement"], []);

    [Fact]
    public void An_event_that_is_not_recorded_is_scheduled_with_whom_it_expects() =>
        Planned(Entry with { Attendees = [AdaComes, BenChairs, new CalendarAttendee("eve@example.org"), Declining("dan@iom.int")] }, null, [("ben@ec.europa.eu", Some.Ben)])
            .ShouldBe(
                CalendarStanding.New,
                new ScheduleMeeting
                {
                    Title = "Fifth meeting",
                    Frameworks = ACalendar.Mapping.Frameworks,
                    Start = Some.Date("2026-02-04T09:30"),
                    End = Some.Date("2026-02-04T12:30"),
                    TimeZone = "Europe/Brussels",
                    Venue = "Berlaymont",
                    Topics = ["resettlement"],
                    ExternalReference = External,
                },
                new RegisterPerson("Ada Okafor", Email: "ada@iom.int", Affiliation: new FirstAffiliation(Some.Iom), ExternalReference: new ExternalReference("mail", "ada@iom.int")),
                new RegisterAttendance(
                    Reference.To(External),
                    [
                        new RegistrationFields(Reference.To(new ExternalReference("mail", "ada@iom.int")), Some.Iom),
                        new RegistrationFields(Some.Ben, Some.DgHome, AttendeeRole.Chair),
                    ]));

    [Fact]
    public void What_is_in_step_needs_no_command() => Planned(Entry, Recorded).ShouldBe(CalendarStanding.Unchanged);

    [Fact]
    public void A_cancelled_event_that_was_never_recorded_is_none() => Planned(Entry with { Cancelled = true }, null).ShouldBe(CalendarStanding.Unknown);

    [Fact]
    public void Other_days_or_another_zone_reschedule()
    {
        Planned(Entry with { End = Some.Date("2026-02-04T13:00") }, Recorded)
            .ShouldBe(CalendarStanding.Changed, new RescheduleMeeting(Some.Meeting, Entry.Start!.Value, Some.Date("2026-02-04T13:00"), "Europe/Brussels", Changed));
        Planned(Entry with { TimeZone = "Europe/London" }, Recorded)
            .ShouldBe(CalendarStanding.Changed, new RescheduleMeeting(Some.Meeting, Entry.Start!.Value, Entry.End, "Europe/London", Changed));
    }

    [Fact]
    public void Days_without_a_zone_leave_the_zone_the_meeting_has()
    {
        var days = Entry with { Start = Some.Date("2026-02-04"), End = Some.Date("2026-02-05"), TimeZone = null };
        Planned(days, Recorded with { Start = Some.Date("2026-02-04"), End = Some.Date("2026-02-05") }).ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void Another_place_relocates_and_none_says_nothing()
    {
        Planned(Entry with { Location = "Geneva" }, Recorded).ShouldBe(CalendarStanding.Changed, new RelocateMeeting(Some.Meeting, Venue: "Geneva", Reason: Changed));
        Planned(Entry with { Location = null }, Recorded).ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void Another_title_or_other_topics_correct_and_topics_that_are_not_the_calendars_stay()
    {
        Planned(Entry with { Title = "Sixth meeting" }, Recorded).ShouldBe(CalendarStanding.Changed, new CorrectMeeting(Some.Meeting, Changed, Title: "Sixth meeting"));
        Planned(Entry with { Categories = ["VISAS"] }, Recorded with { Topics = ["trade", "resettlement"] })
            .ShouldBe(CalendarStanding.Changed, new CorrectMeeting(Some.Meeting, Changed, Topics: ["trade", "visa"]));
        Planned(Entry, Recorded with { Topics = ["trade", "resettlement"] }).ShouldBe(CalendarStanding.Unchanged);
    }

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    public void A_cancelled_event_cancels(MeetingState state) =>
        Planned(Entry with { Cancelled = true }, Recorded with { State = state })
            .ShouldBe(CalendarStanding.Changed, new CancelMeeting(Some.Meeting, "Cancelled in the calendar outlook."));

    [Fact]
    public void A_cancelled_meeting_stays_so_until_the_calendar_has_a_newer_revision_without_it()
    {
        var cancelled = Recorded with { State = MeetingState.Cancelled };
        var undo = new CorrectMeeting(Some.Meeting, "No longer cancelled in the calendar outlook.", Undoing.Cancellation);

        Planned(Entry with { Cancelled = true }, cancelled).ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry, cancelled, last: new CalendarRevision(0)).ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry with { Revision = new CalendarRevision(1) }, cancelled, last: new CalendarRevision(0)).ShouldBe(CalendarStanding.Changed, undo);
        Planned(Entry with { Revision = new CalendarRevision(1), Title = "Sixth" }, cancelled)
            .ShouldBe(CalendarStanding.Changed, undo, new CorrectMeeting(Some.Meeting, Changed, Title: "Sixth"));
    }

    [Fact]
    public void An_older_revision_changes_nothing()
    {
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var other = Entry with { Title = "Old", Revision = new CalendarRevision(2, noon) };

        Planned(other, Recorded, last: new CalendarRevision(3)).ShouldBe(CalendarStanding.Older);
        Planned(other, Recorded, last: new CalendarRevision(2, noon.AddHours(1))).ShouldBe(CalendarStanding.Older);
        Planned(other, Recorded, last: new CalendarRevision(2)).Standing.ShouldBe(CalendarStanding.Changed);
        Planned(other, Recorded, last: new CalendarRevision(2, noon)).Standing.ShouldBe(CalendarStanding.Changed);
        Planned(other, Recorded, last: new CalendarRevision(1, noon.AddHours(1))).Standing.ShouldBe(CalendarStanding.Changed);
    }

    [Fact]
    public void New_attendees_are_registered_once_and_in_the_role_of_the_calendar()
    {
        var entry = Entry with { Attendees = [AdaComes, BenChairs] };
        (string, Guid)[] both = [("ada@iom.int", Some.Ana), ("ben@ec.europa.eu", Some.Ben)];

        Planned(entry, Recorded with { Registered = [Some.Ana] }, both)
            .ShouldBe(CalendarStanding.Changed, new RegisterAttendance(Some.Meeting, [new RegistrationFields(Some.Ben, Some.DgHome, AttendeeRole.Chair)]));
        Planned(entry, Recorded with { Registered = [Some.Ana, Some.Ben] }, both).ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void Who_declined_or_is_gone_is_withdrawn_where_the_person_came_from_a_calendar()
    {
        var recorded = Recorded with { Registered = [Some.Ana, Some.Ben] };
        var withdrawn = new WithdrawRegistration(Some.Meeting, Some.Ana, "No longer expected by the calendar outlook.");

        Planned(Entry with { Attendees = [Declining("ada@iom.int")] }, recorded, [("ada@iom.int", Some.Ana)], ofTheCalendar: [Some.Ana])
            .ShouldBe(CalendarStanding.Changed, withdrawn);
        Planned(Entry, recorded, ofTheCalendar: [Some.Ana]).ShouldBe(CalendarStanding.Changed, withdrawn);
        Planned(Entry, recorded).ShouldBe(CalendarStanding.Unchanged);
    }

    [Theory]
    [InlineData(MeetingState.Held, false, "meeting-already-held")]
    [InlineData(MeetingState.DidNotTakePlace, false, "meeting-did-not-take-place")]
    [InlineData(MeetingState.Scheduled, true, "meeting-voided")]
    public void A_meeting_that_is_over_or_voided_follows_no_calendar(MeetingState state, bool voided, string type)
    {
        var over = Recorded with { State = state, Voided = voided };

        Planned(Entry with { Attendees = [AdaComes] }, over).ShouldBe(CalendarStanding.Unchanged);
        var plan = Planned(Entry with { Title = "Sixth meeting" }, over);
        plan.ShouldBe(CalendarStanding.Refused);
        plan.Problem.ShouldNotBeNull().Type.Slug.ShouldBe(type);
        Planned(Entry with { Cancelled = true }, over).Standing.ShouldBe(state == MeetingState.Held ? CalendarStanding.Refused : CalendarStanding.Unchanged);
    }

    private static CalendarAttendee Declining(string address) => new(address, Participation: Participation.Declined);

    private static CalendarPlan Planned(
        CalendarEntry entry, MeetingDirectoryEntry? meeting, (string Address, Guid Id)[]? people = null, ValueList<Guid>? ofTheCalendar = null, CalendarRevision? last = null) =>
        CalendarPlan.Of(entry, ACalendar.Mapping, new CalendarFacts(meeting, (people ?? []).ToDictionary(p => p.Address, p => p.Id), ofTheCalendar ?? [], last));
}

internal static class CalendarPlanAssertions
{
    public static void ShouldBe(this CalendarPlan plan, CalendarStanding standing, params ICommand[] commands)
    {
        plan.Commands.ToArray().ShouldBe(commands);
        plan.Standing.ShouldBe(standing);
    }
}
