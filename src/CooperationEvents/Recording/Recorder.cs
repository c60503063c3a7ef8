using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// The one way into the history: decides a submission and appends what follows from it, with its metadata, its claims and
/// its remembered answer, in one transaction. Lost races are decided again until <see cref="Patience"/> is used up.
/// </summary>
public sealed class Recorder(
    IDocumentStore store,
    ExternalReferences externalReferences,
    RememberedAnswers answers,
    PersonalData personalData,
    StreamGate gate,
    TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<Outcome> Record(Submission submission, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        using var repeats = submission.Key is { } key
            ? await gate.Enter(Convert.ToBase64String(key.KeyDigest), cancellation)
            : null;
        using var turn = new StreamTurn(gate);

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Attempt(submission, turn, cancellation);
            }
            catch (Exception lost) when (IsLostRace(lost))
            {
                if (clock.GetElapsedTime(started) > Patience)
                    return new Outcome.Refused(KernelProblems.Busy.Because("Too many others are changing the same record. Send the request again.") with { RetryAfter = 1 });
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * Math.Min(attempt, 20))), clock, cancellation);
            }
        }
    }

    private async Task<Outcome> Attempt(Submission submission, StreamTurn turn, CancellationToken cancellation)
    {
        if (submission.Key is { } key && await answers.Find(key, cancellation) is var (answer, sameBody))
        {
            return sameBody
                ? answer
                : new Outcome.Refused(RecordingProblems.IdempotencyKeyReused.Because("This Idempotency-Key was used with another body. Use a new key for a new request."));
        }

        var session = store.LightweightSession();
        await using var work = new Work(session, externalReferences, personalData, turn, clock, submission, cancellation);
        var change = await submission.Handle(work);
        if (change.Decision is Decision.Refused refused)
            return new Outcome.Refused(refused.Problem);

        var stream = change.Stream!;
        var events = await Envelopes(session, submission.Caller, ((Decision.Accepted)change.Decision).Events, cancellation);
        if (TooLarge(events) is { } tooLarge)
            return new Outcome.Refused(tooLarge);

        if (events.Count > 0 && stream.Version == 0)
            session.Events.StartStream(stream.StateType, stream.Id, events);
        else if (events.Count > 0)
            session.Events.Append(stream.Id, stream.Version + events.Count, events);
        if (events.Count > 0)
        {
            foreach (var claim in work.Claims)
                await externalReferences.Take(session, claim, cancellation);
            foreach (var taken in work.Turns)
                RuleTurns.Take(session, taken);
        }

        var version = (events.Count, change.Creates) switch
        {
            (0, true) => stream.Creation[^1].Version,
            (0, false) => stream.Version,
            _ => stream.Version + events.Count,
        };
        if (submission.Key is { } remember)
            answers.Remember(session, remember, submission.Status, stream.Id, version, change.PartId);

        await session.SaveChangesAsync(cancellation);

        var position = (events.Count, change.Creates) switch
        {
            (0, true) => stream.Creation[^1].Sequence,
            (0, false) => stream.Position,
            _ => events[^1].Sequence,
        };
        return new Outcome.Accepted(submission.Status, stream.Id, version, position, change.PartId);
    }

    /// <summary>The events as they will be stored: with an id, metadata of their own, and personal fields sealed.</summary>
    private async Task<IReadOnlyList<IEvent>> Envelopes(
        IDocumentSession session, Caller caller, IReadOnlyList<object> events, CancellationToken cancellation)
    {
        var causation = Guid.CreateVersion7().ToString();
        var envelopes = new List<IEvent>(events.Count);
        foreach (var data in events)
        {
            var id = Guid.CreateVersion7();
            var envelope = session.Events.BuildEvent(
                data is IHoldPersonalData personal ? await personalData.Seal(personal, id, StoredAttribute.NameOf(data.GetType()), cancellation) : data);
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
        ConcurrencyException or JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        MartenCommandException { InnerException: { } inner } => IsLostRace(inner),
        AggregateException { InnerExceptions: var inners } => inners.Any(IsLostRace),
        _ => false,
    };
}
