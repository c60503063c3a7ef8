using System.Collections.Concurrent;
using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// What one transaction reads of what is committed, and in a dry run of what that came to so far, each thing once. What
/// the commands given to <see cref="Ahead"/> ask for is read in as few round trips as they depend on each other; anything
/// else in a round trip of its own.
/// </summary>
internal sealed class Reads(
    NpgsqlDataSource database,
    StreamCache streamCache,
    ExternalReferences externalReferences,
    DryRun? dryRun = null
)
{
    private const string StreamsSql = """
        select wanted.number, e.version, e.seq_id, e.id, e.type, e.causation_id, e.data
        from unnest($1::uuid[], $2::bigint[]) with ordinality wanted (id, after, number)
        join register.mt_events e on e.stream_id = wanted.id and e.version > wanted.after
        order by wanted.number, e.version
        """;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Spelling, IReadOnlyList<(string Text, byte[] Digest)>> _digests = [];
    private readonly ConcurrentDictionary<string, Guid?> _references = [];
    private readonly ConcurrentDictionary<Guid, StreamKind?> _kinds = [];
    private readonly ConcurrentDictionary<Guid, NewerVersionException> _newerKinds = [];
    private readonly ConcurrentDictionary<(Guid Id, Type State), LoadedStream> _streams = [];
    private readonly HashSet<string> _keys = [];
    private Func<Task>? _ahead;
    private Wanted _wanted = new();
    private TaskCompletionSource? _asked;

    /// <summary>Whether what a dry run came to is read as well.</summary>
    public bool AreOfDryRun => dryRun is not null;

    /// <summary>What was asked for so far, whether it was read or known.</summary>
    public AccessSet ReadSet { get; } = new([], []);

    /// <summary>Whether something could not be read, so that nothing more can be decided.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The remembered answers to the keys given to <see cref="Ahead"/>, by the key's text.</summary>
    public IReadOnlyDictionary<string, IdempotencyStore.Remembered> Answers { get; private set; } =
        new Dictionary<string, IdempotencyStore.Remembered>();

    /// <summary>
    /// Reads what commands will ask for: at once where they have keys, else when one of them first asks for what is not in memory.
    /// </summary>
    public async Task Ahead(
        IReadOnlyCollection<IdempotencyStore.Key> keys,
        IEnumerable<Func<Task>> commands,
        CancellationToken cancellation
    )
    {
        if (keys.Count > 0)
            await Together(keys, commands, cancellation);
        else
            _ahead = () => Together([], commands, cancellation);
    }

    /// <summary>
    /// Runs commands as far as what they read goes, all at the same time. What becomes of them does not matter: they are decided
    /// afterwards.
    /// </summary>
    private async Task Together(
        IReadOnlyCollection<IdempotencyStore.Key> keys,
        IEnumerable<Func<Task>> commands,
        CancellationToken cancellation
    )
    {
        _wanted.Keys.AddRange(keys.Where(key => _keys.Add(key.Text)));
        foreach (var key in keys)
            Look(key.Text);

        // Each runs here until it asks for something, so that mostly all have asked before anybody waits.
        _asked = Signal();
        var all = Task.WhenAll(commands.Select(Quietly));
        while (true)
        {
            if (_asked.Task.IsCompleted)
                _asked = Signal();
            if (IsAnythingWanted())
                await Read(cancellation);
            else if (all.IsCompleted)
                break;
            else
                await Task.WhenAny(all, _asked.Task);
        }

        _asked = null;
    }

    /// <summary>The next lock of a rule; streams are read anew from then on.</summary>
    public async Task<RuleLock> Lock(string rule, CancellationToken cancellation)
    {
        var next = await RuleLock.Next(database, rule, cancellation);
        _streams.Clear();
        return next;
    }

    /// <exception cref="NewerVersionException">The stream has an event of a type that this node does not know.</exception>
    public async Task<LoadedStream> Stream<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => (await Streams<T>([id], cancellation))[0];

    /// <inheritdoc cref="Stream{T}(Guid, CancellationToken)"/>
    public async Task<IReadOnlyList<LoadedStream>> Streams<T>(IReadOnlyList<Guid> ids, CancellationToken cancellation)
        where T : class, IState<T>
    {
        foreach (var id in ids)
            Look(id);
        List<Guid> unknown = [.. ids.Where(id => !_streams.ContainsKey((id, typeof(T))))];
        if (unknown.Count > 0)
        {
            await Ask(
                wanted =>
                {
                    foreach (var id in unknown)
                        wanted.Streams.TryAdd((id, typeof(T)), streamCache.Find<T>(id));
                },
                cancellation
            );
        }

        return [.. ids.Select(id => _streams[(id, typeof(T))].Known())];
    }

    /// <summary>A stream that there is, as it was read or as this node keeps it; null where it does neither.</summary>
    public LoadedStream? Kept<T>(Guid id)
        where T : class, IState<T>
    {
        Look(id);
        return (_streams.GetValueOrDefault((id, typeof(T)))?.Known() ?? streamCache.Find<T>(id)) is { Version: > 0 } kept ? kept : null;
    }

    /// <summary>What an external reference names, as it was read or as this node keeps it; null where it does neither.</summary>
    public async Task<Guid?> Kept(StreamKind stream, ExternalReference reference, CancellationToken cancellation)
    {
        var text = (await Digests(stream, reference, cancellation))[0].Text;
        Look(text);
        return _references.GetValueOrDefault(text) ?? externalReferences.Known(text);
    }

    /// <summary>
    /// Has it known what external references name, and the kinds of streams: <see cref="Named"/> and <see cref="KindOf"/> say it from then
    /// on.
    /// </summary>
    public async Task Learn(
        IReadOnlyCollection<(StreamKind Stream, ExternalReference Reference)> references,
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellation
    )
    {
        var unknownReferences = new List<(string Text, byte[] Digest)>();
        foreach (var (stream, reference) in references)
        {
            foreach (var digest in await Digests(stream, reference, cancellation))
            {
                Look(digest.Text);
                if (!_references.ContainsKey(digest.Text) && !Take(_references, digest.Text, externalReferences.Known(digest.Text)))
                    unknownReferences.Add(digest);
            }
        }

        var unknownIds = new List<Guid>();
        foreach (var id in ids)
        {
            Look(id);
            if (!_kinds.ContainsKey(id) && !Take(_kinds, id, streamCache.KindOf(id)))
                unknownIds.Add(id);
        }

        if (unknownReferences.Count + unknownIds.Count > 0)
        {
            await Ask(
                wanted =>
                {
                    foreach (var (text, digest) in unknownReferences)
                        wanted.References.TryAdd(text, digest);
                    wanted.Kinds.UnionWith(unknownIds);
                },
                cancellation
            );
        }
    }

    /// <summary>
    /// What a reference names that was asked for; null where that is nothing. It may stand under its normal form, which goes before what an
    /// older spelling names.
    /// </summary>
    public Guid? Named(StreamKind stream, ExternalReference reference)
    {
        foreach (var (text, _) in _digests[Spelling.Of(stream, reference)])
        {
            if (_references[text] is { } id)
                return id;
        }

        return null;
    }

    /// <summary>The kind of a stream that was asked for; null where there is no such stream.</summary>
    /// <exception cref="NewerVersionException">This node does not know the kind.</exception>
    public StreamKind? KindOf(Guid id) => _newerKinds.TryGetValue(id, out var newer) ? throw newer : _kinds[id];

    /// <summary>
    /// The digests under which a reference may stand, that of its normal form first. A file names the same things in many of its rows.
    /// </summary>
    internal async ValueTask<IReadOnlyList<(string Text, byte[] Digest)>> Digests(
        StreamKind stream,
        ExternalReference reference,
        CancellationToken cancellation
    )
    {
        var spelling = Spelling.Of(stream, reference);
        if (_digests.TryGetValue(spelling, out var known))
            return known;
        var digests = await externalReferences.Digests(stream, reference, cancellation);
        return _digests[spelling] = [.. digests.Select(digest => (Convert.ToBase64String(digest), digest))];
    }

    private void Look(Guid stream)
    {
        lock (_gate)
            ReadSet.Streams.Add(stream);
    }

    private void Look(string name)
    {
        lock (_gate)
            ReadSet.Names.Add(name);
    }

    /// <summary>Takes what another transaction read and this node keeps; false where it keeps nothing.</summary>
    private static bool Take<TKey, TValue>(ConcurrentDictionary<TKey, TValue?> read, TKey key, TValue? kept)
        where TKey : notnull
    {
        if (kept is null)
            return false;
        read.TryAdd(key, kept);
        return true;
    }

    private static async Task Quietly(Func<Task> command)
    {
        try
        {
            await command();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It is decided once more, and then says so.
        }
    }

    /// <summary>
    /// Waits for the round trip that reads what is wanted: that of all who run together, which begin where they have not yet, or one of its
    /// own.
    /// </summary>
    private async Task Ask(Action<Wanted> want, CancellationToken cancellation)
    {
        Task read;
        lock (_gate)
        {
            want(_wanted);
            read = _wanted.Read.Task;
        }

        if (_asked is { } asked)
            asked.TrySetResult();
        else if (Interlocked.Exchange(ref _ahead, null) is { } ahead)
            await ahead();
        else
            await Read(cancellation);
        await read;
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsAnythingWanted()
    {
        lock (_gate)
            return !_wanted.IsEmpty;
    }

    private async Task Read(CancellationToken cancellation)
    {
        Wanted wanted;
        lock (_gate)
        {
            wanted = _wanted;
            if (wanted.IsEmpty)
                return;
            _wanted = new Wanted();
        }

        try
        {
            await Read(wanted, cancellation);
        }
        catch (Exception e)
        {
            HasFailed = true;
            wanted.Read.SetException(e);
            throw;
        }

        // Those who wait go on here and now, one after the other.
        wanted.Read.SetResult();
    }

    private async Task Read(Wanted wanted, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        var takers = new List<Func<NpgsqlDataReader, Task>>();
        foreach (var (command, take) in Queries(wanted, cancellation))
        {
            batch.BatchCommands.Add(command);
            takers.Add(take);
        }

        await using var result = await batch.ExecuteReaderAsync(cancellation);
        foreach (var take in takers)
        {
            await take(result);
            await result.NextResultAsync(cancellation);
        }
    }

    /// <summary>What asks for the wanted, in the order in which the answers are taken: those of the dry run after the recorded.</summary>
    private IEnumerable<(NpgsqlBatchCommand Command, Func<NpgsqlDataReader, Task> Take)> Queries(
        Wanted wanted,
        CancellationToken cancellation
    )
    {
        if (wanted.Keys.Count > 0)
            yield return (IdempotencyStore.FindCommand(wanted.Keys), async rows =>
                Answers = await IdempotencyStore.Read(rows, cancellation)
            );
        if (wanted.References.Count > 0)
        {
            var digests = wanted.References.Values;
            yield return (ExternalReferences.FindCommand(digests), rows => TakeReferences(wanted.References.Keys, rows, cancellation));
            if (dryRun is not null)
                yield return (dryRun.FindCommand(digests), rows => TakeDryRunReferences(rows, cancellation));
        }

        if (wanted.Kinds.Count > 0)
        {
            yield return (KindsCommand(wanted.Kinds), rows => TakeKinds(wanted.Kinds, rows, cancellation));
            if (dryRun is not null)
                yield return (dryRun.KindsCommand(wanted.Kinds), rows => TakeDryRunKinds(rows, cancellation));
        }

        if (wanted.Streams.Count > 0)
        {
            var streams = wanted.Streams.ToList();
            yield return (StreamsCommand(streams), rows => TakeStreams(streams, rows, cancellation));
            if (dryRun is not null)
                yield return (dryRun.EventsCommand([.. streams.Select(s => s.Key.Id).Distinct()]), rows =>
                    TakeDryRunEvents(streams, rows, cancellation)
                );
        }
    }

    private static NpgsqlBatchCommand StreamsCommand(IReadOnlyCollection<KeyValuePair<(Guid Id, Type State), LoadedStream>> streams) =>
        new(StreamsSql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. streams.Select(s => s.Key.Id)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. streams.Select(s => s.Value.Version)] },
            },
        };

    private static NpgsqlBatchCommand KindsCommand(IEnumerable<Guid> ids) =>
        new("select id, type from register.mt_streams where id = any($1)")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] } },
        };

    private async Task TakeReferences(IEnumerable<string> asked, NpgsqlDataReader rows, CancellationToken cancellation)
    {
        foreach (var text in asked)
            _references[text] = null;
        while (await rows.ReadAsync(cancellation))
        {
            var text = Convert.ToBase64String(rows.GetFieldValue<byte[]>(0));
            _references[text] = externalReferences.Keep(text, rows.GetGuid(1));
        }
    }

    private async Task TakeDryRunReferences(NpgsqlDataReader rows, CancellationToken cancellation)
    {
        while (await rows.ReadAsync(cancellation))
            _references[Convert.ToBase64String(rows.GetFieldValue<byte[]>(0))] ??= rows.GetGuid(1);
    }

    private async Task TakeKinds(IEnumerable<Guid> asked, NpgsqlDataReader rows, CancellationToken cancellation)
    {
        foreach (var id in asked)
            _kinds[id] = null;
        while (await rows.ReadAsync(cancellation))
        {
            var (id, kind) = (rows.GetGuid(0), rows.GetString(1));
            if (NewerVersionException.Of(kind, id) is { } newer)
                _newerKinds[id] = newer;
            else
                _kinds[id] = streamCache.Keep(id, StreamKind.Find(kind)!);
        }
    }

    private async Task TakeDryRunKinds(NpgsqlDataReader rows, CancellationToken cancellation)
    {
        while (await rows.ReadAsync(cancellation))
            _kinds[rows.GetGuid(0)] ??= StreamKind.Find(rows.GetString(1));
    }

    private async Task TakeStreams(
        List<KeyValuePair<(Guid Id, Type State), LoadedStream>> asked,
        NpgsqlDataReader rows,
        CancellationToken cancellation
    )
    {
        foreach (var (of, kept) in asked)
            _streams[of] = kept;
        var events = new List<StreamEvent>();
        long? current = null;
        while (await rows.ReadAsync(cancellation))
        {
            var number = rows.GetInt64(0);
            if (current is { } before && before != number)
                Take(before);
            current = number;
            var type = rows.GetString(4);
            events.Add(
                new StreamEvent(
                    new Recorded(rows.GetGuid(3), type, EventType.Read(type, rows.GetString(6))),
                    rows.IsDBNull(5) ? null : rows.GetString(5),
                    rows.GetInt64(2)
                )
            );
        }

        if (current is { } last)
            Take(last);

        void Take(long number)
        {
            var (of, kept) = asked[(int)number - 1];
            _streams[of] = kept.With(events);
            streamCache.Keep(_streams[of]);
            events.Clear();
        }
    }

    private async Task TakeDryRunEvents(
        List<KeyValuePair<(Guid Id, Type State), LoadedStream>> asked,
        NpgsqlDataReader rows,
        CancellationToken cancellation
    )
    {
        var decided = (await DryRun.Events(rows, cancellation)).ToLookup(e => e.Stream, e => e.Event);
        foreach (var (of, _) in asked)
            _streams[of] = _streams[of].With([.. decided[of.Id]]);
    }

    private sealed class Wanted
    {
        public List<IdempotencyStore.Key> Keys { get; } = [];

        public Dictionary<string, byte[]> References { get; } = [];

        public HashSet<Guid> Kinds { get; } = [];

        public Dictionary<(Guid Id, Type State), LoadedStream> Streams { get; } = [];

        public TaskCompletionSource Read { get; } = new();

        public bool IsEmpty => Keys.Count + References.Count + Kinds.Count + Streams.Count == 0;
    }

    /// <summary>
    /// A reference as it was written. Those that are equal may have been written differently, and then stand under other digests.
    /// </summary>
    private readonly record struct Spelling(StreamKind Stream, string System, string Id, (string System, string Id)? AsSent)
    {
        public static Spelling Of(StreamKind stream, ExternalReference reference) =>
            new(stream, reference.System, reference.Id, reference.AsSent);
    }
}
