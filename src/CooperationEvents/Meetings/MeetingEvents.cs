using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

[Stored("meeting_scheduled")]
public sealed record MeetingScheduled(
    Guid MeetingId,
    string Title,
    ValueList<Placement> Frameworks,
    PartialDate Start,
    PartialDate End,
    ValueList<Host> Hosts,
    ValueList<string> Topics,
    string? TimeZone = null,
    MeetingMode? Mode = null,
    string? Venue = null,
    string? Country = null,
    Guid? InMarginsOf = null,
    ExternalReference? ExternalReference = null
);

[Stored("meeting_rescheduled")]
public sealed record MeetingRescheduled(Guid MeetingId, PartialDate Start, PartialDate End, string? TimeZone = null, string? Reason = null);

/// <summary>Where and how the meeting is to take place, after the change.</summary>
[Stored("meeting_relocated")]
public sealed record MeetingRelocated(
    Guid MeetingId,
    MeetingMode? Mode = null,
    string? Venue = null,
    string? Country = null,
    string? Reason = null
);

[Stored("hosts_changed")]
public sealed record HostsChanged(Guid MeetingId, ValueList<Host> Hosts);

[Stored("agenda_set"), NoFact]
public sealed record AgendaSet(Guid MeetingId, ValueList<AgendaItem> Items);

[Stored("meeting_postponed"), NoFact]
public sealed record MeetingPostponed(Guid MeetingId, string Reason);

[Stored("meeting_cancelled"), NoFact]
public sealed record MeetingCancelled(Guid MeetingId, string Reason);

/// <summary>The meeting took place. The days are the meeting's from now on, and so is the mode where one is given.</summary>
[Stored("meeting_held")]
public sealed record MeetingHeld(Guid MeetingId, PartialDate HeldFrom, PartialDate HeldTo, MeetingMode? Mode = null);

[Stored("meeting_did_not_take_place"), NoFact]
public sealed record MeetingDidNotTakePlace(Guid MeetingId, string Reason);

/// <summary>
/// Replaces what was recorded of a meeting. A member that is in neither stays as it is; one that is only in
/// <paramref name="Replaced"/> is taken away.
/// </summary>
[Stored("meeting_corrected")]
public sealed record MeetingCorrected(Guid MeetingId, MeetingFacts Replaced, MeetingFacts Corrected, string Reason);

[Stored("meeting_voided")]
public sealed record MeetingVoided(Guid MeetingId, string Reason);

[Stored("meeting_reinstated")]
public sealed record MeetingReinstated(Guid MeetingId, string Reason);

/// <summary>An intention to attend; another one of the same person replaces it.</summary>
[Stored("attendance_registered"), NoFact]
public sealed record AttendanceRegistered(Guid MeetingId, Guid PersonId, Guid OrganisationId, AttendeeRole Role);

[Stored("registration_withdrawn"), NoFact]
public sealed record RegistrationWithdrawn(Guid MeetingId, Guid PersonId, Protected? Reason = null) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = Reason is null ? null : change("reason", Reason),
        };
}

/// <summary>What happened: who was there (or not), for which organisation, in which role.</summary>
[Stored("attendance_recorded")]
public sealed record AttendanceRecorded(
    Guid MeetingId,
    Guid PersonId,
    Guid OrganisationId,
    AttendeeRole Role,
    AttendanceStatus Status,
    MeetingMode? Mode = null
);

/// <summary>The reason is free text about the person, and sealed.</summary>
[Stored("attendance_corrected")]
public sealed record AttendanceCorrected(Guid MeetingId, Guid PersonId, Attendance Replaced, Attendance Corrected, Protected Reason)
    : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = change("reason", Reason),
        };
}

/// <summary>People of an organisation who were present beyond those named.</summary>
[Stored("delegation_counted")]
public sealed record DelegationCounted(Guid MeetingId, Guid OrganisationId, int Count, CountPrecision Precision);

/// <summary>Another count of the same delegation; 0 withdraws it.</summary>
[Stored("delegation_corrected")]
public sealed record DelegationCorrected(Guid MeetingId, Guid OrganisationId, HeadCount Replaced, HeadCount Corrected, string Reason);

[Stored("outcome_recorded"), NoFact]
public sealed record OutcomeRecorded(
    Guid MeetingId,
    Guid OutcomeId,
    OutcomeKind Kind,
    ValueList<LanguageText> Text,
    string? DocumentUrl = null,
    string? Sha256 = null,
    string? Status = null
);

[Stored("document_linked"), NoFact]
public sealed record DocumentLinked(
    Guid MeetingId,
    string Title,
    string Url,
    DocumentStatus Status,
    string? Sha256 = null,
    string? Language = null
);

/// <summary>
/// What an outcome says from now on. Without <paramref name="Corrected"/> it is withdrawn; without <paramref name="Replaced"/> it was
/// withdrawn, and stands again.
/// </summary>
[Stored("outcome_corrected"), NoFact]
public sealed record OutcomeCorrected(
    Guid MeetingId,
    Guid OutcomeId,
    string Reason,
    OutcomeFacts? Replaced = null,
    OutcomeFacts? Corrected = null
);

/// <summary>The same of a linked document, which is known by the id of the event that linked it.</summary>
[Stored("document_corrected"), NoFact]
public sealed record DocumentCorrected(
    Guid MeetingId,
    Guid DocumentId,
    string Reason,
    DocumentFacts? Replaced = null,
    DocumentFacts? Corrected = null
);

/// <summary>Under which framework a meeting takes place, at which of its levels, perhaps as a numbered edition.</summary>
public sealed record Placement(Guid FrameworkId, string Level, int? Edition = null);

/// <summary>Who hosts; <paramref name="OnBehalfOf"/> names whom the organisation hosts for, such as a party.</summary>
public sealed record Host(Guid OrganisationId, Guid? PersonId = null, HostRole Role = HostRole.Host, string? OnBehalfOf = null);

public sealed record AgendaItem([property: Text(300)] string Title, [property: Text(40)] string? Topic = null);

public sealed record LanguageText(string Language, string Text);

/// <summary>All that an outcome says.</summary>
public sealed record OutcomeFacts(
    OutcomeKind Kind,
    ValueList<LanguageText> Text,
    string? DocumentUrl = null,
    string? Sha256 = null,
    string? Status = null
);

/// <summary>All that is said of a linked document.</summary>
public sealed record DocumentFacts(string Title, string Url, DocumentStatus Status, string? Sha256 = null, string? Language = null);

public sealed record Attendance(Guid OrganisationId, AttendeeRole Role, AttendanceStatus Status, MeetingMode? Mode = null);

public sealed record HeadCount(int Count, CountPrecision Precision);

/// <summary>The facts of a meeting that a correction can replace; in an event, only those that change.</summary>
public sealed record MeetingFacts
{
    public string? Title { get; init; }

    public MeetingState? State { get; init; }

    public ValueList<Placement>? Frameworks { get; init; }

    public PartialDate? Start { get; init; }

    public PartialDate? End { get; init; }

    public string? TimeZone { get; init; }

    public MeetingMode? Mode { get; init; }

    public string? Venue { get; init; }

    public string? Country { get; init; }

    public ValueList<Host>? Hosts { get; init; }

    public ValueList<string>? Topics { get; init; }

    public Guid? InMarginsOf { get; init; }
}

public enum MeetingState
{
    Scheduled,
    Postponed,
    Cancelled,
    Held,
    DidNotTakePlace,
}

public enum MeetingMode
{
    InPerson,
    Online,
    Hybrid,
}

public enum HostRole
{
    Host,
    CoHost,
    Chair,
    Opener,
}

public enum AttendeeRole
{
    Chair,
    HeadOfDelegation,
    Delegate,
    Expert,
    Speaker,
    Rapporteur,
    Observer,
    Interpreter,
    Support,
}

public enum AttendanceStatus
{
    Attended,
    Absent,
    Excused,
}

public enum CountPrecision
{
    Exact,
    Estimated,
    Minimum,
}

public enum OutcomeKind
{
    Conclusion,
    Decision,
    BestPractice,
    Initiative,
    Statement,
}

public enum DocumentStatus
{
    Draft,
    Adopted,
    Published,
}

/// <summary>Which events make a new revision of a meeting's calendar entry.</summary>
internal static class MeetingRevisions
{
    /// <summary>
    /// Whether the event changes when, where or whether the meeting takes place, or what is stated of it: a calendar that holds the
    /// meeting then has to replace its entry. Each event of a meeting is named, so that a test can ask for a new one.
    /// </summary>
    public static bool Revises(object data) =>
        data switch
        {
            MeetingRescheduled
            or MeetingRelocated
            or MeetingPostponed
            or MeetingCancelled
            or MeetingHeld
            or MeetingDidNotTakePlace
            or MeetingCorrected
            or MeetingVoided
            or MeetingReinstated => true,
            MeetingScheduled
            or HostsChanged
            or AgendaSet
            or AttendanceRegistered
            or RegistrationWithdrawn
            or AttendanceRecorded
            or AttendanceCorrected
            or DelegationCounted
            or DelegationCorrected
            or OutcomeRecorded
            or OutcomeCorrected
            or DocumentLinked
            or DocumentCorrected => false,
            _ => false,
        };
}
