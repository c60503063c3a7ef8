using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Counts the people of an organisation who were present beyond those named. Another count replaces the first and needs a
/// reason; 0 withdraws it. The reason is public record.
/// </summary>
public sealed record CountDelegation(
    Reference MeetingId,
    Reference OrganisationId,
    [property: Bounds(0, 100_000)] int Count,
    CountPrecision Precision,
    [property: Text(1000)] string? Reason = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, Guid organisationId, CountDelegation command) =>
        meeting.While(Change(meeting, organisationId, command), MeetingState.Scheduled, MeetingState.Held);

    private static Decision Change(Meeting meeting, Guid organisationId, CountDelegation command)
    {
        var wanted = new HeadCount(command.Count, command.Precision);
        var counted = meeting.Delegations.GetValueOrDefault(organisationId);
        if (counted == wanted || wanted.Count == 0 && (counted is null or { Count: 0 }))
            return Decision.Nothing;
        if (counted is null)
            return Decision.Accept(new DelegationCounted(meeting.Id, organisationId, command.Count, command.Precision));

        // Without a reason it is the first count, sent again; unless that was withdrawn, and is to stand again by a reason alone.
        if (command.Reason is null && counted.Count > 0 && meeting.DelegationsAtFirst.GetValueOrDefault(organisationId) == wanted)
            return Decision.Nothing;
        return command.Reason is { } reason
            ? Decision.Accept(new DelegationCorrected(meeting.Id, organisationId, counted, wanted, reason))
            : MeetingProblems.DelegationAlreadyCounted.At(
                "/reason",
                $"The delegation was counted as {counted.Count} before; say why that is replaced."
            );
    }
}

public static class CountDelegationEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/delegations", OperationId = "count-delegation"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CountDelegation command) =>
        new(work =>
            work.Change<Meeting>(
                command.MeetingId,
                new References().Add(StreamKind.Organisation, command.OrganisationId, "/organisationId"),
                (meeting, ids) => CountDelegation.Decide(meeting, ids.Of(StreamKind.Organisation, command.OrganisationId), command)
            )
        );
}
