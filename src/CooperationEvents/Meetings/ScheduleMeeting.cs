using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>Schedules a meeting under one or more frameworks.</summary>
public sealed record ScheduleMeeting : MeetingFields, ICommand
{
    public static Decision Decide(
        Guid id, ValueList<object>? created, KnownIds ids, IReadOnlyList<PlacementFacts> facts, ScheduleMeeting command)
    {
        var scheduled = command.Scheduled(id, ids);
        return command.Days.Fault("/start", "/end")
            ?? PlacementRules.Fault(scheduled.Frameworks, scheduled.Topics, command.Days.FirstDay, facts)
            ?? Decision.Create(created, scheduled);
    }
}
