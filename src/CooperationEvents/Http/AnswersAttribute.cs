namespace CooperationEvents.Http;

/// <summary>Marks a read whose answer is no JSON of ours: its media type, what it is, and the query parameters it takes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AnswersAttribute(string mediaType, string description, params string[] parameters) : Attribute
{
    public string MediaType { get; } = mediaType;

    public string Description { get; } = description;

    public IReadOnlyList<string> Parameters { get; } = parameters;

    /// <summary>Whether <c>If-None-Match</c> is answered with 304.</summary>
    public bool Conditional { get; init; }
}
