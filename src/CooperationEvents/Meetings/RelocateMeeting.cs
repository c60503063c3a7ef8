using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Changes where or how a meeting is to take place. What is absent stays. Venue and reason are public record.</summary>
public sealed record RelocateMeeting(
    Reference MeetingId,
    MeetingMode? Mode = null,
    [property: Text(300)] string? Venue = null,
    [property: Country, Text(2, Pattern = CountryAttribute.Pattern, Words = CountryAttribute.Words)] string? Country = null,
    [property: Text(1000)] string? Reason = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, RelocateMeeting command) =>
        meeting.While(Change(meeting, command), MeetingState.Scheduled, MeetingState.Postponed);

    private static Decision Change(Meeting meeting, RelocateMeeting command)
    {
        if (command is { Mode: null, Venue: null, Country: null })
            return KernelProblems.Invalid.Because("Say what changes: mode, venue or country.");
        var now = meeting.Details;
        var (mode, venue, country) = (command.Mode ?? now.Mode, command.Venue ?? now.Venue, command.Country ?? now.Country);
        return (mode, venue, country) == (now.Mode, now.Venue, now.Country)
            ? Decision.Nothing
            : Decision.Accept(new MeetingRelocated(meeting.Id, mode, venue, country, command.Reason));
    }
}

public static class RelocateMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/relocate", OperationId = "relocate-meeting"), Command(Scopes.ActivityWrite, NeedsBody = true)]
    public static CommandRule Post(RelocateMeeting command) =>
        new(work => work.Change<Meeting>(command.MeetingId, meeting => RelocateMeeting.Decide(meeting, command)));
}
