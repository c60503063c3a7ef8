using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using JasperFx.Events;
using Marten;
using NodaTime;
using NodaTime.Extensions;

namespace CooperationEvents.Recording;

/// <summary>
/// One attempt at a command: what it may read, and the change it comes to. It reads committed state, writes nothing
/// itself, and may be run again from the start when a race is lost.
/// </summary>
public sealed class Work : IAsyncDisposable
{
    private readonly IDocumentSession _session;
    private readonly ExternalReferences _externalReferences;
    private readonly PersonalData _personalData;
    private readonly StreamTurn _turn;
    private readonly TimeProvider _clock;
    private readonly Submission _submission;
    private readonly CancellationToken _cancellation;

    internal Work(
        IDocumentSession session,
        ExternalReferences externalReferences,
        PersonalData personalData,
        StreamTurn turn,
        TimeProvider clock,
        Submission submission,
        CancellationToken cancellation)
    {
        _session = session;
        _externalReferences = externalReferences;
        _personalData = personalData;
        _turn = turn;
        _clock = clock;
        _submission = submission;
        _cancellation = cancellation;
    }

    internal List<ExternalReferences.Claim> Claims { get; } = [];

    internal List<RuleTurns.Turn> Turns { get; } = [];

    /// <summary>
    /// For a rule that looks at many streams: of two changes by it that did not see each other only one is recorded, and the
    /// other is decided again. To be called before anything is read.
    /// </summary>
    public async Task TakeTurn(string rule) => Turns.Add(await RuleTurns.Next(_session, rule, _cancellation));

    /// <summary>The day it is now in that IANA zone; in UTC where there is none.</summary>
    public DateOnly Today(string? timeZone) =>
        _clock.GetUtcNow().ToInstant()
            .InZone(timeZone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb[timeZone])
            .Date.ToDateOnly();

    /// <summary>The state of a stream of that kind, or null. For facts about something the command does not change.</summary>
    public async Task<T?> Find<T>(Guid id)
        where T : class, IState<T> =>
        LoadedStream.Fold<T>(id, await _session.Events.FetchStreamAsync(id, token: _cancellation)).State as T;

    /// <summary>Looks up the references of a command in one round trip; the problem names every unknown one.</summary>
    public Task<(KnownIds Ids, Problem? Unknown)> Resolve(References references) =>
        references.Resolve(_session, _externalReferences, _cancellation);

    /// <summary>Decides about something that exists: 404 where it does not, 412 where the caller expected another version.</summary>
    public Task<Change> Change<T>(Reference reference, Func<T, Decision> decide)
        where T : class, IState<T> =>
        Change<T>(reference, state => Task.FromResult(decide(state)));

    /// <inheritdoc cref="Change{T}(Reference, Func{T, Decision})"/>
    public async Task<Change> Change<T>(Reference reference, Func<T, Task<Decision>> decide)
        where T : class, IState<T>
    {
        var id = reference.Id ?? await _externalReferences.Find(T.Stream, reference.External!, _cancellation);
        if (id is null)
            return NotFound<T>(reference);
        var stream = await LoadForChange<T>(id.Value);
        if (stream.State is not T state)
            return NotFound<T>(reference);
        return Unexpected(stream) ?? Recording.Change.Of(stream, await decide(state));
    }

    /// <summary>
    /// Decides about something new, known by the caller's id or external reference or by a new random id.
    /// <paramref name="decide"/> is given the id and the events it was created with, null where it is new.
    /// </summary>
    public async Task<Change> Create<T>(Guid? wantedId, ExternalReference? external, Func<Guid, ValueList<object>?, Decision> decide)
        where T : class, IState<T>
    {
        var known = external is null ? null : await _externalReferences.Find(T.Stream, external, _cancellation);
        var id = known ?? wantedId ?? Guid.NewGuid();
        var stream = await LoadForChange<T>(id);
        if (stream.Version > 0 && stream.State is null)
            return KernelProblems.IdInUse.At("/id", "This id already names something of another kind. Ids are unique across all kinds; choose a random UUID.");
        if (Unexpected(stream) is { } unexpected)
            return unexpected;
        var created = stream.Version == 0 ? null : await Opened(stream.Creation);
        var change = Recording.Change.Of(stream, decide(id, created), creates: true);
        if (external is not null && known is null && stream.Version == 0)
            Claims.Add(new ExternalReferences.Claim(T.Stream, external, id));
        return change;
    }

    /// <summary>A sealed field in plain text, for a rule to compare; null where there is none or the person's key is gone.</summary>
    public async Task<string?> Open(Guid personId, SealedField? field) =>
        field is null ? null : await _personalData.Open(personId, field, _cancellation);

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static Problem NotFound<T>(Reference reference)
        where T : class, IState<T> => KernelProblems.NotFound.Because($"There is no {T.Stream} {reference}.");

    private Problem? Unexpected(LoadedStream stream) =>
        _submission.Expected is { } expected && !expected.Allows(stream.Version)
            ? KernelProblems.PreconditionFailed.Because(
                $"If-Match names another version; the current one is \"{stream.Version}\". Read it again and decide anew.")
            : null;

    private async Task<LoadedStream> LoadForChange<T>(Guid id)
        where T : class, IState<T>
    {
        await _turn.Take(id.ToString(), _cancellation);
        return LoadedStream.Fold<T>(id, await _session.Events.FetchStreamAsync(id, token: _cancellation));
    }

    /// <summary>The events with their personal fields in plain text, to be compared with what a command would create.</summary>
    private async Task<ValueList<object>> Opened(IReadOnlyList<IEvent> events)
    {
        var opened = new List<object>(events.Count);
        foreach (var e in events)
            opened.Add(e.Data is IHoldPersonalData data ? await _personalData.Open(data, e.Id, e.EventTypeName, _cancellation) : e.Data);
        return [.. opened];
    }
}
