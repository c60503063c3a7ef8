using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>
/// A meeting is created by being scheduled, or by being recorded as held. Who says by one command what the other recorded, repeats it; who
/// says otherwise is told which it was, and what to send.
/// </summary>
internal static class CreatedOtherwise
{
    private const string Scheduled =
        "Under this id or external reference a meeting was scheduled, and this command records one that never was. Hold it "
        + "(hold-meeting) where that is not recorded yet, and record who was there by record-attendance and count-delegation.";

    private const string Held =
        "Under this id or external reference a meeting was recorded that had been held (record-held-meeting): there is nothing "
        + "to schedule. Use a correction to change what was recorded.";

    /// <summary>The decision to create it; where the other command created it, why it is refused and what differs beside.</summary>
    /// <param name="asHeld">Whether the command that is decided records a meeting that was held.</param>
    public static Decision Told(Decision decision, Created<Meeting>? created, MeetingScheduled scheduled, bool asHeld)
    {
        if (
            created is null
            || created.Events.Any(e => e is MeetingHeld) == asHeld
            || decision is not Decision.Refused { Problem: var refused }
            || refused.Type != KernelProblems.IdInUse
        )
            return decision;
        var words = asHeld ? Scheduled : Held;

        // Who was there is compared with a meeting that was held: of one that was not, nobody is expected to be recorded.
        IEnumerable<FieldError> differences =
            created.Now.State == MeetingState.Held
                ? refused.Errors
                : Difference.Between(created.Now.AsScheduled(created.First<MeetingScheduled>()), scheduled);
        return refused.Type.Differing(words, [new FieldError("", words), .. differences]);
    }
}
