using System.Reflection;

namespace CooperationEvents.Kernel;

/// <summary>The name under which an event is stored, for ever, and the stream of section 3 of the contract that it belongs to.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StoredAttribute(string name, string stream) : Attribute
{
    public string Name { get; } = name;

    public string Stream { get; } = stream;

    /// <summary>The event types of an assembly, by their stored names.</summary>
    public static IEnumerable<(Type Type, StoredAttribute Stored)> In(Assembly assembly) =>
        from type in assembly.GetTypes()
        let stored = type.GetCustomAttribute<StoredAttribute>(inherit: false)
        where stored is not null
        orderby stored.Name
        select (type, stored);

    /// <summary>The stored name of an event type.</summary>
    public static string NameOf(Type eventType) =>
        eventType.GetCustomAttribute<StoredAttribute>(inherit: false)?.Name
        ?? throw new InvalidOperationException($"{eventType} has no stored name.");

    /// <summary>The kind of the stream an event type belongs to; null where it is no stored type.</summary>
    public static string? StreamOf(Type eventType) => eventType.GetCustomAttribute<StoredAttribute>(inherit: false)?.Stream;
}

/// <summary>An event as it was recorded: its id and stored name beside its data.</summary>
public sealed record Recorded(Guid Id, string Type, object Data);

/// <summary>A state of somebody who can ask to be forgotten.</summary>
public interface ICanBeErased
{
    /// <summary>Whether that was done: nothing may be recorded about it any more.</summary>
    bool Erased { get; }
}

/// <summary>A state folded from the events of one stream. An event that does not concern it leaves it as it is.</summary>
public interface IState<TSelf>
    where TSelf : class, IState<TSelf>
{
    /// <summary>The stream's type, as the events of this state name it.</summary>
    static abstract string Stream { get; }

    static abstract TSelf? Fold(TSelf? state, Recorded recorded);
}
