using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;

namespace CooperationEvents.Meetings;

/// <summary>A meeting as it is read. A partial date stands for its last day, as first and as last day.</summary>
public sealed record MeetingView : IView
{
    public static StreamKind Stream => StreamKind.Meeting;

    public static string Table => $"{ReadModel.Schema}.mt_doc_meetingview";

    public required Guid Id { get; init; }

    public long Version { get; init; }

    public required string Title { get; init; }

    /// <summary>The state; <c>voided</c> where the meeting is voided, whatever it was before.</summary>
    public required string State { get; init; }

    public required ValueList<Placement> Frameworks { get; init; }

    public required PartialDate Start { get; init; }

    public required PartialDate End { get; init; }

    public string? TimeZone { get; init; }

    public required DateOnly FirstDay { get; init; }

    public required DateOnly LastDay { get; init; }

    public MeetingMode? Mode { get; init; }

    public string? Venue { get; init; }

    public string? Country { get; init; }

    public ValueList<Host> Hosts { get; init; } = [];

    public ValueList<string> Topics { get; init; } = [];

    public ValueList<AgendaItem> Agenda { get; init; } = [];

    public Guid? InMarginsOf { get; init; }

    public ExternalReference? ExternalReference { get; init; }

    public ValueList<RegistrationView> Registrations { get; init; } = [];

    public ValueList<AttendanceView> Attendances { get; init; } = [];

    public ValueList<DelegationView> Delegations { get; init; } = [];

    public ValueList<OutcomeView> Outcomes { get; init; } = [];

    public ValueList<DocumentView> Documents { get; init; } = [];

    /// <summary>Every organisation that hosts, is registered, attends or sends a delegation.</summary>
    public ValueList<Guid> Organisations { get; init; } = [];

    /// <summary>By the first day it was recorded with: one that is rescheduled keeps its place, so that who pages finds it once.</summary>
    public string SortKey { get; init; } = "";

    /// <summary>How often what was planned or stated of the meeting changed: SEQUENCE of its calendar entry.</summary>
    public int Sequence { get; init; }

    /// <summary>When the last of its events was recorded.</summary>
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>The state a reinstatement returns to.</summary>
    public string? StateWhenVoided { get; init; }
}

public sealed record RegistrationView(Guid PersonId, Guid OrganisationId, AttendeeRole Role);

public sealed record AttendanceView(
    Guid PersonId,
    Guid OrganisationId,
    AttendeeRole Role,
    AttendanceStatus Status,
    MeetingMode? Mode = null
);

public sealed record DelegationView(Guid OrganisationId, int Count, CountPrecision Precision);

public sealed record OutcomeView(
    Guid OutcomeId,
    OutcomeKind Kind,
    IReadOnlyDictionary<string, string> Text,
    string? DocumentUrl = null,
    string? Sha256 = null,
    string? Status = null
)
{
    public static OutcomeView Of(Guid id, OutcomeFacts outcome) =>
        new(id, outcome.Kind, outcome.Text.ToDictionary(t => t.Language, t => t.Text), outcome.DocumentUrl, outcome.Sha256, outcome.Status);
}

/// <param name="DocumentId">The id of the event that linked it; absent where a version stored the document that did not keep it.</param>
public sealed record DocumentView(
    string Title,
    string Url,
    DocumentStatus Status,
    string? Sha256 = null,
    string? Language = null,
    Guid? DocumentId = null
)
{
    public static DocumentView Of(Guid id, DocumentFacts document) =>
        new(document.Title, document.Url, document.Status, document.Sha256, document.Language, id);

    /// <summary>Whether it is the one of that id; one that has none is known by what was said of it.</summary>
    public bool Is(Guid id, DocumentFacts? said) =>
        DocumentId == id || DocumentId is null && said is not null && Of(id, said) == this with { DocumentId = id };
}

/// <summary>A meeting in a list.</summary>
public sealed record MeetingSummary(
    Guid Id,
    long Version,
    string Title,
    string State,
    ValueList<Placement> Frameworks,
    PartialDate Start,
    PartialDate End,
    string? TimeZone,
    MeetingMode? Mode,
    string? Venue,
    string? Country,
    ValueList<Host> Hosts,
    ValueList<string> Topics,
    ExternalReference? ExternalReference
);

/// <summary>Answers of a meeting, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class MeetingMapper
{
    public static partial MeetingAnswer ToAnswer(MeetingView view);

    public static partial MeetingSummary ToSummary(MeetingView view);

    public static partial MeetingRow ToRow(
        MeetingSummary meeting,
        ValueList<string> frameworkNames,
        ValueList<string> levelNames,
        string? countryName,
        ValueList<string> hostNames,
        ValueList<string> topicNames
    );
}

public sealed partial class MeetingViewProjection : ViewProjection<MeetingView>
{
    public const string Voided = "voided";

    /// <summary>How many meetings are kept in memory between batches: a large one takes long to read.</summary>
    private const int MostInMemory = 1_000;

    public MeetingViewProjection()
        : base(StreamKind.Meeting) => Options.CacheLimitPerTenant = MostInMemory;

    public override MeetingView? Evolve(MeetingView? snapshot, Guid id, IEvent e)
    {
        var view = Fold(snapshot, e.Id, e.Data);
        return view is null
            ? null
            : view with
            {
                Version = e.Version,
                RecordedAt = e.Timestamp,
                Sequence = view.Sequence + (MeetingRevisions.Revises(e.Data) ? 1 : 0),
                FirstDay = view.Start.LastDay,
                LastDay = view.End.LastDayFrom(view.Start),
                SortKey = snapshot?.SortKey ?? string.Create(CultureInfo.InvariantCulture, $"{view.Start.LastDay:yyyy-MM-dd}|{id}"),
                Organisations =
                [
                    .. view
                        .Hosts.Select(h => h.OrganisationId)
                        .Concat(view.Registrations.Select(r => r.OrganisationId))
                        .Concat(view.Attendances.Select(a => a.OrganisationId))
                        .Concat(view.Delegations.Select(d => d.OrganisationId))
                        .Distinct(),
                ],
            };
    }

    private static MeetingView? Fold(MeetingView? view, Guid eventId, object data) =>
        data switch
        {
            MeetingScheduled s => new MeetingView
            {
                Id = s.MeetingId,
                Title = s.Title,
                State = Json.Word(MeetingState.Scheduled),
                Frameworks = s.Frameworks,
                Start = s.Start,
                End = s.End,
                TimeZone = s.TimeZone,
                FirstDay = default,
                LastDay = default,
                Mode = s.Mode,
                Venue = s.Venue,
                Country = s.Country,
                Hosts = s.Hosts,
                Topics = s.Topics,
                InMarginsOf = s.InMarginsOf,
                ExternalReference = s.ExternalReference,
            },
            _ when view is null => null,
            MeetingRescheduled r => view with
            {
                State = Json.Word(MeetingState.Scheduled),
                Start = r.Start,
                End = r.End,
                TimeZone = r.TimeZone,
            },
            MeetingRelocated r => view with { Mode = r.Mode, Venue = r.Venue, Country = r.Country },
            HostsChanged h => view with { Hosts = h.Hosts },
            AgendaSet a => view with { Agenda = a.Items },
            MeetingPostponed => view with { State = Json.Word(MeetingState.Postponed) },
            MeetingCancelled => view with { State = Json.Word(MeetingState.Cancelled) },
            MeetingDidNotTakePlace => view with { State = Json.Word(MeetingState.DidNotTakePlace) },
            MeetingHeld h => view with
            {
                State = Json.Word(MeetingState.Held),
                Start = h.HeldFrom,
                End = h.HeldTo,
                Mode = h.Mode ?? view.Mode,
            },
            MeetingCorrected c => Correct(view, c.Replaced, c.Corrected),
            MeetingVoided => view with { State = Voided, StateWhenVoided = view.State },
            MeetingReinstated => view with { State = view.StateWhenVoided!, StateWhenVoided = null },
            AttendanceRegistered r => view with
            {
                Registrations =
                [
                    .. view.Registrations.Where(v => v.PersonId != r.PersonId),
                    new RegistrationView(r.PersonId, r.OrganisationId, r.Role),
                ],
            },
            RegistrationWithdrawn r => view with { Registrations = [.. view.Registrations.Where(v => v.PersonId != r.PersonId)] },
            AttendanceRecorded a => view with
            {
                Attendances = [.. view.Attendances, new AttendanceView(a.PersonId, a.OrganisationId, a.Role, a.Status, a.Mode)],
            },
            AttendanceCorrected a => view with
            {
                Attendances =
                [
                    .. view.Attendances.Select(v =>
                        v.PersonId == a.PersonId
                            ? new AttendanceView(
                                a.PersonId,
                                a.Corrected.OrganisationId,
                                a.Corrected.Role,
                                a.Corrected.Status,
                                a.Corrected.Mode
                            )
                            : v
                    ),
                ],
            },
            DelegationCounted d => view with { Delegations = Counted(view, d.OrganisationId, new HeadCount(d.Count, d.Precision)) },
            DelegationCorrected d => view with { Delegations = Counted(view, d.OrganisationId, d.Corrected) },
            OutcomeRecorded o => view with
            {
                Outcomes =
                [
                    .. view.Outcomes,
                    OutcomeView.Of(o.OutcomeId, new OutcomeFacts(o.Kind, o.Text, o.DocumentUrl, o.Sha256, o.Status)),
                ],
            },
            OutcomeCorrected o => view with
            {
                Outcomes = Corrected(
                    view.Outcomes,
                    one => one.OutcomeId == o.OutcomeId,
                    o.Corrected is null ? null : OutcomeView.Of(o.OutcomeId, o.Corrected)
                ),
            },
            DocumentLinked d => view with
            {
                Documents = [.. view.Documents, new DocumentView(d.Title, d.Url, d.Status, d.Sha256, d.Language, eventId)],
            },
            DocumentCorrected d => view with
            {
                Documents = Corrected(
                    view.Documents,
                    one => one.Is(d.DocumentId, d.Replaced),
                    d.Corrected is null ? null : DocumentView.Of(d.DocumentId, d.Corrected)
                ),
            },
            _ => view,
        };

    /// <summary>The meeting with what a correction gives, and without what it takes away.</summary>
    private static MeetingView Correct(MeetingView view, MeetingFacts replaced, MeetingFacts corrected) =>
        view with
        {
            Title = corrected.Title ?? view.Title,
            State = corrected.State is { } state ? Json.Word(state) : view.State,
            Frameworks = corrected.Frameworks ?? view.Frameworks,
            Start = corrected.Start ?? view.Start,
            End = corrected.End ?? view.End,
            TimeZone = Correction.After(view.TimeZone, replaced.TimeZone, corrected.TimeZone),
            Mode = Correction.After(view.Mode, replaced.Mode, corrected.Mode),
            Venue = Correction.After(view.Venue, replaced.Venue, corrected.Venue),
            Country = Correction.After(view.Country, replaced.Country, corrected.Country),
            Hosts = corrected.Hosts ?? view.Hosts,
            Topics = corrected.Topics ?? view.Topics,
            InMarginsOf = Correction.After(view.InMarginsOf, replaced.InMarginsOf, corrected.InMarginsOf),
        };

    /// <summary>With the corrected one in its place, or at the end where it stands again; without it where it is withdrawn.</summary>
    private static ValueList<T> Corrected<T>(ValueList<T> all, Func<T, bool> isIt, T? corrected)
        where T : class =>
        corrected is null ? [.. all.Where(one => !isIt(one))]
        : all.Any(isIt) ? [.. all.Select(one => isIt(one) ? corrected : one)]
        : [.. all, corrected];

    private static ValueList<DelegationView> Counted(MeetingView view, Guid organisationId, HeadCount count)
    {
        var others = view.Delegations.Where(d => d.OrganisationId != organisationId);
        return count.Count == 0 ? [.. others] : [.. others, new DelegationView(organisationId, count.Count, count.Precision)];
    }
}
