using CooperationEvents.Kernel;

namespace CooperationEvents.Audit;

/// <summary>What an auditor may be refused for.</summary>
public static class AuditProblems
{
    public static readonly ProblemType NotRecorded = new("access-not-recorded", 503, "The access could not be recorded");
    public static readonly ProblemType NotCovered = new("not-covered-yet", 503, "The log does not cover it yet");
    public static readonly ProblemType Altered = new("event-altered", 409, "The history is not what the log has");
    public static readonly ProblemType NotOwn = new("replay-of-another", 403, "The replay was asked for by somebody else");
    public static readonly ProblemType NoState = new("no-state", 404, "No state is kept of this kind of stream");
    public static readonly ProblemType ReplayRunning = new("replay-running", 409, "Another replay has not ended");
    public static readonly ProblemType ReplayEnded = new("replay-ended", 409, "The replay has ended");
    public static readonly ProblemType NoRoom = new("no-room-for-replay", 503, "There is no room for a replay");
}
