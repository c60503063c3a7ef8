using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Records what a meeting under the framework found of an open commitment. Assessment and note are public record.</summary>
public sealed record ReviewCommitment(
    Reference CommitmentId,
    Reference MeetingId,
    PartialDate On,
    [property: Text(1000)] string Assessment,
    [property: Text(4000)] string? Note = null
) : ICommand
{
    /// <param name="today">The day it is in UTC.</param>
    public static Decision Decide(Commitment commitment, MeetingPlace meeting, DateOnly today, ReviewCommitment command)
    {
        var reviewed = new CommitmentReviewed(commitment.Id, meeting.MeetingId, command.On, command.Assessment, command.Note);
        return commitment.Reviewed.Contains(reviewed)
            ? Decision.Nothing
            : commitment.RefuseUnlessOpen()
                ?? CommitmentRules.Elsewhere(commitment.Details.FrameworkId, meeting)
                ?? CommitmentRules.ToCome(command.On, today)
                ?? Decision.Accept(reviewed);
    }
}

public static class ReviewCommitmentEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/review", OperationId = "review-commitment"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ReviewCommitment command) =>
        new(work =>
            work.Change<Commitment>(
                command.CommitmentId,
                new References().Add(StreamKind.Meeting, command.MeetingId, "/meetingId"),
                async (commitment, ids) =>
                    ReviewCommitment.Decide(
                        commitment,
                        await CommitmentLookup.Place(work, ids.Of(StreamKind.Meeting, command.MeetingId)),
                        work.Today(timeZone: null),
                        command
                    )
            )
        );
}
