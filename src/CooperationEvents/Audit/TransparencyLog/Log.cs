using CooperationEvents.Kernel;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>What the register records about its own log, in one stream.</summary>
public sealed record Log(Guid Id, DateOnly? SealedTo) : IState<Log>
{
    public static StreamKind Stream => StreamKind.Log;

    /// <summary>The one stream of this kind.</summary>
    public static Guid StreamId { get; } = new("6c6f6700-0000-4000-8000-000000000001");

    public static Log? Fold(Log? state, Recorded recorded) =>
        recorded.Data switch
        {
            AuditAccessSealed e => new Log(e.LogId, e.Day),
            LogSucceeded e => state ?? new Log(e.LogId, null),
            _ => state,
        };

    /// <summary>Seals a day, once, and none before the last one sealed.</summary>
    public static Decision Seal(Log? log, AuditAccessSealed day) => log?.SealedTo >= day.Day ? Decision.Nothing : Decision.Accept(day);
}
