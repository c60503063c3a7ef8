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

    /// <summary>Whether the answer has the version as its <c>ETag</c>, be it answered with 304 or not.</summary>
    public bool HasTag
    {
        get => field || Conditional;
        init;
    }

    /// <summary>Whether the answer says how far what is read has come.</summary>
    public bool HasPosition { get; init; } = true;

    /// <summary>The headers that the answer has beside those that follow from the rest.</summary>
    public string[] Sends { get; init; } = [];

    /// <summary>The statuses of refusals beside those every read may answer with.</summary>
    public string[] Refuses { get; init; } = [];

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>The media types it may answer with; what is no JSON is text.</summary>
    public string[] MediaTypes { get; set; } = ["application/json"];

    IReadOnlyList<string> IServeMediaTypes.Served => MediaTypes;

    /// <summary>What a reader must know beside the names of the parameters; null where that is enough.</summary>
    public string? Description { get; init; }
}
