using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>What a command comes to in one attempt: a decision about one stream.</summary>
public sealed record Change
{
    private Change(Decision decision) => Decision = decision;

    internal Decision Decision { get; private init; }

    internal LoadedStream? Stream { get; private init; }

    internal bool Creates { get; private init; }

    /// <summary>The id of what was made inside the stream (an affiliation, an outcome), to be answered beside the stream's own.</summary>
    public Guid? PartId { get; init; }

    internal static Change Of(LoadedStream stream, Decision decision, bool creates = false) =>
        new(decision) { Stream = stream, Creates = creates };

    public static implicit operator Change(Problem problem) => new(new Decision.Refused(problem));

    public static Change FromProblem(Problem problem) => problem;
}

/// <summary>A command's answer: what was recorded, or why it was refused.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary><paramref name="Position"/> is that of the last event behind the answer; <paramref name="Version"/> that of the stream then.</summary>
    public sealed record Accepted(int Status, Guid Id, long Version, long Position, Guid? PartId, bool Replayed = false) : Outcome
    {
        /// <summary>What a record that was created may be the same as.</summary>
        public ValueList<PossibleDuplicate> PossibleDuplicates { get; init; } = [];
    }

    public sealed record Refused(Problem Problem) : Outcome;
}

/// <summary>What was decided about one submission and is not committed yet: why it is refused, or how many events it comes to.</summary>
public sealed record Verdict(Problem? Refused, int Events);
