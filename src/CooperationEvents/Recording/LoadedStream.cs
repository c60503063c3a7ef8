using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;

namespace CooperationEvents.Recording;

/// <summary>
/// One stream as a transaction sees it: what is committed, and what the transaction itself is about to append. Version 0
/// where there is none yet. It never changes, so that many transactions may share it.
/// </summary>
public sealed record LoadedStream
{
    private LoadedStream(Guid id, StreamKind kind, Type stateType, Func<object?, Recorded, object?> fold)
    {
        Id = id;
        Kind = kind;
        StateType = stateType;
        Fold = fold;
    }

    public Guid Id { get; }

    public StreamKind Kind { get; }

    /// <summary>The CLR type of the stream's state.</summary>
    public Type StateType { get; }

    public long Version { get; private init; }

    /// <summary>The position of the newest event; 0 until that is committed.</summary>
    internal long Position { get; private init; }

    /// <summary>The events of the command that created the stream: the leading ones with one causation.</summary>
    internal IReadOnlyList<Recorded> Creation { get; private init; } = [];

    /// <summary>The position of the last of <see cref="Creation"/>; 0 until that is committed.</summary>
    internal long CreationPosition { get; private init; }

    /// <summary>The state, or null where the stream does not exist or is of another kind.</summary>
    internal object? State { get; private init; }

    /// <summary>What keeps this node from knowing the state; null where nothing does.</summary>
    internal NewerVersionException? Newer { get; private init; }

    private Func<object?, Recorded, object?> Fold { get; }

    internal static LoadedStream Empty<T>(Guid id)
        where T : class, IState<T> => new(id, T.Stream, typeof(T), static (state, recorded) => T.Fold(state as T, recorded));

    /// <summary>The same stream without its events.</summary>
    internal LoadedStream BeforeItsFirst() => new(Id, Kind, StateType, Fold);

    /// <summary>The same stream, to decide on.</summary>
    /// <exception cref="NewerVersionException">It has an event of a type that this node does not know.</exception>
    internal LoadedStream Known() => Newer is null ? this : throw Newer;

    /// <summary>The stream with these events after those it has.</summary>
    internal LoadedStream With(IReadOnlyList<StreamEvent> events)
    {
        if (events.Count == 0)
            return this;
        if (
            events.Select(e => NewerVersionException.Of(e.Recorded.Type, e.Position)).FirstOrDefault(newer => newer is not null) is
            { } newer
        )
            return this with { Newer = newer };
        var state = State;
        foreach (var e in events)
            state = Fold(state, e.Recorded);
        var after = this with { State = state, Version = Version + events.Count, Position = events[^1].Position };
        if (Version > 0)
            return after;
        var creation = events.TakeWhile(e => e.Causation == events[0].Causation).ToList();
        return after with { Creation = [.. creation.Select(e => e.Recorded)], CreationPosition = creation[^1].Position };
    }

    /// <summary>The stream once what was appended to it is committed.</summary>
    /// <param name="positionOf">The position of the event at a version; 0 where it was committed before.</param>
    internal LoadedStream Committed(Func<long, long> positionOf) =>
        this with
        {
            Position = positionOf(Version),
            CreationPosition = CreationPosition > 0 ? CreationPosition : positionOf(Creation.Count),
        };
}

/// <summary>An event of a stream; its position is 0 until it is committed.</summary>
internal record StreamEvent(Recorded Recorded, string? Causation, long Position = 0);

/// <summary>
/// An event as it will be stored: with an id, a place in its stream and metadata of its own, sealed, and written as JSON once.
/// </summary>
internal sealed record NewEvent(Guid Stream, long Version, Recorded Recorded, byte[] Json, Caller Caller, string Causation)
    : StreamEvent(Recorded, Causation)
{
    /// <summary>The most bytes that the log holds of one entry.</summary>
    public const int LongestEntry = 65_535;

    /// <summary>What the members around the data take at most: ids, names, and the longest metadata accepted, escaped.</summary>
    private const int Envelope = 4_096;

    private static readonly IReadOnlyDictionary<FieldClass, int> NoneExpired = new Dictionary<FieldClass, int>();

    /// <summary>
    /// Whether its entry in the log may become too long, so that it must not be appended. PostgreSQL writes a space after each comma and
    /// colon, and no other character longer than it is here.
    /// </summary>
    public bool IsTooLong => Json.Length + Json.AsSpan().Count((byte)',') + Json.AsSpan().Count((byte)':') + Envelope > LongestEntry;

    /// <summary>What is known of the caller beside who it is, as JSON; null where that is nothing.</summary>
    public string? Headers =>
        Caller is { OnBehalfOf: null, Source: null }
            ? null
            : JsonSerializer.Serialize(
                new Dictionary<string, string?> { ["onBehalfOf"] = Caller.OnBehalfOf?.ToString(), ["source"] = Caller.Source }
                    .Where(header => header.Value is not null)
                    .ToDictionary()
            );

    /// <summary>
    /// The events that follow from one command, after those the stream has; null where one speaks of a person whose key is gone.
    /// </summary>
    public static async Task<IReadOnlyList<NewEvent>?> Of(
        LoadedStream stream,
        IReadOnlyList<object> events,
        Caller caller,
        PersonalData personalData,
        CancellationToken cancellation
    )
    {
        var causation = Guid.CreateVersion7().ToString();
        var expired = (stream.State as IHaveExpiredFields)?.Expired ?? NoneExpired;
        var made = new List<NewEvent>(events.Count);
        foreach (var data in events)
        {
            var id = Guid.CreateVersion7();
            var type = EventType.NameOf(data.GetType());
            var stored = data is IHoldPersonalData personal ? await personalData.Seal(personal, id, type, expired, cancellation) : data;
            if (stored is null)
                return null;
            var json = JsonSerializer.SerializeToUtf8Bytes(stored, stored.GetType(), Kernel.Json.Options);
            made.Add(new NewEvent(stream.Id, stream.Version + made.Count + 1, new Recorded(id, type, stored), json, caller, causation));
        }

        return made;
    }
}
