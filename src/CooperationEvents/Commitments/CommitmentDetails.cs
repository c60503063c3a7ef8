using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

/// <summary>What organisations undertook, where and by when: as state and view both have it, and folded here for both.</summary>
public record CommitmentDetails
{
    public Guid FrameworkId { get; init; }

    public string Text { get; init; } = "";

    public ValueList<Guid> Owners { get; init; } = [];

    public Guid? MeetingId { get; init; }

    public string? Area { get; init; }

    public PartialDate? DueOn { get; init; }

    /// <summary>The details after an event. What else the record holds stays as it was.</summary>
    public static T Fold<T>(T details, object data)
        where T : CommitmentDetails =>
        data switch
        {
            CommitmentMade e => details with
            {
                FrameworkId = e.FrameworkId,
                Text = e.Text,
                Owners = e.Owners,
                MeetingId = e.MeetingId,
                Area = e.Area,
                DueOn = e.DueOn,
            },
            CommitmentCorrected { Replaced: var replaced, Corrected: var corrected } => details with
            {
                Text = corrected.Text ?? details.Text,
                Owners = corrected.Owners ?? details.Owners,
                MeetingId = Correction.After(details.MeetingId, replaced.MeetingId, corrected.MeetingId),
                Area = Correction.After(details.Area, replaced.Area, corrected.Area),
                DueOn = Correction.After(details.DueOn, replaced.DueOn, corrected.DueOn),
            },
            CommitmentDueDateChanged e => details with { DueOn = e.DueOn },
            _ => details,
        };
}
