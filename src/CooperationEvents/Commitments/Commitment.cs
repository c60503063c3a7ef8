using System.Collections.Immutable;
using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

/// <summary>What organisations undertook, perhaps at a meeting; followed up, reviewed, closed.</summary>
public sealed record Commitment : IState<Commitment>
{
    public static StreamKind Stream => StreamKind.Commitment;

    public required Guid Id { get; init; }

    public required Guid FrameworkId { get; init; }

    public required CommitmentStatus Status { get; init; }

    public required string Text { get; init; }

    public required ValueList<Guid> Owners { get; init; }

    public Guid? MeetingId { get; init; }

    public string? Area { get; init; }

    public PartialDate? DueOn { get; init; }

    /// <summary>Each progress that was ever reported, by which a repeat is told.</summary>
    public ImmutableList<CommitmentProgressReported> Reported { get; init; } = [];

    /// <summary>Each review that was ever recorded, by which a repeat is told.</summary>
    public ImmutableList<CommitmentReviewed> Reviewed { get; init; } = [];

    /// <summary>How it was fulfilled; null where it is not.</summary>
    public CommitmentFulfilled? Fulfilment { get; init; }

    public static Commitment? Fold(Commitment? state, Recorded recorded) =>
        recorded.Data switch
        {
            CommitmentMade e => new Commitment
            {
                Id = e.CommitmentId,
                FrameworkId = e.FrameworkId,
                Status = CommitmentStatus.Open,
                Text = e.Text,
                Owners = e.Owners,
                MeetingId = e.MeetingId,
                Area = e.Area,
                DueOn = e.DueOn,
            },
            _ when state is null => null,
            CommitmentCorrected { Replaced: var replaced, Corrected: var corrected } => state with
            {
                Text = corrected.Text ?? state.Text,
                Owners = corrected.Owners ?? state.Owners,
                MeetingId = Correction.After(state.MeetingId, replaced.MeetingId, corrected.MeetingId),
                Area = Correction.After(state.Area, replaced.Area, corrected.Area),
                DueOn = Correction.After(state.DueOn, replaced.DueOn, corrected.DueOn),
            },
            CommitmentProgressReported e => state with { Reported = state.Reported.Add(e) },
            CommitmentReviewed e => state with { Reviewed = state.Reviewed.Add(e) },
            CommitmentDueDateChanged e => state with { DueOn = e.DueOn },
            CommitmentFulfilled e => state with { Status = CommitmentStatus.Fulfilled, Fulfilment = e },
            CommitmentDropped => state with { Status = CommitmentStatus.Dropped },
            CommitmentReopened => state with { Status = CommitmentStatus.Open, Fulfilment = null },
            _ => state,
        };

    /// <summary>What would make it as it is now.</summary>
    public CommitmentMade AsMade(CommitmentMade first) =>
        first with
        {
            Text = Text,
            Owners = Owners,
            MeetingId = MeetingId,
            Area = Area,
            DueOn = DueOn,
        };

    /// <summary>Why nothing can be followed up, or null where the commitment is open.</summary>
    public Problem? RefuseUnlessOpen() =>
        Status switch
        {
            CommitmentStatus.Open => null,
            CommitmentStatus.Fulfilled => CommitmentProblems.NotOpen.Because("The commitment was fulfilled. Reopen it first."),
            _ => CommitmentProblems.NotOpen.Because("The commitment was dropped. Reopen it first."),
        };
}

public enum CommitmentStatus
{
    Open,
    Fulfilled,
    Dropped,
}
