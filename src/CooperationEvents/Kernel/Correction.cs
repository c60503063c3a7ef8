namespace CooperationEvents.Kernel;

/// <summary>
/// What a correction does to a member of a state or a view. Its event holds what it replaces and what it gives, of the members that change.
/// </summary>
public static class Correction
{
    /// <summary>The value afterwards: what is given; none where it was only replaced; as before where it is in neither.</summary>
    public static T? After<T>(T? now, T? replaced, T? corrected) => corrected ?? (replaced is null ? now : default);
}
