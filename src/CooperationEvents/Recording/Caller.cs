namespace CooperationEvents.Recording;

/// <summary>
/// Who records, and under what: written as metadata on every event. <paramref name="Actor"/> is a random principal id;
/// <paramref name="OnBehalfOf"/> an opaque id too, since metadata is never erased.
/// </summary>
public sealed record Caller(Guid Actor, Guid? OnBehalfOf, string? Source, string Correlation);
