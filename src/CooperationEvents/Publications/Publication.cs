using CooperationEvents.Kernel;

namespace CooperationEvents.Publications;

/// <summary>A figure frozen as it was stated in public.</summary>
public sealed record Publication(Guid Id, bool Withdrawn) : IState<Publication>
{
    public static StreamKind Stream => StreamKind.Publication;

    public static Publication? Fold(Publication? state, Recorded recorded) =>
        recorded.Data switch
        {
            FigurePublished e => new Publication(e.PublicationId, Withdrawn: false),
            FigureWithdrawn => state! with { Withdrawn = true },
            _ => state,
        };
}
