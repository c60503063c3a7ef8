using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Says who hosts, co-hosts, chairs and opens the meeting, in place of who was said before. The hosts are public record.</summary>
public sealed record ChangeHosts(Reference MeetingId, [property: Bounds(0, 50)] ValueList<HostFields> Hosts) : ICommand
{
    public static Decision Decide(Meeting meeting, KnownIds ids, ChangeHosts command) =>
        meeting.While(Change(meeting, ids, command), MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Decision Change(Meeting meeting, KnownIds ids, ChangeHosts command)
    {
        var hosts = command.Hosts.Resolved(ids);
        return hosts.HasItemsOf(meeting.Details.Hosts) ? Decision.Nothing
            : HostRules.Fault(hosts) is { } fault ? fault
            : Decision.Accept(new HostsChanged(meeting.Id, hosts));
    }
}

public static class ChangeHostsEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/hosts", OperationId = "change-hosts"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(ChangeHosts command)
    {
        var references = new References().AddHosts(command.Hosts);
        return new(work =>
            work.Change<Meeting>(command.MeetingId, references, (meeting, ids) => ChangeHosts.Decide(meeting, ids, command))
        );
    }
}
