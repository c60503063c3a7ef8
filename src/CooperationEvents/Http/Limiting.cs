using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

public static class Limiting
{
    /// <summary>What is refused of one caller, while others are served.</summary>
    public static readonly ProblemType TooMany = new("too-many-requests", 429, "The caller asks too much at once");
}
