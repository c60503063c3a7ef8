using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>Records that a published figure is no longer stated. The reason is public record.</summary>
public sealed record WithdrawFigure(Reference PublicationId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Publication publication, WithdrawFigure command) =>
        publication.Withdrawn ? Decision.Nothing : Decision.Accept(new FigureWithdrawn(publication.Id, command.Reason));
}

public static class WithdrawFigureEndpoint
{
    [WolverinePost("/v1/statistics/publications/{publicationId}/withdraw", OperationId = "withdraw-figure")]
    [Command(Scopes.FiguresPublish, HttpOnly = true)]
    public static CommandRule Post(WithdrawFigure command) =>
        new(work => work.Change<Publication>(command.PublicationId, publication => WithdrawFigure.Decide(publication, command)));
}
