using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Reports how an open commitment comes along. Note and evidence are public record.</summary>
public sealed record ReportProgress(
    Reference CommitmentId,
    PartialDate On,
    [property: Text(4000)] string Note,
    [property: Text(2000)] string? Evidence = null
) : ICommand
{
    /// <param name="today">The day it is in UTC.</param>
    public static Decision Decide(Commitment commitment, DateOnly today, ReportProgress command)
    {
        var reported = new CommitmentProgressReported(commitment.Id, command.On, command.Note, command.Evidence);
        return commitment.Reported.Contains(reported)
            ? Decision.Nothing
            : commitment.RefuseUnlessOpen() ?? CommitmentRules.ToCome(command.On, today) ?? Decision.Accept(reported);
    }
}

public static class ReportProgressEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/progress", OperationId = "report-progress"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ReportProgress command) =>
        new(work =>
            work.Change<Commitment>(command.CommitmentId, commitment =>
                ReportProgress.Decide(commitment, work.Today(timeZone: null), command)
            )
        );
}
