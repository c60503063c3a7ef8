using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// The one way into the history: decides submissions and appends what follows from them, with its metadata, its references and
/// its remembered answers. Those that come while others are being committed share the next transaction (<see cref="CommitQueue"/>).
/// </summary>
public sealed class Recorder : IDisposable
{
    /// <summary>How long lost races are decided again.</summary>
    public static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What a transaction is called in traces, from the first look at what it is decided on.</summary>
    internal const string Commits = "commit";

    private static readonly IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> None =
        new Dictionary<Guid, ValueList<PossibleDuplicate>>();

    private static readonly ILookup<bool, Guid> NobodyTold = Array.Empty<Guid>().ToLookup(_ => false);

    private static readonly IReadOnlyDictionary<(Guid Stream, long Version), long> NoPositions =
        new Dictionary<(Guid Stream, long Version), long>();

    /// <summary>How long everything is read after memory was wrong or no help.</summary>
    private static readonly TimeSpan Mistrust = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;
    private readonly NpgsqlDataSource _history;
    private readonly StreamCache _streams;
    private readonly ExternalReferences _externalReferences;
    private readonly Likenesses _likenesses;
    private readonly PersonalData _personalData;
    private readonly KeyStore _keys;
    private readonly Appends _appends;
    private readonly RefusedPosts _refused;
    private readonly TimeProvider _clock;
    private readonly CommitQueue _queue;
    private readonly TransactionsInFlight _inFlight = new();
    private long _trustedFrom = long.MinValue;

    public Recorder(
        NpgsqlDataSource database,
        [FromKeyedServices(DataSources.History)] NpgsqlDataSource history,
        StreamCache streams,
        ExternalReferences externalReferences,
        Likenesses likenesses,
        PersonalData personalData,
        KeyStore keys,
        Appends appends,
        RefusedPosts refused,
        TimeProvider clock
    )
    {
        _database = database;
        _history = history;
        _streams = streams;
        _externalReferences = externalReferences;
        _likenesses = likenesses;
        _personalData = personalData;
        _keys = keys;
        _appends = appends;
        _refused = refused;
        _clock = clock;
        _queue = new CommitQueue((units, attempt) => Commit(units, null, attempt, CancellationToken.None), clock);
    }

    public async Task<CommandResult> Record(Submission submission, CancellationToken cancellation) =>
        (await RecordFirst([submission], null, cancellation))[0];

    /// <summary>
    /// Decides submissions in their order, each on what those before it came to, and records in one transaction as many from
    /// the first on as fit: the answer holds a result for each of those, and one at least. The order of the history is that
    /// of the submissions. With <paramref name="alsoCommit"/> the caller adds what is to be committed with them; that happened
    /// unless the only result is <see cref="KernelProblems.Busy"/>.
    /// </summary>
    public Task<IReadOnlyList<CommandResult>> RecordFirst(
        IReadOnlyList<Submission> submissions,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        CancellationToken cancellation
    ) =>
        alsoCommit is null && !submissions.Any(s => s.Alone)
            ? _queue.Add(submissions, cancellation)
            : RecordAlone(submissions, alsoCommit, cancellation);

    /// <summary>What <see cref="RecordFirst"/> would decide, kept in the dry run and appended nowhere.</summary>
    public async Task<IReadOnlyList<CommandResult>> DecideFirst(
        IReadOnlyList<Submission> submissions,
        DryRun dryRun,
        CancellationToken cancellation
    )
    {
        var transaction = await Begin(dryRun, cancellation);
        var decided = (await Decide(transaction, [submissions], cancellation))[0];
        var likenesses = await _likenesses.ChangesBy(
            transaction.PersonalData,
            transaction.Streams.Select(s => (s.Was, s.After)),
            cancellation
        );
        var duplicates = await _likenesses.Find(likenesses, transaction.IsCreating, dryRun.Id, cancellation);
        await dryRun.Keep(transaction, likenesses, cancellation);
        return decided.At(NoPositions, duplicates).Results();
    }

    public DryRun DryRun(Guid id) => new(id, _database, _keys);

    /// <summary>Looks at what is recorded (and what a dry run decided) as a command would, to plan others.</summary>
    public async Task<T> Look<T>(DryRun? dryRun, Func<UnitOfWork, Task<T>> look, CancellationToken cancellation)
    {
        var transaction = dryRun is null
            ? new Transaction(_database, ReadsOf(dryRun: null), _personalData, isDryRun: false)
            : await Begin(dryRun, cancellation);
        return await look(new UnitOfWork(transaction, _clock, null, readsOnly: false, cancellation));
    }

    public void Dispose() => _queue.Dispose();

    /// <summary>
    /// Records in a transaction that is shared with nobody. Of many that lost a race the first goes by itself, since which one lost is not
    /// known.
    /// </summary>
    private async Task<IReadOnlyList<CommandResult>> RecordAlone(
        IReadOnlyList<Submission> submissions,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        CancellationToken cancellation
    )
    {
        using var trace = Traces.Begin(Commits);
        var started = _clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var next = attempt == 1 ? submissions : Submission.Groups(submissions).First();
                return (await Commit([next], alsoCommit, attempt, cancellation))[0].Results();
            }
            catch (Exception lost) when (LostRace.Is(lost))
            {
                if (_clock.GetElapsedTime(started) > RetryTimeout)
                    return [LostRace.GivenUp];
                await Task.Delay(LostRace.Delay(attempt), _clock, cancellation);
            }
        }
    }

    /// <summary>Decides units of submissions, one after the other, and commits what they come to in one transaction.</summary>
    /// <returns>What became of each unit: the results of its submissions from the first on, as far as they fitted.</returns>
    private async Task<IReadOnlyList<DecidedUnit>> Commit(
        IReadOnlyList<IReadOnlyList<Submission>> units,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        int attempt,
        CancellationToken cancellation
    )
    {
        try
        {
            while (true)
            {
                var (committed, inTheWay) = await CommitUnlessMet(units, alsoCommit, attempt, cancellation);
                if (inTheWay is null)
                    return committed;
                await inTheWay.WaitAsync(cancellation);
            }
        }
        catch (Exception e)
        {
            _refused.Note(e);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="Commit"/>; where another transaction of this node is in the way, nothing is done, and its end is given back.
    /// </summary>
    private async Task<(IReadOnlyList<DecidedUnit> Committed, Task? InTheWay)> CommitUnlessMet(
        IReadOnlyList<IReadOnlyList<Submission>> units,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        int attempt,
        CancellationToken cancellation
    )
    {
        using var place = _inFlight.Begin();

        // A rule with effects of its own goes alone, and must not have them on what may be old.
        var mayTrust = attempt == 1 && alsoCommit is null && MemoryIsTrusted && units.All(unit => unit is [{ Alone: false }]);
        var (transaction, drafts, decided) = await Decide(units, mayTrust, attempt, cancellation);
        var taken = await transaction.Taken(cancellation);

        var inTheWay = place.Admit(
            transaction.Reads.ReadSet,
            new AccessSet(
                [.. transaction.Streams.Select(s => s.After.Id)],
                [.. taken.Select(one => one.Text), .. transaction.Answers.Keys, .. transaction.Locks.Select(held => held.Rule)]
            )
        );
        if (inTheWay is not null)
            return ([], inTheWay);

        // Possible duplicates are looked up before the commit where the caller commits more with it, so that it can store them as well.
        var likenesses = await _likenesses.ChangesBy(
            transaction.PersonalData,
            transaction.Streams.Select(s => (s.Was, s.After)),
            cancellation
        );
        var toBeTold = alsoCommit is null ? None : await _likenesses.Find(likenesses, transaction.IsCreating, dryRun: null, cancellation);

        // Who creates something is told what it may be the same as, and who repeats that too.
        var told = alsoCommit is null ? Told(decided).ToLookup(transaction.IsCreating) : NobodyTold;

        await using var batch = _history.CreateBatch();
        foreach (var statement in BesideEvents(transaction, taken, likenesses, [.. told[true]], toBeTold))
            batch.BatchCommands.Add(statement);
        if (alsoCommit is not null)
            await alsoCommit(batch, decided[0].At(NoPositions, toBeTold).Results());
        if (transaction.Events.Count > 0)
            batch.BatchCommands.Add(HistoryAppend.Events(transaction.Events));
        if (told.Contains(false))
            batch.BatchCommands.Add(Likenesses.ToldBeforeCommand([.. told[false]]));
        if (batch.BatchCommands.Count == 0)
            return (decided, null);

        drafts.Forget(transaction.Undone);
        if (!await drafts.Store(cancellation))
            throw new LostRaceException();

        var (positions, found) = await Append(batch, transaction.Events, transaction.TrustsMemory, cancellation);
        var duplicates = await Shown(found, transaction);
        Keep(transaction, taken, positions);
        if (transaction.Events.Count > 0)
        {
            _appends.Tell();
            _refused.Forget();
        }

        return ([.. decided.Select(unit => unit.At(positions, duplicates))], null);
    }

    /// <summary>Decides, on what this node keeps in memory where that may be trusted and suffices.</summary>
    private async Task<(Transaction Transaction, DraftKeys Drafts, IReadOnlyList<DecidedUnit> Decided)> Decide(
        IReadOnlyList<IReadOnlyList<Submission>> units,
        bool mayTrust,
        int attempt,
        CancellationToken cancellation
    )
    {
        var reads = ReadsOf(dryRun: null);
        var (transaction, drafts) = Begin(reads, mayTrust, attempt);
        var decided = await Decide(transaction, units, cancellation);
        var appends = decided.All(unit => unit.Failure is null && unit.Decided.All(result => result.Events > 0));
        if (!mayTrust || (appends && !drafts.Any))
            return (transaction, drafts, decided);

        // Only what is appended is held against the database, and no key is made for whoever may not be registered.
        if (!appends)
            Distrust();
        (transaction, drafts) = Begin(reads, trustsMemory: false, attempt);
        return (transaction, drafts, await Decide(transaction, units, cancellation));
    }

    /// <summary>What is kept in the transaction of the events.</summary>
    private static IEnumerable<NpgsqlBatchCommand> BesideEvents(
        Transaction transaction,
        IReadOnlyList<(string Text, byte[] Digest, Guid Id)> taken,
        Likenesses.Changes likenesses,
        IReadOnlyCollection<Guid> created,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> toBeTold
    )
    {
        foreach (var statement in HistoryAppend.Streams(transaction.Streams))
            yield return statement;
        if (transaction.Trusted is { Count: > 0 } trusted)
            yield return HistoryAppend.Unchanged(trusted);
        if (taken.Count > 0)
            yield return ExternalReferences.TakeCommand(taken);
        foreach (var statement in Likenesses.NoteCommands(likenesses, created))
            yield return statement;
        if (transaction.Locks.Count > 0 && transaction.Events.Count > 0)
            yield return RuleLock.TakeCommand(transaction.Locks);
        if (transaction.Answers.Count > 0)
            yield return IdempotencyStore.RememberCommand(transaction.Answers.Values);
        if (toBeTold.Count > 0)
            yield return Likenesses.ToldCommand(toBeTold);
    }

    /// <summary>The records of those who are told what they may be the same as.</summary>
    private static IEnumerable<Guid> Told(IReadOnlyList<DecidedUnit> decided) =>
        decided.SelectMany(unit => unit.Decided).Select(result => (result as CommandResult.Accepted)?.Created).OfType<Guid>().Distinct();

    /// <summary>Commits the statements, and says where the events stand and what may be the same as what.</summary>
    private async Task<(
        Dictionary<(Guid Stream, long Version), long> Positions,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> Duplicates
    )> Append(NpgsqlBatch batch, List<NewEvent> events, bool trusted, CancellationToken cancellation)
    {
        var positions = new Dictionary<(Guid Stream, long Version), long>();
        var pairs = new List<(Guid Mine, PossibleDuplicate Other)>();
        try
        {
            // Without a transaction begun by us PostgreSQL makes one of the whole batch: one round trip, the commit with it.
            await using var result = await batch.ExecuteReaderAsync(cancellation);
            do
            {
                if (HistoryAppend.HasPositions(result))
                    await HistoryAppend.Read(result, events, positions, cancellation);
                else if (Likenesses.AreIn(result))
                    await Likenesses.Read(result, pairs, cancellation);
            } while (await result.NextResultAsync(cancellation));
        }
        catch (PostgresException e) when (LostRace.IsEndedSession(e))
        {
            // The session is over, so what it did is done or undone for good, and can be looked up.
            positions.Clear();
            await using var find = _database.Statement(
                "select seq_id from register.mt_events where id = any($1) order by seq_id",
                events.Select(n => n.Recorded.Id).ToArray()
            );
            await using var result = await find.ExecuteReaderAsync(cancellation);
            await HistoryAppend.Read(result, events, positions, cancellation);
            if (positions.Count == 0)
                throw new LostRaceException();
        }
        catch (PostgresException e) when (trusted && LostRace.Is(e))
        {
            Distrust();
            throw;
        }

        return (positions, Likenesses.Grouped(pairs));
    }

    /// <summary>
    /// Who may be told of. The events are committed: where that cannot be asked nobody is told of, and what was recorded is answered.
    /// </summary>
    private async Task<IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>>> Shown(
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates,
        Transaction transaction
    )
    {
        try
        {
            return await _likenesses.Shown(duplicates, transaction.KindCreated, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            return None;
        }
    }

    /// <summary>Keeps what was committed in memory.</summary>
    private void Keep(
        Transaction transaction,
        IReadOnlyList<(string Text, byte[] Digest, Guid Id)> taken,
        Dictionary<(Guid Stream, long Version), long> positions
    )
    {
        foreach (var (_, after) in transaction.Streams)
        {
            _streams.Keep(after.Committed(version => positions.GetValueOrDefault((after.Id, version))));
            _streams.Keep(after.Id, after.Kind);
        }

        foreach (var (text, _, id) in taken)
            _externalReferences.Keep(text, id);
    }

    /// <summary>
    /// Whether commands may be decided on what this node keeps in memory. What they append is held against the database; where it was
    /// wrong, or a command appends nothing, everything is read for a while: so is what repeats others, or is refused.
    /// </summary>
    private bool MemoryIsTrusted => _clock.GetTimestamp() >= Volatile.Read(ref _trustedFrom);

    private void Distrust() =>
        Volatile.Write(ref _trustedFrom, _clock.GetTimestamp() + (long)(_clock.TimestampFrequency * Mistrust.TotalSeconds));

    private async Task<Transaction> Begin(DryRun dryRun, CancellationToken cancellation)
    {
        Transaction? transaction = null;
        var keys = await dryRun.Keys(person => transaction!.IsCreating(person), cancellation);
        return transaction = new Transaction(_database, ReadsOf(dryRun), _personalData.Under(keys), isDryRun: true);
    }

    private (Transaction Transaction, DraftKeys Drafts) Begin(Reads reads, bool trustsMemory, int attempt)
    {
        Transaction? transaction = null;
        var drafts = new DraftKeys(_keys, person => transaction!.IsCreating(person), mayHaveOne: attempt > 1);
        transaction = new Transaction(_database, reads, _personalData.Under(drafts), isDryRun: false) { TrustsMemory = trustsMemory };
        return (transaction, drafts);
    }

    private Reads ReadsOf(DryRun? dryRun) => new(_database, _streams, _externalReferences, dryRun);

    private Task<IReadOnlyList<DecidedUnit>> Decide(
        Transaction transaction,
        IReadOnlyList<IReadOnlyList<Submission>> units,
        CancellationToken cancellation
    ) => new CommandDecider(transaction, _clock, cancellation).Decide(units);
}
