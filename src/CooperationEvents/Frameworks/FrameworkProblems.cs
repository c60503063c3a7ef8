using CooperationEvents.Kernel;

namespace CooperationEvents.Frameworks;

public static class FrameworkProblems
{
    public static readonly ProblemType UnknownParty = new("unknown-party", 422, "The framework has no such party");
    public static readonly ProblemType AlreadyMember = new("already-member", 409, "The organisation is a member already");
    public static readonly ProblemType NotMember = new("not-a-member", 404, "The organisation is not a member");
    public static readonly ProblemType LeavesBeforeJoining = new("leaves-before-joining", 409, "The membership would end before it began");
    public static readonly ProblemType AlreadyLeft = new("already-left", 409, "The membership has ended already");
    public static readonly ProblemType FrameworkEnded = new("framework-ended", 409, "The framework has ended");
    public static readonly ProblemType NotEnded = new("framework-not-ended", 409, "The framework has not ended");
    public static readonly ProblemType CodeInUse = new("code-in-use", 409, "The code is in use");
}
