namespace CooperationEvents.Kernel;

/// <summary>
/// The advisory locks by which nodes share duties. A node that holds one in a session has that duty until the session ends.
/// </summary>
public static class AdvisoryLocks
{
    /// <summary>Brings the schema up to date.</summary>
    public const long Setup = 7_206_914_011;

    /// <summary>Runs the read models.</summary>
    public const long ReadModels = 7_206_914_012;

    /// <summary>Delivers webhooks.</summary>
    public const long Webhooks = 7_206_914_013;

    /// <summary>Sequences the audit log, and signs it.</summary>
    public const long Log = 7_206_914_014;

    /// <summary>Replays the history.</summary>
    public const long Replay = 7_206_914_015;

    /// <summary>Sends checkpoints to witnesses.</summary>
    public const long Witnesses = 7_206_914_016;
}
