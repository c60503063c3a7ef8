using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Records who was there, for which organisation and in which role. Accepted while the meeting is scheduled or held; it
/// counts once it is held. All of the attendees are recorded, or none.
/// </summary>
public sealed record RecordAttendance(Reference MeetingId, [property: Bounds(1, 1_000)] ValueList<AttendeeFields> Attendees) : ICommand
{
    public static Decision Decide(Meeting meeting, KnownIds ids, RecordAttendance command) =>
        meeting.While(Change(meeting, ids, command), MeetingState.Scheduled, MeetingState.Held);

    private static Decision Change(Meeting meeting, KnownIds ids, RecordAttendance command)
    {
        var wanted = new Dictionary<Guid, Attendance>();
        var events = new List<object>();
        var differences = new List<FieldError>();
        for (var i = 0; i < command.Attendees.Count; i++)
        {
            var attendee = command.Attendees[i];
            var personId = ids.Of(StreamKind.Person, attendee.PersonId);
            var attendance = new Attendance(
                ids.Of(StreamKind.Organisation, attendee.OrganisationId),
                attendee.Role,
                attendee.Status,
                attendee.Mode
            );
            if (!wanted.TryAdd(personId, attendance))
            {
                if (wanted[personId] != attendance)
                    return KernelProblems.Invalid.At($"/attendees/{i}", "This person is named before, with other details.");
                continue;
            }

            if (!meeting.Attendances.TryGetValue(personId, out var recorded))
                events.Add(
                    new AttendanceRecorded(
                        meeting.Id,
                        personId,
                        attendance.OrganisationId,
                        attendance.Role,
                        attendance.Status,
                        attendance.Mode
                    )
                );
            else if (recorded != attendance && meeting.AttendancesAtFirst.GetValueOrDefault(personId) != attendance)
                differences.AddRange(Difference.Between(recorded, attendance, $"/attendees/{i}"));
        }

        return differences.Count == 0
            ? Decision.Accept(events)
            : MeetingProblems.AttendanceAlreadyRecorded.Differing(
                "Another attendance of a person named here is recorded. Correct it instead.",
                [.. differences]
            );
    }
}

public static class RecordAttendanceEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/attendance", OperationId = "record-attendance"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RecordAttendance command)
    {
        var references = new References().AddAttendees(command.Attendees, a => a.PersonId, a => a.OrganisationId);
        return new(work =>
            work.Change<Meeting>(command.MeetingId, references, (meeting, ids) => RecordAttendance.Decide(meeting, ids, command))
        );
    }
}

public sealed record AttendeeFields(
    Reference PersonId,
    Reference OrganisationId,
    AttendanceStatus Status,
    AttendeeRole Role = AttendeeRole.Delegate,
    MeetingMode? Mode = null
);
