namespace CooperationEvents.Kernel;

/// <summary>
/// What a correction does to a member of a state or a view. Its event holds what it replaces and what it gives, of the members that change.
/// </summary>
public static class Correction
{
    /// <summary>The value afterwards: what is given; none where it was only replaced; as before where it is in neither.</summary>
    public static T? After<T>(T? now, T? replaced, T? corrected) => corrected ?? (replaced is null ? now : default);

    /// <summary>
    /// Why a correction that gives a reason alone is refused: it would be answered as if it had corrected something. Null where one of
    /// these members is given.
    /// </summary>
    public static Problem? NothingGiven(params IEnumerable<(string Member, object? Given)> members)
    {
        var all = members.ToList();
        if (all.Exists(m => m.Given is not null))
            return null;
        var names = all.ConvertAll(m => m.Member);
        return KernelProblems.Invalid.Because(
            $"Nothing to correct was given. Say what is to be corrected: {string.Join(", ", names[..^1])} or {names[^1]}."
        );
    }

    /// <summary>What is wrong where a member is to be removed and is given as well; null where there is none.</summary>
    public static Problem? Contradiction<T>(ValueList<T>? remove, params IEnumerable<(T Member, object? Given)> members) =>
        members.Any(m => m.Given is not null && remove?.Contains(m.Member) == true)
            ? KernelProblems.Invalid.At("/remove", "The same member is both given and removed.")
            : null;
}
