namespace CooperationEvents.Kernel;

/// <summary>The name under which an event is stored, for ever.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StoredAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>On an event of which the statistics make no fact: neither a figure nor what analysts read depends on it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NoFactAttribute : Attribute;

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
    static abstract StreamKind Stream { get; }

    static abstract TSelf? Fold(TSelf? state, Recorded recorded);
}
