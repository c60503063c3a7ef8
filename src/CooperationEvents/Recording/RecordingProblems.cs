using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

public static class RecordingProblems
{
    public static readonly ProblemType IdempotencyKeyReused = new(
        "idempotency-key-reused",
        422,
        "The idempotency key was used with another body"
    );
    public static readonly ProblemType InvalidHeader = new("invalid-header", 400, "A header cannot be read");
}
