using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>
/// What one transaction is about to append. Commands that follow in the same transaction are decided on it as if it were
/// committed.
/// </summary>
internal sealed class Uncommitted
{
    private readonly Dictionary<Guid, Changed> _changed = [];
    private readonly Dictionary<(StreamKind Stream, ExternalReference Reference), Guid> _claims = [];
    private readonly HashSet<Guid> _creating = [];
    private readonly HashSet<Guid> _undone = [];
    private List<Action>? _undo;

    /// <summary>The new events, in the order in which they were decided.</summary>
    public List<NewEvent> Events { get; } = [];

    /// <summary>The streams that get them.</summary>
    public IReadOnlyCollection<Changed> Streams => _changed.Values;

    public IReadOnlyDictionary<(StreamKind Stream, ExternalReference Reference), Guid> Claims => _claims;

    /// <summary>The locks of rules that this transaction takes, one a rule.</summary>
    public List<RuleLock> Locks { get; } = [];

    /// <summary>The answers to be remembered, by the text of their key.</summary>
    public Dictionary<string, (IdempotencyStore.Key Key, CommandResult.Accepted Answer)> Answers { get; } = [];

    /// <summary>How many bytes of JSON the events hold.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the stream is being created by this transaction.</summary>
    public bool IsCreating(Guid id) => _creating.Contains(id);

    /// <summary>The streams that would have been created by what was undone.</summary>
    public IReadOnlyCollection<Guid> Undone => _undone;

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

    /// <summary>A stream with what this transaction appends to it; null where that is nothing.</summary>
    public LoadedStream? Find(Guid id) => _changed.TryGetValue(id, out var changed) ? changed.After : null;

    public Guid? Find(StreamKind stream, ExternalReference reference) => _claims.TryGetValue((stream, reference), out var id) ? id : null;

    /// <summary>The kind of a stream that this transaction creates.</summary>
    public StreamKind? Created(Guid id) => _changed.TryGetValue(id, out var changed) && changed.Before == 0 ? changed.Kind : null;

    public void Add(LoadedStream stream, IReadOnlyList<NewEvent> events, IReadOnlyList<ExternalReferences.Claim> claims)
    {
        var was = _changed.TryGetValue(stream.Id, out var changed) ? changed.Was : stream;
        _undo?.Add(Reverse(stream.Id, changed, events.Count, claims));
        _changed[stream.Id] = new Changed(was, stream.With([.. events.Select(e => new StreamEvent(e.Recorded, e.Causation))]));
        foreach (var claim in claims)
            _claims[(claim.Stream, claim.Reference)] = claim.Id;
        Events.AddRange(events);
        Bytes += events.Sum(e => (long)e.Json.Length);
    }

    public void Remember(IdempotencyStore.Key key, CommandResult.Accepted answer)
    {
        Answers[key.Text] = (key, answer);
        _undo?.Add(() => Answers.Remove(key.Text));
    }

    private Action Reverse(Guid id, Changed? before, int events, IReadOnlyList<ExternalReferences.Claim> claims)
    {
        var (count, bytes) = (Events.Count, Bytes);
        return () =>
        {
            if (before is null)
                _changed.Remove(id);
            else
                _changed[id] = before;
            foreach (var claim in claims)
                _claims.Remove((claim.Stream, claim.Reference));
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
