using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>Says who hosts, co-hosts, chairs and opens the meeting, in place of who was said before.</summary>
public sealed record ChangeHosts(Reference MeetingId, [property: Bounds(0, 50)] ValueList<HostFields> Hosts) : ICommand
{
    public static Decision Decide(Meeting meeting, KnownIds ids, ChangeHosts command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held) is { } refused)
            return refused;
        var hosts = command.Hosts.Resolved(ids);
        return hosts == meeting.Hosts ? Decision.Nothing : Decision.Accept(new HostsChanged(meeting.Id, hosts));
    }
}
