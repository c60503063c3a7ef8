namespace CooperationEvents.Authorization;

/// <summary>Who calls: a random id, what it may do now, and the one framework it is held to, if it is.</summary>
public sealed record Principal(Guid Id, IReadOnlyList<string> Scopes, Guid? Framework = null)
{
    /// <summary>The sources it may name; none where it may name any.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
}
