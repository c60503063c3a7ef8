using CooperationEvents.Kernel;

namespace CooperationEvents.Publications;

/// <summary>A figure frozen as it was stated in public.</summary>
public sealed record Publication(Guid Id, bool Withdrawn) : IState<Publication>
{
    public static string Stream => "publication";

    public static Publication? Fold(Publication? state, Recorded recorded) =>
        recorded.Data switch
        {
            FigurePublished e => new Publication(e.PublicationId, Withdrawn: false),
            FigureWithdrawn => state! with { Withdrawn = true },
            _ => state,
        };
}
