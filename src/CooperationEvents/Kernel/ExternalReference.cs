namespace CooperationEvents.Kernel;

/// <summary>How another system names one of its records: unique within <paramref name="System"/> and the kind of thing named.</summary>
public sealed record ExternalReference([property: Text(100)] string System, [property: Text(200)] string Id);
