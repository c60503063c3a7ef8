using System.Runtime.ExceptionServices;
using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>A decided submission: its outcome, which has its position once what is pending is committed.</summary>
internal sealed record Decided(Verdict Verdict, Outcome Outcome)
{
    /// <summary>The answer to be remembered; null where there is none, or it was remembered before.</summary>
    public RememberedAnswers.New? Remember { get; private init; }

    /// <summary>The id of what it created, or repeats to have created.</summary>
    public Guid? Created => Outcome is Outcome.Accepted { Status: 201, PartId: null } accepted ? accepted.Id : null;

    public static Decided As(Outcome outcome) => new(new Verdict((outcome as Outcome.Refused)?.Problem, 0), outcome);

    public static Decided Accepted(Submission submission, Change change, int events)
    {
        var stream = change.Stream!;
        var (version, position) = (events, change.Creates) switch
        {
            (0, true) => (stream.Creation.Count, stream.CreationPosition),
            (0, false) => (stream.Version, stream.Position),
            _ => (stream.Version + events, 0),
        };
        return new Decided(new Verdict(null, events), new Outcome.Accepted(submission.Status, stream.Id, version, position, change.PartId))
        {
            Remember = submission.Key is { } key ? new RememberedAnswers.New(key, submission.Status, stream.Id, version, change.PartId) : null,
        };
    }

    /// <summary>The same key again, in the same transaction.</summary>
    public Decided RepeatedUnder(RememberedAnswers.Key key) => As(key.Repeat((Outcome.Accepted)Outcome, Remember!.Key.BodyDigest));

    /// <summary>The same with its position, by those of the events of the transaction, and with what its record may be the same as.</summary>
    public Decided At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions, IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates) =>
        Outcome is Outcome.Accepted accepted
            ? this with
            {
                Outcome = accepted with
                {
                    Position = positions.TryGetValue((accepted.Id, accepted.Version), out var position) ? position : accepted.Position,
                    PossibleDuplicates = Created is { } created && duplicates.TryGetValue(created, out var its) ? its : [],
                },
            }
            : this;
}

/// <summary>What became of submissions that belong together: of those from the first on that were decided, and what broke the next one off.</summary>
internal sealed record DecidedUnit(IReadOnlyList<Decided> Submissions, Exception? Failure)
{
    /// <summary>What broke off the first one is thrown.</summary>
    public IReadOnlyList<Verdict> Verdicts() => [.. First().Select(d => d.Verdict)];

    /// <inheritdoc cref="Verdicts"/>
    public IReadOnlyList<Outcome> Outcomes() => [.. First().Select(d => d.Outcome)];

    public DecidedUnit At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions, IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates) =>
        this with { Submissions = [.. Submissions.Select(d => d.At(positions, duplicates))] };

    private IReadOnlyList<Decided> First()
    {
        if (Submissions.Count == 0 && Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
        return Submissions;
    }
}
