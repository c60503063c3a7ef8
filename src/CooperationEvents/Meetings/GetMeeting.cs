using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>A meeting as answered, with who is registered, who was there, and what came of it.</summary>
public sealed record MeetingAnswer(
    Guid Id,
    long Version,
    string Title,
    string State,
    ValueList<Placement> Frameworks,
    PartialDate Start,
    PartialDate End,
    string? TimeZone,
    MeetingMode? Mode,
    string? Venue,
    string? Country,
    ValueList<Host> Hosts,
    ValueList<string> Topics,
    ValueList<AgendaItem> Agenda,
    Guid? InMarginsOf,
    ExternalReference? ExternalReference,
    ValueList<RegistrationView> Registrations,
    ValueList<AttendanceView> Attendances,
    ValueList<DelegationView> Delegations,
    ValueList<OutcomeView> Outcomes,
    ValueList<DocumentView> Documents
);

public static class GetMeetingEndpoint
{
    [
        WolverineGet("/v1/meetings/{meetingId}", OperationId = "get-meeting"),
        Query(Scopes.ActivityRead, typeof(MeetingAnswer), Conditional = true)
    ]
    public static Task<IResult> Get(string meetingId, HttpContext http, Reader reader) =>
        reader.One<MeetingView, MeetingAnswer>(http, meetingId, view => Task.FromResult(MeetingMapper.ToAnswer(view)));
}
