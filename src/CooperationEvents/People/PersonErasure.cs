using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;

namespace CooperationEvents.People;

/// <summary>
/// Takes an erasure through its steps: asked for, written to the ledger, keys destroyed, recorded, forgotten everywhere else,
/// heard by every node, done. Each step can be taken again, so that a crash at any of them is made good by <see cref="ErasureWorker"/>.
/// </summary>
public sealed class PersonErasure(
    MergedPeople merged,
    PersonFields fields,
    PersonalData personalData,
    Erasures erasures,
    ErasureLedger ledger,
    KeyStore keys,
    KeySignals signals,
    Recorder recorder,
    IEnumerable<IHoldOfPeople> places,
    DatabaseClock databaseClock,
    TimeProvider clock
)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The steps that come before the erasure is recorded: after them nothing personal can be read or recorded any more.</summary>
    public async Task<Problem?> Begin(Guid person, string reason, Caller caller, CancellationToken cancellation)
    {
        var (people, late) = await merged.With([person], cancellation);
        if (late is not null)
            return late;
        try
        {
            await Destroy(await Ask(person, people, reason, caller.Actor, caller.Correlation, cancellation), cancellation);
            return null;
        }
        catch (KeysNotDestroyedException e)
        {
            return PersonProblems.NotErased.Because($"{e.Message} The service goes on trying.") with { RetryAfter = 10 };
        }
    }

    /// <summary>Takes every step that is left; says whether all are over, or must still be waited for.</summary>
    /// <param name="begun">When <see cref="Begin"/> was called for it; null where that was in another request.</param>
    public async Task<(bool Done, Erasure Erasure)> Finish(
        Guid person,
        DateTimeOffset? begun,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        var erasure = await erasures.Find(person, cancellation)
            ?? throw new InvalidOperationException($"Nobody asked that {person} be erased.");
        var started = clock.GetTimestamp();
        while (true)
        {
            if (erasure.DoneAt is not null)
                return (true, erasure);
            erasure = await Continue(erasure, begun, cancellation);
            if (erasure.DoneAt is null && clock.GetElapsedTime(started) > timeout)
                return (false, erasure);
            if (erasure.DoneAt is null)
                await Task.Delay(PollInterval, clock, cancellation);
        }
    }

    /// <summary>Takes the steps of an erasure from the first on; it is not done where a node has not heard of it yet.</summary>
    /// <inheritdoc cref="Finish" path="/param[@name='begun']"/>
    public async Task<Erasure> Continue(Erasure erasure, DateTimeOffset? begun, CancellationToken cancellation)
    {
        if (erasure.DestroyedAt is null)
        {
            // What was read of it may be from before a crash: the plain words are looked for once more while they can be read.
            erasure = await Ask(erasure.PersonId, erasure.People, null, erasure.Actor, erasure.Correlation, cancellation);
            erasure = await Destroy(erasure, cancellation);
        }

        foreach (var person in erasure.People)
            await Record(person, erasure, cancellation);

        var (people, late) = await merged.With(erasure.People, cancellation);
        if (late is not null)
            return erasure;
        if (people.Except(erasure.People).Any())
        {
            erasure = await Ask(erasure.PersonId, people, null, erasure.Actor, erasure.Correlation, cancellation);
            return await Destroy(erasure, cancellation);
        }

        foreach (var place in places)
            await place.Forget(erasure.People, begun, cancellation);
        return await IsHeard(erasure, cancellation) ? await erasures.Done(erasure, cancellation) : erasure;
    }

    /// <summary>Destroys what a restored backup brought back, before anything of it is read.</summary>
    internal async Task DestroyAgain(Guid person, CancellationToken cancellation)
    {
        var erasure = await erasures.Find(person, cancellation)
            ?? throw new InvalidOperationException($"Nobody asked that {person} be erased.");
        await Destroy(await Ask(person, erasure.People, null, erasure.Actor, erasure.Correlation, cancellation), cancellation);
    }

    private async Task<Erasure> Ask(
        Guid person,
        IReadOnlyCollection<Guid> people,
        string? reason,
        Guid actor,
        string correlation,
        CancellationToken cancellation
    )
    {
        var (texts, names) = PersonFields.Naming(await fields.Of(people, cancellation));
        var digests = new List<byte[]>();
        foreach (var name in names)
            digests.Add(await personalData.Digest(name, cancellation));
        var erasure = await erasures.Ask(person, people, digests, reason, actor, correlation, cancellation);
        foreach (var place in places)
            await place.ForgetTexts(people, texts, cancellation);
        return erasure;
    }

    private async Task<Erasure> Destroy(Erasure erasure, CancellationToken cancellation)
    {
        await ledger.Add(erasure, cancellation);
        await erasures.KeepOut(erasure, cancellation);
        return await erasures.Destroyed(erasure, await keys.Destroy(erasure.People, cancellation), cancellation);
    }

    /// <summary>Records that one of them was erased, where it is not recorded yet, and where they are in the history at all.</summary>
    private async Task Record(Guid person, Erasure erasure, CancellationToken cancellation)
    {
        var submission = new Submission(new Caller(erasure.Actor, null, null, erasure.Correlation), async work =>
        {
            await work.LockRule(MergePersonEndpoint.Rule);
            return await work.Change<Person>(person, ErasePerson.Decide, evenErased: true);
        });
        if (
            await recorder.Record(submission, cancellation) is CommandResult.Refused { Problem: { } problem }
            && problem.Type != KernelProblems.NotFound
        )
            throw new InvalidOperationException($"That {person} was erased could not be recorded: {problem.Detail}");
    }

    /// <summary>Whether no node can still hold a key in memory: all have heard, or kept none for so long.</summary>
    private async Task<bool> IsHeard(Erasure erasure, CancellationToken cancellation) =>
        await signals.AllHeard(erasure.Signal!.Value, cancellation)
        || await databaseClock.Now(cancellation) - erasure.DestroyedAt > KeyStore.KeptInMemory;
}

/// <summary>Takes up erasures that are not done: those a crash left half way, and those a restored backup does not know of.</summary>
public sealed partial class ErasureWorker(PersonErasure erasure, Erasures erasures, TimeProvider clock, ILogger<ErasureWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(ContinueAll, e => NotDone(logger, e), PollInterval, clock, stoppingToken);

    private async Task ContinueAll(CancellationToken cancellation)
    {
        foreach (var open in await erasures.Open(cancellation))
        {
            try
            {
                await erasure.Continue(open, begun: null, cancellation);
            }
            catch (NewerVersionException e)
            {
                // Those behind it go on.
                NotDone(logger, e);
            }
        }

        await Task.Delay(PollInterval, clock, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An erasure is not done yet; trying again")]
    private static partial void NotDone(ILogger logger, Exception error);
}
