using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Registers people who intend to attend. An intention says nothing of what will happen.</summary>
public sealed record RegisterAttendance(Reference MeetingId, [property: Bounds(1, 1_000)] ValueList<RegistrationFields> Attendees)
    : ICommand
{
    public static Decision Decide(Meeting meeting, KnownIds ids, RegisterAttendance command) =>
        meeting.While(Change(meeting, ids, command), MeetingState.Scheduled, MeetingState.Postponed);

    private static Decision Change(Meeting meeting, KnownIds ids, RegisterAttendance command)
    {
        var wanted = new Dictionary<Guid, Registration>();
        var events = new List<object>();
        for (var i = 0; i < command.Attendees.Count; i++)
        {
            var attendee = command.Attendees[i];
            var personId = ids.Of(StreamKind.Person, attendee.PersonId);
            var registration = new Registration(ids.Of(StreamKind.Organisation, attendee.OrganisationId), attendee.Role);
            if (!wanted.TryAdd(personId, registration))
            {
                if (wanted[personId] != registration)
                    return KernelProblems.Invalid.At(
                        $"/attendees/{i}",
                        "This person is named before, for another organisation or in another role."
                    );
                continue;
            }

            if (meeting.Registrations.GetValueOrDefault(personId) != registration)
                events.Add(new AttendanceRegistered(meeting.Id, personId, registration.OrganisationId, registration.Role));
        }

        return Decision.Accept(events);
    }
}

public static class RegisterAttendanceEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/registrations", OperationId = "register-attendance"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RegisterAttendance command)
    {
        var references = new References().AddAttendees(command.Attendees, a => a.PersonId, a => a.OrganisationId);
        return new(work =>
            work.Change<Meeting>(command.MeetingId, references, (meeting, ids) => RegisterAttendance.Decide(meeting, ids, command))
        );
    }
}

public sealed record RegistrationFields(Reference PersonId, Reference OrganisationId, AttendeeRole Role = AttendeeRole.Delegate);
