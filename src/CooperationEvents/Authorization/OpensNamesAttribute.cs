namespace CooperationEvents.Authorization;

/// <summary>
/// Marks an endpoint that answers with names to callers who may read them: the reading is journalled, and no cache keeps the answer.
/// </summary>
/// <param name="scope">The scope that reads them here; else those that read the names of people.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpensNamesAttribute(string? scope = null) : Attribute
{
    /// <summary>Whoever has one of these scopes reads the names.</summary>
    public IReadOnlyList<string> Scopes { get; } =
        scope is null ? [Authorization.Scopes.PeopleRead, Authorization.Scopes.PrivacyManage] : [scope];
}
