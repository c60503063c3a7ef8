namespace CooperationEvents.Kernel;

/// <summary>
/// What exists already where it is to be created: the events it was created with, and what it is now. A creation is a repeat where each of
/// its members states either.
/// </summary>
public sealed record Created<T>(ValueList<object> Events, T Now)
    where T : class, IState<T>
{
    /// <summary>The event it began with.</summary>
    public TEvent First<TEvent>() => Events.OfType<TEvent>().First();
}
