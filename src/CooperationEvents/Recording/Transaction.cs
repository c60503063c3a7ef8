using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// What commands of one transaction are decided on: what is read, and what those before them came to, which is about to be appended, as if
/// it were committed.
/// </summary>
internal sealed class Transaction(NpgsqlDataSource database, Reads reads, PersonalData personalData, bool isDryRun)
{
    private readonly Dictionary<Guid, Changed> _changed = [];
    private readonly Dictionary<(StreamKind Stream, ExternalReference Reference), Guid> _taken = [];
    private readonly Dictionary<Guid, long> _trusted = [];
    private readonly HashSet<Guid> _creating = [];
    private readonly HashSet<Guid> _undone = [];
    private List<Action>? _undo;

    public Reads Reads => reads;

    public PersonalData PersonalData => personalData;

    /// <summary>
    /// Whether streams are taken as this node keeps them in memory, and a reference that is not kept there for a new one. Where that is
    /// wrong the commit fails.
    /// </summary>
    public bool TrustsMemory { get; init; }

    /// <summary>The new events, in the order in which they were decided.</summary>
    public List<NewEvent> Events { get; } = [];

    /// <summary>How many bytes of JSON the events hold.</summary>
    public long Bytes { get; private set; }

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

    /// <summary>The same, in which nothing is decided yet.</summary>
    public Transaction Anew() => new(database, reads, personalData, isDryRun) { TrustsMemory = TrustsMemory };

    public async Task<LoadedStream> Load<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => Find<T>(id) ?? await reads.Stream<T>(id, cancellation);

    /// <summary>A stream that is looked at and not changed.</summary>
    public async Task<LoadedStream> Look<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => Find<T>(id) ?? Trust<T>(id) ?? await reads.Stream<T>(id, cancellation);

    public async Task<IEnumerable<LoadedStream>> LookMany<T>(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
        where T : class, IState<T>
    {
        List<LoadedStream> known = [.. ids.Select(id => Find<T>(id) ?? Trust<T>(id)).OfType<LoadedStream>()];
        return known.Concat(await reads.Streams<T>([.. ids.Except(known.Select(s => s.Id))], cancellation));
    }

    /// <summary>A stream that there is, as it is known without a question; null where it is not.</summary>
    public LoadedStream? Kept<T>(Guid id)
        where T : class, IState<T> => Find<T>(id) ?? reads.Kept<T>(id);

    /// <summary>What an external reference names, as it is known without a question; null where it is not.</summary>
    public async Task<Guid?> Kept(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        Find(stream, reference) ?? await reads.Kept(stream, reference, cancellation);

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

    /// <summary>The kind of a stream that was asked for; null where there is no such stream.</summary>
    public StreamKind? KindOf(Guid id) => KindCreated(id) ?? reads.KindOf(id);

    /// <summary>The kind of a stream that this transaction creates; null where it does not.</summary>
    public StreamKind? KindCreated(Guid id) => _changed.TryGetValue(id, out var changed) && changed.Before == 0 ? changed.Kind : null;

    /// <summary>Locks a rule, unless this transaction has it; streams are read anew from then on.</summary>
    public async Task LockRule(string rule, CancellationToken cancellation)
    {
        if (isDryRun || Locks.Any(t => t.Rule == rule))
            return;
        Locks.Add(await RuleLock.Next(database, rule, cancellation));
        reads.ForgetStreams();
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
    public bool IsCreating(Guid id) => _creating.Contains(id);

    public void Creating(Guid id)
    {
        _undone.Remove(id);
        if (!_creating.Add(id))
            return;
        _undo?.Add(() =>
        {
            _creating.Remove(id);
            _undone.Add(id);
        });
    }

    public void Add(LoadedStream stream, IReadOnlyList<NewEvent> events, ExternalReference? takes)
    {
        var was = _changed.TryGetValue(stream.Id, out var changed) ? changed.Was : stream;
        _undo?.Add(Reverse(stream, changed, events.Count, takes));
        _changed[stream.Id] = new Changed(was, stream.With([.. events.Select(e => new StreamEvent(e.Recorded, e.Causation))]));
        if (takes is not null)
            _taken[(stream.Kind, takes)] = stream.Id;
        Events.AddRange(events);
        Bytes += events.Sum(e => (long)e.Json.Length);
    }

    public void Remember(IdempotencyStore.Key key, CommandResult.Accepted answer)
    {
        Answers[key.Text] = (key, answer);
        _undo?.Add(() => Answers.Remove(key.Text));
    }

    /// <summary>From here on what comes can be undone, until it is settled.</summary>
    public void Mark() => _undo = [];

    public void Settle() => _undo = null;

    /// <summary>Takes back what came since the mark; nothing where there is none.</summary>
    public void Undo()
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
    private LoadedStream? Trust<T>(Guid id)
        where T : class, IState<T>
    {
        // Who locks a rule is promised streams that are read after that.
        if (!TrustsMemory || Locks.Count > 0 || reads.Kept<T>(id) is not { } kept)
            return null;
        _trusted.TryAdd(id, kept.Version);
        return kept;
    }

    private Guid? Find(StreamKind stream, ExternalReference reference) => _taken.TryGetValue((stream, reference), out var id) ? id : null;

    private Action Reverse(LoadedStream stream, Changed? before, int events, ExternalReference? takes)
    {
        var (count, bytes) = (Events.Count, Bytes);
        return () =>
        {
            if (before is null)
                _changed.Remove(stream.Id);
            else
                _changed[stream.Id] = before;
            if (takes is not null)
                _taken.Remove((stream.Kind, takes));
            Events.RemoveRange(count, events);
            Bytes = bytes;
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
