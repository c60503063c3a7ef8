using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>What a command came to: what was recorded, or why it was refused. Before the commit events have no position.</summary>
public abstract record CommandResult
{
    private CommandResult() { }

    /// <summary>How many events follow from it; none where it is refused, or repeats what is already so.</summary>
    public int Events { get; private init; }

    /// <summary>Why it is refused itself; null where it stands, or falls with another.</summary>
    public Problem? Refusal => this is Refused { WithAnother: false } refused ? refused.Problem : null;

    /// <summary>
    /// <paramref name="Position"/> is that of the last event behind the answer; <paramref name="Version"/> that of the stream then.
    /// </summary>
    public sealed record Accepted(int Status, Guid Id, long Version, long Position, Guid? PartId, bool Replayed = false) : CommandResult
    {
        /// <summary>What a record that was created may be the same as.</summary>
        public ValueList<PossibleDuplicate> PossibleDuplicates { get; private init; } = [];

        /// <summary>The id of what it created, or repeats to have created.</summary>
        internal Guid? Created => Status == 201 && PartId is null ? Id : null;

        internal static Accepted Of(Submission submission, StreamDecision change, IReadOnlyList<NewEvent> events)
        {
            var stream = change.Stream!;
            var (version, position) = (events.Count, change.Creates) switch
            {
                (0, true) => (stream.Creation.Count, stream.CreationPosition),
                (0, false) => (stream.Version, Math.Max(stream.Position, change.Covers)),
                _ => (stream.Version + events.Count, 0),
            };
            var part = change.PartIsItsEvent && events is [var making, ..] ? making.Recorded.Id : change.PartId;
            return new Accepted(submission.Status, stream.Id, version, position, part) { Events = events.Count };
        }

        internal Accepted Again() => this with { Replayed = true, Events = 0 };

        /// <summary>
        /// The same with its position, by those of the events of the transaction, and with what its record may be the same as.
        /// </summary>
        internal Accepted At(
            IReadOnlyDictionary<(Guid Stream, long Version), long> positions,
            IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates
        ) =>
            this with
            {
                Position = positions.TryGetValue((Id, Version), out var position) ? position : Position,
                PossibleDuplicates = Created is { } created && duplicates.TryGetValue(created, out var its) ? its : [],
            };
    }

    /// <param name="WithAnother">Whether it is refused because another is that it hangs together with.</param>
    public sealed record Refused(Problem Problem, bool WithAnother = false) : CommandResult;

    public static implicit operator CommandResult(Problem problem) => new Refused(problem);
}
