using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

public sealed class CalendarPlanTests
{
    private const string Changed = "Changed in the calendar outlook.";

    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

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
        Some.Meeting,
        "Fifth meeting",
        MeetingState.Scheduled,
        false,
        Entry.Start!.Value,
        Entry.End!.Value,
        "Europe/Brussels",
        "Berlaymont",
        ["resettlement"],
        []
    );

    [Fact]
    public void An_event_that_is_not_recorded_is_scheduled_with_whom_it_expects() =>
        Planned(
                Entry with
                {
                    Attendees = [AdaComes, BenChairs, new CalendarAttendee("eve@example.org"), Declining("dan@iom.int")],
                },
                null,
                [("ben@ec.europa.eu", Some.Ben)]
            )
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
                new RegisterPerson(
                    "Ada Okafor",
                    Email: "ada@iom.int",
                    Affiliation: new FirstAffiliation(Some.Iom),
                    ExternalReference: new ExternalReference("mail", "ada@iom.int")
                ),
                new RegisterAttendance(
                    Reference.To(External),
                    [new RegistrationFields(Reference.To(new ExternalReference("mail", "ada@iom.int")), Some.Iom)]
                ),
                new RegisterAttendance(Reference.To(External), [new RegistrationFields(Some.Ben, Some.DgHome, AttendeeRole.Chair)])
            );

    [Fact]
    public void Who_declined_sends_somebody_else_or_is_informed_is_named_where_the_event_is_new_or_changed()
    {
        var entry = Entry with
        {
            Attendees =
            [
                new CalendarAttendee("ana@iom.int") { Participation = Participation.Declined },
                new CalendarAttendee("dan@iom.int") { Participation = Participation.Delegated },
                new CalendarAttendee("fay@iom.int") { Role = CalendarRole.NonParticipant },
                new CalendarAttendee("eve@iom.int") { Participation = Participation.Declined },
            ],
        };
        var facts = new CalendarFacts(null, new Dictionary<string, Guid>(), []) { Erased = new HashSet<string> { "eve@iom.int" } };

        var plan = CalendarPlan.Of(entry, ACalendar.Mapping, facts);

        plan.Commands.ShouldHaveSingleItem().ShouldBeOfType<ScheduleMeeting>();
        plan.PassedOver.ShouldBe([
            "'ana@iom.int' has declined.",
            "'dan@iom.int' sends somebody else.",
            "'fay@iom.int' is informed and not expected.",
        ]);
    }

    [Fact]
    public void Who_was_erased_or_has_no_recorded_organisation_costs_that_attendee_alone()
    {
        var facts = new CalendarFacts(null, new Dictionary<string, Guid> { ["ben@ec.europa.eu"] = Some.Ben }, [])
        {
            Erased = new HashSet<string> { "ada@iom.int", "eve@elsewhere.example", "dan@iom.int" },
            UnknownOrganisations = new HashSet<Reference> { Some.DgHome },
            CalledOff = new HashSet<string> { "dan@iom.int" },
        };
        var entry = Entry with
        {
            Attendees =
            [
                AdaComes,
                BenChairs,
                new CalendarAttendee("eve@elsewhere.example"),
                new CalendarAttendee("dan@iom.int"),
                new CalendarAttendee("fay@iom.int"),
            ],
        };

        var plan = CalendarPlan.Of(entry, ACalendar.Mapping, facts);

        plan.Commands.Select(c => c.GetType()).ShouldBe([typeof(ScheduleMeeting), typeof(RegisterPerson), typeof(RegisterAttendance)]);
        plan.Commands.OfType<RegisterPerson>().ShouldHaveSingleItem().Email.ShouldBe("fay@iom.int");
        plan.PassedOver.Count(p => p == "One was erased, and is not registered anew.").ShouldBe(2);
        plan.PassedOver.Count(p => p.Contains("ben@ec.europa.eu", StringComparison.Ordinal)).ShouldBe(1);
        plan.PassedOver.Count.ShouldBe(3);
    }

    [Fact]
    public void What_is_in_step_needs_no_command() => Planned(Entry, Recorded).ShouldBe(CalendarStanding.Unchanged);

    [Fact]
    public void A_cancelled_event_that_was_never_recorded_is_none() =>
        Planned(Entry with { Cancelled = true }, null).ShouldBe(CalendarStanding.Unknown);

    [Fact]
    public void Other_days_or_another_zone_reschedule()
    {
        Planned(Entry with { End = Some.Date("2026-02-04T13:00") }, Recorded)
            .ShouldBe(
                CalendarStanding.Changed,
                new RescheduleMeeting(Some.Meeting, Entry.Start!.Value, Some.Date("2026-02-04T13:00"), "Europe/Brussels", Changed)
            );
        Planned(Entry with { TimeZone = "Europe/London" }, Recorded)
            .ShouldBe(
                CalendarStanding.Changed,
                new RescheduleMeeting(Some.Meeting, Entry.Start!.Value, Entry.End, "Europe/London", Changed)
            );
    }

    [Fact]
    public void Days_without_a_zone_leave_the_zone_the_meeting_has()
    {
        var days = Entry with { Start = Some.Date("2026-02-04"), End = Some.Date("2026-02-05"), TimeZone = null };
        Planned(days, Recorded with { Start = Some.Date("2026-02-04"), End = Some.Date("2026-02-05") })
            .ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void Another_place_relocates_and_none_says_nothing()
    {
        Planned(Entry with { Location = "Geneva" }, Recorded)
            .ShouldBe(CalendarStanding.Changed, new RelocateMeeting(Some.Meeting, Venue: "Geneva", Reason: Changed));
        Planned(Entry with { Location = null }, Recorded).ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void Another_title_or_other_topics_correct_and_topics_that_are_not_the_calendars_stay()
    {
        Planned(Entry with { Title = "Sixth meeting" }, Recorded)
            .ShouldBe(CalendarStanding.Changed, new CorrectMeeting(Some.Meeting, Changed, Title: "Sixth meeting"));
        Planned(Entry with { Categories = ["VISAS"] }, Recorded with { Topics = ["trade", "resettlement"] })
            .ShouldBe(CalendarStanding.Changed, new CorrectMeeting(Some.Meeting, Changed, Topics: ["trade", "visa"]));
        Planned(Entry, Recorded with { Topics = ["trade", "resettlement"] }).ShouldBe(CalendarStanding.Unchanged);
    }

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Postponed)]
    public void A_cancelled_event_cancels(MeetingState state) =>
        Planned(Entry with { Cancelled = true }, Recorded with { State = state })
            .ShouldBe(CalendarStanding.Cancelled, new CancelMeeting(Some.Meeting, "Cancelled in the calendar outlook."));

    [Fact]
    public void What_the_calendar_cancelled_it_takes_up_again_in_a_newer_revision()
    {
        var cancelled = Recorded with { State = MeetingState.Cancelled };
        var undo = new CorrectMeeting(Some.Meeting, "No longer cancelled in the calendar outlook.", Undoing.Cancellation);
        var before = new ImportedEntry("uid-1", "uid-1", new CalendarRevision(1, null, Noon), Cancelled: true);

        Planned(Entry with { Cancelled = true, Before = before }, cancelled).ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry with { Revision = before.Revision, Before = before }, cancelled).ShouldBe(CalendarStanding.CalledOff);
        Planned(Entry with { Revision = before.Revision, Before = before, StatesCalendar = true }, cancelled)
            .ShouldBe(CalendarStanding.Changed, undo);
        Planned(Entry with { Revision = new CalendarRevision(0), Before = before, StatesCalendar = true }, cancelled)
            .ShouldBe(CalendarStanding.CalledOff);
        Planned(Entry with { Revision = new CalendarRevision(2), Before = before }, cancelled).ShouldBe(CalendarStanding.Changed, undo);
        Planned(Entry with { Revision = new CalendarRevision(1, null, Noon.AddDays(1)), Before = before }, cancelled)
            .ShouldBe(CalendarStanding.Changed, undo);
        Planned(Entry with { Revision = new CalendarRevision(2), Before = before, Title = "Sixth" }, cancelled)
            .ShouldBe(CalendarStanding.Changed, undo, new CorrectMeeting(Some.Meeting, Changed, Title: "Sixth"));
    }

    [Fact]
    public void What_was_cancelled_here_stays_so_until_the_event_itself_is_changed()
    {
        var cancelled = Recorded with { State = MeetingState.Cancelled };
        var before = new ImportedEntry("uid-1", "uid-1", new CalendarRevision(1, Noon, Noon));

        Planned(Entry with { Revision = new CalendarRevision(1, Noon, Noon.AddDays(1)), Before = before }, cancelled)
            .ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry with { Revision = new CalendarRevision(1, Noon.AddDays(1), Noon.AddDays(1)), Before = before }, cancelled)
            .Standing.ShouldBe(CalendarStanding.Changed);
        Planned(Entry with { Revision = new CalendarRevision(2), Before = before }, cancelled).Standing.ShouldBe(CalendarStanding.Changed);
    }

    [Fact]
    public void What_a_complete_file_lacks_is_cancelled_unless_it_was_held_or_voided()
    {
        var missing = Entry with { Missing = true, Cancelled = true };
        var complete = ACalendar.Mapping with { Complete = true };

        Planned(missing, Recorded, mapping: complete)
            .ShouldBe(CalendarStanding.Cancelled, new CancelMeeting(Some.Meeting, "No longer in the calendar outlook."));
        Planned(missing, Recorded with { State = MeetingState.Held }, mapping: complete).ShouldBe(CalendarStanding.Missing);
        Planned(missing, Recorded with { Voided = true }, mapping: complete).ShouldBe(CalendarStanding.Missing);
        Planned(missing, Recorded with { State = MeetingState.Cancelled }, mapping: complete).ShouldBe(CalendarStanding.Unchanged);
        Planned(missing, Recorded with { Start = Some.Date("2028-01-01"), End = Some.Date("2028-01-01") }, mapping: complete)
            .ShouldBe(CalendarStanding.Unchanged);
        Planned(
            Entry with
            {
                Before = new ImportedEntry("uid-1", "uid-1", Entry.Revision, Missing: true),
            },
            Recorded with
            {
                State = MeetingState.Cancelled,
            },
            mapping: complete
        )
            .Commands.ShouldHaveSingleItem()
            .ShouldBeOfType<CorrectMeeting>()
            .Undo.ShouldBe(Undoing.Cancellation);
    }

    [Fact]
    public void Called_off_attendees_are_withdrawn_alone()
    {
        var uninvites = Entry with { Uninvites = true, Attendees = [AdaComes] };
        var recorded = Recorded with { Registered = [Some.Ana, Some.Ben] };

        Planned(uninvites, recorded, [("ada@iom.int", Some.Ana)])
            .ShouldBe(
                CalendarStanding.Changed,
                new WithdrawRegistration(Some.Meeting, Some.Ana, "No longer expected by the calendar outlook.")
            );
        Planned(uninvites, Recorded, [("ada@iom.int", Some.Ana)]).ShouldBe(CalendarStanding.Unchanged);
        Planned(uninvites, null).ShouldBe(CalendarStanding.Unknown);
    }

    [Theory]
    [InlineData("x@else.example", MeetingState.Scheduled, "The mapping names no organisation for the domain of 'x@else.example'.")]
    [InlineData("eve@iom.int", MeetingState.Scheduled, "'eve@iom.int' is not recorded, and so not registered.")]
    [InlineData("ben@iom.int", MeetingState.Scheduled, null)]
    [InlineData("ben@iom.int", MeetingState.Cancelled, null)]
    [InlineData("ada@iom.int", MeetingState.Scheduled, null)]
    [InlineData("ada@iom.int", MeetingState.Cancelled, "'ada@iom.int' stays registered: the meeting is cancelled.")]
    [InlineData("ada@iom.int", MeetingState.Held, "'ada@iom.int' stays registered: the meeting was held.")]
    public void Who_is_called_off_and_not_withdrawn_is_named(string address, MeetingState state, string? why)
    {
        var uninvites = Entry with { Uninvites = true, Attendees = [new CalendarAttendee(address)] };
        var recorded = Recorded with { State = state, Registered = [Some.Ana] };

        Planned(uninvites, recorded, [("ada@iom.int", Some.Ana), ("ben@iom.int", Some.Ben)]).PassedOver.ShouldBe(why is null ? [] : [why]);
    }

    [Fact]
    public void Who_is_called_off_under_a_mapping_without_attendees_is_not_passed_over_in_silence()
    {
        var mapping = ACalendar.Mapping with { Attendees = null };

        Planned(Entry with { Uninvites = true, Attendees = [AdaComes] }, Recorded, mapping: mapping).PassedOver.ShouldHaveSingleItem();
        Planned(Entry with { Attendees = [AdaComes] }, Recorded, mapping: mapping).PassedOver.ShouldBeEmpty();
    }

    [Fact]
    public void Who_is_gone_from_a_meeting_that_was_held_is_said_until_it_is_recorded_whether_they_were_there()
    {
        var held = Recorded with { State = MeetingState.Held, Registered = [Some.Ana, Some.Ben] };
        (string, Guid)[] people = [("ada@iom.int", Some.Ana)];

        Planned(Entry with { Attendees = [AdaComes] }, held, people, [Some.Ben])
            .PassedOver.ShouldHaveSingleItem()
            .ShouldStartWith("One who is registered no longer stands in the calendar");
        Planned(Entry with { Attendees = [AdaComes] }, held with { Attendances = [Some.Ben] }, people, [Some.Ben])
            .PassedOver.ShouldBeEmpty();
        Planned(Entry with { Attendees = [Declining("ada@iom.int")] }, held, people)
            .PassedOver.ShouldHaveSingleItem()
            .ShouldStartWith("'ada@iom.int' has declined. They stay registered: the meeting was held.");
        Planned(Entry with { Attendees = [Declining("ada@iom.int")] }, held with { Attendances = [Some.Ana] }, people)
            .PassedOver.ShouldBeEmpty();
    }

    [Fact]
    public void By_the_mappings_word_no_place_is_no_place()
    {
        var nowhere = Entry with { Location = null };
        Planned(nowhere, Recorded).ShouldBe(CalendarStanding.Unchanged);
        Planned(nowhere, Recorded, mapping: ACalendar.Mapping with { EmptyMeansEmpty = true })
            .ShouldBe(CalendarStanding.Changed, new CorrectMeeting(Some.Meeting, Changed, Remove: [Removable.Venue]));
        Planned(nowhere, Recorded with { Venue = null }, mapping: ACalendar.Mapping with { EmptyMeansEmpty = true })
            .ShouldBe(CalendarStanding.Unchanged);
    }

    [Fact]
    public void By_the_mappings_word_a_late_change_is_a_correction()
    {
        var late = ACalendar.Mapping with { LateChanges = new LateChanges("The end was entered afterwards.") };
        var held = Recorded with
        {
            State = MeetingState.Held,
            Held = new MeetingDays(Entry.Start!.Value, Entry.End!.Value, "Europe/Brussels"),
        };
        var longer = Entry with { End = Some.Date("2026-02-04T14:00") };

        Planned(longer, held).Standing.ShouldBe(CalendarStanding.Refused);
        Planned(longer, held, mapping: late)
            .ShouldBe(
                CalendarStanding.Changed,
                new CorrectMeeting(
                    Some.Meeting,
                    "The end was entered afterwards.",
                    Start: Entry.Start,
                    End: longer.End,
                    TimeZone: "Europe/Brussels"
                )
            );
        Planned(longer, held with { Held = new MeetingDays(Entry.Start!.Value, longer.End!.Value, "Europe/Brussels") }, mapping: late)
            .ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry with { Cancelled = true }, held, mapping: late).Standing.ShouldBe(CalendarStanding.Refused);
    }

    [Fact]
    public void Who_is_new_at_a_meeting_that_was_held_is_named_until_it_is_recorded_whether_they_were_there()
    {
        var late = ACalendar.Mapping with { LateChanges = new LateChanges("The end was entered afterwards.") };
        var entry = Entry with { Attendees = [AdaComes, BenChairs, Declining("dan@iom.int")] };
        (string, Guid)[] ben = [("ben@ec.europa.eu", Some.Ben)];
        var held = Recorded with
        {
            State = MeetingState.Held,
            Held = new MeetingDays(Entry.Start!.Value, Entry.End!.Value, "Europe/Brussels"),
        };
        const string Ada = "'ada@iom.int' is not registered: the meeting was held. Record whether they were there.";
        const string Ben = "'ben@ec.europa.eu' is not registered: the meeting was held. Record whether they were there.";

        foreach (var mapping in new[] { ACalendar.Mapping, late })
        {
            var plan = Planned(entry, held, ben, mapping: mapping);
            plan.ShouldBe(CalendarStanding.Unchanged);
            plan.PassedOver.ShouldBe([Ada, Ben]);
            Planned(entry, held with { Registered = [Some.Ben] }, ben, mapping: mapping).PassedOver.ShouldBe([Ada]);
            Planned(entry, held with { Attendances = [Some.Ben] }, ben, mapping: mapping).PassedOver.ShouldBe([Ada]);
            Planned(entry, held with { Voided = true }, ben, mapping: mapping).PassedOver.ShouldBeEmpty();
        }

        Planned(entry with { End = Some.Date("2026-02-04T14:00") }, held, ben, mapping: late)
            .PassedOver.ShouldBe([Ada, Ben, "'dan@iom.int' has declined."]);
    }

    [Fact]
    public void An_event_that_comes_to_last_whole_days_has_no_zone_any_more()
    {
        var whole = Entry with { Start = Some.Date("2026-02-04"), End = Some.Date("2026-02-04"), TimeZone = null };

        Planned(whole, Recorded)
            .ShouldBe(
                CalendarStanding.Changed,
                new RescheduleMeeting(Some.Meeting, whole.Start!.Value, whole.End, Reason: Changed),
                new CorrectMeeting(Some.Meeting, Changed, Remove: [Removable.TimeZone])
            );
        Planned(whole, Recorded with { Start = whole.Start.Value, End = whole.End!.Value }).ShouldBe(CalendarStanding.Unchanged);
        var late = ACalendar.Mapping with { LateChanges = new LateChanges("Late"), EmptyMeansEmpty = true };
        var held = Recorded with { State = MeetingState.Held, Held = new MeetingDays(Recorded.Start, Recorded.End, Recorded.TimeZone) };
        Planned(whole with { Location = null }, held, mapping: late)
            .ShouldBe(
                CalendarStanding.Changed,
                new CorrectMeeting(Some.Meeting, "Late", Remove: [Removable.Venue, Removable.TimeZone], Start: whole.Start, End: whole.End)
            );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_meeting_that_was_held_is_compared_in_the_zone_it_was_corrected_to(bool isOurs)
    {
        var held = Recorded with
        {
            State = MeetingState.Held,
            Held = new MeetingDays(Entry.Start!.Value, Some.Date("2026-02-04T14:00"), "Europe/London"),
        };
        var corrected = Entry with { TimeZone = "Europe/London", End = Some.Date("2026-02-04T14:00") };

        Planned(corrected, held, isOurs: isOurs).ShouldBe(CalendarStanding.Unchanged);
        Planned(Entry, held, isOurs: isOurs).ShouldBe(CalendarStanding.Unchanged);
        Planned(corrected with { TimeZone = "Europe/Brussels" }, held, isOurs: isOurs).Standing.ShouldBe(CalendarStanding.Refused);
        Planned(Entry with { TimeZone = "Europe/London" }, held, isOurs: isOurs).Standing.ShouldBe(CalendarStanding.Refused);
    }

    [Fact]
    public void An_older_name_of_a_zone_is_the_same_zone() =>
        Planned(Entry with { TimeZone = "Europe/Kyiv" }, Recorded with { TimeZone = "Europe/Kiev" }).ShouldBe(CalendarStanding.Unchanged);

    [Theory]
    [InlineData("2012-07", "2012-07", "2012-07-01", "2012-07-31")]
    [InlineData("2012", "2013", "2012-01-01", "2013-12-31")]
    [InlineData("2026-02-04T09:30", "2026-02-05", "2026-02-04", "2026-02-05")]
    [InlineData("2026-02-04T00:00", "2026-02-05T00:00", "2026-02-04", "2026-02-04")]
    [InlineData("2026-03-29T02:30", "2026-03-29T03:15", "2026-03-29T02:30", "2026-03-29T02:30")]
    [InlineData("2026-03-29T02:30", "2026-03-29T03:30", "2026-03-29T02:30", "2026-03-29T02:30")]
    [InlineData("2026-03-29T03:15", "2026-03-29T02:30", "2026-03-29T03:15", "2026-03-29T02:30")]
    public void A_calendar_of_our_own_says_what_the_register_says(string start, string end, string first, string last)
    {
        var recorded = Recorded with
        {
            Title = "Fifth  meeting\u200b",
            Start = Some.Date(start),
            End = Some.Date(end),
            Country = "BE",
            Topics = ["return", "resettlement"],
            Registered = [Some.Ana],
            Sequence = 2,
        };
        var written = Entry with
        {
            Start = Some.Date(first),
            End = Some.Date(last),
            TimeZone = null,
            Location = "Berlaymont, BE",
            Categories = ["return", "resettlement"],
            Attendees = [AdaComes],
            Revision = new CalendarRevision(2),
        };
        var mapping = ACalendar.Mapping with
        {
            Categories = [new CategoryTopic("Returns and readmission", "return"), new CategoryTopic("Resettlement", "resettlement")],
        };

        Planned(written, recorded, mapping: mapping, isOurs: true).ShouldBe(CalendarStanding.Unchanged);
        Planned(written with { Title = "Old", Revision = new CalendarRevision(1) }, recorded, mapping: mapping, isOurs: true)
            .ShouldBe(CalendarStanding.Older);
        Planned(written with { Location = "Geneva, BE", Revision = new CalendarRevision(3) }, recorded, mapping: mapping, isOurs: true)
            .ShouldBe(CalendarStanding.Changed, new RelocateMeeting(Some.Meeting, Venue: "Geneva", Reason: Changed));
    }

    [Fact]
    public void Attendees_without_an_organisation_are_named() =>
        Planned(
            Entry with
            {
                Attendees = [AdaComes, new CalendarAttendee("eve@example.org"), Declining("dan@example.org")],
                PassedOver = ["A room."],
            },
            null
        )
            .PassedOver.ShouldBe([
                "A room.",
                "The mapping names no organisation for the domain of 'eve@example.org'.",
                "'dan@example.org' has declined.",
            ]);

    [Fact]
    public void New_attendees_are_registered_once_and_in_the_role_of_the_calendar()
    {
        var entry = Entry with { Attendees = [AdaComes, BenChairs] };
        (string, Guid)[] both = [("ada@iom.int", Some.Ana), ("ben@ec.europa.eu", Some.Ben)];

        Planned(entry, Recorded with { Registered = [Some.Ana] }, both)
            .ShouldBe(
                CalendarStanding.Changed,
                new RegisterAttendance(Some.Meeting, [new RegistrationFields(Some.Ben, Some.DgHome, AttendeeRole.Chair)])
            );
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
        Planned(Entry with { Cancelled = true }, over)
            .Standing.ShouldBe(state == MeetingState.Held ? CalendarStanding.Refused : CalendarStanding.Unchanged);
    }

    private static CalendarAttendee Declining(string address) => new(address, Participation: Participation.Declined);

    private static CalendarPlan Planned(
        CalendarEntry entry,
        MeetingDirectoryEntry? meeting,
        (string Address, Guid Id)[]? people = null,
        ValueList<Guid>? ofTheCalendar = null,
        CalendarMapping? mapping = null,
        bool isOurs = false
    ) =>
        CalendarPlan.Of(
            entry,
            mapping ?? ACalendar.Mapping,
            new CalendarFacts(meeting, (people ?? []).ToDictionary(p => p.Address, p => p.Id), ofTheCalendar ?? [], isOurs)
        );
}

internal static class CalendarPlanAssertions
{
    public static void ShouldBe(this CalendarPlan plan, CalendarStanding standing, params ICommand[] commands)
    {
        plan.Commands.ToArray().ShouldBe(commands);
        plan.Standing.ShouldBe(standing);
    }
}
