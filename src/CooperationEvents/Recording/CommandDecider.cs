using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>Decides the submissions of one transaction, each on what is read and on what those before it came to.</summary>
internal sealed class CommandDecider(Transaction transaction, TimeProvider clock, CancellationToken cancellation)
{
    /// <summary>The most events of one transaction: a long one holds up every read model.</summary>
    private const int MostEvents = 1_000;

    /// <summary>The most bytes of events of one transaction, unless one command alone has more.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>What was decided in this transaction, by its idempotency key.</summary>
    private readonly Dictionary<string, DecidedCommand> _given = [];

    /// <summary>Decides as many of the units, and of the submissions in each, as one transaction can hold.</summary>
    public async Task<IReadOnlyList<DecidedUnit>> Decide(IReadOnlyList<IReadOnlyList<Submission>> units)
    {
        // What is read ahead is not what others in the same transaction come to: that is looked at when it is decided on.
        var all = units.SelectMany(unit => unit).ToList();
        var before = transaction.WithoutUncommitted();
        await transaction.Reads.Together(
            [.. all.Select(s => s.Key).OfType<IdempotencyStore.Key>()],
            all.Where(s => !s.Alone)
                .Select<Submission, Func<Task>>(s => () => s.Decide(new UnitOfWork(before, clock, s, readsOnly: true, cancellation))),
            cancellation
        );

        var decided = new List<DecidedUnit>(units.Count);
        var isFull = false;
        foreach (var unit in units)
        {
            var done = new List<DecidedCommand>(unit.Count);
            Exception? failure = null;
            foreach (var group in isFull ? [] : Submission.Groups(unit))
            {
                try
                {
                    if (await DecideTogether(group) is not { } answers)
                    {
                        isFull = true;
                        break;
                    }

                    done.AddRange(answers);
                }
                catch (Exception e)
                {
                    // What comes after it in the unit must not be decided before it.
                    failure = e;
                    break;
                }
            }

            decided.Add(new DecidedUnit(done, failure));
        }

        return decided;
    }

    /// <summary>
    /// Decides what hangs together; null where the transaction has no room for all of it. Where one is refused the others come to nothing.
    /// </summary>
    private async Task<IReadOnlyList<DecidedCommand>?> DecideTogether(IReadOnlyList<Submission> group)
    {
        var uncommitted = transaction.Uncommitted;
        var before = uncommitted.Events.Count;
        if (group.Count > 1)
            uncommitted.Mark();
        var decided = new List<DecidedCommand>(group.Count);
        try
        {
            foreach (var submission in group)
            {
                var answer = await Decide(submission, before);
                if (answer is null || (group.Count > 1 && answer.Result is CommandResult.Refused))
                {
                    uncommitted.Undo();
                    return answer is null
                        ? null
                        :
                        [
                            .. group.Select(
                                (_, i) => i == decided.Count ? answer : answer with { Decision = new CommandDecision(null, 0) }
                            ),
                        ];
                }

                decided.Add(answer);
            }
        }
        catch
        {
            // What comes before it in the unit is recorded all the same, and half of it must not be.
            uncommitted.Undo();
            throw;
        }

        uncommitted.Settle();
        return decided;
    }

    /// <summary>Decides one submission; null where the transaction has no room for it.</summary>
    /// <param name="others">The events of those that it does not hang together with.</param>
    private async Task<DecidedCommand?> Decide(Submission submission, int others)
    {
        if (submission.Key is { } key)
        {
            if (transaction.Reads.Answers.TryGetValue(key.Text, out var before))
                return DecidedCommand.As(
                    before.IsContentForgotten && transaction.PersonalData.IsErased(before.Answer.Id)
                        ? new CommandResult.Refused(
                            KernelProblems.Erased.Because(
                                "This was recorded before. The person it is about was erased since, and it is not recorded again."
                            )
                        )
                        : key.Repeat(before)
                );
            if (_given.TryGetValue(key.Text, out var first))
                return first.RepeatedUnder(key);
        }

        var uncommitted = transaction.Uncommitted;
        var work = new UnitOfWork(transaction, clock, submission, readsOnly: false, cancellation);
        var change = await submission.Decide(work);
        if (change.Decision is Decision.Refused refused)
            return DecidedCommand.As(new CommandResult.Refused(refused.Problem));

        var stream = change.Stream!;
        var data = ((Decision.Accepted)change.Decision).Events;
        if (data.Count > 0 && others > 0 && uncommitted.Events.Count + data.Count > MostEvents)
            return null;
        if (data.Count > 0 && stream.Version == 0)
            uncommitted.Creating(stream.Id);
        if (await NewEvent.Of(stream, data, submission.Caller, transaction.PersonalData, cancellation) is not { } events)
            return DecidedCommand.As(
                new CommandResult.Refused(
                    KernelProblems.Erased.Because("The person's key is gone; nothing can be recorded about them any more.")
                )
            );
        if (events.Any(e => e.IsTooLong))
            return DecidedCommand.As(
                new CommandResult.Refused(
                    KernelProblems.TooLarge.Because(
                        $"One event of this command would exceed {NewEvent.LongestEntry} bytes. Shorten its texts or lists."
                    )
                )
            );
        if (events.Count > 0 && others > 0 && uncommitted.Bytes + events.Sum(e => e.Json.Length) > MostBytes)
            return null;
        if (events.Count > 0)
            uncommitted.Add(stream, events, work.Claims);
        var decided = DecidedCommand.Accepted(submission, change, events.Count);
        if (submission.Key is { } remember)
            _given[remember.Text] = decided;
        return decided;
    }
}
