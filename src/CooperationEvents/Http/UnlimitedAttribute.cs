namespace CooperationEvents.Http;

/// <summary>
/// Marks an endpoint whose requests last as long as their callers like, or tell whether the service is well: they take no
/// place among the requests answered at once. Each limits itself otherwise.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnlimitedAttribute : Attribute
{
    /// <summary>Whether the number of requests of one caller is not limited either.</summary>
    public bool Everything { get; init; }
}

/// <summary>Marks an endpoint whose request is worth several permits: it keeps the database or the processor busy for long.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CostlyAttribute(int permits) : Attribute
{
    public int Permits { get; } = permits;
}
