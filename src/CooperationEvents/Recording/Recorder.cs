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
    private readonly TimeProvider _clock;
    private readonly CommitQueue _queue;
    private readonly TransactionsInFlight _inFlight = new();
    private volatile string? _refuses;
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
        _clock = clock;
        _queue = new CommitQueue((posts, attempt) => Commit(posts, null, attempt, CancellationToken.None), clock);
    }

    /// <summary>
    /// Why a database that answers takes no post, in a sentence: its disk is full, or it can be read only. Null where it took one since.
    /// </summary>
    public string? Refuses => _refuses;

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
        var decided = (await transaction.Decide([submissions], cancellation))[0];
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
            ? new Transaction(ReadsOf(dryRun: null), _personalData, [], _clock)
            : await Begin(dryRun, cancellation);
        return await look(new UnitOfWork(transaction, null, readsOnly: false, cancellation));
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

    /// <summary>Decides posts, one after the other, and commits what they come to in one transaction.</summary>
    /// <returns>What became of each post: the results of its submissions from the first on, as far as they fitted.</returns>
    private async Task<IReadOnlyList<DecidedPost>> Commit(
        IReadOnlyList<IReadOnlyList<Submission>> posts,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        int attempt,
        CancellationToken cancellation
    )
    {
        try
        {
            while (true)
            {
                var (committed, inTheWay) = await CommitUnlessMet(posts, alsoCommit, attempt, cancellation);
                if (inTheWay is null)
                    return committed;
                await inTheWay.WaitAsync(cancellation);
            }
        }
        catch (Exception e)
        {
            if (Outage.EndsRecording(e))
                _refuses = Outage.Why(e);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="Commit"/>; where another transaction of this node is in the way, nothing is done, and its end is given back.
    /// </summary>
    private async Task<(IReadOnlyList<DecidedPost> Committed, Task? InTheWay)> CommitUnlessMet(
        IReadOnlyList<IReadOnlyList<Submission>> posts,
        Func<NpgsqlBatch, IReadOnlyList<CommandResult>, Task>? alsoCommit,
        int attempt,
        CancellationToken cancellation
    )
    {
        using var place = _inFlight.Begin();

        // A rule with effects of its own goes alone, and must not have them on what may be old.
        var mayTrust = attempt == 1 && alsoCommit is null && MemoryIsTrusted && posts.All(post => post is [{ Alone: false }]);
        var (transaction, drafts, decided) = await Decide(posts, mayTrust, attempt, cancellation);
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
        var toBeTold = alsoCommit is null
            ? Likenesses.None
            : await _likenesses.Find(likenesses, transaction.IsCreating, dryRun: null, cancellation);

        // Who creates something is told what it may be the same as, and who repeats that too.
        var told = alsoCommit is null ? Likenesses.Told(decided).ToLookup(transaction.IsCreating) : NobodyTold;

        await using var batch = _history.CreateBatch();
        foreach (var statement in HistoryAppend.BesideEvents(transaction, taken, likenesses, [.. told[true]], toBeTold))
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

        Appended appended;
        try
        {
            appended = await HistoryAppend.Execute(batch, transaction.Events, _database, cancellation);
        }
        catch (PostgresException e) when (transaction.TrustsMemory && LostRace.Is(e))
        {
            Distrust();
            throw;
        }

        var duplicates = await _likenesses.Shown(appended.Duplicates, transaction);
        Keep(transaction, taken, appended.Positions);
        if (transaction.Events.Count > 0)
        {
            _appends.Tell();
            _refuses = null;
        }

        return ([.. decided.Select(post => post.At(appended.Positions, duplicates))], null);
    }

    /// <summary>Decides, on what this node keeps in memory where that may be trusted and suffices.</summary>
    private async Task<(Transaction Transaction, DraftKeys Drafts, IReadOnlyList<DecidedPost> Decided)> Decide(
        IReadOnlyList<IReadOnlyList<Submission>> posts,
        bool mayTrust,
        int attempt,
        CancellationToken cancellation
    )
    {
        var reads = ReadsOf(dryRun: null);
        var (transaction, drafts) = Begin(reads, mayTrust, attempt);
        var decided = await transaction.Decide(posts, cancellation);
        var appends = decided.All(post => post.Failure is null && post.Decided.All(result => result.Events > 0));
        if (!mayTrust || (appends && !drafts.Any))
            return (transaction, drafts, decided);

        // Only what is appended is held against the database, and no key is made for whoever may not be registered.
        if (!appends)
            Distrust();
        (transaction, drafts) = Begin(reads, trustsMemory: false, attempt);
        return (transaction, drafts, await transaction.Decide(posts, cancellation));
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
        var creating = new HashSet<Guid>();
        var keys = await dryRun.Keys(creating.Contains, cancellation);
        return new Transaction(ReadsOf(dryRun), _personalData.Under(keys), creating, _clock);
    }

    private (Transaction Transaction, DraftKeys Drafts) Begin(Reads reads, bool trustsMemory, int attempt)
    {
        var creating = new HashSet<Guid>();
        var drafts = new DraftKeys(_keys, creating.Contains, mayHaveOne: attempt > 1);
        return (new Transaction(reads, _personalData.Under(drafts), creating, _clock) { TrustsMemory = trustsMemory }, drafts);
    }

    private Reads ReadsOf(DryRun? dryRun) => new(_database, _streams, _externalReferences, dryRun);
}
