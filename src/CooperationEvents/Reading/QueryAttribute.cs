using CooperationEvents.Authorization;
using CooperationEvents.Http;

namespace CooperationEvents.Reading;

/// <summary>
/// Marks a read that answers with <paramref name="answer"/>, and the query parameters it takes beside <c>minPosition</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public class QueryAttribute(string scope, Type answer, params string[] parameters) : RequiresScopeAttribute(scope), IServeMediaTypes
{
    public Type Answer { get; } = answer;

    /// <summary>Whether it answers 304 to whoever has the same answer already (<c>If-None-Match</c>).</summary>
    public bool Conditional { get; init; }

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>The media types it may answer with; what is no JSON is text.</summary>
    public string[] MediaTypes { get; set; } = ["application/json"];

    IReadOnlyList<string> IServeMediaTypes.Served => MediaTypes;

    /// <summary>What a reader must know beside the names of the parameters; null where that is enough.</summary>
    public string? Description { get; init; }
}
