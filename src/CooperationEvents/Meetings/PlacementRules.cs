using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>What a meeting must know of a framework it is placed under.</summary>
public sealed record PlacementFacts(Guid FrameworkId, ValueList<string> Levels, ValueList<string> Areas, PartialDate? EndedOn = null);

/// <summary>What holds for a meeting's frameworks and topics, whether it is scheduled, recorded or corrected.</summary>
internal static class PlacementRules
{
    public static Problem? Fault(
        ValueList<Placement> placements,
        ValueList<string> topics,
        DateOnly firstDay,
        IReadOnlyList<PlacementFacts> facts
    )
    {
        for (var i = 0; i < placements.Count; i++)
        {
            var placement = placements[i];
            var framework = facts.Single(f => f.FrameworkId == placement.FrameworkId);
            if (!framework.Levels.Contains(placement.Level))
                return MeetingProblems.UnknownLevel.At(
                    $"/frameworks/{i}/level",
                    $"The framework's levels are {string.Join(", ", framework.Levels)}."
                );
            if (placements.Take(i).Any(p => p.FrameworkId == placement.FrameworkId))
                return KernelProblems.Invalid.At($"/frameworks/{i}/frameworkId", "A meeting is placed under a framework once.");
        }

        for (var i = 0; i < topics.Count; i++)
        {
            if (!facts.Any(f => f.Areas.Contains(topics[i])))
                return UnknownArea($"/topics/{i}", facts);
            if (topics.Take(i).Contains(topics[i]))
                return KernelProblems.Invalid.At($"/topics/{i}", "A topic is named once.");
        }

        return Ended(placements, firstDay, facts, "/start");
    }

    /// <summary>What is wrong with a topic that is no area of the meeting's frameworks.</summary>
    public static Problem UnknownArea(string pointer, IReadOnlyList<PlacementFacts> facts) =>
        MeetingProblems.UnknownArea.At(
            pointer,
            facts.SelectMany(f => f.Areas).Distinct().ToList() is { Count: > 0 } areas
                ? $"The areas are {string.Join(", ", areas)}."
                : "There are no areas under its frameworks."
        );

    /// <summary>Why a meeting cannot begin on that day: one of its frameworks had ended.</summary>
    public static Problem? Ended(ValueList<Placement> placements, DateOnly firstDay, IReadOnlyList<PlacementFacts> facts, string pointer) =>
        facts.FirstOrDefault(f =>
            placements.Any(p => p.FrameworkId == f.FrameworkId) && f.EndedOn is { } endedOn && firstDay >= endedOn.FirstDay
        )
            is { } framework
            ? MeetingProblems.FrameworkEnded.At(
                pointer,
                $"The framework {framework.FrameworkId} ended on {framework.EndedOn}, and the meeting's first day would be "
                    + $"{firstDay:yyyy-MM-dd}."
            )
            : null;
}
