namespace CooperationEvents.Http;

/// <summary>Marks a read whose answer is no JSON of ours: its media type, what it is, and the query parameters it takes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AnswersAttribute(string mediaType, string description, params string[] parameters) : Attribute
{
    public string MediaType { get; } = mediaType;

    public string Description { get; } = description;

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>What the JSON is of; null for text.</summary>
    public Type? Answer { get; init; }

    /// <summary>Whether it is no text.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Whether it waits for <c>minPosition</c>, and says how far what is read has come.</summary>
    public bool HasPosition { get; init; }

    /// <summary>The headers that the answer has beside those that follow from the rest.</summary>
    public string[] Sends { get; init; } = [];

    /// <summary>The statuses of refusals beside those every such read may answer with.</summary>
    public string[] Refuses { get; init; } = [];

    /// <summary>Whether <c>If-None-Match</c> is answered with 304.</summary>
    public bool Conditional { get; init; }
}
