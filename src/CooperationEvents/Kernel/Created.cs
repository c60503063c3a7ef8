namespace CooperationEvents.Kernel;

/// <summary>
/// What exists already where it is to be created: the events it was created with, and what it is now. A creation that states either is a
/// repeat.
/// </summary>
public sealed record Created<T>(ValueList<object> Events, T Now)
    where T : class, IState<T>
{
    /// <summary>The event it began with.</summary>
    public TEvent First<TEvent>() => Events.OfType<TEvent>().First();
}
