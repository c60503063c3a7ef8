using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;

namespace CooperationEvents.Meetings;

/// <summary>A meeting as it is read. A partial date stands for its last day, as first and as last day.</summary>
public sealed record MeetingView : MeetingDetails, IView
{
    public static StreamKind Stream => StreamKind.Meeting;

    public static string Table => $"{ReadModel.Schema}.mt_doc_meetingview";

    public required Guid Id { get; init; }

    public long Version { get; init; }

    /// <summary>The state; <c>voided</c> where the meeting is voided, whatever it was before.</summary>
    public required string State { get; init; }

    public DateOnly FirstDay { get; init; }

    public DateOnly LastDay { get; init; }

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
        var view = Fold(snapshot, e.Id, e.Data) is { } folded ? MeetingDetails.Fold(folded, e.Data) : null;
        return view is null
            ? null
            : view with
            {
                Version = e.Version,
                RecordedAt = e.Timestamp,
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

    /// <summary>All but the details after an event.</summary>
    private static MeetingView? Fold(MeetingView? view, Guid eventId, object data) =>
        data switch
        {
            MeetingScheduled s => new MeetingView
            {
                Id = s.MeetingId,
                State = Json.Word(MeetingState.Scheduled),
                ExternalReference = s.ExternalReference,
            },
            _ when view is null => null,
            MeetingRescheduled => view with { State = Json.Word(MeetingState.Scheduled) },
            MeetingPostponed => view with { State = Json.Word(MeetingState.Postponed) },
            MeetingCancelled => view with { State = Json.Word(MeetingState.Cancelled) },
            MeetingDidNotTakePlace => view with { State = Json.Word(MeetingState.DidNotTakePlace) },
            MeetingHeld => view with { State = Json.Word(MeetingState.Held) },
            MeetingCorrected { Corrected.State: { } state } => view with { State = Json.Word(state) },
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
