using CooperationEvents.Kernel;
using JasperFx.Events;

namespace CooperationEvents.Recording;

/// <summary>
/// What one transaction has read and is about to append. Commands that follow in the same transaction are decided on it as
/// if it were committed.
/// </summary>
internal sealed class Pending
{
    private readonly Dictionary<Guid, LoadedStream> _read = [];
    private readonly Dictionary<Guid, Appended> _appended = [];
    private readonly Dictionary<(string Stream, ExternalReference Reference), Guid> _claims = [];
    private readonly HashSet<Guid> _creating = [];
    private int _created;

    /// <summary>The streams that get new events, in the order in which they first did.</summary>
    public IReadOnlyCollection<Appended> Streams => _appended.Values;

    public IReadOnlyDictionary<(string Stream, ExternalReference Reference), Guid> Claims => _claims;

    /// <summary>The turns at rules that this transaction takes, one a rule.</summary>
    public List<RuleTurns.Turn> Turns { get; } = [];

    public int Events { get; private set; }

    /// <summary>Whether the stream is being created by this transaction.</summary>
    public bool IsCreating(Guid id) => _creating.Contains(id);

    public void Creating(Guid id) => _creating.Add(id);

    public LoadedStream? Find(Guid id) => _read.GetValueOrDefault(id);

    /// <summary>Forgets what was read and is not changed here, so that it is read anew.</summary>
    public void ForgetRead()
    {
        foreach (var id in _read.Keys.Where(id => !_appended.ContainsKey(id)).ToList())
            _read.Remove(id);
    }

    public void Keep(LoadedStream stream) => _read[stream.Id] = stream;

    public Guid? Find(string stream, ExternalReference reference) => _claims.TryGetValue((stream, reference), out var id) ? id : null;

    /// <summary>The kind of a stream that this transaction creates.</summary>
    public string? Created(Guid id) => _appended.TryGetValue(id, out var appended) && appended.Before == 0 ? appended.Kind : null;

    /// <summary>
    /// Whether events for that stream would stand in the history before something that was decided earlier and that they may
    /// speak of: the events of one stream stand together, where it first came, and something else was created since.
    /// </summary>
    public bool IsOvertaken(Guid id) => _appended.TryGetValue(id, out var appended) && appended.CreatedSoFar < _created;

    public void Add(LoadedStream stream, IReadOnlyList<IEvent> events, IReadOnlyList<ExternalReferences.Claim> claims)
    {
        var after = stream.With(events);
        if (!_appended.TryGetValue(stream.Id, out var appended))
        {
            if (stream.Version == 0)
                _created++;
            _appended[stream.Id] = appended = new Appended(stream, _created);
        }

        appended.Events.AddRange(events);
        _read[stream.Id] = after;
        foreach (var claim in claims)
            _claims[(claim.Stream, claim.Reference)] = claim.Id;
        Events += events.Count;
    }

    /// <summary>New events of one stream, that was <paramref name="Was"/>.</summary>
    internal sealed record Appended(LoadedStream Was, int CreatedSoFar)
    {
        public Guid Id => Was.Id;

        public Type StateType => Was.StateType;

        /// <summary>The version it had.</summary>
        public long Before => Was.Version;

        public List<IEvent> Events { get; } = [];

        public string Kind => StreamKinds.Of(StateType);
    }
}
