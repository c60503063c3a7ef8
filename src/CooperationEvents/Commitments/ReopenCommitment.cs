using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Opens a commitment again that was fulfilled or dropped. The reason is public record.</summary>
public sealed record ReopenCommitment(Reference CommitmentId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Commitment commitment, ReopenCommitment command) =>
        commitment.Status == CommitmentStatus.Open
            ? Decision.Nothing
            : Decision.Accept(new CommitmentReopened(commitment.Id, command.Reason));
}

public static class ReopenCommitmentEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/reopen", OperationId = "reopen-commitment"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ReopenCommitment command) =>
        new(work => work.Change<Commitment>(command.CommitmentId, commitment => ReopenCommitment.Decide(commitment, command)));
}
