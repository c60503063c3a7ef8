using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Corrects a recorded attendance; what is absent stays. The reason is free text about the person, and sealed.</summary>
[SealsTexts]
public sealed record CorrectAttendance(
    Reference MeetingId,
    Reference PersonId,
    [property: Text(1000)] string Reason,
    Reference? OrganisationId = null,
    AttendeeRole? Role = null,
    AttendanceStatus? Status = null,
    MeetingMode? Mode = null
) : ICommand
{
    public static Decision Decide(Meeting meeting, KnownIds ids, CorrectAttendance command) =>
        meeting.While(Change(meeting, ids, command), MeetingState.Scheduled, MeetingState.Held);

    private static Decision Change(Meeting meeting, KnownIds ids, CorrectAttendance command)
    {
        var personId = ids.Of(StreamKind.Person, command.PersonId);
        if (!meeting.Attendances.TryGetValue(personId, out var recorded))
            return MeetingProblems.AttendanceNotFound.At("/personId", "No attendance of this person is recorded for this meeting.");
        if (
            Correction.NothingGiven(
                ("organisationId", command.OrganisationId),
                ("role", command.Role),
                ("status", command.Status),
                ("mode", command.Mode)
            ) is
            { } nothing
        )
            return nothing;
        var corrected = new Attendance(
            ids.OfOptional(StreamKind.Organisation, command.OrganisationId) ?? recorded.OrganisationId,
            command.Role ?? recorded.Role,
            command.Status ?? recorded.Status,
            command.Mode ?? recorded.Mode
        );
        return corrected == recorded
            ? Decision.Nothing
            : Decision.Accept(new AttendanceCorrected(meeting.Id, personId, recorded, corrected, Protected.Of(command.Reason)));
    }
}

public static class CorrectAttendanceEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/attendance/{personId}/correct", OperationId = "correct-attendance")]
    [Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectAttendance command) =>
        new(work =>
            work.Change<Meeting>(
                command.MeetingId,
                new References()
                    .Add(StreamKind.Person, command.PersonId, "/personId")
                    .Add(StreamKind.Organisation, command.OrganisationId, "/organisationId"),
                (meeting, ids) => CorrectAttendance.Decide(meeting, ids, command)
            )
        );
}
