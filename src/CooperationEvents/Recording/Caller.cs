namespace CooperationEvents.Recording;

/// <summary>
/// Who records, and under what: written as metadata on every event. <paramref name="Actor"/> is a random principal id;
/// <paramref name="OnBehalfOf"/> an opaque id too, since metadata is never erased.
/// </summary>
public sealed record Caller(Guid Actor, Guid? OnBehalfOf, string? Source, string Correlation)
{
    /// <summary>The principal under which the register itself records.</summary>
    private static readonly Guid Register = new("6c6f6700-0000-4000-8000-000000000002");

    /// <summary>The register itself.</summary>
    public static Caller Itself(string correlation) => new(Register, null, null, correlation);
}
