using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>What counts, over small histories in which something was set right later, or lies on the very edge; counted by hand.</summary>
public sealed class RecountTests
{
    private const string Today = "2023-12-31";

    private static readonly Guid Framework = SampleLog.Id(1, 1),
        Other = SampleLog.Id(1, 2);
    private static readonly Guid Home = SampleLog.Id(2, 1),
        Iom = SampleLog.Id(2, 2),
        City = SampleLog.Id(2, 3),
        Town = SampleLog.Id(2, 4);
    private static readonly Guid First = SampleLog.Id(3, 1),
        Second = SampleLog.Id(3, 2);
    private static readonly Guid Ada = SampleLog.Id(5, 1),
        Ben = SampleLog.Id(5, 2),
        Cleo = SampleLog.Id(5, 3);

    private readonly FigureHistory _history = new();

    public RecountTests()
    {
        foreach (var (id, name) in new[] { (Home, "HOME"), (Iom, "IOM"), (City, "City"), (Town, "Town") })
            _history.Register(id, name);
        _history.Establish(Framework, "2012-07", ["EU", "IOM"], ("som", "Senior Officials Meeting"), ("tm", "Technical Meeting"));
        _history.Join(Framework, Home, "EU", "2012-07");
        _history.Join(Framework, Iom, "IOM", "2012-07");
    }

    [Theory]
    [InlineData("2021-03-03", "2021-03-05", "2021-03-05")]
    [InlineData("2021", "2021", "2021-12-31")]
    [InlineData("2020-02", "2020-02", "2020-02-29")]
    [InlineData("2021-02-27", "2021-02", "2021-02-28")]
    [InlineData("2019-12-31T09:00", "2020-01-01T00:00", "2019-12-31")]
    [InlineData("2019-12-31T09:00", "2020-01-01T00:00:00", "2019-12-31")]
    [InlineData("2019-12-31T09:00", "2020-01-01T00:01", "2020-01-01")]
    [InlineData("2019-12-31T09:00", "2020-01-01T10:00", "2020-01-01")]
    [InlineData("2020-01-01T00:00", "2020-01-01T00:00", "2020-01-01")]
    [InlineData("2020-05", "2020-05-20T00:00", "2020-05-20")]
    public void A_meeting_is_counted_up_to_its_last_day_and_from_it_on(string start, string end, string last)
    {
        Meet(First, start, end);
        var day = DateOnly.Parse(last, null);

        Count(asOf: last).Held.ShouldBe(1);
        Count(asOf: $"{day.AddDays(-1):yyyy-MM-dd}").Held.ShouldBe(0);
        Count(new { from = last }).Held.ShouldBe(1);
        Count(new { from = $"{day.AddDays(1):yyyy-MM-dd}" }).Held.ShouldBe(0);
        Count(new { year = day.Year }).Held.ShouldBe(1);
        Count(new { year = day.Year - 1 }).Held.ShouldBe(0);
    }

    [Theory]
    [InlineData("2018-04-04", null, "2018-04-04", 1)]
    [InlineData("2018-04-05", null, "2018-04-04", 0)]
    [InlineData("2012", "2018-04-04", "2018-04-04", 0)]
    [InlineData("2012", "2018-04-05", "2018-04-04", 1)]
    [InlineData("2018-04", null, "2018-04-01", 1)]
    [InlineData("2018-04", null, "2018-03-31", 0)]
    [InlineData("2018-04-30", null, "2018-04", 1)]
    [InlineData("2018-05-01", null, "2018-04", 0)]
    public void Who_joined_on_the_first_day_counts_and_who_left_on_it_does_not(string joinedOn, string? leftOn, string day, int counted)
    {
        _history.Join(Framework, City, "EU", joinedOn);
        if (leftOn is not null)
            Leave(City, joinedOn, leftOn);
        Meet(First, day, day);
        _history.Attend(First, Ada, City, "delegate");

        Count().Attendances.ShouldBe(counted);
    }

    [Fact]
    public void A_membership_counts_as_it_was_corrected()
    {
        _history.Join(Framework, City, "EU", "2018");
        Meet(First, "2018-04-04");
        _history.Attend(First, Ada, City, "delegate");
        _history.Add(
            "membership_corrected",
            new
            {
                frameworkId = Framework,
                organisationId = City,
                replaced = new { party = "EU", joinedOn = "2018" },
                corrected = new
                {
                    party = "IOM",
                    joinedOn = "2018-04-04",
                    leftOn = "2018-04-05",
                },
            }
        );

        Count(new { party = "EU" }).Attendances.ShouldBe(0);
        Count(new { party = "IOM" }).Attendances.ShouldBe(1);
    }

    [Fact]
    public void Who_left_and_joined_again_counts_in_both_times()
    {
        _history.Join(Framework, City, "EU", "2014");
        Leave(City, "2014", "2015");
        _history.Join(Framework, City, "IOM", "2017");
        foreach (var (number, day) in new[] { "2014-06-01", "2016-06-01", "2018-06-01" }.Index())
        {
            Meet(SampleLog.Id(3, number), day);
            _history.Attend(SampleLog.Id(3, number), Ada, City, "delegate");
        }

        Count(new { party = "EU" }).Attendances.ShouldBe(1);
        Count(new { party = "IOM" }).Attendances.ShouldBe(1);
        Count().Attendances.ShouldBe(2);
    }

    [Theory]
    [InlineData("scheduled", 0)]
    [InlineData("held", 1)]
    [InlineData("cancelled held", 1)]
    [InlineData("held cancelled", 0)]
    [InlineData("held did-not-take-place held", 1)]
    public void A_meeting_counts_by_the_state_it_was_corrected_to_at_last(string states, int held)
    {
        List<Guid> events = [_history.Schedule(First, "2018-04-04", "2018-04-04", "som", Framework)];
        foreach (var state in states.Split(' '))
            events.Add(Correct(First, new { state }));

        Count().Held.ShouldBe(held);
        Count().ShouldRestOn(held == 1 ? events : []);
    }

    [Fact]
    public void A_meeting_counts_on_the_days_it_was_corrected_to()
    {
        _history.Join(Framework, City, "EU", "2019");
        Meet(First, "2018-12-30", "2018-12-31");
        _history.Attend(First, Ada, City, "delegate");
        Count(new { year = 2018 }).Held.ShouldBe(1);
        Count(new { year = 2018 }).Attendances.ShouldBe(0);

        Correct(First, new { end = "2019-01-01" });
        Count(new { year = 2018 }).Held.ShouldBe(0);
        Count(new { year = 2019 }).Held.ShouldBe(1);
        Count(new { year = 2019 }).Attendances.ShouldBe(0);
        Correct(First, new { start = "2019-01-01" });
        Count(new { year = 2019 }).Attendances.ShouldBe(1);
    }

    [Fact]
    public void A_meeting_counts_under_the_frameworks_and_at_the_level_it_was_corrected_to()
    {
        _history.Establish(Other, "2015", ["EU"], ("tm", "Technical Meeting"));
        Meet(First, "2018-04-04");
        Count(new { level = "tm" }).Held.ShouldBe(0);

        Correct(First, new { frameworks = new[] { new { frameworkId = Framework, level = "tm" } } });
        Count(new { level = "tm" }).Held.ShouldBe(1);
        Count(new { level = "som" }).Held.ShouldBe(0);
        Correct(First, new { frameworks = new[] { new { frameworkId = Other, level = "tm" } } });
        Count(new { framework = Framework }).Held.ShouldBe(0);
        Count(new { framework = Other }).Held.ShouldBe(1);
    }

    [Fact]
    public void A_voided_meeting_counts_again_once_it_is_reinstated()
    {
        var events = Meet(First, "2018-04-04");
        events.Add(_history.Add("meeting_voided", new { meetingId = First }));
        Count().Held.ShouldBe(0);

        events.Add(_history.Add("meeting_reinstated", new { meetingId = First }));
        Count().Held.ShouldBe(1);
        Count().ShouldRestOn(events);
    }

    /// <summary>The evidence is the event by which it became attended, and every correction since.</summary>
    [Theory]
    [InlineData("attended", 1)]
    [InlineData("attended attended", 2)]
    [InlineData("attended attended attended", 3)]
    [InlineData("absent attended", 1)]
    [InlineData("attended absent attended", 1)]
    [InlineData("excused attended attended", 2)]
    [InlineData("attended absent", 0)]
    [InlineData("absent", 0)]
    public void An_attendance_counts_by_its_last_status_and_rests_on_what_made_it_so(string statuses, int last)
    {
        var meeting = Meet(First, "2018-04-04");
        List<Guid> attendance = [];
        foreach (var status in statuses.Split(' '))
            attendance.Add(attendance.Count == 0 ? Attendance(status) : CorrectAttendance(status));

        var counted = Count();
        counted.Attendances.ShouldBe(last > 0 ? 1 : 0);
        counted.Without.ShouldBe(0);
        counted.ShouldRestOn([.. meeting, .. attendance.TakeLast(last)]);
    }

    [Fact]
    public void An_attendance_counts_for_the_organisation_and_in_the_role_it_was_corrected_to()
    {
        Meet(First, "2018-04-04");
        _history.Attend(First, Ada, Home, "delegate");
        CorrectAttendance("attended", Iom);
        Count(new { party = "EU" }).Attendances.ShouldBe(0);
        Count(new { party = "IOM" }).Attendances.ShouldBe(1);

        CorrectAttendance("attended", Iom, "observer");
        Count(new { party = "IOM" }).Attendances.ShouldBe(0);
    }

    [Theory]
    [InlineData(4, "exact", 3, "exact", 7, 7)]
    [InlineData(4, "exact", 3, "minimum", 7, null)]
    [InlineData(4, "minimum", 3, "minimum", 7, null)]
    [InlineData(4, "exact", 3, "estimated", 4, null)]
    [InlineData(4, "estimated", 3, "exact", 3, null)]
    [InlineData(4, "estimated", 3, "estimated", 0, null)]
    public void Two_delegations_add_up_and_what_is_not_exact_leaves_the_upper_end_open(
        int count,
        string precision,
        int second,
        string secondPrecision,
        int least,
        int? most
    )
    {
        var events = Meet(First, "2018-04-04");
        events.Add(_history.CountHeads(First, Home, count, precision));
        events.Add(_history.CountHeads(First, Iom, second, secondPrecision));

        var counted = Count();
        counted.Unnamed.ShouldBe(7);
        counted.Staff.ShouldBe((0, least, most));
        counted.ShouldRestOn(events);
    }

    [Fact]
    public void A_delegation_counts_as_it_was_corrected_and_rests_on_every_count_of_it()
    {
        var events = Meet(First, "2018-04-04");
        events.Add(_history.CountHeads(First, Iom, 4, "estimated"));
        events.Add(CorrectHeads(First, Iom, 3, "exact"));

        var counted = Count();
        counted.Unnamed.ShouldBe(3);
        counted.Staff.ShouldBe((0, 3, 3));
        counted.ShouldRestOn(events);
    }

    [Fact]
    public void A_delegation_corrected_to_nobody_is_withdrawn()
    {
        var meeting = Meet(First, "2018-04-04");
        _history.CountHeads(First, Iom, 4, "exact");
        CorrectHeads(First, Iom, 0, "estimated");

        var counted = Count();
        (counted.Held, counted.Without, counted.Unnamed).ShouldBe((1, 1, 0));
        counted.ShouldRestOn(meeting);
        Count(new { party = "IOM" }).Held.ShouldBe(0);
        Count(new { party = "not-stated" }).Held.ShouldBe(1);
        Count(new { party = "not-stated" }).ShouldRestOn(meeting);

        _history.Attend(First, Ada, Home, "delegate");
        Count().Staff.ShouldBe((1, 1, 1));
    }

    [Fact]
    public void The_least_number_of_people_is_that_of_the_fullest_meeting()
    {
        foreach (var (number, heads) in new[] { 2, 5, 3 }.Index())
        {
            var meeting = SampleLog.Id(3, number);
            Meet(meeting, "2018-04-04");
            _history.Attend(meeting, SampleLog.Id(5, number), Home, "delegate");
            _history.CountHeads(meeting, Iom, heads, "exact");
        }

        Count().Staff.ShouldBe((3, 6, 13));
    }

    [Fact]
    public void People_merged_count_as_one_until_they_are_unmerged()
    {
        var events = Meet(First, "2018-04-04");
        foreach (var person in new[] { Ada, Ben, Cleo })
            events.Add(_history.Attend(First, person, Home, "delegate"));
        Guid[] merges = [Merge(Ada, Ben), Merge(Ben, Cleo)];
        var counted = Count();
        (counted.Attendances, counted.Staff.Known).ShouldBe((1, 1));
        counted.ShouldRestOn([.. events, .. merges]);

        _history.Add("person_unmerged", new { personId = Ada, replacedInto = Ben });
        counted = Count();
        (counted.Attendances, counted.Staff.Known).ShouldBe((2, 2));
        counted.ShouldRestOn([.. events, merges[1]]);
    }

    [Theory]
    [InlineData("2021-01-15", 0)]
    [InlineData("2021-01-16", 1)]
    public void An_organisation_is_folded_from_the_day_of_the_succession_on(string asOf, int attendances)
    {
        Meet(First, "2018-04-04");
        _history.Attend(First, Ada, Home, "delegate");
        Succeed(Home, "replace", [City]);

        Count(new { organisation = City, orgView = "lineage" }, asOf).Attendances.ShouldBe(attendances);
        Count(new { organisation = Home, orgView = "lineage" }, asOf).Attendances.ShouldBe(1 - attendances);
        Count(new { organisation = City }, asOf).Attendances.ShouldBe(0);
    }

    [Theory]
    [InlineData("city", 1, 0)]
    [InlineData("town", 0, 1)]
    [InlineData("null", 0, 0)]
    [InlineData("absent", 0, 0)]
    public void A_split_goes_to_its_default_and_without_one_to_nobody(string byDefault, int city, int town)
    {
        Meet(First, "2018-04-04");
        _history.Attend(First, Ada, Home, "delegate");
        var split = new Dictionary<string, object?>
        {
            ["organisationId"] = Home,
            ["kind"] = "split",
            ["on"] = "2021",
            ["successors"] = new[] { City, Town },
        };
        if (byDefault != "absent")
            split["default"] =
                byDefault == "city" ? City
                : byDefault == "town" ? Town
                : null;
        _history.Add("organisation_succeeded", split);

        Count(new { organisation = City, orgView = "lineage" }).Attendances.ShouldBe(city);
        Count(new { organisation = Town, orgView = "lineage" }).Attendances.ShouldBe(town);
        Count(new { organisation = Home, orgView = "lineage" }).Attendances.ShouldBe(0);
        Count().Attendances.ShouldBe(1);
    }

    [Fact]
    public void A_publication_by_a_definition_that_is_not_known_is_said()
    {
        var report = Publish(p => p["definition"] = "3");
        report.Findings.ShouldHaveSingleItem().Text.ShouldBe("the publication follows definition 3, and this verifier knows 1 and 2");
    }

    [Fact]
    public void A_figure_that_is_equal_is_told_with_its_question_and_the_events_it_rests_on()
    {
        var events = Meet(First, "2018-04-04");
        var report = Publish(p => p["evidence"] = new { count = 2, sha256 = FigureHistory.DigestOf(events) });

        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldBe([
            $"Published:   {OneMeeting}",
            $"Question:    position {_history.Entries.Count - 1}, as of 2023-12-31, definition 2",
            "Counted:     the same, on 2 events: figure, sentence and evidence",
        ]);
    }

    [Theory]
    [InlineData("figure", null)]
    [InlineData("figure", "many")]
    [InlineData("asOf", "never")]
    [InlineData("asOf", "2018-04-31")]
    public void A_publication_that_has_not_the_form_of_one_cannot_be_read(string member, string? value) =>
        Should
            .Throw<InvalidDataException>(() =>
                Publish(p =>
                {
                    p.Remove(member);
                    if (value is not null)
                        p[member] = value;
                })
            )
            .Message.ShouldStartWith("the publication has not the form of one");

    [Fact]
    public void A_publication_of_an_organisation_that_nobody_registered_cannot_be_counted() =>
        Should
            .Throw<InvalidDataException>(() => Count(new { organisation = SampleLog.Id(2, 9) }))
            .Message.ShouldBe($"the publication is of organisation {SampleLog.Id(2, 9)}, and no entry registers it");

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    [InlineData("seven")]
    public void A_publication_whose_id_is_none_is_not_the_one_that_is_asked_for(object? publicationId)
    {
        _history.Add("figure_published", new { publicationId });
        FigureCheck.Run(_history.Export(), First).Findings.ShouldHaveSingleItem().Text.ShouldContain("there is no publication");
    }

    public static TheoryData<string, object> Unfounded =>
        new()
        {
            { "meeting_voided", new { meetingId = Second } },
            { "level_added", new { frameworkId = Other, level = new { code = "som", name = "Summit" } } },
            {
                "organisation_succeeded",
                new
                {
                    organisationId = Home,
                    kind = "replace",
                    on = "2021",
                    successors = Array.Empty<Guid>(),
                }
            },
            {
                "organisation_renamed",
                new
                {
                    organisationId = Home,
                    shortName = "HOME",
                    on = "never",
                }
            },
            {
                "member_left",
                new
                {
                    frameworkId = Framework,
                    organisationId = City,
                    joinedOn = "2012",
                    leftOn = "2013",
                }
            },
            {
                "meeting_scheduled",
                new
                {
                    meetingId = First,
                    start = "2018",
                    end = "2018",
                    frameworks = Array.Empty<object>(),
                }
            },
        };

    [Theory]
    [MemberData(nameof(Unfounded), DisableDiscoveryEnumeration = true)]
    public void An_event_that_does_not_follow_from_what_came_before_it_is_named(string type, object data)
    {
        Meet(First, "2018-04-04");
        var id = _history.Add(type, data);
        Should.Throw<InvalidDataException>(() => Count()).Message.ShouldStartWith($"the {type} {id} does not follow from what came before");
    }

    [Fact]
    public void A_line_of_merges_or_successions_that_comes_back_to_its_beginning_is_refused()
    {
        Merge(Ada, Ben);
        Merge(Ben, Cleo);
        Count().Held.ShouldBe(0);
        Merge(Cleo, Ada);
        Should.Throw<InvalidDataException>(() => Count()).Message.ShouldEndWith($"it leads from {Cleo} back to it");

        _history.Entries.RemoveAll(e => e.Type == "person_merged");
        Succeed(Home, "replace", [City]);
        Succeed(City, "merge", [Home]);
        Should.Throw<InvalidDataException>(() => Count()).Message.ShouldEndWith($"it leads from {City} back to it");
    }

    [Fact]
    public void An_entry_that_has_not_its_form_is_named_by_its_index()
    {
        var lines = SampleLog.Lines([.. _history.Entries.Take(2).Select(e => e.ToBytes()), "{}"u8.ToArray()]);
        var export = new ExportInMemory(new Dictionary<string, byte[]> { [Export.Entries] = lines });
        Should
            .Throw<InvalidDataException>(() => FigureCheck.Run(export, First))
            .Message.ShouldStartWith("index 2: the line has not the form of an entry");
    }

    private const string OneMeeting =
        "Since the start of the cooperation in July 2012, 1 meeting has taken place at all levels. "
        + "Of 1 meeting, no attendance is recorded.";

    private Recounted Count(object? question = null, string asOf = Today) => Recounted.Of(_history, question ?? new { }, asOf);

    /// <summary>Publishes that one meeting was held, with something altered, and counts it.</summary>
    private Report Publish(Action<Dictionary<string, object>> alter)
    {
        var publication = new Dictionary<string, object>
        {
            ["publicationId"] = SampleLog.Id(4, 1),
            ["question"] = new { },
            ["asOf"] = Today,
            ["position"] = _history.Entries.Count,
            ["definition"] = "2",
            ["figure"] = new
            {
                meetingsHeld = 1,
                meetingsWithoutAttendance = 1,
                attendances = 0,
                unnamed = 0,
                staffKnown = 0,
                staffAtLeast = 0,
            },
            ["sentence"] = OneMeeting,
            ["evidence"] = new { count = 0, sha256 = "" },
        };
        alter(publication);
        _history.Add("figure_published", publication);
        return FigureCheck.Run(_history.Export(), SampleLog.Id(4, 1));
    }

    private List<Guid> Meet(Guid meeting, string start, string? end = null) =>
        [_history.Schedule(meeting, start, end ?? start, "som", Framework), _history.Hold(meeting, start, end ?? start)];

    private void Leave(Guid organisationId, string joinedOn, string leftOn) =>
        _history.Add(
            "member_left",
            new
            {
                frameworkId = Framework,
                organisationId,
                joinedOn,
                leftOn,
            }
        );

    private Guid Correct(Guid meetingId, object corrected) => _history.Add("meeting_corrected", new { meetingId, corrected });

    private Guid Attendance(string status) =>
        _history.Add(
            "attendance_recorded",
            new
            {
                meetingId = First,
                personId = Ada,
                organisationId = Home,
                role = "delegate",
                status,
            }
        );

    private Guid CorrectAttendance(string status, Guid? organisation = null, string role = "delegate") =>
        _history.Add(
            "attendance_corrected",
            new
            {
                meetingId = First,
                personId = Ada,
                corrected = new
                {
                    organisationId = organisation ?? Home,
                    role,
                    status,
                },
            }
        );

    private Guid CorrectHeads(Guid meetingId, Guid organisationId, int count, string precision) =>
        _history.Add(
            "delegation_corrected",
            new
            {
                meetingId,
                organisationId,
                corrected = new { count, precision },
            }
        );

    private Guid Merge(Guid personId, Guid into) => _history.Add("person_merged", new { personId, into });

    private void Succeed(Guid organisationId, string kind, Guid[] successors) =>
        _history.Add(
            "organisation_succeeded",
            new
            {
                organisationId,
                kind,
                on = "2021-01-16",
                successors,
            }
        );
}
