using CooperationEvents.Kernel;

namespace CooperationEvents.Publications;

public static class PublicationProblems
{
    public static readonly ProblemType SmallCells = new(
        "small-cells",
        409,
        "So few people are behind the figure that they could be recognised"
    );
}
