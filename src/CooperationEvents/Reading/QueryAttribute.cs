using CooperationEvents.Access;

namespace CooperationEvents.Reading;

/// <summary>Marks a read that answers with <paramref name="answer"/>, and the query parameters it takes beside <c>minPosition</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class QueryAttribute(string scope, Type answer, params string[] parameters) : RequiresScopeAttribute(scope)
{
    public Type Answer { get; } = answer;

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>The media types it may answer with; what is no JSON is text.</summary>
    public string[] MediaTypes { get; set; } = ["application/json"];
}
