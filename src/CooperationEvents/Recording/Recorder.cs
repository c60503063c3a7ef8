using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// The one way into the history: decides submissions and appends what follows from them, with its metadata, its claims and
/// its remembered answers, in one transaction. Lost races are decided again until <see cref="Patience"/> is used up.
/// </summary>
public sealed class Recorder(
    IDocumentStore store,
    NpgsqlDataSource database,
    ExternalReferences externalReferences,
    StreamKinds kinds,
    RememberedAnswers answers,
    Likenesses likenesses,
    PersonalData personalData,
    KeyStore keys,
    StreamGate gate,
    TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The most events of one transaction: a long one holds up every read model.</summary>
    public const int MostEvents = 1_000;

    public async Task<Outcome> Record(Submission submission, CancellationToken cancellation) =>
        (await InTurn(submission, null, 1, cancellation))[0];

    /// <summary>
    /// Decides submissions in their order, each on what those before it came to, and records in one transaction as many from
    /// the first on as fit: the answer holds an outcome for each of those, and one at least. The order of the history is that
    /// of the submissions wherever one may speak of another. With <paramref name="alongside"/> the caller queues what is to be
    /// committed with them; that happened unless the only outcome is <see cref="KernelProblems.Busy"/>.
    /// </summary>
    public async Task<IReadOnlyList<Outcome>> RecordFirst(
        IReadOnlyList<Submission> submissions, Func<IDocumentSession, IReadOnlyList<Verdict>, Task>? alongside, CancellationToken cancellation)
    {
        if (submissions.Count > 1)
        {
            try
            {
                return await Attempt(submissions, null, alongside, firstAttempt: true, cancellation);
            }
            catch (Exception lost) when (IsLostRace(lost))
            {
                // Among many, the one that lost is not known: the first goes alone, in its turn.
            }
        }

        return await InTurn(submissions[0], alongside, submissions.Count > 1 ? 2 : 1, cancellation);
    }

    /// <summary>What <see cref="RecordFirst"/> would decide, kept in the rehearsal and appended nowhere.</summary>
    public async Task<IReadOnlyList<Verdict>> RehearseFirst(IReadOnlyList<Submission> submissions, Rehearsal rehearsal, CancellationToken cancellation)
    {
        var pending = new Pending();
        await using var transaction = Begin(pending, personalData.Under(await rehearsal.Keys(cancellation)), rehearsal);
        var decided = await Decide(submissions, transaction, null, cancellation);
        await rehearsal.Keep(pending, cancellation);
        return [.. decided.Select(d => d.Verdict)];
    }

    public Rehearsal Rehearsal(Guid id) => new(id, database, keys, externalReferences);

    /// <summary>Looks at what is recorded (and rehearsed) as a command would, to plan others.</summary>
    public async Task<T> Look<T>(Rehearsal? rehearsal, Func<Work, Task<T>> look, CancellationToken cancellation)
    {
        var under = rehearsal is null ? personalData : personalData.Under(await rehearsal.Keys(cancellation));
        await using var transaction = Begin(new Pending(), under, rehearsal);
        return await look(new Work(transaction, null, clock, null, cancellation));
    }

    /// <summary>Records one submission when its stream's turn has come.</summary>
    private async Task<IReadOnlyList<Outcome>> InTurn(
        Submission submission, Func<IDocumentSession, IReadOnlyList<Verdict>, Task>? alongside, int attempt, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        using var repeats = submission.Key is { } key ? await gate.Enter(key.Text, cancellation) : null;
        using var turn = new StreamTurn(gate);
        for (; ; attempt++)
        {
            try
            {
                return await Attempt([submission], turn, alongside, firstAttempt: attempt == 1, cancellation);
            }
            catch (Exception lost) when (IsLostRace(lost))
            {
                if (clock.GetElapsedTime(started) > Patience)
                    return [new Outcome.Refused(KernelProblems.Busy.Because("Too many others are changing the same record. Send the request again.") with { RetryAfter = 1 })];
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * Math.Min(attempt, 20))), clock, cancellation);
            }
        }
    }

    private async Task<IReadOnlyList<Outcome>> Attempt(
        IReadOnlyList<Submission> submissions,
        StreamTurn? turn,
        Func<IDocumentSession, IReadOnlyList<Verdict>, Task>? alongside,
        bool firstAttempt,
        CancellationToken cancellation)
    {
        var pending = new Pending();
        var drafts = new DraftKeys(keys, pending.IsCreating, mayHaveOne: !firstAttempt);
        await using var transaction = Begin(pending, personalData.Under(drafts), null);
        var decided = await Decide(submissions, transaction, turn, cancellation);

        var session = transaction.Session;
        foreach (var stream in pending.Streams)
        {
            if (stream.Before == 0)
                session.Events.StartStream(stream.StateType, stream.Id, stream.Events);
            else
                session.Events.Append(stream.Id, stream.Before + stream.Events.Count, stream.Events);
        }

        await likenesses.Note(session, transaction.PersonalData, pending.Streams.Select(s => (s.Was, pending.Find(s.Id)!)), cancellation);

        foreach (var ((stream, reference), id) in pending.Claims)
            await externalReferences.Take(session, new ExternalReferences.Claim(stream, reference, id), cancellation);
        foreach (var turnTaken in pending.Events == 0 ? [] : pending.Turns)
            RuleTurns.Take(session, turnTaken);
        foreach (var answer in decided.Where(d => d.Remember is not null))
            answers.Remember(session, answer.Remember!, answer.Status, answer.Stream!.Id, answer.Version, answer.PartId);
        if (alongside is not null)
            await alongside(session, [.. decided.Select(d => d.Verdict)]);

        if (!await drafts.Store(cancellation))
            throw new LostRaceException();
        await session.SaveChangesAsync(cancellation);
        IReadOnlyList<Outcome> outcomes = [.. decided.Select(d => d.Outcome())];
        return alongside is null ? await WithDuplicates(outcomes, cancellation) : outcomes;
    }

    /// <summary>The outcomes with what each record that they create may be the same as.</summary>
    private async Task<IReadOnlyList<Outcome>> WithDuplicates(IReadOnlyList<Outcome> outcomes, CancellationToken cancellation)
    {
        var created = outcomes.OfType<Outcome.Accepted>().Where(Creates).Select(o => o.Id).Distinct().ToList();
        var found = await likenesses.Find(created, cancellation);
        return found.Count == 0
            ? outcomes
            : [.. outcomes.Select(o => o is Outcome.Accepted accepted && Creates(accepted) && found.TryGetValue(accepted.Id, out var its) ? accepted with { PossibleDuplicates = its } : o)];

        static bool Creates(Outcome.Accepted accepted) => accepted is { Status: 201, PartId: null };
    }

    private Transaction Begin(Pending pending, PersonalData under, Rehearsal? rehearsal) =>
        new(store.LightweightSession(), externalReferences, kinds, under, rehearsal) { Pending = pending };

    /// <summary>Decides as many of the submissions as one transaction can hold.</summary>
    private async Task<IReadOnlyList<Decided>> Decide(
        IReadOnlyList<Submission> submissions, Transaction transaction, StreamTurn? turn, CancellationToken cancellation)
    {
        var pending = transaction.Pending;
        var remembered = await answers.Find([.. submissions.Select(s => s.Key).OfType<RememberedAnswers.Key>()], cancellation);
        var given = new Dictionary<string, Decided>();
        var decided = new List<Decided>(submissions.Count);
        foreach (var submission in submissions)
        {
            if (submission.Key is { } key)
            {
                if (remembered.TryGetValue(key.Text, out var before))
                {
                    decided.Add(Decided.Repeated(key.Repeat(before.Answer, before.BodyDigest)));
                    continue;
                }

                if (given.TryGetValue(key.Text, out var first))
                {
                    decided.Add(first.RepeatedUnder(key));
                    continue;
                }
            }

            var work = new Work(transaction, turn, clock, submission.Expected, cancellation);
            var change = await submission.Handle(work);
            if (change.Decision is Decision.Refused refused)
            {
                decided.Add(Decided.Refused(refused.Problem));
                continue;
            }

            var stream = change.Stream!;
            var data = ((Decision.Accepted)change.Decision).Events;
            if (data.Count > 0 && pending.Events > 0 && (pending.Events + data.Count > MostEvents || pending.IsOvertaken(stream.Id)))
                break;
            if (data.Count > 0 && stream.Version == 0)
                pending.Creating(stream.Id);
            if (await Envelopes(transaction, submission.Caller, data, cancellation) is not { } events)
            {
                decided.Add(Decided.Refused(KernelProblems.Erased.Because("The person's key is gone; nothing can be recorded about them any more.")));
                continue;
            }

            if (TooLarge(events) is { } tooLarge)
            {
                decided.Add(Decided.Refused(tooLarge));
                continue;
            }

            if (events.Count > 0)
                pending.Add(stream, events, work.Claims);
            var answer = Decided.Accepted(submission, change, events);
            decided.Add(answer);
            if (submission.Key is { } remember)
                given[remember.Text] = answer;
        }

        return decided;
    }

    /// <summary>
    /// The events as they will be stored: with an id, metadata of their own, and personal fields sealed; null where one speaks of a
    /// person whose key is gone.
    /// </summary>
    private static async Task<IReadOnlyList<IEvent>?> Envelopes(
        Transaction transaction, Caller caller, IReadOnlyList<object> events, CancellationToken cancellation)
    {
        var causation = Guid.CreateVersion7().ToString();
        var envelopes = new List<IEvent>(events.Count);
        foreach (var data in events)
        {
            var id = Guid.CreateVersion7();
            var stored = data is IHoldPersonalData personal
                ? await transaction.PersonalData.Seal(personal, id, StoredAttribute.NameOf(data.GetType()), cancellation)
                : data;
            if (stored is null)
                return null;
            var envelope = transaction.Session.Events.BuildEvent(stored);
            envelope.Id = id;
            envelope.UserName = caller.Actor.ToString();
            envelope.CorrelationId = caller.Correlation;
            envelope.CausationId = causation;
            if (caller.OnBehalfOf is { } onBehalfOf)
                envelope.SetHeader("onBehalfOf", onBehalfOf.ToString());
            if (caller.Source is { } source)
                envelope.SetHeader("source", source);
            envelopes.Add(envelope);
        }

        return envelopes;
    }

    private static Problem? TooLarge(IReadOnlyList<IEvent> events) =>
        events.Any(e => EntrySize.AtMost(e.Data) > EntrySize.Limit)
            ? KernelProblems.TooLarge.Because($"One event of this command would exceed {EntrySize.Limit} bytes. Shorten its texts or lists.")
            : null;

    private static bool IsLostRace(Exception exception) => exception switch
    {
        LostRaceException => true,
        ConcurrencyException or JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        MartenCommandException { InnerException: { } inner } => IsLostRace(inner),
        AggregateException { InnerExceptions: var inners } => inners.Any(IsLostRace),
        _ => false,
    };

    /// <summary>Another attempt stored a key for the same new person first.</summary>
    private sealed class LostRaceException : Exception;

    /// <summary>A verdict, and the answer it becomes once what is pending is committed and has its positions.</summary>
    private sealed record Decided(Verdict Verdict, Func<Outcome> Outcome)
    {
        public RememberedAnswers.Key? Remember { get; private init; }

        public int Status { get; private init; }

        public LoadedStream? Stream { get; private init; }

        public long Version { get; private init; }

        public Guid? PartId { get; private init; }

        public static Decided Refused(Problem problem) => Repeated(new Outcome.Refused(problem));

        public static Decided Repeated(Outcome outcome) => new(new Verdict((outcome as Outcome.Refused)?.Problem, 0), () => outcome);

        public static Decided Accepted(Submission submission, Change change, IReadOnlyList<IEvent> events)
        {
            var stream = change.Stream!;
            var last = (events.Count, change.Creates) switch
            {
                (0, true) => stream.Creation[^1],
                (0, false) => stream.Last!,
                _ => events[^1],
            };
            var version = events.Count > 0 ? stream.Version + events.Count : last.Version;
            return new Decided(
                new Verdict(null, events.Count),
                () => new Outcome.Accepted(submission.Status, stream.Id, version, last.Sequence, change.PartId))
            {
                Remember = submission.Key,
                Status = submission.Status,
                Stream = stream,
                Version = version,
                PartId = change.PartId,
            };
        }

        /// <summary>The same key again, in the same transaction.</summary>
        public Decided RepeatedUnder(RememberedAnswers.Key key)
        {
            var refused = key.Repeat(new Outcome.Accepted(0, Guid.Empty, 0, 0, null), Remember!.BodyDigest) as Outcome.Refused;
            return new Decided(new Verdict(refused?.Problem, 0), () => refused ?? key.Repeat((Outcome.Accepted)Outcome(), Remember.BodyDigest));
        }
    }
}
