using System.Runtime.ExceptionServices;
using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>Decides the submissions of one transaction, each on what is read and on what those before it came to.</summary>
internal sealed class CommandDecider(Transaction transaction, TimeProvider clock, CancellationToken cancellation)
{
    /// <summary>The most events of one transaction: a long one holds up every read model.</summary>
    private const int MostEvents = 1_000;

    /// <summary>The most bytes of events of one transaction, unless one command alone has more.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Decides as many of the units, and of the submissions in each, as one transaction can hold.</summary>
    public async Task<IReadOnlyList<DecidedUnit>> Decide(IReadOnlyList<IReadOnlyList<Submission>> units)
    {
        // What is read ahead is not what others in the same transaction come to: that is looked at when it is decided on.
        var all = units.SelectMany(unit => unit).ToList();
        var before = transaction.Anew();
        await transaction.Reads.Ahead(
            [.. all.Select(s => s.Key).OfType<IdempotencyStore.Key>()],
            all.Where(s => !s.Alone)
                .Select<Submission, Func<Task>>(s =>
                    () => s.Decide(new UnitOfWork(before, clock, s.Expected, readsOnly: true, cancellation))
                ),
            cancellation
        );

        var decided = new List<DecidedUnit>(units.Count);
        var isFull = false;
        foreach (var unit in units)
        {
            var done = new List<CommandResult>(unit.Count);
            Exception? failure = null;
            foreach (var group in isFull ? [] : Submission.Groups(unit))
            {
                try
                {
                    if (await DecideTogether(group) is not { } results)
                    {
                        isFull = true;
                        break;
                    }

                    done.AddRange(results);
                }
                catch (Exception e) when (!transaction.Reads.HasFailed)
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
    private async Task<IReadOnlyList<CommandResult>?> DecideTogether(IReadOnlyList<Submission> group)
    {
        var before = transaction.Events.Count;
        if (group.Count > 1)
            transaction.Mark();
        var results = new List<CommandResult>(group.Count);
        try
        {
            foreach (var submission in group)
            {
                var result = await Decide(submission, before);
                if (result is null || (group.Count > 1 && result is CommandResult.Refused))
                {
                    transaction.Undo();
                    return result is CommandResult.Refused refused
                        ? [.. group.Select((_, i) => refused with { WithAnother = i != results.Count })]
                        : null;
                }

                results.Add(result);
            }
        }
        catch
        {
            // What comes before it in the unit is recorded all the same, and half of it must not be.
            transaction.Undo();
            throw;
        }

        transaction.Settle();
        return results;
    }

    /// <summary>Decides one submission; null where the transaction has no room for it.</summary>
    /// <param name="others">The events of those that it does not hang together with.</param>
    private async Task<CommandResult?> Decide(Submission submission, int others)
    {
        if (submission.Key is { } key)
        {
            if (transaction.Reads.Answers.TryGetValue(key.Text, out var before))
                return before.IsContentForgotten && transaction.PersonalData.IsErased(before.Answer.Id)
                    ? KernelProblems.Erased.Because(
                        "This was recorded before. The person it is about was erased since, and it is not recorded again."
                    )
                    : key.Repeat(before);
            if (transaction.Answers.TryGetValue(key.Text, out var first))
                return key.Repeat(new IdempotencyStore.Remembered(first.Answer, first.Key.BodyDigest));
        }

        var work = new UnitOfWork(transaction, clock, submission.Expected, readsOnly: false, cancellation);
        var change = await submission.Decide(work);
        if (change.Decision is Decision.Refused refused)
            return refused.Problem;

        var stream = change.Stream!;
        var data = ((Decision.Accepted)change.Decision).Events;
        if (data.Count > 0 && others > 0 && transaction.Events.Count + data.Count > MostEvents)
            return null;
        if (data.Count > 0 && stream.Version == 0)
            transaction.Creating(stream.Id);
        if (await NewEvent.Of(stream, data, submission.Caller, transaction.PersonalData, cancellation) is not { } events)
            return UnitOfWork.KeyGone;
        if (events.Any(e => e.IsTooLong))
            return KernelProblems.TooLarge.Because(
                $"One event of this command would exceed {NewEvent.LongestEntry} bytes. Shorten its texts or lists."
            );
        if (events.Count > 0 && others > 0 && transaction.Bytes + events.Sum(e => e.Json.Length) > MostBytes)
            return null;
        if (events.Count > 0)
            transaction.Add(stream, events, change.Takes);
        var answer = CommandResult.Accepted.Of(submission, change, events);
        if (submission.Key is { } remember)
            transaction.Remember(remember, answer);
        return answer;
    }
}

/// <summary>
/// What became of submissions that belong together: of those from the first on that were decided, and what broke the next one off.
/// </summary>
internal sealed record DecidedUnit(IReadOnlyList<CommandResult> Decided, Exception? Failure)
{
    /// <summary>What broke off the first one is thrown.</summary>
    public IReadOnlyList<CommandResult> Results()
    {
        if (Decided.Count == 0 && Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
        return Decided;
    }

    public DecidedUnit At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates
    ) =>
        this with
        {
            Decided = [.. Decided.Select(result => result is CommandResult.Accepted answer ? answer.At(positions, duplicates) : result)],
        };
}
