using System.Runtime.ExceptionServices;
using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>A decided submission: its result, which has its position once it is committed.</summary>
internal sealed record DecidedCommand(CommandDecision Decision, CommandResult Result)
{
    /// <summary>The answer to be remembered; null where there is none, or it was remembered before.</summary>
    public IdempotencyStore.New? Remember { get; private init; }

    /// <summary>The id of what it created, or repeats to have created.</summary>
    public Guid? Created => Result is CommandResult.Accepted { Status: 201, PartId: null } accepted ? accepted.Id : null;

    /// <summary>The decision with what it creates, and what that may be the same as.</summary>
    public CommandDecision Told(IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates) =>
        Decision.Events > 0 && Created is { } created && duplicates.TryGetValue(created, out var its)
            ? Decision with
            {
                Created = created,
                PossibleDuplicates = its,
            }
            : Decision;

    public static DecidedCommand As(CommandResult result) =>
        new(new CommandDecision((result as CommandResult.Refused)?.Problem, 0), result);

    public static DecidedCommand Accepted(Submission submission, StreamDecision change, int events)
    {
        var stream = change.Stream!;
        var (version, position) = (events, change.Creates) switch
        {
            (0, true) => (stream.Creation.Count, stream.CreationPosition),
            (0, false) => (stream.Version, Math.Max(stream.Position, change.Covers)),
            _ => (stream.Version + events, 0),
        };
        return new DecidedCommand(
            new CommandDecision(null, events),
            new CommandResult.Accepted(submission.Status, stream.Id, version, position, change.PartId)
        )
        {
            Remember = submission.Key is { } key
                ? new IdempotencyStore.New(key, submission.Status, stream.Id, version, change.PartId)
                : null,
        };
    }

    /// <summary>The same key again, in the same transaction.</summary>
    public DecidedCommand RepeatedUnder(IdempotencyStore.Key key) =>
        As(key.Repeat(new IdempotencyStore.Remembered((CommandResult.Accepted)Result, Remember!.Key.BodyDigest)));

    /// <summary>
    /// The same with its position, by those of the events of the transaction, and with what its record may be the same as.
    /// </summary>
    public DecidedCommand At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates
    ) =>
        Result is CommandResult.Accepted accepted
            ? this with
            {
                Result = accepted with
                {
                    Position = positions.TryGetValue((accepted.Id, accepted.Version), out var position) ? position : accepted.Position,
                    PossibleDuplicates = Created is { } created && duplicates.TryGetValue(created, out var its) ? its : [],
                },
            }
            : this;
}

/// <summary>
/// What became of submissions that belong together: of those from the first on that were decided, and what broke the next one off.
/// </summary>
internal sealed record DecidedUnit(IReadOnlyList<DecidedCommand> Submissions, Exception? Failure)
{
    /// <summary>What broke off the first one is thrown.</summary>
    public IReadOnlyList<CommandDecision> Decisions(IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates) =>
        [.. First().Select(d => d.Told(duplicates))];

    /// <inheritdoc cref="Decisions(IReadOnlyDictionary{Guid, ValueList{PossibleDuplicate}})"/>
    public IReadOnlyList<CommandResult> Results() => [.. First().Select(d => d.Result)];

    public DecidedUnit At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates
    ) => this with { Submissions = [.. Submissions.Select(d => d.At(positions, duplicates))] };

    private IReadOnlyList<DecidedCommand> First()
    {
        if (Submissions.Count == 0 && Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
        return Submissions;
    }
}
