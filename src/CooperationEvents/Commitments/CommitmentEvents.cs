using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

[Stored("commitment_made")]
public sealed record CommitmentMade(
    Guid CommitmentId,
    Guid FrameworkId,
    [property: Text(4000)] string Text,
    ValueList<Guid> Owners,
    Guid? MeetingId = null,
    string? Area = null,
    PartialDate? DueOn = null,
    ExternalReference? ExternalReference = null
);

/// <summary>
/// Replaces what was recorded of a commitment. A member that is in neither stays as it is; one that is only in
/// <paramref name="Replaced"/> is taken away.
/// </summary>
[Stored("commitment_corrected")]
public sealed record CommitmentCorrected(Guid CommitmentId, CommitmentFacts Replaced, CommitmentFacts Corrected, string Reason);

[Stored("commitment_progress_reported"), NoFact]
public sealed record CommitmentProgressReported(Guid CommitmentId, PartialDate On, string Note, string? Evidence = null);

/// <summary>What a meeting found of the commitment.</summary>
[Stored("commitment_reviewed"), NoFact]
public sealed record CommitmentReviewed(Guid CommitmentId, Guid MeetingId, PartialDate On, string Assessment, string? Note = null);

/// <summary>Another day was agreed on. That is no correction: the earlier day was right until then.</summary>
[Stored("commitment_due_date_changed")]
public sealed record CommitmentDueDateChanged(Guid CommitmentId, PartialDate DueOn, string Reason, PartialDate? ReplacedDueOn = null);

[Stored("commitment_fulfilled")]
public sealed record CommitmentFulfilled(Guid CommitmentId, PartialDate On, string? Evidence = null);

[Stored("commitment_dropped")]
public sealed record CommitmentDropped(Guid CommitmentId, string Reason);

[Stored("commitment_reopened")]
public sealed record CommitmentReopened(Guid CommitmentId, string Reason);

/// <summary>The facts of a commitment that a correction can replace; in an event, only those that change.</summary>
public sealed record CommitmentFacts
{
    public string? Text { get; init; }

    public ValueList<Guid>? Owners { get; init; }

    public Guid? MeetingId { get; init; }

    public string? Area { get; init; }

    public PartialDate? DueOn { get; init; }
}
