using CooperationEvents.Kernel;
using JasperFx.Events;

namespace CooperationEvents.Recording;

/// <summary>One stream as an attempt found it; version 0 where there is none yet.</summary>
public sealed class LoadedStream
{
    private LoadedStream(Guid id, Type stateType, IReadOnlyList<IEvent> events)
    {
        Id = id;
        StateType = stateType;
        Version = events.Count == 0 ? 0 : events[^1].Version;
        Position = events.Count == 0 ? 0 : events[^1].Sequence;
        Creation = [.. events.TakeWhile(e => e.CausationId == events[0].CausationId)];
    }

    public Guid Id { get; }

    /// <summary>The CLR type of the stream's state; its lower-case name is the stream's type.</summary>
    public Type StateType { get; }

    public long Version { get; }

    public long Position { get; }

    /// <summary>The events of the command that created the stream: the leading ones with one causation.</summary>
    internal IReadOnlyList<IEvent> Creation { get; }

    /// <summary>The state, or null where the stream does not exist or is of another kind.</summary>
    internal object? State { get; private init; }

    internal static LoadedStream Fold<T>(Guid id, IReadOnlyList<IEvent> events)
        where T : class, IState<T> => new(id, typeof(T), events)
        {
            State = events.Aggregate(
                (T?)null,
                (state, e) => T.Fold(state, new Recorded(e.Id, e.EventTypeName, e.Data))),
        };
}
