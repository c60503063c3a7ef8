using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using NodaTime;
using NodaTime.Extensions;

namespace CooperationEvents.Recording;

/// <summary>
/// One attempt at a command: what it may read, and the change it comes to. It reads committed state and what commands
/// before it in the same transaction came to, writes nothing itself, and may be run again from the start when a race is lost.
/// </summary>
public sealed class UnitOfWork
{
    /// <summary>The kind of those who can be erased.</summary>
    private static readonly StreamKind ErasableStream = StreamKind.Person;

    private readonly Transaction _transaction;
    private readonly ExpectedVersion? _expected;
    private readonly bool _readsOnly;
    private readonly CancellationToken _cancellation;

    /// <param name="readsOnly">Whether the command is to go only as far as what it reads: nothing is decided.</param>
    internal UnitOfWork(Transaction transaction, ExpectedVersion? expected, bool readsOnly, CancellationToken cancellation)
    {
        _transaction = transaction;
        _expected = expected;
        _readsOnly = readsOnly;
        _cancellation = cancellation;
    }

    /// <summary>
    /// For a rule that looks at many streams: of two changes by it that did not see each other only one is recorded, and the
    /// other is decided again. To be called before anything is read.
    /// </summary>
    public async Task LockRule(string rule)
    {
        if (!_readsOnly)
            await _transaction.LockRule(rule, _cancellation);
    }

    /// <summary>The day it is now in that IANA zone; in UTC where there is none.</summary>
    public DateOnly Today(string? timeZone)
    {
        var zone = timeZone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb[timeZone];
        return _transaction.Clock.GetUtcNow().ToInstant().InZone(zone).Date.ToDateOnly();
    }

    /// <summary>The state of a stream of that kind, or null. For facts about something the command does not change.</summary>
    public async Task<T?> Find<T>(Guid id)
        where T : class, IState<T> => (await _transaction.Look<T>(id, _cancellation)).State as T;

    /// <summary>The states of those of the streams of that kind that there are, in one round trip.</summary>
    public async Task<IReadOnlyList<T>> FindMany<T>(IReadOnlyCollection<Guid> ids)
        where T : class, IState<T> => [.. (await _transaction.LookMany<T>(ids, _cancellation)).Select(s => s.State).OfType<T>()];

    /// <summary>The ids of those references that name something of that kind, which nobody erases, in one round trip.</summary>
    public async Task<IReadOnlyDictionary<Reference, Guid>> FindMany(StreamKind stream, IReadOnlyCollection<Reference> references)
    {
        List<Reference> wanted = [.. references.Distinct()];
        var all = new References();
        foreach (var (place, reference) in wanted.Index())
            all.Add(stream, reference, $"/{place}");
        var (ids, problem) = await Resolve(all);
        var unknown = problem?.Errors.Select(e => e.Pointer).ToHashSet() ?? [];
        return wanted.Where((_, place) => !unknown.Contains($"/{place}")).ToDictionary(r => r, r => ids.Of(stream, r));
    }

    /// <summary>Looks up the references of a command in one round trip; the problem names every unknown one.</summary>
    public async Task<(KnownIds Ids, Problem? Problem)> Resolve(References references)
    {
        if (references.All.Count == 0)
            return (KnownIds.Own, null);
        await _transaction.Learn(
            [.. references.All.Where(r => r.Reference.External is not null).Select(r => (r.Stream, r.Reference.External!))],
            [.. references.All.Where(r => r.Reference.Id is not null).Select(r => r.Reference.Id!.Value)],
            _cancellation
        );

        var known = new Dictionary<(StreamKind, Reference), Guid>();
        var errors = new List<FieldError>();
        var gone = new List<FieldError>();
        foreach (var (stream, reference, pointer) in references.All)
        {
            var found = reference.External is { } external ? _transaction.Named(stream, external) : reference.Id;
            if (await IsErased(stream, found, reference.External))
                gone.Add(new FieldError(pointer, GoneWords(stream)));
            else if (reference.Id is { } id && _transaction.KindOf(id) == stream)
                continue;
            else if (reference.External is not null && found is { } namedId)
                known[(stream, reference)] = namedId;
            else
                errors.Add(new FieldError(pointer, $"There is no {stream} {reference}."));
        }

        // Whoever is gone stays gone, while what is unknown may yet be recorded.
        return (
            new KnownIds(known),
            (gone, errors) switch
            {
                ({ Count: > 0 }, _) => KernelProblems.Erased.With(gone),
                (_, { Count: > 0 }) => KernelProblems.UnknownReference.With(errors),
                _ => null,
            }
        );
    }

    /// <summary>Whether somebody of that kind, known by an id or named by others so, was erased.</summary>
    public async Task<bool> IsErased(StreamKind stream, Guid? id, ExternalReference? external) =>
        stream == ErasableStream
        && (
            id is { } known && _transaction.PersonalData.IsErased(known)
            || external is not null && await _transaction.PersonalData.WasErased(ErasedName.EarlierOf(external), _cancellation)
        );

    /// <summary>Whether somebody with that e-mail address was erased.</summary>
    public Task<bool> IsErased(string email) => _transaction.PersonalData.WasErased(ErasedName.EarlierOfEmail(email), _cancellation);

    /// <summary>Decides about something that exists: 404 where it does not, 412 where the caller expected another version.</summary>
    /// <param name="evenErased">Whether it is decided too where the one it is about was erased; 410 otherwise.</param>
    public Task<StreamDecision> Change<T>(Reference reference, Func<T, Decision> decide, bool evenErased = false)
        where T : class, IState<T> => Change<T>(reference, state => Task.FromResult(decide(state)), evenErased);

    /// <inheritdoc cref="Change{T}(Reference, Func{T, Decision}, bool)"/>
    public async Task<StreamDecision> Change<T>(Reference reference, Func<T, Task<Decision>> decide, bool evenErased = false)
        where T : class, IState<T>
    {
        var id = reference.Id ?? await _transaction.Name(T.Stream, reference.External!, _cancellation);
        if (!evenErased && await IsErased(T.Stream, id, reference.External))
            return Gone(T.Stream, MemberOf(T.Stream));
        if (id is null)
            return NotFound<T>(reference);
        var stream = await _transaction.Load<T>(id.Value, _cancellation);
        if (_readsOnly)
            return StreamDecision.Of(stream, Decision.Nothing);
        if (stream.State is not T state)
            return NotFound<T>(reference);
        if (!evenErased && state is ICanBeErased { Erased: true })
            return Gone(T.Stream, MemberOf(T.Stream));
        return Unexpected(stream) ?? StreamDecision.Of(stream, Naming(stream.Id, await decide(state)));
    }

    /// <summary>The same with the ids of what other references name; refused where one of them names nothing.</summary>
    public Task<StreamDecision> Change<T>(Reference reference, References references, Func<T, KnownIds, Decision> decide)
        where T : class, IState<T> => Change<T>(reference, references, (state, ids) => Task.FromResult(decide(state, ids)));

    /// <inheritdoc cref="Change{T}(Reference, References, Func{T, KnownIds, Decision})"/>
    public async Task<StreamDecision> Change<T>(Reference reference, References references, Func<T, KnownIds, Task<Decision>> decide)
        where T : class, IState<T>
    {
        var (ids, unknown) = await Resolve(references);
        return unknown ?? await Change<T>(reference, state => decide(state, ids));
    }

    /// <summary>
    /// Decides about something new, known by the caller's id or external reference or by a new random id.
    /// <paramref name="decide"/> is given the id, and what was created before, null where it is new.
    /// </summary>
    public Task<StreamDecision> Create<T>(Guid? wantedId, ExternalReference? external, Func<Guid, Created<T>?, Decision> decide)
        where T : class, IState<T> => Create<T>(wantedId, external, (id, created) => Task.FromResult(decide(id, created)));

    /// <inheritdoc cref="Create{T}(Guid?, ExternalReference, Func{Guid, Created{T}, Decision})"/>
    public async Task<StreamDecision> Create<T>(Guid? wantedId, ExternalReference? external, Func<Guid, Created<T>?, Task<Decision>> decide)
        where T : class, IState<T>
    {
        var known = external is null ? null : await _transaction.NameToTake(T.Stream, external, _cancellation);
        if (await IsErased(T.Stream, known ?? wantedId, external))
            return Gone(T.Stream);
        var stream = (known ?? wantedId) is { } id ? await _transaction.Load<T>(id, _cancellation) : LoadedStream.Empty<T>(NewId<T>());
        if (_readsOnly)
            return StreamDecision.Of(stream, Decision.Nothing);
        if (stream.Version > 0 && stream.State is null)
        {
            return KernelProblems.IdInUse.At(
                "/id",
                "This id already names something of another kind. Ids are unique across all kinds; choose a random UUID."
            ) with
            {
                Record = stream.Id,
            };
        }

        if (stream.State is ICanBeErased { Erased: true })
            return Gone(T.Stream);
        if (Unexpected(stream) is { } unexpected)
            return unexpected;
        var created = stream.State is T now ? new Created<T>(await Opened(stream.Creation), now) : null;
        var decision = await decide(stream.Id, created);
        var isNew = stream.Version == 0;
        return StreamDecision.Of(stream, isNew ? decision : Naming(stream.Id, decision), creates: true) with
        {
            Takes = isNew && known is null ? external : null,
        };
    }

    /// <summary>A sealed field in plain text, for a rule to compare; null where there is none or the person's key is gone.</summary>
    public async Task<string?> Open(Guid personId, SealedField? field) =>
        field is null ? null : await _transaction.PersonalData.Open(personId, field, _cancellation, evenRestricted: true);

    /// <summary>
    /// Ids that follow the time lie at the end of every index, which so grows by few pages, and each page is written once. A
    /// person's id is random: it says nothing of them, not even when they became known.
    /// </summary>
    private static Guid NewId<T>()
        where T : class, IState<T> => T.Stream == ErasableStream ? Guid.NewGuid() : Guid.CreateVersion7();

    /// <summary>Whether the person's key was lost, so that nothing of them can be read or recorded.</summary>
    public async Task<bool> HasLostKey(Guid personId) =>
        await _transaction.PersonalData.Standing(personId, _cancellation) == PersonalStanding.Unreadable;

    private static Problem Gone(StreamKind stream) => KernelProblems.Erased.Because(GoneWords(stream));

    private static Problem Gone(StreamKind stream, string member) => KernelProblems.Erased.At(member, GoneWords(stream));

    private static string GoneWords(StreamKind stream) => $"This {stream} was erased; nothing can be recorded about them any more.";

    /// <summary>A conflict names the record it is with.</summary>
    private static Decision Naming(Guid record, Decision decision) =>
        decision is Decision.Refused { Problem: { Type.Status: 409, Record: null } conflict }
            ? conflict with
            {
                Record = record,
            }
            : decision;

    private static Problem NotFound<T>(Reference reference)
        where T : class, IState<T> => KernelProblems.NotFound.At(MemberOf(T.Stream), $"There is no {T.Stream} {reference}.");

    /// <summary>The member of a command that names the stream it changes. Over HTTP it stands in the path.</summary>
    private static string MemberOf(StreamKind stream) => $"/{stream}Id";

    private Problem? Unexpected(LoadedStream stream) =>
        _expected is { } expected && !expected.Allows(stream.Version)
            ? KernelProblems.PreconditionFailed.Because(
                expected.HasWeak
                    ? $"A weak tag (W/) never matches here. The current version is \"{stream.Version}\"."
                    : $"If-Match names another version; the current one is \"{stream.Version}\". Read it again and decide anew."
            )
            : null;

    /// <summary>The events with their personal fields in plain text, to be compared with what a command would create.</summary>
    private async Task<ValueList<object>> Opened(IReadOnlyList<Recorded> events)
    {
        var opened = new List<object>(events.Count);
        foreach (var e in events)
            opened.Add(
                e.Data is IHoldPersonalData data
                    ? await _transaction.PersonalData.Open(data, e.Id, e.Type, _cancellation, evenRestricted: true)
                    : e.Data
            );
        return [.. opened];
    }
}

/// <summary>The references in one command's body: looked up together, each unknown one reported by its place.</summary>
public sealed class References
{
    private readonly List<(StreamKind Stream, Reference Reference, string Pointer)> _all = [];

    internal IReadOnlyList<(StreamKind Stream, Reference Reference, string Pointer)> All => _all;

    public References Add(StreamKind stream, Reference? reference, string pointer)
    {
        if (reference is not null)
            _all.Add((stream, reference, pointer));
        return this;
    }
}

/// <summary>What a command comes to in one attempt: a decision about one stream.</summary>
public sealed record StreamDecision
{
    private StreamDecision(Decision decision) => Decision = decision;

    internal Decision Decision { get; private init; }

    internal LoadedStream? Stream { get; private init; }

    internal bool Creates { get; private init; }

    /// <summary>The reference that names the stream from now on; null where none does, or it did before.</summary>
    internal ExternalReference? Takes { get; init; }

    /// <summary>The id of what was made inside the stream (an affiliation, an outcome), to be answered beside the stream's own.</summary>
    public Guid? PartId { get; init; }

    /// <summary>Whether what is made inside the stream is known by the id of its event, as a document is.</summary>
    public bool PartIsItsEvent { get; init; }

    /// <summary>The position of events of other streams behind the decision, which the answer covers where nothing is appended.</summary>
    internal long Covers { get; init; }

    internal static StreamDecision Of(LoadedStream stream, Decision decision, bool creates = false) =>
        new(decision) { Stream = stream, Creates = creates };

    public static implicit operator StreamDecision(Problem problem) => new(new Decision.Refused(problem));
}
