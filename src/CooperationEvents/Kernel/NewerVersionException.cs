using CooperationEvents.AuditLog;

namespace CooperationEvents.Kernel;

/// <summary>
/// The history holds an event of a type, or a stream of a kind, that this version of the service does not know: a newer version recorded
/// it. To decide or to show what depends on it would pass it over, so this node refuses to; a node of that version does it.
/// </summary>
public sealed class NewerVersionException : Exception
{
    private static readonly ProblemType Newer = new("newer-version", 503, "A newer version recorded what this node does not know");

    /// <summary>How much of a type or a kind is shown.</summary>
    private const int Longest = 100;

    private NewerVersionException(string unknown)
        : base($"This node does not know {unknown}; a newer version recorded it.") { }

    /// <summary>What there is to say of an event of that type at that position; null where this version knows the type.</summary>
    public static NewerVersionException? Of(string type, long position) =>
        StreamTypes.Of(type) is null
            ? new($"events of the type {Characters.Shown(type, Longest)}, as stands at position {position}")
            : null;

    /// <summary>What there is to say of a stream of that kind; null where this version knows the kind.</summary>
    public static NewerVersionException? Of(string kind, Guid stream) =>
        StreamKind.Find(kind) is null ? new($"streams of the kind {Characters.Shown(kind, Longest)}, as {stream} is") : null;

    /// <summary>The refusal of what depends on the event; another node may answer at once.</summary>
    public Problem Problem =>
        Newer.Because($"{Message} Ask again: another node answers, or this one once it is upgraded.") with
        {
            RetryAfter = 5,
        };
}
