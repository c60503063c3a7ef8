using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Commitments;
using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Publications;

namespace CooperationEvents.UnitTests.Contracts;

/// <summary>One event of every stored type, with every member set: what the approved files hold.</summary>
internal static class EventSamples
{
    private static readonly ExternalReference External = new("outlook", "AAMkAD=7");

    private static readonly MeetingFacts Facts = new()
    {
        Title = "Sixth Senior Officials' Meeting",
        State = MeetingState.DidNotTakePlace,
        Frameworks = [new Placement(Some.OtherFramework, "ministers", 6)],
        Start = Some.Date("2019-05"),
        End = Some.Date("2019"),
        TimeZone = "Europe/Zurich",
        Mode = MeetingMode.Online,
        Venue = "Palais des Nations",
        Country = "CH",
        Hosts = [new Host(Some.Iom, Some.Ben, HostRole.CoHost, "IOM")],
        Topics = ["visa"],
        InMarginsOf = Some.OtherMeeting,
    };

    private static readonly CommitmentFacts Undertaken = new()
    {
        Text = "Share flood forecasts",
        Owners = [Some.DgHome],
        MeetingId = Some.Meeting,
        Area = "visa",
        DueOn = Some.Date("2019"),
    };

    public static readonly IReadOnlyList<object> All =
    [
        new OrganisationRegistered(
            Some.Iom,
            "International Organization for Migration",
            "IOM",
            ["https://ror.org/01ejaze43"],
            new ExternalReference("crm", "42")
        ),
        new OrganisationRenamed(
            Some.DgHome,
            "Migration and Home Affairs",
            "DG HOME",
            Some.Date("2015-01-01"),
            "Home Affairs",
            "DG HOMEAFF"
        ),
        new OrganisationSucceeded(Some.DgHome, SuccessionKind.Split, Some.Date("2025-02-01"), [Some.Eeas, Some.Iom], Some.Eeas),
        new FrameworkEstablished(
            Some.Framework,
            "EU-IOM Strategic Cooperation Framework",
            Some.Date("2012-07"),
            [new Party("EU", "European Union")],
            [new Level("senior-officials", "Senior officials", 1)],
            [new Area("resettlement", "Resettlement")],
            External
        ),
        new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2012-07-17"), "Exchange of letters"),
        new MemberLeft(Some.Framework, Some.DgHome, Some.Date("2012-07-17"), Some.Date("2019-12-01")),
        new MembershipCorrected(
            Some.Framework,
            Some.DgHome,
            new Membership("EU", Some.Date("2012-07-17"), Some.Date("2019")),
            new Membership("EU", Some.Date("2012-07"), Some.Date("2019-12-01")),
            "Minutes"
        ),
        new LevelAdded(Some.Framework, new Level("technical-experts", "Technical experts", 3)),
        new AreaAdded(Some.Framework, new Area("visa", "Visa")),
        new FrameworkEnded(Some.Framework, Some.Date("2030-12-31")),
        new FrameworkEndCorrected(Some.Framework, Some.Date("2030-12-31"), "Prolonged", Some.Date("2031")),
        new PersonRegistered(Some.Ana, Protected.Sealed("bmFtZQ=="), Protected.Sealed("ZW1haWw="), Protected.Sealed("cmVmZXJlbmNl")),
        new PersonDetailsCorrected(
            Some.Ana,
            Given.EventId(1),
            Protected.Sealed("cmVhc29u"),
            Protected.Sealed("bmFtZQ=="),
            Protected.Sealed("ZW1haWw="),
            EmailRemoved: true
        ),
        new AffiliationStarted(
            Some.Ana,
            Some.Affiliation,
            Some.DgHome,
            Protected.Sealed("ZnVuY3Rpb24="),
            Protected.Sealed("Z3JhZGU="),
            Some.Date("2015-03")
        ),
        new AffiliationEnded(Some.Ana, Some.Affiliation, Some.Date("2020")),
        new PersonMerged(Some.Ana, Some.Ben, Protected.Sealed("cmVhc29u")),
        new PersonUnmerged(Some.Ana, Some.Ben, Protected.Sealed("cmVhc29u")),
        new PersonRestricted(Some.Ana, true, Protected.Sealed("cmVhc29u")),
        new PersonFieldsExpired(Some.Ana, [new FieldSalt(FieldClass.Contact, 1)]),
        new PersonErased(Some.Ana),
        new MeetingScheduled(
            Some.Meeting,
            "Fifth Senior Officials' Meeting – «Cinquième réunion»",
            [new Placement(Some.Framework, "senior-officials", 5)],
            Some.Date("2018-04-04T09:30"),
            Some.Date("2018-04-05T17:00"),
            [new Host(Some.DgHome, Some.Ana, HostRole.Chair, "EU")],
            ["resettlement"],
            "Europe/Brussels",
            MeetingMode.InPerson,
            "Berlaymont",
            "BE",
            Some.OtherMeeting,
            External
        ),
        new MeetingRescheduled(Some.Meeting, Some.Date("2018-06-01T09:30"), Some.Date("2018-06-02"), "Europe/Brussels", "Elections"),
        new MeetingRelocated(Some.Meeting, MeetingMode.Hybrid, "Charlemagne", "BE", "Renovation"),
        new HostsChanged(Some.Meeting, [new Host(Some.Iom, Some.Ben, HostRole.Opener, "IOM")]),
        new AgendaSet(Some.Meeting, [new AgendaItem("Resettlement", "resettlement")]),
        new MeetingPostponed(Some.Meeting, "Elections"),
        new MeetingCancelled(Some.Meeting, "Strike"),
        new MeetingHeld(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"), MeetingMode.InPerson),
        new MeetingDidNotTakePlace(Some.Meeting, "Nobody came"),
        new MeetingCorrected(
            Some.Meeting,
            Facts,
            Facts with
            {
                State = MeetingState.Scheduled,
                Title = "Fifth Senior Officials' Meeting",
            },
            "Minutes"
        ),
        new MeetingVoided(Some.Meeting, "Recorded twice"),
        new MeetingReinstated(Some.Meeting, "It was another one"),
        new AttendanceRegistered(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.HeadOfDelegation),
        new RegistrationWithdrawn(Some.Meeting, Some.Ana, Protected.Sealed("cmVhc29u")),
        new AttendanceRecorded(Some.Meeting, Some.Ana, Some.DgHome, AttendeeRole.Rapporteur, AttendanceStatus.Attended, MeetingMode.Online),
        new AttendanceCorrected(
            Some.Meeting,
            Some.Ana,
            new Attendance(Some.DgHome, AttendeeRole.Delegate, AttendanceStatus.Excused, MeetingMode.Online),
            new Attendance(Some.Eeas, AttendeeRole.Chair, AttendanceStatus.Attended, MeetingMode.InPerson),
            Protected.Sealed("cmVhc29u")
        ),
        new DelegationCounted(Some.Meeting, Some.Iom, 7, CountPrecision.Estimated),
        new DelegationCorrected(
            Some.Meeting,
            Some.Iom,
            new HeadCount(7, CountPrecision.Estimated),
            new HeadCount(9, CountPrecision.Minimum),
            "Badges"
        ),
        new OutcomeRecorded(
            Some.Meeting,
            Some.Outcome,
            OutcomeKind.BestPractice,
            [new LanguageText("en", "Agreed"), new LanguageText("fr", "Accord")],
            "https://example.eu/conclusions",
            new string('a', 64),
            "final"
        ),
        new OutcomeCorrected(
            Some.Meeting,
            Some.Outcome,
            "Minutes",
            new OutcomeFacts(OutcomeKind.Decision, [new LanguageText("en", "Agred")], "https://example.eu/c", new string('c', 64), "draft"),
            new OutcomeFacts(
                OutcomeKind.BestPractice,
                [new LanguageText("en", "Agreed"), new LanguageText("fr", "Accord")],
                "https://example.eu/conclusions",
                new string('a', 64),
                "final"
            )
        ),
        new DocumentLinked(
            Some.Meeting,
            "Joint statement",
            "https://example.eu/statement",
            DocumentStatus.Published,
            new string('b', 64),
            "en"
        ),
        new DocumentCorrected(
            Some.Meeting,
            Given.EventId(2),
            "Another meeting's",
            new DocumentFacts("Joint statment", "https://example.eu/s", DocumentStatus.Draft, new string('c', 64), "fr"),
            new DocumentFacts("Joint statement", "https://example.eu/statement", DocumentStatus.Published, new string('b', 64), "en")
        ),
        new CommitmentMade(
            Some.Commitment,
            Some.Framework,
            "Share flood forecasts every day",
            [Some.DgHome, Some.Iom],
            Some.Meeting,
            "resettlement",
            Some.Date("2019"),
            External
        ),
        new CommitmentCorrected(
            Some.Commitment,
            Undertaken,
            Undertaken with
            {
                Owners = [Some.Iom],
                DueOn = Some.Date("2019-06-30"),
            },
            "Minutes"
        ),
        new CommitmentProgressReported(Some.Commitment, Some.Date("2018-11"), "A pilot runs", "https://example.eu/pilot"),
        new CommitmentReviewed(Some.Commitment, Some.OtherMeeting, Some.Date("2019-05-06"), "On track", "Two rivers are missing"),
        new CommitmentDueDateChanged(Some.Commitment, Some.Date("2020"), "More rivers", Some.Date("2019")),
        new CommitmentFulfilled(Some.Commitment, Some.Date("2020-03-01"), "https://example.eu/forecasts"),
        new CommitmentDropped(Some.Commitment, "Others do it"),
        new CommitmentReopened(Some.Commitment, "They stopped"),
        new FigurePublished(
            Some.Publication,
            new PublishedQuestion(
                Some.Framework,
                Some.Date("2018-04"),
                "1234",
                "senior-officials",
                2018,
                "EU",
                Some.DgHome,
                "lineage",
                Some.Date("2014")
            ),
            Some.Day("2018-04-30"),
            1234,
            "2",
            new PublishedFigure(15, 401, 12, 320, 328, 332, 3),
            "In 2018, 15 meetings took place at the level senior-officials, involving over 300 DG HOME staff.",
            new PublishedEvidence(416, new string('c', 64)),
            External
        ),
        new FigureWithdrawn(Some.Publication, "Superseded"),
        new LogSucceeded(
            Log.StreamId,
            "example.eu/log-2",
            "example.eu/log\n7\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n— example.eu/log c2ln\n",
            5,
            2,
            "Restored to 4 May",
            "operations"
        ),
        new AuditAccessSealed(Log.StreamId, new DateOnly(2026, 5, 4), 12, new string('c', 64)),
    ];

    public static object Of(string storedName) =>
        All.SingleOrDefault(e => EventType.NameOf(e.GetType()) == storedName)
        ?? throw new InvalidOperationException($"{storedName} has no sample.");
}
