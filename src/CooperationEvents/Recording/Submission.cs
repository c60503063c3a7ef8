namespace CooperationEvents.Recording;

/// <summary>
/// A command on its way to the history. <paramref name="Decide"/> is run once per attempt and depends on nothing but the
/// <see cref="UnitOfWork"/> it is given, so that attempts can be repeated and several submissions decided in one transaction.
/// <paramref name="Status"/> is the HTTP status of an accepted answer.
/// </summary>
public sealed record Submission(Caller Caller, Func<UnitOfWork, Task<StreamDecision>> Decide, int Status)
{
    /// <summary>The caller's key, under which an accepted answer is remembered.</summary>
    public IdempotencyStore.Key? Key { get; init; }

    /// <summary>
    /// Whether it is decided in a transaction of its own, beside the others: its decision takes long, and nobody is to wait for it.
    /// </summary>
    public bool Alone { get; init; }

    /// <summary>
    /// Submissions that follow each other and have the same one hang together: they are recorded in one transaction, or, where
    /// one of them is refused, none of them is.
    /// </summary>
    public object? Together { get; init; }

    /// <summary>The versions the caller allows the stream to have.</summary>
    public ExpectedVersion? Expected { get; init; }

    /// <summary>The submissions in their order, those that hang together as one.</summary>
    internal static IEnumerable<IReadOnlyList<Submission>> Groups(IReadOnlyList<Submission> submissions)
    {
        for (var from = 0; from < submissions.Count; )
        {
            var together = submissions[from].Together;
            var count = together is null ? 1 : submissions.Skip(from).TakeWhile(s => ReferenceEquals(s.Together, together)).Count();
            yield return [.. submissions.Skip(from).Take(count)];
            from += count;
        }
    }
}

/// <summary>An If-Match condition (RFC 9110): any of these versions, or any version at all of something that exists.</summary>
public sealed record ExpectedVersion(bool Any, IReadOnlyList<long> Versions)
{
    /// <summary>Whether the condition has weak tags, which match nothing.</summary>
    public bool HasWeak { get; init; }

    public bool Allows(long version) => version > 0 && (Any || Versions.Contains(version));
}

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
