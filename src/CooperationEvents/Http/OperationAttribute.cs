using CooperationEvents.Authorization;

namespace CooperationEvents.Http;

/// <summary>Marks an operation that neither records activity nor reads it, and says what it takes and answers.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OperationAttribute(string scope, Type? answer = null) : RequiresScopeAttribute(scope), IServeMediaTypes
{
    /// <summary>What it answers with; null where that has no body.</summary>
    public Type? Answer { get; } = answer;

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The body it takes; null where it takes none.</summary>
    public Type? Takes { get; init; }

    /// <summary>Whether it must have a body, though none of its members is required: one of several must be there.</summary>
    public bool NeedsBody { get; init; }

    /// <summary>The query parameters it takes.</summary>
    public string[] Parameters { get; init; } = [];

    /// <summary>The request headers it looks at, of those that commands know.</summary>
    public string[] Headers { get; init; } = [];

    /// <summary>The headers that the answer may have beside those that follow from the rest.</summary>
    public string[] MaySend { get; init; } = [];

    /// <summary>The media types it may answer with; what is no JSON is text.</summary>
    public string[] MediaTypes { get; init; } = ["application/json"];

    IReadOnlyList<string> IServeMediaTypes.Served => Answer is null ? [] : MediaTypes;

    /// <summary>The statuses of refusals beside those every such operation may answer with.</summary>
    public string[] Refuses { get; init; } = [];
}
