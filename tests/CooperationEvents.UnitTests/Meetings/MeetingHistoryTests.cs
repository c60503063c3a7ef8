using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CsCheck;
using JasperFx.Events;

namespace CooperationEvents.UnitTests.Meetings;

/// <summary>What holds for every history of a meeting, whatever is asked of it in whatever order.</summary>
public sealed class MeetingHistoryTests
{
    /// <summary>The states of section 3 of the contract: from which, by which command, to which others.</summary>
    private static readonly (MeetingState From, Type By, MeetingState To)[] Transitions =
    [
        (MeetingState.Scheduled, typeof(PostponeMeeting), MeetingState.Postponed),
        (MeetingState.Postponed, typeof(RescheduleMeeting), MeetingState.Scheduled),
        (MeetingState.Scheduled, typeof(CancelMeeting), MeetingState.Cancelled),
        (MeetingState.Postponed, typeof(CancelMeeting), MeetingState.Cancelled),
        (MeetingState.Scheduled, typeof(HoldMeeting), MeetingState.Held),
        (MeetingState.Scheduled, typeof(RecordDidNotTakePlace), MeetingState.DidNotTakePlace),
        (MeetingState.Postponed, typeof(RecordDidNotTakePlace), MeetingState.DidNotTakePlace),
        (MeetingState.Held, typeof(CorrectMeeting), MeetingState.Scheduled),
        (MeetingState.Cancelled, typeof(CorrectMeeting), MeetingState.Scheduled),
        (MeetingState.Cancelled, typeof(CorrectMeeting), MeetingState.Postponed),
        (MeetingState.DidNotTakePlace, typeof(CorrectMeeting), MeetingState.Scheduled),
        (MeetingState.DidNotTakePlace, typeof(CorrectMeeting), MeetingState.Postponed),
    ];

    private static readonly Gen<PartialDate> ADate = Gen.OneOf(
            "2017",
            "2018",
            "2018-03",
            "2018-04",
            "2018-04-04",
            "2018-04-05",
            "2018-04-05T09:30",
            "2018-04-10",
            "2018-04-11"
        )
        .Select(Some.Date);

    private static readonly Gen<PartialDate?> PerhapsADate = ADate.Nullable();
    private static readonly Gen<string?> PerhapsAZone = Gen.OneOf<string?>(null, "Europe/Brussels");
    private static readonly Gen<string> AReason = Gen.OneOf("because", "after all");
    private static readonly Gen<Reference> APerson = Gen.OneOf<Reference>(Some.Ana, Some.Ben);
    private static readonly Gen<Reference> AnOrganisation = Gen.OneOf<Reference>(Some.DgHome, Some.Iom);
    private static readonly Gen<MeetingMode?> PerhapsAMode = Gen.Enum<MeetingMode>().Nullable();
    private static readonly Gen<AttendeeRole> ARole = Gen.OneOf(AttendeeRole.Delegate, AttendeeRole.Chair);
    private static readonly Gen<Guid> ADocument = Gen.Int[1, 4].Select(Given.EventId);
    private static readonly Gen<AttendanceStatus> AStatus = Gen.Enum<AttendanceStatus>();

    private static readonly Gen<AttendeeFields> AnAttendee = Gen.Select(APerson, AnOrganisation, AStatus, ARole, PerhapsAMode)
        .Select((p, o, s, r, m) => new AttendeeFields(p, o, s, r, m));

    private static readonly Gen<RegistrationFields> ARegistration = Gen.Select(APerson, AnOrganisation, ARole)
        .Select((p, o, r) => new RegistrationFields(p, o, r));

    /// <summary>Every command about a meeting that there is, save the corrections that undo.</summary>
    private static readonly Gen<ICommand> ACommand = Gen.OneOf<ICommand>(
        AReason.Select(r => new PostponeMeeting(Some.Meeting, r)),
        AReason.Select(r => new CancelMeeting(Some.Meeting, r)),
        AReason.Select(r => new RecordDidNotTakePlace(Some.Meeting, r)),
        AReason.Select(r => new VoidMeeting(Some.Meeting, r)),
        AReason.Select(r => new ReinstateMeeting(Some.Meeting, r)),
        AReason.Select(r => new ReinstateMeeting(Some.Meeting, r)),
        Gen.Select(PerhapsADate, PerhapsADate, PerhapsAMode).Select((f, t, m) => new HoldMeeting(Some.Meeting, f, t, m)),
        Gen.Const(new HoldMeeting(Some.Meeting)),
        Gen.Select(ADate, PerhapsADate, PerhapsAZone).Select((s, e, z) => new RescheduleMeeting(Some.Meeting, s, e, z)),
        Gen.Select(PerhapsAMode, Gen.OneOf<string?>(null, "Charlemagne", "Berlaymont"))
            .Select((m, v) => new RelocateMeeting(Some.Meeting, m, v)),
        AnOrganisation.Array[0, 2].Select(o => new ChangeHosts(Some.Meeting, [.. o.Select(h => new HostFields(h))])),
        Gen.OneOf("visa", "resettlement").Array[0, 2].Select(t => new SetAgenda(Some.Meeting, [.. t.Select(i => new AgendaItem(i, i))])),
        ARegistration.Array[1, 3].Select(a => new RegisterAttendance(Some.Meeting, [.. a])),
        APerson.Select(p => new WithdrawRegistration(Some.Meeting, p)),
        AnAttendee.Array[1, 3].Select(a => new RecordAttendance(Some.Meeting, [.. a])),
        Gen.Select(APerson, ARole, AStatus.Nullable()).Select((p, r, s) => new CorrectAttendance(Some.Meeting, p, "because", null, r, s)),
        Gen.Select(AnOrganisation, Gen.Int[0, 2], Gen.Enum<CountPrecision>(), Gen.OneOf<string?>(null, "because"))
            .Select((o, c, p, r) => new CountDelegation(Some.Meeting, o, c, p, r)),
        Gen.Select(Gen.OneOf(Some.Outcome, Some.OtherOutcome), Gen.Enum<OutcomeKind>())
            .Select((id, k) => new RecordOutcome(Some.Meeting, k, new Dictionary<string, string> { ["en"] = "Agreed" }, id)),
        Gen.Select(
                Gen.OneOf(Some.Outcome, Some.OtherOutcome),
                Gen.Enum<OutcomeKind>().Nullable(),
                Gen.OneOf<bool?>(null, false),
                Gen.OneOf<string?>(null, "final")
            )
            .Select((id, k, w, s) => new CorrectOutcome(Some.Meeting, id, "because", w, Kind: k, Status: s)),
        Gen.OneOf(Some.Outcome, Some.OtherOutcome).Select(id => new CorrectOutcome(Some.Meeting, id, "because", Withdrawn: true)),
        Gen.Enum<DocumentStatus>().Select(s => new LinkDocument(Some.Meeting, "Minutes", "https://example.eu/minutes", s)),
        Gen.Select(ADocument, Gen.OneOf<string?>(null, "Report", "Minutes"), Gen.OneOf<bool?>(null, false), Gen.OneOf<string?>(null, "en"))
            .Select((id, t, w, l) => new CorrectDocument(Some.Meeting, id, "because", w, Title: t, Language: l)),
        ADocument.Select(id => new CorrectDocument(Some.Meeting, id, "because", Withdrawn: true)),
        Gen.Select(PerhapsADate, PerhapsADate, PerhapsAZone, PerhapsAMode)
            .Select((s, e, z, m) => new CorrectMeeting(Some.Meeting, "because", Start: s, End: e, TimeZone: z, Mode: m)),
        Gen.OneOf("visa", "resettlement", "fisheries").Select(t => new CorrectMeeting(Some.Meeting, "because", Topics: [t])),
        Gen.Select(Gen.OneOf("Sixth", "Seventh"), Gen.OneOf("Berlaymont", "Charlemagne"), Gen.OneOf("BE", "AT"), AnOrganisation)
            .Select(
                (t, v, c, o) => new CorrectMeeting(Some.Meeting, "because", Title: t, Venue: v, Country: c, Hosts: [new HostFields(o)])
            ),
        Gen.Enum<Removable>().Select(r => new CorrectMeeting(Some.Meeting, "because", Remove: [r]))
    );

    private static readonly Gen<ICommand> AnUndoing = Gen.Enum<Undoing>()
        .Select(ICommand (u) => new CorrectMeeting(Some.Meeting, "because", u));

    private static readonly Gen<ICommand[]> Commands = Gen.Frequency((8, ACommand), (1, AnUndoing)).Array[0, 40];

    [Fact]
    public void Histories_have_every_command_about_a_meeting_that_there_is()
    {
        var played = new HashSet<Type>();
        Commands.Sample(commands => played.UnionWith(commands.Select(c => c.GetType())), iter: 100, threads: 1);

        typeof(Meeting)
            .Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(Meeting).Namespace && t.IsAssignableTo(typeof(ICommand)) && t is { IsAbstract: false })
            .Except([typeof(ScheduleMeeting), typeof(RecordHeldMeeting)])
            .Except(played)
            .ShouldBeEmpty("Add it to ACommand and Decide here.");
    }

    /// <summary>
    /// True of every command: each says what is to be so, or names the thing it adds. A correction that undoes is left out:
    /// its repetition finds nothing to undo, and is refused (see <see cref="CorrectMeetingTests"/>).
    /// </summary>
    [Fact]
    public void What_was_accepted_appends_nothing_when_it_is_repeated_at_once() =>
        Commands.Sample(commands => Play(commands, (_, command, _, after) =>
            {
                if (command is not CorrectMeeting { Undo: not null })
                    Decide(after, command).ShouldRecordNothing();
            }));

    /// <summary>
    /// A fold that takes away what was corrected or withdrawn would pass every other test, and a file that is sent again would bring the
    /// mistake back.
    /// </summary>
    [Fact]
    public void What_was_recorded_is_not_recorded_again_whatever_became_of_it() =>
        Commands.Sample(commands =>
        {
            var recorded = new List<ICommand>();
            Play(commands, (_, command, events, after) =>
            {
                foreach (var repeat in recorded)
                    (Decide(after, repeat) as Decision.Accepted)?.Events.ShouldBeEmpty($"{repeat}");
                if (command is RecordOutcome or LinkDocument or RecordAttendance && events.Count > 0)
                    recorded.Add(command);
            });
        });

    /// <summary>The lines of a file that its later lines correct are repeats, when it is sent again.</summary>
    [Fact]
    public void What_was_recorded_first_is_a_repeat_whatever_was_corrected_since() =>
        Commands.Sample(commands =>
        {
            var first = new List<ICommand>();
            HoldMeeting? hold = null;
            Play(commands, (_, _, events, after) =>
            {
                foreach (var happened in events)
                {
                    if (happened is AttendanceRecorded a)
                        first.Add(
                            new RecordAttendance(Some.Meeting, [new AttendeeFields(a.PersonId, a.OrganisationId, a.Status, a.Role, a.Mode)])
                        );
                    else if (happened is DelegationCounted d)
                        first.Add(new CountDelegation(Some.Meeting, d.OrganisationId, d.Count, d.Precision));
                    else if (happened is MeetingHeld h)
                        hold = new HoldMeeting(Some.Meeting, h.HeldFrom, h.HeldTo, h.Mode);
                }

                if (after.Voided)
                    return;
                foreach (var repeat in first.Where(r => !IsWithdrawn(r, after)))
                    Decide(after, repeat).ShouldRecordNothing();
                if (after.State == MeetingState.Held)
                    Decide(after, hold!).ShouldRecordNothing();
            });

            static bool IsWithdrawn(ICommand command, Meeting meeting) =>
                command is CountDelegation count && meeting.Delegations[count.OrganisationId.Id!.Value].Count == 0;
        });

    /// <summary>A file may be sent again as it was, and as its source is once both were corrected alike.</summary>
    [Fact]
    public void Its_creation_is_repeated_as_it_was_and_as_it_is_whatever_became_of_it()
    {
        var first = AMeeting.WasScheduled;
        Commands.Sample(commands => Play(commands, (_, _, _, after) =>
            {
                foreach (var now in new[] { first, after.AsScheduled(first) })
                    Schedule(new Created<Meeting>([first], after), now).ShouldRecordNothing();
                Schedule(new Created<Meeting>([first], after), first with { Title = "None that it ever had" })
                    .ShouldBeOfType<Decision.Refused>();
            }));

        static Decision Schedule(Created<Meeting> created, MeetingScheduled now) =>
            ScheduleMeeting.Decide(
                Some.Meeting,
                created,
                KnownIds.Own,
                AMeeting.Facts,
                TimeZones.Shown,
                new ScheduleMeeting
                {
                    Title = now.Title,
                    Frameworks = [.. now.Frameworks.Select(f => new PlacementFields(f.FrameworkId, f.Level, f.Edition))],
                    Start = now.Start,
                    End = now.End,
                    TimeZone = now.TimeZone,
                    Mode = now.Mode,
                    Venue = now.Venue,
                    Country = now.Country,
                    Hosts = [.. now.Hosts.Select(h => new HostFields(h.OrganisationId, h.PersonId, h.Role, h.OnBehalfOf))],
                    Topics = now.Topics,
                    InMarginsOf = now.InMarginsOf is { } around ? (Reference)around : null,
                }
            );
    }

    [Fact]
    public void A_meeting_changes_its_state_only_as_the_design_says() =>
        Commands.Sample(commands => Play(commands, (before, command, _, after) =>
            {
                if (before.State != after.State)
                    Transitions.ShouldContain((before.State, command.GetType(), after.State));
                if (before.Voided != after.Voided)
                {
                    command.GetType().ShouldBe(after.Voided ? typeof(VoidMeeting) : typeof(ReinstateMeeting));
                    after.ShouldBe(Revised(before, 1) with { Voided = after.Voided });
                }
            }));

    [Fact]
    public void Every_state_and_every_change_of_it_is_reached()
    {
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<(MeetingState, Type, MeetingState), int>();
        Commands.Sample(commands => Play(commands, (before, command, _, after) =>
                {
                    if (before.State != after.State)
                        seen.AddOrUpdate((before.State, command.GetType(), after.State), 1, (_, n) => n + 1);
                }), iter: 5_000);
        seen.Keys.ShouldBe(Transitions, ignoreOrder: true);
    }

    [Fact]
    public void A_voided_meeting_takes_nothing_but_its_reinstatement() =>
        Commands.Sample(commands => Play(commands, (before, command, events, _) =>
            {
                if (before.Voided && events.Count > 0)
                    command.ShouldBeOfType<ReinstateMeeting>();
            }));

    [Fact]
    public void A_void_and_a_reinstatement_leave_a_meeting_as_it_was() => Commands.Sample(commands => Play(commands, (_, _, _, after) =>
            {
                if (!after.Voided)
                    Folded(after, [AMeeting.WasVoided, AMeeting.WasReinstated]).ShouldBe(Revised(after, 2));
            }));

    [Fact]
    public void An_undoing_returns_to_the_state_before() =>
        Commands.Sample(commands =>
        {
            var before = new Dictionary<MeetingState, MeetingState>();
            Play(commands, (from, command, _, to) =>
            {
                if (command is CorrectMeeting && from.State != to.State)
                    to.State.ShouldBe(before[from.State]);
                before[to.State] = from.State == to.State ? before.GetValueOrDefault(to.State) : from.State;
            });
        });

    [Fact]
    public void A_meeting_never_ends_before_it_starts_and_is_never_held_before_its_first_day() =>
        Commands.Sample(commands => Play(commands, (_, _, _, after) =>
            {
                after.Days.Fault("/start", "/end", TimeZones.Shown).ShouldBeNull();
                after.Planned.Days().Fault("/start", "/end", TimeZones.Shown).ShouldBeNull();
                if (after.State == MeetingState.Held)
                    after.Days.FirstDay.ShouldBeLessThanOrEqualTo(AMeeting.Today);
            }));

    /// <summary>They are folded apart, since rules and readers ask for other things.</summary>
    [Fact]
    public void A_view_says_of_a_meeting_what_its_state_says()
    {
        var projection = new MeetingViewProjection();
        Commands.Sample(
            commands =>
            {
                var view = projection.Evolve(null, Some.Meeting, Event.For(AMeeting.WasScheduled));
                Play(commands, (before, _, events, after) =>
                {
                    foreach (var data in events)
                    {
                        var e = Event.For(data);
                        e.Id = NextEvent(before);
                        view = projection.Evolve(view, Some.Meeting, e);
                    }

                    Told(view!).ShouldBe(Told(after));
                });
            },
            iter: 2_000
        );
    }

    [Fact]
    public void Folding_never_throws_whatever_the_order_of_events() =>
        Gen.OneOf([.. Contracts.EventSamples.All]).Array[0, 40].Sample(events => _ = Folded(null, events));

    [Fact]
    public void Nothing_happens_to_a_meeting_that_was_never_scheduled() =>
        Gen.OneOf([.. Contracts.EventSamples.All.Where(e => e is not MeetingScheduled)])
            .Array[0, 10]
            .Sample(events => Folded(null, events) is null);

    private static void Play(ICommand[] commands, Action<Meeting, ICommand, ValueList<object>, Meeting> check)
    {
        var meeting = Given.Folded<Meeting>(AMeeting.WasScheduled);
        foreach (var command in commands)
        {
            if (Decide(meeting, command) is not Decision.Accepted accepted)
                continue;
            var after = Folded(meeting, accepted.Events)!;
            check(meeting, command, accepted.Events, after);
            meeting = after;
        }
    }

    private static Meeting Revised(Meeting meeting, int times) =>
        meeting with
        {
            Details = meeting.Details with { Sequence = meeting.Details.Sequence + times },
        };

    private static string Told(MeetingView view) =>
        JsonSerializer.Serialize(
            new
            {
                view.Id,
                view.State,
                view.Title,
                view.Frameworks,
                Days = new MeetingDays(view.Start, view.End, view.TimeZone),
                view.Mode,
                view.Venue,
                view.Country,
                view.Hosts,
                view.Topics,
                view.Agenda,
                view.InMarginsOf,
                view.Sequence,
                Registrations = view.Registrations.OrderBy(r => r.PersonId),
                Attendances = view.Attendances.OrderBy(a => a.PersonId),
                Delegations = view.Delegations.OrderBy(d => d.OrganisationId),
                Outcomes = view.Outcomes.OrderBy(o => o.OutcomeId),
                Documents = view.Documents.OrderBy(d => d.DocumentId),
            },
            Json.Options
        );

    private static string Told(Meeting meeting) =>
        JsonSerializer.Serialize(
            new
            {
                meeting.Id,
                State = meeting.Voided ? MeetingViewProjection.Voided : Json.Word(meeting.State),
                meeting.Details.Title,
                meeting.Details.Frameworks,
                meeting.Days,
                meeting.Details.Mode,
                meeting.Details.Venue,
                meeting.Details.Country,
                meeting.Details.Hosts,
                meeting.Details.Topics,
                meeting.Details.Agenda,
                meeting.Details.InMarginsOf,
                meeting.Details.Sequence,
                Registrations = meeting
                    .Registrations.Where(r => r.Value is not null)
                    .Select(r => new RegistrationView(r.Key, r.Value!.OrganisationId, r.Value.Role))
                    .OrderBy(r => r.PersonId),
                Attendances = meeting
                    .Attendances.Select(a => new AttendanceView(a.Key, a.Value.OrganisationId, a.Value.Role, a.Value.Status, a.Value.Mode))
                    .OrderBy(a => a.PersonId),
                Delegations = meeting
                    .Delegations.Where(d => d.Value.Count > 0)
                    .Select(d => new DelegationView(d.Key, d.Value.Count, d.Value.Precision))
                    .OrderBy(d => d.OrganisationId),
                Outcomes = meeting.Outcomes.Where(o => !o.Withdrawn).Select(o => OutcomeView.Of(o.Id, o.Last)).OrderBy(o => o.OutcomeId),
                Documents = meeting
                    .Documents.Where(d => !d.Withdrawn)
                    .Select(d => DocumentView.Of(d.Id, d.Last))
                    .OrderBy(d => d.DocumentId),
            },
            Json.Options
        );

    private static Meeting? Folded(Meeting? meeting, IEnumerable<object> events) =>
        events.Aggregate(meeting, (state, e) => Meeting.Fold(state, new Recorded(NextEvent(state), EventType.NameOf(e.GetType()), e)));

    /// <summary>An id for the event after these, by which its document is known.</summary>
    private static Guid NextEvent(Meeting? meeting) => Given.EventId((meeting?.Documents.Count ?? 0) + 1);

    private static Decision Decide(Meeting meeting, ICommand command) =>
        command switch
        {
            RescheduleMeeting c => RescheduleMeeting.Decide(meeting, [], TimeZones.Shown, c),
            RelocateMeeting c => RelocateMeeting.Decide(meeting, c),
            ChangeHosts c => ChangeHosts.Decide(meeting, KnownIds.Own, c),
            SetAgenda c => SetAgenda.Decide(meeting, AMeeting.Facts, c),
            PostponeMeeting c => PostponeMeeting.Decide(meeting, c),
            CancelMeeting c => CancelMeeting.Decide(meeting, c),
            HoldMeeting c => HoldMeeting.Decide(meeting, [], AMeeting.Today, TimeZones.Shown, c),
            RecordDidNotTakePlace c => RecordDidNotTakePlace.Decide(meeting, AMeeting.Today, c),
            CorrectMeeting c => CorrectMeeting.Decide(
                meeting,
                KnownIds.Own,
                AMeeting.Facts,
                new HashSet<Guid>(),
                AMeeting.Today,
                TimeZones.Shown,
                c
            ),
            VoidMeeting c => VoidMeeting.Decide(meeting, c),
            ReinstateMeeting c => ReinstateMeeting.Decide(meeting, c),
            RegisterAttendance c => RegisterAttendance.Decide(meeting, KnownIds.Own, c),
            WithdrawRegistration c => WithdrawRegistration.Decide(meeting, c.PersonId.Id!.Value, c),
            RecordAttendance c => RecordAttendance.Decide(meeting, KnownIds.Own, c),
            CorrectAttendance c => CorrectAttendance.Decide(meeting, KnownIds.Own, c),
            CountDelegation c => CountDelegation.Decide(meeting, c.OrganisationId.Id!.Value, c),
            RecordOutcome c => RecordOutcome.Decide(meeting, c.Id!.Value, c),
            CorrectOutcome c => CorrectOutcome.Decide(meeting, c),
            LinkDocument c => LinkDocument.Decide(meeting, c),
            CorrectDocument c => CorrectDocument.Decide(meeting, c),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not played."),
        };
}
