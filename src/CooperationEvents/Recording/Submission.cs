using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>
/// A command on its way to the history. <paramref name="Decide"/> is run once per attempt and depends on nothing but the
/// <see cref="UnitOfWork"/> it is given, so that attempts can be repeated and several submissions decided in one transaction.
/// <paramref name="Status"/> is the HTTP status of an accepted answer.
/// </summary>
public sealed record Submission(Caller Caller, Func<UnitOfWork, Task<StreamDecision>> Decide, int Status = 200)
{
    /// <summary>The caller's key, under which an accepted answer is remembered.</summary>
    public IdempotencyStore.Key? Key { get; init; }

    /// <summary>
    /// Whether it is decided in a transaction of its own, beside the others: its decision takes long, and nobody is to wait for it.
    /// </summary>
    public bool Alone { get; init; }

    /// <summary>
    /// Submissions that follow each other and have the same one hang together: they are recorded in one transaction, or, where
    /// one of them is refused, none of them is.
    /// </summary>
    public object? Together { get; init; }

    /// <summary>The versions the caller allows the stream to have.</summary>
    public ExpectedVersion? Expected { get; init; }

    /// <summary>The submissions in their order, those that hang together as one.</summary>
    internal static IEnumerable<IReadOnlyList<Submission>> Groups(IReadOnlyList<Submission> submissions)
    {
        for (var from = 0; from < submissions.Count; )
        {
            var together = submissions[from].Together;
            var count = together is null ? 1 : submissions.Skip(from).TakeWhile(s => ReferenceEquals(s.Together, together)).Count();
            yield return [.. submissions.Skip(from).Take(count)];
            from += count;
        }
    }
}

/// <summary>An If-Match condition (RFC 9110): any of these versions, or any version at all of something that exists.</summary>
public sealed record ExpectedVersion(bool Any, IReadOnlyList<long> Versions)
{
    /// <summary>Whether the condition has weak tags, which match nothing.</summary>
    public bool HasWeak { get; init; }

    public bool Allows(long version) => version > 0 && (Any || Versions.Contains(version));
}

/// <summary>
/// Who records, and under what: written as metadata on every event. <paramref name="Actor"/> is a random principal id;
/// <paramref name="OnBehalfOf"/> an opaque id too, since metadata is never erased.
/// </summary>
public sealed record Caller(Guid Actor, Guid? OnBehalfOf, string? Source, string Correlation)
{
    /// <summary>The principal under which the register itself records.</summary>
    private static readonly Guid Register = new("6c6f6700-0000-4000-8000-000000000002");

    /// <summary>The register itself.</summary>
    public static Caller Itself(string correlation) => new(Register, null, null, correlation);
}

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
