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
}
