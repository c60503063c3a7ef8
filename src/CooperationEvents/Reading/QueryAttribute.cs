using CooperationEvents.Access;

namespace CooperationEvents.Reading;

/// <summary>Marks a read that answers with <paramref name="answer"/>, and the query parameters it takes beside <c>minPosition</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QueryAttribute(string scope, Type answer, params string[] parameters) : RequiresScopeAttribute(scope)
{
    public Type Answer { get; } = answer;

    /// <summary>The media type of an answer that is no JSON.</summary>
    public string? MediaType { get; init; }

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>What a reader must know beside the names of the parameters; null where that is enough.</summary>
    public string? Description { get; init; }
}
