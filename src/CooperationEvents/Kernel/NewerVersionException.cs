using CooperationEvents.AuditLog;

namespace CooperationEvents.Kernel;

/// <summary>
/// The history holds an event of a type that this version of the service does not know: a newer version recorded it. To decide or to show
/// what depends on it would pass the event over, so this node refuses to; a node of that version does it.
/// </summary>
public sealed class NewerVersionException : Exception
{
    private static readonly ProblemType Newer = new("newer-version", 503, "A newer version recorded what this node does not know");

    /// <summary>How much of a type is shown.</summary>
    private const int LongestType = 100;

    private NewerVersionException(string type, long position)
        : base(
            $"This node does not know events of the type {Characters.Shown(type, LongestType)}, as stands at position {position}; a newer "
                + "version recorded it."
        ) { }

    /// <summary>What there is to say of an event of that type at that position; null where this version knows the type.</summary>
    public static NewerVersionException? Of(string type, long position) =>
        StreamTypes.Of(type) is null ? new NewerVersionException(type, position) : null;

    /// <summary>The refusal of what depends on the event; another node may answer at once.</summary>
    public Problem Problem =>
        Newer.Because($"{Message} Ask again: another node answers, or this one once it is upgraded.") with
        {
            RetryAfter = 5,
        };
}
