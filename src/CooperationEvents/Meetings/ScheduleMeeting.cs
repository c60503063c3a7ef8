using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Schedules a meeting under one or more frameworks. Title, venue and hosts are public record.</summary>
public sealed record ScheduleMeeting : MeetingFields, ICommand
{
    public static Decision Decide(
        Guid id,
        Created<Meeting>? created,
        KnownIds ids,
        IReadOnlyList<PlacementFacts> facts,
        ShownTime shown,
        ScheduleMeeting command
    )
    {
        var scheduled = command.Scheduled(id, ids);
        var fault = command.Days.Fault("/start", "/end", shown)
            ?? PlacementRules.Fault(scheduled.Frameworks, scheduled.Topics, command.Days.FirstDay, facts)
            ?? HostRules.Fault(scheduled.Hosts);
        // A meeting that was recorded as held was planned as its record says: that alone is compared.
        var first = created?.First<MeetingScheduled>();
        var decision = Decision.Create(
            first is null ? null : [first],
            first is null ? null : [created!.Now.AsScheduled(first)],
            fault,
            scheduled
        );
        return CreatedOtherwise.Told(decision, created, scheduled, asHeld: false);
    }
}

public static class ScheduleMeetingEndpoint
{
    [WolverinePost("/v1/meetings", OperationId = "schedule-meeting"), Command(Scopes.ActivityWrite, CreatesAt = "/v1/meetings/")]
    public static CommandRule Post(ScheduleMeeting command) =>
        new(async work =>
        {
            var (ids, unknown) = await work.Resolve(new References().AddMeeting(command));
            if (unknown is not null)
                return unknown;
            var facts = await Placements.Facts(work, command.Frameworks.Resolved(ids));
            return await work.Create<Meeting>(command.Id, command.ExternalReference, (id, created) =>
                ScheduleMeeting.Decide(id, created, ids, facts, TimeZones.Shown, command.InZoneOf(created))
            );
        });
}
