using System.Runtime.ExceptionServices;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;

namespace CooperationEvents.Recording;

/// <summary>
/// Decides the commands of one transaction, one after the other: on what is read, and on what those before them came to, which is about to
/// be appended, as if it were committed.
/// </summary>
/// <param name="creating">Filled with the streams that the transaction creates: whose keys are made for it asks there.</param>
internal sealed class Transaction(Reads reads, PersonalData personalData, HashSet<Guid> creating, TimeProvider clock)
{
    /// <summary>The most events of one transaction: a long one holds up every read model.</summary>
    private const int MostEvents = 1_000;

    /// <summary>The most bytes of events of one transaction, unless one command alone has more.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly Dictionary<Guid, Changed> _changed = [];
    private readonly Dictionary<(StreamKind Stream, ExternalReference Reference), Guid> _taken = [];
    private readonly Dictionary<Guid, long> _trusted = [];
    private readonly HashSet<Guid> _undone = [];
    private long _bytes;
    private List<Action>? _undo;

    public Reads Reads => reads;

    public PersonalData PersonalData => personalData;

    public TimeProvider Clock => clock;

    /// <summary>
    /// Whether streams are taken as this node keeps them in memory, and a reference that is not kept there for a new one. Where that is
    /// wrong the commit fails.
    /// </summary>
    public bool TrustsMemory { get; init; }

    /// <summary>The new events, in the order in which they were decided.</summary>
    public List<NewEvent> Events { get; } = [];

    /// <summary>The streams that get them.</summary>
    public IReadOnlyCollection<Changed> Streams => _changed.Values;

    /// <summary>
    /// The streams that it looks at as this node keeps them, with the versions that they must have at the commit. A stream that it changes
    /// from the same version is left out: its own statement checks the version.
    /// </summary>
    public IReadOnlyCollection<KeyValuePair<Guid, long>> Trusted => [.. _trusted.Where(IsNotHeld)];

    /// <summary>The locks of rules that this transaction takes, one a rule.</summary>
    public List<RuleLock> Locks { get; } = [];

    /// <summary>The answers to be remembered, by the text of their key.</summary>
    public Dictionary<string, (IdempotencyStore.Key Key, CommandResult.Accepted Answer)> Answers { get; } = [];

    /// <summary>The streams that would have been created by what was undone.</summary>
    public IReadOnlyCollection<Guid> Undone => _undone;

    /// <summary>Decides as many of the posts, and of the submissions in each, as one transaction can hold.</summary>
    public async Task<IReadOnlyList<DecidedPost>> Decide(IReadOnlyList<IReadOnlyList<Submission>> posts, CancellationToken cancellation)
    {
        // What is read ahead is not what others in the same transaction come to: that is looked at when it is decided on.
        var all = posts.SelectMany(post => post).ToList();
        var before = new Transaction(reads, personalData, [], clock) { TrustsMemory = TrustsMemory };
        await reads.Ahead(
            [.. all.Select(s => s.Key).OfType<IdempotencyStore.Key>()],
            all.Where(s => !s.Alone)
                .Select<Submission, Func<Task>>(s => () => s.Decide(new UnitOfWork(before, s.Expected, readsOnly: true, cancellation))),
            cancellation
        );

        var decided = new List<DecidedPost>(posts.Count);
        var isFull = false;
        foreach (var post in posts)
        {
            var done = new List<CommandResult>(post.Count);
            Exception? failure = null;
            foreach (var group in isFull ? [] : Submission.Groups(post))
            {
                try
                {
                    if (await DecideTogether(group, cancellation) is not { } results)
                    {
                        isFull = true;
                        break;
                    }

                    done.AddRange(results);
                }
                catch (Exception e) when (!reads.HasFailed)
                {
                    // What comes after it in the post must not be decided before it.
                    failure = e;
                    break;
                }
            }

            decided.Add(new DecidedPost(done, failure));
        }

        return decided;
    }

    /// <summary>A stream that is decided on.</summary>
    public ValueTask<LoadedStream> Load<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => (Find<T>(id) ?? Kept<T>(id)) is { } known ? new(known) : new(reads.Stream<T>(id, cancellation));

    /// <summary>A stream that is looked at and not changed.</summary>
    public async Task<LoadedStream> Look<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => Find<T>(id) ?? Trust<T>(id) ?? await reads.Stream<T>(id, cancellation);

    public async Task<IEnumerable<LoadedStream>> LookMany<T>(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
        where T : class, IState<T>
    {
        List<LoadedStream> known = [.. ids.Select(id => Find<T>(id) ?? Trust<T>(id)).OfType<LoadedStream>()];
        return known.Concat(await reads.Streams<T>([.. ids.Except(known.Select(s => s.Id))], cancellation));
    }

    /// <summary>What a reference names; null where that is nothing.</summary>
    public async Task<Guid?> Name(StreamKind stream, ExternalReference reference, CancellationToken cancellation)
    {
        await Learn([(stream, reference)], [], cancellation);
        return Named(stream, reference);
    }

    /// <summary>What a reference names that something new would take; null where that is nothing.</summary>
    public Task<Guid?> NameToTake(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        // A person's key is made before the commit, so that nobody is taken for new who may not be.
        TrustsMemory && stream != StreamKind.Person && reference.AsSent is null
            ? Kept(stream, reference, cancellation)
            : Name(stream, reference, cancellation);

    /// <summary>
    /// Has it known what external references name, and the kinds of streams: <see cref="Named"/> and <see cref="KindOf"/> say it from then
    /// on.
    /// </summary>
    public Task Learn(
        IReadOnlyCollection<(StreamKind Stream, ExternalReference Reference)> references,
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellation
    ) =>
        reads.Learn(
            _taken.Count == 0 ? references : [.. references.Where(r => Find(r.Stream, r.Reference) is null)],
            _changed.Count == 0 ? ids : [.. ids.Where(id => KindCreated(id) is null)],
            cancellation
        );

    /// <summary>What a reference names that was asked for; null where that is nothing.</summary>
    public Guid? Named(StreamKind stream, ExternalReference reference) => Find(stream, reference) ?? reads.Named(stream, reference);

    /// <inheritdoc cref="Reads.KindOf"/>
    public StreamKind? KindOf(Guid id) => KindCreated(id) ?? reads.KindOf(id);

    /// <summary>The kind of a stream that this transaction creates; null where it does not.</summary>
    public StreamKind? KindCreated(Guid id) => _changed.TryGetValue(id, out var changed) && changed.Before == 0 ? changed.Kind : null;

    /// <summary>Locks a rule, unless this transaction has it; streams are read anew from then on.</summary>
    public async Task LockRule(string rule, CancellationToken cancellation)
    {
        if (!reads.AreOfDryRun && !Locks.Any(t => t.Rule == rule))
            Locks.Add(await reads.Lock(rule, cancellation));
    }

    /// <summary>The external references that it takes, each by its digest and that as text, and what it names from then on.</summary>
    public async Task<IReadOnlyList<(string Text, byte[] Digest, Guid Id)>> Taken(CancellationToken cancellation)
    {
        var taken = new List<(string Text, byte[] Digest, Guid Id)>(_taken.Count);
        foreach (var ((stream, reference), id) in _taken)
        {
            var (text, digest) = (await reads.Digests(stream, reference, cancellation))[0];
            taken.Add((text, digest, id));
        }

        return taken;
    }

    /// <summary>Whether the stream is being created by this transaction.</summary>
    public bool IsCreating(Guid id) => creating.Contains(id);

    /// <summary>
    /// Decides what hangs together; null where the transaction has no room for all of it. Where one is refused the others come to nothing.
    /// </summary>
    private async Task<IReadOnlyList<CommandResult>?> DecideTogether(IReadOnlyList<Submission> group, CancellationToken cancellation)
    {
        var before = Events.Count;
        if (group.Count > 1)
            Mark();
        var results = new List<CommandResult>(group.Count);
        try
        {
            foreach (var submission in group)
            {
                var result = await DecideOne(submission, before, cancellation);
                if (result is null || (group.Count > 1 && result is CommandResult.Refused))
                {
                    Undo();
                    return result is CommandResult.Refused refused
                        ? [.. group.Select((_, i) => refused with { WithAnother = i != results.Count })]
                        : null;
                }

                results.Add(result);
            }
        }
        catch
        {
            // What comes before it in the post is recorded all the same, and half of it must not be.
            Undo();
            throw;
        }

        Settle();
        return results;
    }

    /// <summary>Decides one submission; null where the transaction has no room for it.</summary>
    /// <param name="others">The events of those that it does not hang together with.</param>
    private async Task<CommandResult?> DecideOne(Submission submission, int others, CancellationToken cancellation)
    {
        if (submission.Key is { } key)
        {
            if (reads.Answers.TryGetValue(key.Text, out var before))
                return before.IsContentForgotten && personalData.IsErased(before.Answer.Id)
                    ? KernelProblems.Erased.Because(
                        "This was recorded before. The person it is about was erased since, and it is not recorded again."
                    )
                    : key.Repeat(before);
            if (Answers.TryGetValue(key.Text, out var first))
                return key.Repeat(new IdempotencyStore.Remembered(first.Answer, first.Key.BodyDigest));
        }

        var work = new UnitOfWork(this, submission.Expected, readsOnly: false, cancellation);
        var change = await submission.Decide(work);
        if (change.Decision is Decision.Refused refused)
            return refused.Problem;

        var stream = change.Stream!;
        var data = ((Decision.Accepted)change.Decision).Events;
        if (data.Count > 0 && others > 0 && Events.Count + data.Count > MostEvents)
            return null;
        if (data.Count > 0 && stream.Version == 0)
            Creating(stream.Id);
        if (await NewEvent.Of(stream, data, submission.Caller, personalData, cancellation) is not { } events)
            return RecordingProblems.KeyGone;
        if (events.Any(e => e.IsTooLong))
            return KernelProblems.TooLarge.Because(
                $"One event of this command would exceed {NewEvent.LongestEntry} bytes. Shorten its texts or lists."
            );
        if (events.Count > 0 && others > 0 && _bytes + events.Sum(e => e.Json.Length) > MostBytes)
            return null;
        if (events.Count > 0)
            Add(stream, events, change.Takes);
        var answer = CommandResult.Accepted.Of(submission, change, events);
        if (submission.Key is { } remember)
            Remember(remember, answer);
        return answer;
    }

    private void Creating(Guid id)
    {
        _undone.Remove(id);
        if (!creating.Add(id))
            return;
        _undo?.Add(() =>
        {
            creating.Remove(id);
            _undone.Add(id);
        });
    }

    private void Add(LoadedStream stream, IReadOnlyList<NewEvent> events, ExternalReference? takes)
    {
        var was = _changed.TryGetValue(stream.Id, out var changed) ? changed.Was : stream;
        _undo?.Add(Reverse(stream, changed, events.Count, takes));
        _changed[stream.Id] = new Changed(was, stream.With(events));
        if (takes is not null)
            _taken[(stream.Kind, takes)] = stream.Id;
        Events.AddRange(events);
        _bytes += events.Sum(e => (long)e.Json.Length);
    }

    private void Remember(IdempotencyStore.Key key, CommandResult.Accepted answer)
    {
        Answers[key.Text] = (key, answer);
        _undo?.Add(() => Answers.Remove(key.Text));
    }

    /// <summary>From here on what comes can be undone, until it is settled.</summary>
    private void Mark() => _undo = [];

    private void Settle() => _undo = null;

    /// <summary>Takes back what came since the mark; nothing where there is none.</summary>
    private void Undo()
    {
        foreach (var undo in Enumerable.Reverse(_undo ?? []))
            undo();
        _undo = null;
    }

    private LoadedStream? Find<T>(Guid id)
        where T : class, IState<T> =>
        _changed.TryGetValue(id, out var changed) && changed.After.StateType == typeof(T) ? changed.After : null;

    private bool IsNotHeld(KeyValuePair<Guid, long> kept) =>
        !_changed.TryGetValue(kept.Key, out var changed) || changed.Before != kept.Value;

    /// <summary>A stream as this node keeps it, where that may be trusted; null where it may not, or the node keeps none.</summary>
    private LoadedStream? Kept<T>(Guid id)
        where T : class, IState<T> => TrustsMemory ? reads.Kept<T>(id) : null;

    /// <summary>The same for a stream that is not changed: the commit holds its version against the database.</summary>
    private LoadedStream? Trust<T>(Guid id)
        where T : class, IState<T>
    {
        // Who locks a rule is promised streams that are read after that.
        if (Locks.Count > 0 || Kept<T>(id) is not { } kept)
            return null;
        _trusted.TryAdd(id, kept.Version);
        return kept;
    }

    /// <summary>What a reference names as far as this node keeps it; null where it keeps nothing of it.</summary>
    private async Task<Guid?> Kept(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        Find(stream, reference) ?? await reads.Kept(stream, reference, cancellation);

    private Guid? Find(StreamKind stream, ExternalReference reference) => _taken.TryGetValue((stream, reference), out var id) ? id : null;

    private Action Reverse(LoadedStream stream, Changed? before, int events, ExternalReference? takes)
    {
        var (count, bytes) = (Events.Count, _bytes);
        return () =>
        {
            if (before is null)
                _changed.Remove(stream.Id);
            else
                _changed[stream.Id] = before;
            if (takes is not null)
                _taken.Remove((stream.Kind, takes));
            Events.RemoveRange(count, events);
            _bytes = bytes;
        };
    }

    /// <summary>A stream as it was, and as it is about to be.</summary>
    internal sealed record Changed(LoadedStream Was, LoadedStream After)
    {
        /// <summary>The version it had.</summary>
        public long Before => Was.Version;

        public StreamKind Kind => After.Kind;
    }
}

/// <summary>
/// What became of what one caller posted together: of the submissions from the first on that were decided, and what broke the next one off.
/// </summary>
internal sealed record DecidedPost(IReadOnlyList<CommandResult> Decided, Exception? Failure)
{
    /// <summary>What broke off the first one is thrown.</summary>
    public IReadOnlyList<CommandResult> Results()
    {
        if (Decided.Count == 0 && Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
        return Decided;
    }

    public DecidedPost At(
        IReadOnlyDictionary<(Guid Stream, long Version), long> positions,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates
    ) =>
        this with
        {
            Decided = [.. Decided.Select(result => result is CommandResult.Accepted answer ? answer.At(positions, duplicates) : result)],
        };
}
