using System.Text;
using CooperationEvents.Calendars.Incoming;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

public sealed class CalendarReaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_export_of_Outlook_is_read(bool carriageReturns)
    {
        var file = ACalendar.Fixture("outlook");
        var entries = await ACalendar.Entries(carriageReturns ? file.ReplaceLineEndings("\r\n") : file);

        var meeting = entries[0];
        meeting.Id.ShouldBe("040000008200E00074C5B7101A82E0080000000010B0C2D3F363DC010000000000000000100000006E2B1F0A");
        meeting.Title.ShouldBe("Technical experts: resettlement, returns and a rather long title that is folded twice");
        meeting.Location.ShouldBe("Berlaymont, room 4; second floor");
        ACalendar.When(meeting).ShouldBe("2026-02-04T09:30/2026-02-04T12:30 Europe/Paris");
        meeting.Categories.ShouldBe(["Resettlement", "Blue Category"]);
        (meeting.Revision.Sequence, meeting.Revision.LastModified).ShouldBe((2, new DateTimeOffset(2025, 12, 4, 9, 0, 0, TimeSpan.Zero)));
        meeting.Attendees.ShouldBe([
            new CalendarAttendee("ada.okafor@iom.int", "Okafor, Ada (IOM)"),
            new CalendarAttendee("ben@ec.europa.eu", null, CalendarRole.Optional),
        ]);
        entries.Skip(1).Select(ACalendar.When).ShouldBe(["2026-03-10/2026-03-11", "2026-04-21/2026-04-21"]);
        entries.Select(e => (e.Row, e.Line)).ShouldBe([(1, 23), (2, 58), (3, 67)]);
    }

    [Fact]
    public async Task A_series_of_Google_is_expanded_with_its_exceptions()
    {
        var entries = await ACalendar.Entries(ACalendar.Fixture("google"));

        entries
            .Select(e => $"{e.Id} {(e.Cancelled ? "cancelled" : ACalendar.When(e))}")
            .ShouldBe([
                "utc-one@google.com 2026-05-01T12:00/2026-05-01T13:30 UTC",
                "2k3l4m5n@google.com/20260311T090000Z 2026-03-11T10:00/2026-03-11T11:00 Europe/Brussels",
                "2k3l4m5n@google.com/20260318T090000Z 2026-03-19T16:00/2026-03-19T17:00 Europe/Brussels",
                "2k3l4m5n@google.com/20260401T080000Z 2026-04-01T10:00/2026-04-01T11:00 Europe/Brussels",
                "2k3l4m5n@google.com/20260408T080000Z cancelled",
                "2k3l4m5n@google.com/20260415T080000Z 2026-04-15T10:00/2026-04-15T11:00 Europe/Brussels",
            ]);
        entries[1]
            .Attendees.Select(a => (a.Address, a.Name, a.Participation))
            .ShouldBe([("ada@iom.int", null, Participation.Accepted), ("ben@ec.europa.eu", "Ben Maes", Participation.Declined)]);
        entries.Single(e => e.RecurrenceId == "20260318T090000Z").Title.ShouldBe("Coordination call (moved)");
    }

    [Fact]
    public async Task Exchange_names_zones_in_its_own_ways()
    {
        var items = await ACalendar.Read(ACalendar.Fixture("exchange"));

        var custom = items[0].ShouldBeOfType<CalendarFault>();
        (custom.Row, custom.Line, custom.Field).ShouldBe((1, 36, "DTSTART"));
        custom.Reason.ShouldContain("Customized Time Zone");
        ACalendar.When((CalendarEntry)items[1]).ShouldBe("2026-06-11T14:00/2026-06-11T15:00 Europe/Vienna");
        ACalendar.When((CalendarEntry)items[2]).ShouldBe("2026-06-12T14:00/2026-06-12T15:00 Europe/Brussels");
        items[3].ShouldBeOfType<CalendarFault>().Reason.ShouldContain("defaultTimeZone");
        items[4].ShouldBeOfType<CalendarEntry>().Cancelled.ShouldBeTrue();
        items[4].ShouldBeOfType<CalendarEntry>().Revision.Sequence.ShouldBe(3);
    }

    [Theory]
    [InlineData("CLASS:PRIVATE")]
    [InlineData("CLASS:Confidential")]
    [InlineData("CLASS:X-SECRET")]
    [InlineData("CLASS:PERSONAL")]
    [InlineData("CLASS:")]
    [InlineData("CLASS:PUBLIC\nCLASS:PRIVATE")]
    public async Task A_class_that_is_not_public_is_private(string lines) =>
        (await ACalendar.Fault(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\n{lines}"))).Field.ShouldBe("CLASS");

    [Theory]
    [InlineData("CLASS: public ")]
    [InlineData("CLASS;X-A=\"b:c\":PUBLIC")]
    public async Task A_public_event_is_read(string lines) =>
        (await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\n{lines}"))).Title.ShouldBe("x");

    [Theory]
    [InlineData("STATUS: CANCELLED", true, 0)]
    [InlineData("STATUS:cancelled ", true, 0)]
    [InlineData("STATUS:CONFIRMED", false, 0)]
    [InlineData("STATUS:", false, 0)]
    [InlineData("STATUS:CANCELED", false, 1)]
    [InlineData("STATUS:X-ABGESAGT", false, 1)]
    public async Task A_status_that_no_event_has_is_noted(string line, bool isCancelled, int notes)
    {
        var items = await ACalendar.Read(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\n{line}"));
        items.OfType<CalendarEntry>().ShouldHaveSingleItem().Cancelled.ShouldBe(isCancelled);
        items.OfType<CalendarRemark>().Count().ShouldBe(notes);
    }

    [Theory]
    [InlineData("DTSTART;tzid=America/New_York:20260601T100000", "2026-06-01T10:00/2026-06-01T10:00 America/New_York")]
    [InlineData("dtstart;Tzid=\"America/New_York\":20260601T100000", "2026-06-01T10:00/2026-06-01T10:00 America/New_York")]
    [InlineData("DTSTART;tzid=My: Zone:20260601T100000", "2026-06-01T10:00/2026-06-01T10:00 America/New_York")]
    [InlineData("DTSTART;x-a=b;tZid=My: Zone:20260601T100000", "2026-06-01T10:00/2026-06-01T10:00 America/New_York")]
    [InlineData("dtstart;value=date:20260601", "2026-06-01/2026-06-01")]
    [InlineData("DTSTART;Value=Date-Time;tzid=Europe/Brussels:20260601T100000", "2026-06-01T10:00/2026-06-01T10:00 Europe/Brussels")]
    [InlineData("DTSTART:20260601T140000Z\nDTEND;tzid=America/New_York:20260601T110000", "2026-06-01T14:00/2026-06-01T15:00 UTC")]
    [InlineData(
        "DTSTART:20260601T140000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;tzid=America/New_York:20260601T100000",
        "2026-06-02T14:00/2026-06-02T14:00 UTC"
    )]
    [InlineData(
        "DTSTART:20260601T140000Z\nRDATE;Tzid=America/New_York:20260602T100000\nEXDATE;value=date-time:20260601T140000Z",
        "2026-06-02T14:00/2026-06-02T14:00 UTC"
    )]
    public async Task Parameters_are_read_whatever_their_capitals(string lines, string when)
    {
        var file = ACalendar
            .Of($"UID:1\nSUMMARY:x\n{lines}")
            .Replace(
                "PRODID:-//test\n",
                "PRODID:-//test\nbegin:vtimezone\ntzid:My: Zone\nx-lic-location:America/New_York\nend:vtimezone\n",
                StringComparison.Ordinal
            );

        var entries = await ACalendar.Entries(file, ACalendar.Mapping with { DefaultTimeZone = "Europe/Brussels" });

        entries.Where(e => !e.Cancelled).Select(ACalendar.When).ShouldBe([when]);
    }

    [Fact]
    public async Task An_occurrence_is_named_in_its_zone_whatever_the_capitals_of_the_parameter()
    {
        var entries = await ACalendar.Entries(
            ACalendar.Of(
                "UID:1\nSUMMARY:x\nDTSTART;TZID=America/New_York:20260601T100000\nRRULE:FREQ=DAILY;COUNT=2",
                "UID:1\nSUMMARY:y\nRECURRENCE-ID;Tzid=Europe/Brussels:20260602T160000\nDTSTART;Tzid=Europe/Brussels:20260602T170000"
            ),
            ACalendar.Mapping with
            {
                DefaultTimeZone = "Asia/Tokyo",
            }
        );

        entries
            .Select(e => $"{e.Title} {ACalendar.When(e)}")
            .ShouldBe(["x 2026-06-01T10:00/2026-06-01T10:00 America/New_York", "y 2026-06-02T17:00/2026-06-02T17:00 Europe/Brussels"]);
    }

    [Fact]
    public async Task Words_of_an_attendee_are_read_whatever_their_capitals()
    {
        var entry = await ACalendar.Entry(
            ACalendar.Of(
                "UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\nattendee;cn=Ana;role=chair;partstat=tentative:mailto:ana@iom.int\n"
                    + "ATTENDEE;Role=Opt-Participant;PartStat=Declined:mailto:ben@iom.int\nATTENDEE;cutype=room:mailto:room@iom.int"
            )
        );

        entry.Attendees.ShouldBe([
            new CalendarAttendee("ana@iom.int", "Ana", CalendarRole.Chair, Participation.Tentative),
            new CalendarAttendee("ben@iom.int", null, CalendarRole.Optional, Participation.Declined),
        ]);
        entry.PassedOver.ShouldHaveSingleItem().ShouldContain("is no person");
    }

    /// <summary>Lines that were broken without being folded, or end too early.</summary>
    [Theory]
    [InlineData("ATTENDEE")]
    [InlineData("ATTENDEE;CN=Ana")]
    [InlineData("ATTENDEE :mailto:ana@iom.int")]
    [InlineData("GRP.ATTENDEE;CN=Ana")]
    [InlineData("ATTENDEE;CN=\"Ana\nExample\":mailto:ana@iom.int")]
    [InlineData("ATTENDEE;CN=\"Ana: Example\nof IOM\":mailto:ana@iom.int")]
    [InlineData("ATTENDEE;CN=Ana:mailto:ana@iom\n.int")]
    [InlineData("attendee;CN=Ana:mailto:ana@iom.int\nof IOM\nin Geneva")]
    public async Task An_attendee_whose_line_is_broken_costs_that_attendee_alone(string lines)
    {
        var entry = await ACalendar.Entry(
            ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\n{lines}\nATTENDEE:mailto:ben@iom.int\nLOCATION:Berlaymont")
        );

        entry.Attendees.Select(a => a.Address).ShouldBe(["ben@iom.int"]);
        entry.PassedOver.ShouldHaveSingleItem().ShouldStartWith("Line 8: ");
        entry.Location.ShouldBe("Berlaymont");
    }

    [Fact]
    public async Task An_attendee_whose_line_is_too_long_costs_that_attendee_alone()
    {
        var name = new string('A', CalendarReader.LongestLine);
        var entry = await ACalendar.Entry(
            ACalendar.Of(
                $"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\nATTENDEE;CN={name}:mailto:ana@iom.int\nATTENDEE:mailto:ben@iom.int"
            )
        );

        entry.Attendees.Select(a => a.Address).ShouldBe(["ben@iom.int"]);
        entry.PassedOver.ShouldHaveSingleItem().ShouldContain("is longer than");
    }

    [Theory]
    [InlineData("SUMMARY:x\nof y")]
    [InlineData("SUMMARY:x\nAttendees are asked to come")]
    [InlineData("LOCATION:Room 4\nsecond floor")]
    public async Task A_title_or_place_whose_line_is_broken_costs_the_event(string lines) =>
        (
            await ACalendar.Fault(ACalendar.Of($"UID:1\nDTSTART;VALUE=DATE:20260204\n{lines}\nATTENDEE:mailto:ben@iom.int"))
        ).Reason.ShouldStartWith("The line is no property");

    [Theory]
    [InlineData("THISANDFUTURE", 1)]
    [InlineData("THISANDPRIOR", 0)]
    [InlineData("X-ALL", 0)]
    public async Task A_range_of_occurrences_is_refused_and_holds_back_what_it_may_mean(string range, int left)
    {
        var items = await ACalendar.Read(
            ACalendar.Of(
                "UID:1\nSUMMARY:x\nDTSTART:20260204T080000Z\nRRULE:FREQ=WEEKLY;COUNT=3",
                $"UID:1\nSUMMARY:y\nRECURRENCE-ID;RANGE={range}:20260211T080000Z\nDTSTART:20260212T080000Z"
            )
        );
        items.OfType<CalendarFault>().ShouldHaveSingleItem().Reason.ShouldStartWith($"RANGE={range} is not read.");
        items.OfType<CalendarEntry>().Count().ShouldBe(left);
    }

    [Theory]
    [InlineData("  \n", "")]
    [InlineData("\r\n \t\r\n", "\u001A")]
    [InlineData("", "\u001A\n")]
    [InlineData("", "\0\0\n\0")]
    [InlineData("\uFEFF\n", " \n\u001A \n")]
    public async Task Blanks_and_a_mark_of_the_end_around_a_calendar_are_nothing(string before, string behind)
    {
        var file = before + ACalendar.Of("UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204") + behind;
        (await ACalendar.Entry(file)).Title.ShouldBe("x");
        (await ACalendar.Fault(before + behind + " ")).Reason.ShouldBe("The file is empty.");
    }

    [Theory]
    [InlineData("DTSTART:20261231T235960Z", "2026-12-31T23:59:59/2026-12-31T23:59:59 UTC")]
    [InlineData(
        "DTSTART;TZID=Europe/Brussels:20261231T220000\nDTEND;TZID=Europe/Brussels:20261231T235960",
        "2026-12-31T22:00/2026-12-31T23:59:59 Europe/Brussels"
    )]
    [InlineData("DTSTART;TZID=/x.org/Europe/Brussels:20261231T235960", "2026-12-31T23:59:59/2026-12-31T23:59:59 Europe/Brussels")]
    public async Task A_leap_second_is_the_second_before_it(string lines, string when)
    {
        var entry = await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTAMP:20161231T235960Z\n{lines}"));
        ACalendar.When(entry).ShouldBe(when);
        entry.Revision.Stamp.ShouldBe(new DateTimeOffset(2016, 12, 31, 23, 59, 59, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_zone_and_a_default_in_the_mapping_settle_what_the_calendar_leaves_open()
    {
        var mapping = ACalendar.Mapping with
        {
            DefaultTimeZone = "Europe/Rome",
            TimeZones = [new NamedTimeZone("Customized Time Zone", "Europe/Athens")],
        };
        var entries = await ACalendar.Entries(ACalendar.Fixture("exchange"), mapping);

        ACalendar.When(entries[0]).ShouldBe("2026-06-10T14:00/2026-06-10T15:30 Europe/Athens");
        entries[0].Title.ShouldBe("Comité de pilotage – été");
        entries[0]
            .Attendees.ShouldBe([
                new CalendarAttendee("ada@iom.int", "Ada Okafor", CalendarRole.Chair),
                new CalendarAttendee("dan@iom.int", null, CalendarRole.Required, Participation.Delegated),
            ]);
        ACalendar.When(entries[3]).ShouldBe("2026-06-13T14:00/2026-06-13T15:00 Europe/Rome");
    }

    [Fact]
    public async Task Every_occurrence_of_a_cancelled_series_is_cancelled()
    {
        var entries = await ACalendar.Entries(ACalendar.Fixture("cancelled-series"));

        entries.Select(e => e.RecurrenceId).ShouldBe(["20260303T080000Z", "20260407T070000Z", "20260505T070000Z"]);
        entries.ShouldAllBe(e => e.Cancelled);
    }

    [Theory]
    [InlineData("DTSTART;VALUE=DATE:20260204", "2026-02-04/2026-02-04")]
    [InlineData("DTSTART;VALUE=DATE:20260204\nDTEND;VALUE=DATE:20260204", "2026-02-04/2026-02-04")]
    [InlineData("DTSTART;VALUE=DATE:20260204\nDURATION:P3D", "2026-02-04/2026-02-06")]
    [InlineData("DTSTART:20260204T090000Z", "2026-02-04T09:00/2026-02-04T09:00 UTC")]
    [InlineData("DTSTART:20260204T090000Z\nDURATION:P1DT2H", "2026-02-04T09:00/2026-02-05T11:00 UTC")]
    [InlineData("DTSTART;TZID=Europe/Paris:20260329T013000\nDURATION:PT1H", "2026-03-29T01:30/2026-03-29T03:30 Europe/Paris")]
    public async Task Days_and_times_are_read_as_meant(string lines, string when) =>
        ACalendar.When(await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\n{lines}"))).ShouldBe(when);

    [Theory]
    [InlineData("DTSTART;TZID=Europe/Brussels:20261024T023000", "DTEND;TZID=Europe/Brussels:20261024T031500", "02:30", "03:15", 0)]
    [InlineData("DTSTART;TZID=Europe/Brussels:20261018T090000", "DTEND;TZID=Europe/Brussels:20261020T170000", "09:00", "17:00", 2)]
    [InlineData("DTSTART;TZID=Europe/Brussels:20260325T220000", "DTEND;TZID=Europe/Brussels:20260326T050000", "22:00", "05:00", 1)]
    public async Task An_occurrence_ends_at_the_same_time_of_day_where_clocks_change(
        string start,
        string end,
        string from,
        string to,
        int days
    )
    {
        var entries = await ACalendar.Entries(ACalendar.Of($"UID:1\nSUMMARY:x\n{start}\n{end}\nRRULE:FREQ=DAILY;COUNT=9"));

        entries.Count.ShouldBe(9);
        foreach (var entry in entries)
        {
            $"{entry.Start}".ShouldEndWith($"T{from}");
            $"{entry.End}".ShouldEndWith($"T{to}");
            (entry.End!.Value.FirstDay.DayNumber - entry.Start!.Value.FirstDay.DayNumber).ShouldBe(days);
        }
    }

    [Theory]
    [InlineData("RRULE:FREQ=DAILY;COUNT=2", "20260201", "20260202")]
    [InlineData("RRULE:FREQ=YEARLY", "20260201")]
    [InlineData("RDATE;VALUE=DATE:20260210,20270101", "20260201", "20260210")]
    [InlineData("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260202", "20260201", "20260203")]
    [InlineData("RRULE:FREQ=DAILY;COUNT=2\nRDATE;VALUE=DATE:20260202", "20260201", "20260202")]
    public async Task What_recurs_is_expanded_within_the_window(string rule, params string[] occurrences) =>
        (await ACalendar.Entries(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201\n{rule}")))
            .Select(e => e.RecurrenceId + (e.Cancelled ? "-" : ""))
            .ShouldBe(occurrences);

    [Fact]
    public async Task An_occurrence_that_begins_before_the_window_and_ends_in_it_is_in_it()
    {
        var entries = await ACalendar.Entries(
            ACalendar.Of("UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20241230\nDTEND;VALUE=DATE:20250103\nRRULE:FREQ=YEARLY")
        );

        entries.Select(ACalendar.When).ShouldBe(["2025-12-30/2026-01-02", "2026-12-30/2027-01-02"]);
    }

    [Fact]
    public async Task An_occurrence_stands_alone_where_its_series_is_not_in_the_file() =>
        (await ACalendar.Entry(ACalendar.Of("UID:1\nSUMMARY:x\nDTSTART:20260204T100000Z\nRECURRENCE-ID:20260204T090000Z"))).Id.ShouldBe(
            "1/20260204T090000Z"
        );

    [Theory]
    [InlineData("ATTENDEE;EMAIL=Ada@iom.int;CN=Ada:urn:uuid:f0000000-0000-4000-8000-000000000001", "ada@iom.int")]
    [InlineData("ATTENDEE;EMAIL=ada@iom.int:/aMTYx/principal/", "ada@iom.int")]
    [InlineData("ATTENDEE:MAILTO:ada%2Bx@iom.int", "ada+x@iom.int")]
    [InlineData("ATTENDEE:urn:uuid:f0000000-0000-4000-8000-000000000001", null)]
    [InlineData("ATTENDEE:invalid:nomail", null)]
    [InlineData("ATTENDEE;CUTYPE=GROUP:mailto:all@iom.int", null)]
    public async Task An_attendee_is_known_by_a_mail_address(string line, string? address) =>
        (await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201\n{line}")))
            .Attendees.Select(a => a.Address)
            .ShouldBe(address is null ? [] : [address]);

    [Fact]
    public async Task A_UID_too_long_for_a_reference_is_digested()
    {
        var id = (await ACalendar.Entry(ACalendar.Of($"UID:{new string('u', 201)}\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201"))).Id;

        id.ShouldStartWith("sha256:");
        id.Length.ShouldBe(71);
    }

    [Fact]
    public async Task A_moved_series_keeps_the_ids_of_its_days_and_cancels_what_it_no_longer_has()
    {
        var imported = new ARegister("s/20260202T080000Z", "s/20260209T080000Z", "s/20260216T080000Z", "s/20250101T080000Z");
        var entries = await ACalendar.Entries(
            ACalendar.Of("UID:s\nSUMMARY:x\nDTSTART;TZID=Europe/Brussels:20260202T140000\nRRULE:FREQ=WEEKLY;COUNT=2"),
            imported: imported
        );

        entries
            .Select(e => $"{e.Id} {(e.Cancelled ? "cancelled" : ACalendar.When(e))}")
            .ShouldBe([
                "s/20260202T080000Z 2026-02-02T14:00/2026-02-02T14:00 Europe/Brussels",
                "s/20260209T080000Z 2026-02-09T14:00/2026-02-09T14:00 Europe/Brussels",
                "s/20260216T080000Z cancelled",
            ]);
    }

    [Fact]
    public async Task A_single_event_that_came_to_recur_stays_its_first_occurrence()
    {
        var entries = await ACalendar.Entries(
            ACalendar.Of("UID:s\nSUMMARY:x\nDTSTART;VALUE=DATE:20260202\nRRULE:FREQ=DAILY;COUNT=2"),
            imported: new ARegister("s")
        );

        entries.Select(e => e.Id).ShouldBe(["s", "s/20260203"]);
    }

    [Theory]
    [InlineData("SUMMARY:x\nDTSTART;VALUE=DATE:20260204", "UID", 4)]
    [InlineData("UID:\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204", "UID", 5)]
    [InlineData("UID:1\nSUMMARY:x", "DTSTART", 4)]
    [InlineData("UID:1\nDTSTART;VALUE=DATE:20260204", "SUMMARY", 4)]
    [InlineData("UID:1\nSUMMARY:  \nDTSTART;VALUE=DATE:20260204", "SUMMARY", 6)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:soon", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20261301", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T250000", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:02000204T100000Z", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART;TZID=Mars/Olympus:20260204T090000", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000", "DTSTART", 7)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDTEND:20260204T080000Z", "DTEND", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDTEND;VALUE=DATE:20260205", "DTEND", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDTEND:later", "DTEND", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDURATION:2H", "DURATION", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDURATION:P999999999W", "DURATION", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDURATION:-PT1H", "DURATION", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\nDURATION:-P2D", "DURATION", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nSEQUENCE:two", "SEQUENCE", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nDTSTART:20260205T090000Z", "DTSTART", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nCLASS:PRIVATE", "CLASS", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=NEVER", "RRULE", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=SECONDLY", "RRULE", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=DAILY;BYMINUTE=1,2,3", "RRULE", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:18990204T090000Z\nRRULE:FREQ=DAILY", "RRULE", 4)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4", "RRULE", 4)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "RRULE", 4)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRDATE;VALUE=PERIOD:20260205T090000Z/PT1H", "RDATE", 8)]
    [InlineData("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260204T090000Z", "RECURRENCE-ID", 8)]
    [InlineData("UID:1\nSUMMARY:x\nthis is no property\nDTSTART:20260204T090000Z", null, 7)]
    public async Task What_is_wrong_with_an_event_is_named_by_its_row_line_and_property(string lines, string? field, int line)
    {
        var items = await ACalendar.Read(ACalendar.Of(lines, "UID:fine\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204"));

        var fault = items.OfType<CalendarFault>().ShouldHaveSingleItem();
        (fault.Row, fault.Field, fault.Line).ShouldBe((1, field, line), fault.Reason);
        fault.Reason.ShouldNotBeNullOrWhiteSpace();
        items.OfType<CalendarEntry>().ShouldHaveSingleItem().Id.ShouldBe("fine");
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("<html>", 1)]
    [InlineData("BEGIN:VEVENT\nEND:VEVENT\n", 1)]
    [InlineData("BEGIN:VCALENDAR\nVERSION:2.0\n", 2)]
    public async Task A_file_that_is_no_whole_calendar_is_said_to_be_none(string file, int line) =>
        (await ACalendar.Fault(file)).Line.ShouldBe(line);

    [Theory]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:hal", 4)]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\n", 4)]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR\n", 4)]
    public async Task A_file_that_breaks_off_within_an_event_is_cut_short_and_the_event_is_refused(string file, int line) =>
        (await ACalendar.Read(file)).Cast<CalendarFault>().Select(f => (f.Row, f.Line)).ShouldBe([(1, line), (0, line)]);

    [Fact]
    public async Task A_part_of_an_event_by_its_method_is_not_imported() =>
        (
            await ACalendar.Fault(
                ACalendar
                    .Of("UID:1\nSUMMARY:x\nDTSTART:20260204T090000Z")
                    .Replace("VERSION", "METHOD:REPLY\nVERSION", StringComparison.Ordinal)
            )
        ).Reason.ShouldContain("REPLY");

    [Fact]
    public async Task What_recurs_needs_a_window() =>
        (
            await ACalendar.Fault(
                ACalendar.Of("UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201\nRRULE:FREQ=DAILY"),
                ACalendar.Mapping with
                {
                    Window = null,
                }
            )
        ).Reason.ShouldContain("window");

    [Fact]
    public async Task A_character_may_be_folded_within_and_what_is_no_UTF8_is_named()
    {
        var before = Encoding.UTF8.GetBytes("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260204\r\nSUMMARY:");
        var after = Encoding.UTF8.GetBytes("\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");

        (await ACalendar.Read([.. before, .. "t"u8, 0xC3, .. "\r\n "u8, 0xA9, .. after]))
            .ShouldHaveSingleItem()
            .ShouldBeOfType<CalendarEntry>()
            .Title.ShouldBe("té");
        (await ACalendar.Read([.. before, 0xE9, .. after]))
            .ShouldHaveSingleItem()
            .ShouldBe(new CalendarFault(1, 5, "SUMMARY", "The line is not UTF-8. Save the file as UTF-8."));
    }

    [Fact]
    public async Task What_an_import_does_not_read_may_be_of_any_size() =>
        (
            await ACalendar.Entry(
                ACalendar.Of(
                    $"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260204\nATTACH;ENCODING=BASE64;VALUE=BINARY:{new string('A', CalendarReader.LongestLine + 1)}"
                )
            )
        ).Id.ShouldBe("1");

    [Fact]
    public async Task A_line_without_end_and_too_many_occurrences_are_refused()
    {
        (
            await ACalendar.Fault(
                ACalendar.Of($"UID:1\nDTSTART;VALUE=DATE:20260204\nSUMMARY:{new string('A', CalendarReader.LongestLine + 1)}")
            )
        ).Field.ShouldBe("SUMMARY");
        (
            await ACalendar.Fault(
                ACalendar.Of("UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20000201\nRRULE:FREQ=DAILY"),
                ACalendar.Mapping with
                {
                    Window = new CalendarWindow(Some.Date("2010"), Some.Date("2013")),
                }
            )
        ).Reason.ShouldContain("1000 occurrences");
    }

    [Fact]
    public async Task No_damage_to_a_file_is_an_exception()
    {
        var random = new Random(7);
        foreach (var fixture in new[] { "outlook", "google", "exchange", "cancelled-series" })
        {
            var whole = Encoding.UTF8.GetBytes(ACalendar.Fixture(fixture));
            for (var i = 0; i < 150; i++)
            {
                var damaged = whole.ToArray();
                for (var n = random.Next(1, 6); n > 0; n--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                (await ACalendar.Read(damaged[..random.Next(1, damaged.Length)])).ShouldNotBeEmpty();
            }
        }
    }
}
