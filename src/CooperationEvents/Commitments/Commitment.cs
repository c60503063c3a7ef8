using System.Collections.Immutable;
using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

/// <summary>What organisations undertook, perhaps at a meeting; followed up, reviewed, closed.</summary>
public sealed record Commitment : IState<Commitment>
{
    public static StreamKind Stream => StreamKind.Commitment;

    public required Guid Id { get; init; }

    public required CommitmentStatus Status { get; init; }

    public CommitmentDetails Details { get; init; } = new();

    /// <summary>Each progress that was ever reported, by which a repeat is told.</summary>
    public ImmutableList<CommitmentProgressReported> Reported { get; init; } = [];

    /// <summary>Each review that was ever recorded, by which a repeat is told.</summary>
    public ImmutableList<CommitmentReviewed> Reviewed { get; init; } = [];

    /// <summary>How it was fulfilled; null where it is not.</summary>
    public CommitmentFulfilled? Fulfilment { get; init; }

    public static Commitment? Fold(Commitment? state, Recorded recorded) =>
        After(state, recorded.Data) is { } after ? after with { Details = CommitmentDetails.Fold(after.Details, recorded.Data) } : null;

    /// <summary>All but the details after an event.</summary>
    private static Commitment? After(Commitment? state, object data) =>
        data switch
        {
            CommitmentMade e => new Commitment { Id = e.CommitmentId, Status = CommitmentStatus.Open },
            _ when state is null => null,
            CommitmentProgressReported e => state with { Reported = state.Reported.Add(e) },
            CommitmentReviewed e => state with { Reviewed = state.Reviewed.Add(e) },
            CommitmentFulfilled e => state with { Status = CommitmentStatus.Fulfilled, Fulfilment = e },
            CommitmentDropped => state with { Status = CommitmentStatus.Dropped },
            CommitmentReopened => state with { Status = CommitmentStatus.Open, Fulfilment = null },
            _ => state,
        };

    /// <summary>What would make it as it is now.</summary>
    public CommitmentMade AsMade(CommitmentMade first) =>
        first with
        {
            Text = Details.Text,
            Owners = Details.Owners,
            MeetingId = Details.MeetingId,
            Area = Details.Area,
            DueOn = Details.DueOn,
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
