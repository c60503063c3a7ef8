namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// A meeting held at a level, with the number of its edition where one was stated. <paramref name="FirstDay"/> is the last it may have
/// been.
/// </summary>
public sealed record EditionHeld(Guid MeetingId, string Title, int? Edition, string Start, DateOnly FirstDay)
{
    /// <summary>Whether the first day is known, rather than its month or year alone.</summary>
    internal bool IsDayKnown { get; init; } = true;
}
