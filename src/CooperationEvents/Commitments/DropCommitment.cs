using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Records that an open commitment is followed up no longer. The reason is public record.</summary>
public sealed record DropCommitment(Reference CommitmentId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Commitment commitment, DropCommitment command) =>
        commitment.Status == CommitmentStatus.Dropped
            ? Decision.Nothing
            : commitment.RefuseUnlessOpen() ?? Decision.Accept(new CommitmentDropped(commitment.Id, command.Reason));
}

public static class DropCommitmentEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/drop", OperationId = "drop-commitment"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(DropCommitment command) =>
        new(work => work.Change<Commitment>(command.CommitmentId, commitment => DropCommitment.Decide(commitment, command)));
}
