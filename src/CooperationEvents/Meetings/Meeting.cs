using System.Collections.Immutable;
using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>A meeting under one or more frameworks, with its whole life.</summary>
public sealed record Meeting : IState<Meeting>, IHaveTraits
{
    public static StreamKind Stream => StreamKind.Meeting;

    public required Guid Id { get; init; }

    public required MeetingState State { get; init; }

    /// <summary>The state a cancellation or a did-not-take-place would be undone to.</summary>
    public MeetingState StateBefore { get; init; }

    public bool Voided { get; init; }

    public MeetingDetails Details { get; init; } = new();

    /// <summary>The details until the meeting was held; null where it is not.</summary>
    public MeetingDetails? BeforeHold { get; init; }

    /// <summary>What was planned last, to whose days and mode undoing a hold returns.</summary>
    public MeetingDetails Planned => BeforeHold ?? Details;

    /// <summary>The meeting's days: as planned, and once held as they were.</summary>
    public MeetingDays Days => Details.Days();

    /// <summary>By person; null where it was withdrawn.</summary>
    public ImmutableDictionary<Guid, Registration?> Registrations { get; init; } = ImmutableDictionary<Guid, Registration?>.Empty;

    public ImmutableDictionary<Guid, Attendance> Attendances { get; init; } = ImmutableDictionary<Guid, Attendance>.Empty;

    /// <summary>By person: what was recorded first of an attendance that was corrected since, by which a repeat is told.</summary>
    public ImmutableDictionary<Guid, Attendance> AttendancesAtFirst { get; init; } = ImmutableDictionary<Guid, Attendance>.Empty;

    /// <summary>By organisation; a count of 0 is a withdrawn one.</summary>
    public ImmutableDictionary<Guid, HeadCount> Delegations { get; init; } = ImmutableDictionary<Guid, HeadCount>.Empty;

    /// <summary>By organisation: the first count of a delegation that was counted again since, by which a repeat is told.</summary>
    public ImmutableDictionary<Guid, HeadCount> DelegationsAtFirst { get; init; } = ImmutableDictionary<Guid, HeadCount>.Empty;

    /// <summary>The details with which it was held, before any correction; null where it never was.</summary>
    public MeetingDetails? HeldAtFirst { get; init; }

    public ImmutableList<Correctable<OutcomeFacts>> Outcomes { get; init; } = [];

    /// <summary>Each by the id of the event that linked it.</summary>
    public ImmutableList<Correctable<DocumentFacts>> Documents { get; init; } = [];

    /// <summary>
    /// Framework and level with the days, where they are known to the day, and with the edition. Meetings that do not take
    /// place are like no other.
    /// </summary>
    public IEnumerable<Trait> Traits =>
        Voided || State is MeetingState.Cancelled or MeetingState.DidNotTakePlace ? [] : Details.Frameworks.SelectMany(TraitsUnder);

    public static Meeting? Fold(Meeting? state, Recorded recorded) =>
        After(state, recorded) is { } after ? after with { Details = MeetingDetails.Fold(after.Details, recorded.Data) } : null;

    /// <summary>All but the details after an event.</summary>
    private static Meeting? After(Meeting? state, Recorded recorded) =>
        recorded.Data switch
        {
            MeetingScheduled e => new Meeting { Id = e.MeetingId, State = MeetingState.Scheduled },
            _ when state is null => null,
            MeetingRescheduled => state with { State = MeetingState.Scheduled },
            MeetingPostponed => state with { State = MeetingState.Postponed },
            MeetingCancelled => state with { State = MeetingState.Cancelled, StateBefore = state.State },
            MeetingDidNotTakePlace => state with { State = MeetingState.DidNotTakePlace, StateBefore = state.State },
            MeetingHeld e => state with
            {
                State = MeetingState.Held,
                BeforeHold = state.Details,
                HeldAtFirst = MeetingDetails.Fold(state.Details, e),
            },

            // A correction holds no meeting: it takes a hold back, or what was said before one.
            MeetingCorrected { Corrected.State: { } corrected } => state with { State = corrected, BeforeHold = null },
            MeetingVoided => state with { Voided = true },
            MeetingReinstated => state with { Voided = false },
            AttendanceRegistered e => state with
            {
                Registrations = state.Registrations.SetItem(e.PersonId, new Registration(e.OrganisationId, e.Role)),
            },
            RegistrationWithdrawn e => state with { Registrations = state.Registrations.SetItem(e.PersonId, null) },
            AttendanceRecorded e => state with
            {
                Attendances = state.Attendances.SetItem(e.PersonId, new Attendance(e.OrganisationId, e.Role, e.Status, e.Mode)),
            },
            AttendanceCorrected e => state with
            {
                Attendances = state.Attendances.SetItem(e.PersonId, e.Corrected),
                AttendancesAtFirst = AtFirst(state.AttendancesAtFirst, e.PersonId, e.Replaced),
            },
            DelegationCounted e => state with
            {
                Delegations = state.Delegations.SetItem(e.OrganisationId, new HeadCount(e.Count, e.Precision)),
            },
            DelegationCorrected e => state with
            {
                Delegations = state.Delegations.SetItem(e.OrganisationId, e.Corrected),
                DelegationsAtFirst = AtFirst(state.DelegationsAtFirst, e.OrganisationId, e.Replaced),
            },
            OutcomeRecorded e => state with
            {
                Outcomes = state.Outcomes.Add(new(e.OutcomeId, new OutcomeFacts(e.Kind, e.Text, e.DocumentUrl, e.Sha256, e.Status))),
            },
            OutcomeCorrected e => state with { Outcomes = Correctable<OutcomeFacts>.After(state.Outcomes, e.OutcomeId, e.Corrected) },
            DocumentLinked e => state with
            {
                Documents = state.Documents.Add(new(recorded.Id, new DocumentFacts(e.Title, e.Url, e.Status, e.Sha256, e.Language))),
            },
            DocumentCorrected e => state with { Documents = Correctable<DocumentFacts>.After(state.Documents, e.DocumentId, e.Corrected) },
            _ => state,
        };

    /// <summary>What would schedule it as it is now.</summary>
    public MeetingScheduled AsScheduled(MeetingScheduled first) =>
        first with
        {
            Title = Details.Title,
            Frameworks = Details.Frameworks,
            Start = Details.Start,
            End = Details.End,
            Hosts = Details.Hosts,
            Topics = Details.Topics,
            TimeZone = Details.TimeZone,
            Mode = Details.Mode,
            Venue = Details.Venue,
            Country = Details.Country,
            InMarginsOf = Details.InMarginsOf,
        };

    /// <summary>
    /// What would record it as it is now, as far as its creation or <paramref name="wanted"/> says: that it was held, and the attendances
    /// and delegations of the people and organisations that either names. Others, recorded since, are no content of its creation.
    /// </summary>
    public ValueList<object> AsCreated(ValueList<object> first, IReadOnlyList<object> wanted)
    {
        var events = new List<object> { AsScheduled(first.OfType<MeetingScheduled>().First()) };
        if (State == MeetingState.Held && first.Concat(wanted).Any(e => e is MeetingHeld))
            events.Add(new MeetingHeld(Id, Details.Start, Details.End));
        var named = first.Concat(wanted).ToList();
        foreach (var personId in named.OfType<AttendanceRecorded>().Select(e => e.PersonId).Distinct())
        {
            if (Attendances.TryGetValue(personId, out var a))
                events.Add(new AttendanceRecorded(Id, personId, a.OrganisationId, a.Role, a.Status, a.Mode));
        }

        foreach (var organisationId in named.OfType<DelegationCounted>().Select(e => e.OrganisationId).Distinct())
        {
            if (Delegations.TryGetValue(organisationId, out var counted) && counted.Count > 0)
                events.Add(new DelegationCounted(Id, organisationId, counted.Count, counted.Precision));
        }

        return [.. events];
    }

    /// <summary>Why the meeting is not in one of these states, or null where it is.</summary>
    public Problem? RefuseUnless(params ReadOnlySpan<MeetingState> states)
    {
        if (Voided)
            return MeetingProblems.Voided.Because("The meeting was voided. Reinstate it first.");
        if (states.Contains(State))
            return null;
        return State switch
        {
            MeetingState.Held => MeetingProblems.AlreadyHeld.Because("The meeting was held. Use a correction to change what was recorded."),
            MeetingState.Cancelled => MeetingProblems.Cancelled.Because("The meeting was cancelled. A correction can undo that."),
            MeetingState.Postponed => MeetingProblems.Postponed.Because("The meeting is postponed. Reschedule it first."),
            MeetingState.DidNotTakePlace => MeetingProblems.DidNotTakePlace.Because(
                "The meeting did not take place. A correction can undo that."
            ),
            _ => MeetingProblems.StillScheduled.Because("The meeting is scheduled."),
        };
    }

    /// <summary>
    /// The decision, where the meeting is in one of these states. What repeats what is already so needs none of them, save that nothing
    /// is so of a meeting that was voided.
    /// </summary>
    public Decision While(Decision decision, params ReadOnlySpan<MeetingState> states) =>
        RefuseUnless(states) is { } refused && (Voided || decision != Decision.Nothing) ? refused : decision;

    /// <summary>What the first correction replaced is what was recorded first.</summary>
    private static ImmutableDictionary<Guid, T> AtFirst<T>(ImmutableDictionary<Guid, T> all, Guid id, T replaced) =>
        all.ContainsKey(id) ? all : all.Add(id, replaced);

    private IEnumerable<Trait> TraitsUnder(Placement placement)
    {
        var place = $"{placement.FrameworkId}/{placement.Level}";
        var daysKnown = Days.Start.Precision >= DatePrecision.Day && Days.End.Precision >= DatePrecision.Day;
        return
        [
            .. daysKnown
                ? new[]
                {
                    new Trait(
                        "days",
                        "same framework, level and days",
                        TraitForm.Text,
                        $"{place}/{Days.FirstDay:yyyy-MM-dd}/{Days.LastDay:yyyy-MM-dd}"
                    ),
                }
                : [],
            .. Days.Start.Time is not null && Days.TimeZone is { } zone
                ? new[]
                {
                    new Trait("begins", "same framework, level and moment of beginning", TraitForm.Moment, $"{place} {Days.Start} {zone}"),
                }
                : [],
            .. placement.Edition is { } edition ? new[] { new Trait("edition", "same edition", TraitForm.Text, $"{place}/{edition}") } : [],
        ];
    }
}

/// <summary>From when until when, in an IANA zone where times are given. A partial date stands for its last day.</summary>
public sealed record MeetingDays(PartialDate Start, PartialDate End, string? TimeZone)
{
    public DateOnly FirstDay => Start.LastDay;

    public DateOnly LastDay => End.LastDayFrom(Start);

    /// <summary>The days after a hold that names some: an end that is not named is the start that is.</summary>
    public MeetingDays Held(PartialDate? from, PartialDate? to) =>
        (from, to) switch
        {
            (null, null) => this,
            (null, { } end) => this with { End = end },
            ({ } start, _) => this with { Start = start, End = to ?? start },
        };

    /// <summary>Whether the end is before the start, as finely as both are known.</summary>
    public bool EndsBeforeItStarts(ShownTime shown) =>
        End.LastDay < Start.LastDay || (Start.Time, End.Time) is ({ }, { }) && Shown(End, shown) < Shown(Start, shown);

    /// <summary>Whether it takes time: begin and end are known to the time of day, and are two moments.</summary>
    public bool TakesTime(ShownTime shown) => (Start.Time, End.Time) is ({ }, { }) && Shown(End, shown) > Shown(Start, shown);

    /// <summary>What is wrong with these days, by the members that hold them; null where they can stand.</summary>
    public Problem? Fault(string start, string end, ShownTime shown)
    {
        if (EndsBeforeItStarts(shown))
            return KernelProblems.Invalid.At(
                end,
                $"The end ({InWords(End, shown)}) must not be before the start ({InWords(Start, shown)})."
            );
        if ((Start.Time ?? End.Time) is not null && TimeZone is null)
            return KernelProblems.Invalid.At(
                "/timeZone",
                $"A time of day needs its time zone, such as Europe/Brussels; or give {start[1..]} and {end[1..]} as days."
            );
        return null;
    }

    private PartialDate Shown(PartialDate date, ShownTime shown) => TimeZone is { } zone ? shown(date, zone) : date;

    private string InWords(PartialDate date, ShownTime shown) =>
        Shown(date, shown) is var time && time == date ? $"{date}" : $"{date}, which the clocks leave out and is read as {time}";
}

/// <summary>
/// What the clocks of a zone show at a local time: another one where they leave it out in spring. Asked of who knows the zones.
/// </summary>
public delegate PartialDate ShownTime(PartialDate date, string timeZone);

public sealed record Registration(Guid OrganisationId, AttendeeRole Role);

/// <summary>
/// What was recorded first, and what it says after its corrections. It stays in the list of its meeting, also when it is withdrawn: so a
/// repeat is recognised, and does not record it again.
/// </summary>
/// <param name="AsRecorded">What it said first. Nothing changes that.</param>
/// <param name="Last">What it says; where it was withdrawn, what it said last.</param>
public sealed record Correctable<T>(Guid Id, T AsRecorded, T Last, bool Withdrawn = false)
    where T : class
{
    public Correctable(Guid id, T recorded)
        : this(id, recorded, recorded) { }

    /// <summary>All of them after a correction of one; it is withdrawn where there is nothing that it says from now on.</summary>
    public static ImmutableList<Correctable<T>> After(ImmutableList<Correctable<T>> all, Guid id, T? corrected) =>
        all.ConvertAll(one => one.Id != id ? one : one with { Last = corrected ?? one.Last, Withdrawn = corrected is null });

    /// <summary>The one that says this now; or that did when it was recorded, or withdrawn. Null where none ever did.</summary>
    public static Correctable<T>? Saying(IEnumerable<Correctable<T>> all, Predicate<T> isThis) =>
        all.FirstOrDefault(one => !one.Withdrawn && isThis(one.Last))
        ?? all.FirstOrDefault(one => !one.Withdrawn && isThis(one.AsRecorded))
        ?? all.FirstOrDefault(one => one.IsRepeated(isThis));

    /// <summary>Whether this repeats it, as it was recorded or as it is now.</summary>
    public bool IsRepeated(Predicate<T> isThis) => isThis(AsRecorded) || isThis(Last);
}
