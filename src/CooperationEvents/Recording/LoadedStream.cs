using CooperationEvents.Kernel;
using JasperFx.Events;

namespace CooperationEvents.Recording;

/// <summary>One stream as a transaction sees it: what is committed, and what it is itself about to append. Version 0 where there is none yet.</summary>
public sealed record LoadedStream
{
    private LoadedStream(Guid id, Type stateType, Func<object?, Recorded, object?> fold)
    {
        Id = id;
        StateType = stateType;
        Fold = fold;
    }

    public Guid Id { get; }

    /// <summary>The CLR type of the stream's state; its lower-case name is the stream's type.</summary>
    public Type StateType { get; }

    public long Version { get; private init; }

    /// <summary>The newest event; its sequence is known once it is committed.</summary>
    internal IEvent? Last { get; private init; }

    /// <summary>The events of the command that created the stream: the leading ones with one causation.</summary>
    internal IReadOnlyList<IEvent> Creation { get; private init; } = [];

    /// <summary>The state, or null where the stream does not exist or is of another kind.</summary>
    internal object? State { get; private init; }

    private Func<object?, Recorded, object?> Fold { get; }

    internal static LoadedStream Of<T>(Guid id, IReadOnlyList<IEvent> events)
        where T : class, IState<T> =>
        new LoadedStream(id, typeof(T), static (state, recorded) => T.Fold(state as T, recorded)).With(events);

    /// <summary>The stream with these events after those it has; they are given their versions.</summary>
    internal LoadedStream With(IReadOnlyList<IEvent> events)
    {
        if (events.Count == 0)
            return this;
        var (state, version) = (State, Version);
        foreach (var e in events)
        {
            state = Fold(state, new Recorded(e.Id, e.EventTypeName, e.Data));
            e.Version = ++version;
        }

        return this with
        {
            State = state,
            Version = version,
            Last = events[^1],
            Creation = Version > 0 ? Creation : [.. events.TakeWhile(e => e.CausationId == events[0].CausationId)],
        };
    }
}
