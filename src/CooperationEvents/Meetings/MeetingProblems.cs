using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

public static class MeetingProblems
{
    public static readonly ProblemType AlreadyHeld = new("meeting-already-held", 409, "The meeting was already held");
    public static readonly ProblemType Cancelled = new("meeting-cancelled", 409, "The meeting was cancelled");
    public static readonly ProblemType Postponed = new("meeting-postponed", 409, "The meeting is postponed");
    public static readonly ProblemType DidNotTakePlace = new("meeting-did-not-take-place", 409, "The meeting did not take place");
    public static readonly ProblemType StillScheduled = new("meeting-still-scheduled", 409, "The meeting is still scheduled");
    public static readonly ProblemType Voided = new("meeting-voided", 409, "The meeting was voided");
    public static readonly ProblemType NotBegun = new("meeting-not-begun", 409, "The meeting has not begun");
    public static readonly ProblemType NothingToUndo = new("nothing-to-undo", 409, "There is nothing of that kind to undo");
    public static readonly ProblemType FrameworkEnded = new("meeting-after-framework", 409, "The framework had ended by then");
    public static readonly ProblemType UnknownLevel = new("unknown-level", 422, "The framework has no such level");
    public static readonly ProblemType UnknownArea = new("unknown-area", 422, "The frameworks have no such area");
    public static readonly ProblemType RegistrationNotFound = new("registration-not-found", 404, "The person is not registered");
    public static readonly ProblemType AttendanceNotFound = new("attendance-not-found", 404, "No attendance of the person is recorded");
    public static readonly ProblemType OutcomeNotFound = new("outcome-not-found", 404, "The meeting has no such outcome");
    public static readonly ProblemType OutcomeWithdrawn = new("outcome-withdrawn", 409, "The outcome was withdrawn");
    public static readonly ProblemType DocumentNotFound = new("document-not-found", 404, "The meeting has no such document");
    public static readonly ProblemType DocumentWithdrawn = new("document-withdrawn", 409, "The document was withdrawn");
    public static readonly ProblemType AttendanceAlreadyRecorded = new(
        "attendance-already-recorded",
        409,
        "Another attendance of the person is recorded"
    );
    public static readonly ProblemType DelegationAlreadyCounted = new(
        "delegation-already-counted",
        422,
        "The delegation was counted before"
    );
}
