using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

public static class CommitmentProblems
{
    public static readonly ProblemType NotOpen = new("commitment-not-open", 409, "The commitment is not open; reopen it first");
    public static readonly ProblemType AlreadyFulfilled = new(
        "commitment-already-fulfilled",
        409,
        "The commitment was fulfilled already, in another way"
    );
    public static readonly ProblemType OnADayToCome = new("on-a-day-to-come", 409, "That day has not come yet");
    public static readonly ProblemType MeetingElsewhere = new(
        "meeting-of-another-framework",
        409,
        "The meeting does not take place under the framework of the commitment"
    );
    public static readonly ProblemType MeetingVoided = new("commitment-at-voided-meeting", 409, "The meeting named was voided");
    public static readonly ProblemType UnknownArea = new("unknown-commitment-area", 422, "The framework has no such area");
}
