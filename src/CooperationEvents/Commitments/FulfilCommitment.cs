using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Records that an open commitment was fulfilled. Only somebody's word fulfils one. The evidence is public record.</summary>
public sealed record FulfilCommitment(Reference CommitmentId, PartialDate On, [property: Text(2000)] string? Evidence = null) : ICommand
{
    /// <param name="today">The day it is in UTC.</param>
    public static Decision Decide(Commitment commitment, DateOnly today, FulfilCommitment command)
    {
        var fulfilled = new CommitmentFulfilled(commitment.Id, command.On, command.Evidence);
        if (commitment.Fulfilment is { } known)
            return known == fulfilled
                ? Decision.Nothing
                : CommitmentProblems.AlreadyFulfilled.Differing(
                    $"The commitment was fulfilled on {known.On}. Reopen it first, to record that in another way.",
                    Difference.Between(known, fulfilled)
                );
        return commitment.RefuseUnlessOpen() ?? CommitmentRules.ToCome(command.On, today) ?? Decision.Accept(fulfilled);
    }
}

public static class FulfilCommitmentEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/fulfil", OperationId = "fulfil-commitment"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(FulfilCommitment command) =>
        new(work =>
            work.Change<Commitment>(command.CommitmentId, commitment =>
                FulfilCommitment.Decide(commitment, work.Today(timeZone: null), command)
            )
        );
}
