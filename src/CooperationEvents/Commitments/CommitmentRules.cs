using CooperationEvents.Kernel;

namespace CooperationEvents.Commitments;

/// <summary>What a commitment must know of a meeting it names.</summary>
public sealed record MeetingPlace(Guid MeetingId, ValueList<Guid> Frameworks, bool Voided);

/// <summary>What holds for every commitment, whether it is made, corrected or followed up.</summary>
internal static class CommitmentRules
{
    public static ValueList<Guid> Resolved(this ValueList<Reference> owners, KnownIds ids) =>
        [.. owners.Select(o => ids.Of(StreamKind.Organisation, o))];

    public static Problem? Repeated(ValueList<Guid> owners)
    {
        for (var i = 0; i < owners.Count; i++)
        {
            if (owners.Take(i).Contains(owners[i]))
                return KernelProblems.Invalid.At($"/owners/{i}", "An owner is named once.");
        }

        return null;
    }

    /// <summary>What is wrong with an area that the framework does not have.</summary>
    public static Problem? UnknownArea(string? area, IReadOnlyList<string> areas) =>
        area is null || areas.Contains(area)
            ? null
            : CommitmentProblems.UnknownArea.At(
                "/area",
                areas.Count > 0 ? $"The areas are {string.Join(", ", areas)}." : "The framework has no areas."
            );

    /// <summary>Why a commitment under that framework cannot name the meeting.</summary>
    public static Problem? Elsewhere(Guid frameworkId, MeetingPlace? meeting) =>
        meeting switch
        {
            null => null,
            { Voided: true } => CommitmentProblems.MeetingVoided.At("/meetingId", $"The meeting {meeting.MeetingId} was voided."),
            _ when !meeting.Frameworks.Contains(frameworkId) => CommitmentProblems.MeetingElsewhere.At(
                "/meetingId",
                $"The meeting {meeting.MeetingId} does not take place under the framework {frameworkId}."
            ),
            _ => null,
        };

    /// <summary>Why nothing can have happened then: the first day it may mean has not come.</summary>
    public static Problem? ToCome(PartialDate on, DateOnly today) =>
        on.FirstDay > today ? CommitmentProblems.OnADayToCome.At("/on", $"It is {today:yyyy-MM-dd} (UTC); {on} has not come yet.") : null;
}
