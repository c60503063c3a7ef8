using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Records a meeting that took place, with who was there, in one command: for history that was never scheduled here. Title,
/// venue and hosts are public record.
/// </summary>
public sealed record RecordHeldMeeting : MeetingFields, ICommand
{
    [Bounds(0, 1_000)]
    public ValueList<AttendeeFields>? Attendees { get; init; }

    [Bounds(0, 1_000)]
    public ValueList<DelegationFields>? Delegations { get; init; }

    /// <param name="today">The day it is in the meeting's time zone.</param>
    public static Decision Decide(
        Guid id,
        Created<Meeting>? created,
        KnownIds ids,
        IReadOnlyList<PlacementFacts> facts,
        DateOnly today,
        ShownTime shown,
        RecordHeldMeeting command
    )
    {
        var scheduled = command.Scheduled(id, ids);
        var fault = command.Days.Fault("/start", "/end", shown)
            ?? PlacementRules.Fault(scheduled.Frameworks, scheduled.Topics, command.Days.FirstDay, facts)
            ?? HostRules.Fault(scheduled.Hosts)
            ?? HoldMeeting.NotBegun(command.Days, today, "/start");

        var meeting = Meeting.Fold(null, new Recorded(Guid.Empty, "", scheduled))! with { State = MeetingState.Held };
        var events = new List<object> { scheduled, new MeetingHeld(id, scheduled.Start, scheduled.End, null) };
        switch (RecordAttendance.Decide(meeting, ids, new RecordAttendance(id, command.Attendees ?? [])))
        {
            case Decision.Refused refused:
                return refused;
            case Decision.Accepted attendance:
                events.AddRange(attendance.Events);
                break;
        }

        foreach (var (delegation, index) in (command.Delegations ?? []).Select((d, i) => (d, i)))
        {
            var organisationId = ids.Of(StreamKind.Organisation, delegation.OrganisationId);
            if ((command.Delegations ?? []).Take(index).Any(d => ids.Of(StreamKind.Organisation, d.OrganisationId) == organisationId))
                return KernelProblems.Invalid.At($"/delegations/{index}/organisationId", "A delegation is counted once.");
            if (delegation.Count > 0)
                events.Add(new DelegationCounted(id, organisationId, delegation.Count, delegation.Precision));
        }

        var now = created?.Now.AsCreated(created.Events, events);
        return CreatedOtherwise.Told(Decision.Create(created?.Events, now, fault, Place, events), created, scheduled, asHeld: true);
    }

    private static string? Place(object e) =>
        e switch
        {
            // Its days and its mode are those of the meeting.
            MeetingHeld => null,
            AttendanceRecorded => "/attendees/*",
            DelegationCounted => "/delegations/*",
            _ => "",
        };
}

public static class RecordHeldMeetingEndpoint
{
    [WolverinePost("/v1/meetings/record-held", OperationId = "record-held-meeting")]
    [Command(Scopes.ActivityWrite, CreatesAt = "/v1/meetings/")]
    public static CommandRule Post(RecordHeldMeeting command) =>
        new(async work =>
        {
            var references = new References()
                .AddMeeting(command)
                .AddAttendees(command.Attendees ?? [], a => a.PersonId, a => a.OrganisationId);
            for (var i = 0; i < (command.Delegations?.Count ?? 0); i++)
                references.Add(StreamKind.Organisation, command.Delegations![i].OrganisationId, $"/delegations/{i}/organisationId");
            var (ids, unknown) = await work.Resolve(references);
            if (unknown is not null)
                return unknown;
            var facts = await Placements.Facts(work, command.Frameworks.Resolved(ids));
            return await work.Create<Meeting>(command.Id, command.ExternalReference, (id, created) =>
                RecordHeldMeeting.Decide(id, created, ids, facts, work.Today(command.TimeZone), TimeZones.Shown, command.InZoneOf(created))
            );
        });
}

public sealed record DelegationFields(Reference OrganisationId, [property: Bounds(0, 100_000)] int Count, CountPrecision Precision);
