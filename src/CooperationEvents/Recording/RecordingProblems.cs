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

    /// <summary>Why nothing is recorded of a person without a key.</summary>
    public static Problem KeyGone { get; } =
        KernelProblems.Erased.Because("The person's key is gone; nothing can be recorded about them any more.");
}
