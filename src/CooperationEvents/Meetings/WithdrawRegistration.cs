using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Withdraws a person's registration. The reason is free text about the person, and sealed.</summary>
[SealsTexts]
public sealed record WithdrawRegistration(Reference MeetingId, Reference PersonId, [property: Text(1000)] string? Reason = null) : ICommand
{
    public static Decision Decide(Meeting meeting, Guid personId, WithdrawRegistration command) =>
        meeting.While(Change(meeting, personId, command), MeetingState.Scheduled, MeetingState.Postponed);

    private static Decision Change(Meeting meeting, Guid personId, WithdrawRegistration command)
    {
        if (!meeting.Registrations.TryGetValue(personId, out var registration))
            return MeetingProblems.RegistrationNotFound.At("/personId", "The person was never registered for this meeting.");
        return registration is null
            ? Decision.Nothing
            : Decision.Accept(new RegistrationWithdrawn(meeting.Id, personId, Protected.OfOptional(command.Reason)));
    }
}

public static class WithdrawRegistrationEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/registrations/{personId}/withdraw", OperationId = "withdraw-registration")]
    [Command(Scopes.ActivityWrite)]
    public static CommandRule Post(WithdrawRegistration command) =>
        new(work =>
            work.Change<Meeting>(
                command.MeetingId,
                new References().Add(StreamKind.Person, command.PersonId, "/personId"),
                (meeting, ids) => WithdrawRegistration.Decide(meeting, ids.Of(StreamKind.Person, command.PersonId), command)
            )
        );
}
