using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>
/// Records that an open commitment is due on another day from now on. A partial date stands for its last day. The reason is public record.
/// </summary>
public sealed record ChangeDueDate(Reference CommitmentId, PartialDate DueOn, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Commitment commitment, ChangeDueDate command) =>
        commitment.Details.DueOn == command.DueOn
            ? Decision.Nothing
            : commitment.RefuseUnlessOpen()
                ?? Decision.Accept(new CommitmentDueDateChanged(commitment.Id, command.DueOn, command.Reason, commitment.Details.DueOn));
}

public static class ChangeDueDateEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/due-date", OperationId = "change-due-date"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ChangeDueDate command) =>
        new(work => work.Change<Commitment>(command.CommitmentId, commitment => ChangeDueDate.Decide(commitment, command)));
}
