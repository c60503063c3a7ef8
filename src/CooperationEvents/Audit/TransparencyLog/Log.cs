using CooperationEvents.Kernel;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>What the register records about its own log, in one stream.</summary>
/// <param name="Seals">How often a day of the access journal was sealed.</param>
public sealed record Log(Guid Id, int Seals) : IState<Log>
{
    public static StreamKind Stream => StreamKind.Log;

    /// <summary>The one stream of this kind.</summary>
    public static Guid StreamId { get; } = new("6c6f6700-0000-4000-8000-000000000001");

    public static Log? Fold(Log? state, Recorded recorded) =>
        recorded.Data switch
        {
            AuditAccessSealed e => new Log(e.LogId, (state?.Seals ?? 0) + 1),
            LogSucceeded e => state ?? new Log(e.LogId, 0),
            _ => state,
        };

    /// <summary>Seals a day, unless another node has sealed one since this one looked.</summary>
    /// <param name="seals">How many seals there were then.</param>
    public static Decision Seal(Log? log, AuditAccessSealed day, int seals) =>
        (log?.Seals ?? 0) == seals ? Decision.Accept(day) : Decision.Nothing;
}
