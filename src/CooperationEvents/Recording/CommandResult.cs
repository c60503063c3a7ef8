using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>What a command came to: what was recorded, or why it was refused.</summary>
public abstract record CommandResult
{
    private CommandResult() { }

    /// <summary>
    /// <paramref name="Position"/> is that of the last event behind the answer; <paramref name="Version"/> that of the stream then.
    /// </summary>
    public sealed record Accepted(int Status, Guid Id, long Version, long Position, Guid? PartId, bool Replayed = false) : CommandResult
    {
        /// <summary>What a record that was created may be the same as.</summary>
        public ValueList<PossibleDuplicate> PossibleDuplicates { get; init; } = [];
    }

    public sealed record Refused(Problem Problem) : CommandResult;
}

/// <summary>The decision about one submission, before it is committed: the reason of a refusal, or the number of events.</summary>
public sealed record CommandDecision(Problem? Refused, int Events)
{
    /// <summary>What a record that it creates may be the same as.</summary>
    public ValueList<PossibleDuplicate> PossibleDuplicates { get; init; } = [];

    /// <summary>The id of that record; null where it is like nothing.</summary>
    public Guid? Created { get; init; }
}
