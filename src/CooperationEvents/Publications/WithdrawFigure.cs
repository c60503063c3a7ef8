using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
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
    [WolverinePost("/v1/statistics/publications/{publicationId}/withdraw", OperationId = "withdraw-figure"), Command<WithdrawFigure>(Scopes.FiguresPublish, AtItsPathOnly = true)]
    public static Task<IResult> Post(HttpContext http, CommandEndpoint endpoint) => endpoint.Answer<WithdrawFigure>(http, Handle);

    public static Task<Change> Handle(WithdrawFigure command, Work work) =>
        work.Change<Publication>(command.PublicationId, publication => WithdrawFigure.Decide(publication, command));
}
