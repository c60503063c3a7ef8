using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>What a command comes to in one attempt: a decision about one stream.</summary>
public sealed record StreamDecision
{
    private StreamDecision(Decision decision) => Decision = decision;

    internal Decision Decision { get; private init; }

    internal LoadedStream? Stream { get; private init; }

    internal bool Creates { get; private init; }

    /// <summary>The id of what was made inside the stream (an affiliation, an outcome), to be answered beside the stream's own.</summary>
    public Guid? PartId { get; init; }

    /// <summary>The position of events of other streams behind the decision, which the answer covers where nothing is appended.</summary>
    internal long Covers { get; init; }

    internal static StreamDecision Of(LoadedStream stream, Decision decision, bool creates = false) =>
        new(decision) { Stream = stream, Creates = creates };

    public static implicit operator StreamDecision(Problem problem) => new(new Decision.Refused(problem));

    public static StreamDecision FromProblem(Problem problem) => problem;
}
