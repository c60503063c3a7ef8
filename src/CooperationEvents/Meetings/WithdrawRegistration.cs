using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Withdraws a person's registration. The reason is free text about the person, and sealed.</summary>
public sealed record WithdrawRegistration(Reference MeetingId, Reference PersonId, [property: Text(1000)] string? Reason = null) : ICommand
{
    public static Decision Decide(Meeting meeting, Guid personId, WithdrawRegistration command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed) is { } refused)
            return refused;
        if (!meeting.Registrations.TryGetValue(personId, out var registration))
            return MeetingProblems.RegistrationNotFound.Because("The person was never registered for this meeting.");
        return registration is null
            ? Decision.Nothing
            : Decision.Accept(new RegistrationWithdrawn(meeting.Id, personId, Protected.OfOptional(command.Reason)));
    }
}

public static class WithdrawRegistrationEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/registrations/{personId}/withdraw", OperationId = "withdraw-registration"), Command<WithdrawRegistration>(Scopes.ActivityWrite)]
    public static Task<IResult> Post(HttpContext http, CommandEndpoint endpoint) => endpoint.Answer<WithdrawRegistration>(http, Handle);

    public static async Task<Change> Handle(WithdrawRegistration command, Work work)
    {
        var (ids, unknown) = await work.Resolve(new References().Add("person", command.PersonId, "/personId"));
        return unknown is not null
            ? unknown
            : await work.Change<Meeting>(command.MeetingId, meeting => WithdrawRegistration.Decide(meeting, ids.Of("person", command.PersonId), command));
    }
}
