using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using Host = CooperationEvents.Meetings.Host;

namespace CooperationEvents.Statistics.Facts;

/// <summary>What is known of meetings: their days and places, where they stand, and who was there.</summary>
public sealed partial class FactsProjection
{
    /// <summary>What is known of a meeting, beside its id and the events behind it.</summary>
    private static readonly (string Name, string Type)[] MeetingColumns =
    [
        ("held", "boolean"),
        ("voided", "boolean"),
        ("title", "text"),
        ("first_day", "date"),
        ("last_day", "date"),
        ("starts", "text"),
        ("ends", "text"),
        ("mode", "text"),
        ("country", "text"),
        ("hosts", "uuid[]"),
        ("co_hosts", "uuid[]"),
        ("areas", "text[]"),
    ];

    /// <summary>Whether it is an event of a meeting that a figure depends on; it is folded then.</summary>
    private static bool FoldMeeting(FactWriter facts, object data)
    {
        switch (data)
        {
            case MeetingScheduled e:
                facts.Write(
                    facts.Tables.Meeting,
                    $"""
                    insert into {facts.Tables.Meeting}
                        (meeting_id, held, voided, title, first_day, last_day, starts, ends, mode, country,
                            hosts, co_hosts, areas, evidence, known_from)
                    values (?, false, false, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    e.MeetingId,
                    e.Title,
                    e.Start.LastDay,
                    e.End.LastDay,
                    e.Start.ToString(),
                    e.End.ToString(),
                    Word(e.Mode),
                    Text(e.Country),
                    Organisations(e.Hosts, HostRole.Host),
                    Organisations(e.Hosts, HostRole.CoHost),
                    Topics(e.Topics),
                    facts.Evidence,
                    facts.Position
                );
                Place(facts, e.MeetingId, e.Frameworks);
                break;
            case MeetingRescheduled e:
                ChangeMeeting(facts, e.MeetingId, [.. Start(e.Start), .. End(e.End)]);
                break;
            case MeetingRelocated e:
                ChangeMeeting(facts, e.MeetingId, ("mode", Word(e.Mode)), ("country", Text(e.Country)));
                break;
            case HostsChanged e:
                ChangeMeeting(facts, e.MeetingId, Hosts(e.Hosts));
                break;
            case MeetingHeld { Mode: null } e:
                ChangeMeeting(facts, e.MeetingId, [("held", true), .. Start(e.HeldFrom), .. End(e.HeldTo)]);
                break;
            case MeetingHeld e:
                ChangeMeeting(facts, e.MeetingId, [("held", true), .. Start(e.HeldFrom), .. End(e.HeldTo), ("mode", Word(e.Mode))]);
                break;
            case MeetingCorrected e:
                ChangeMeeting(facts, e.MeetingId, [.. Corrections(e.Replaced, e.Corrected)]);
                if (e.Corrected.Frameworks is { } placements)
                {
                    facts.Write(
                        facts.Tables.Placement,
                        $"update {facts.Tables.Placement} set known_to = ? where meeting_id = ? and known_to is null",
                        facts.Position,
                        e.MeetingId
                    );
                    Place(facts, e.MeetingId, placements);
                }

                break;
            case MeetingVoided e:
                ChangeMeeting(facts, e.MeetingId, ("voided", true));
                break;
            case MeetingReinstated e:
                ChangeMeeting(facts, e.MeetingId, ("voided", false));
                break;
            case AttendanceRecorded e:
                facts.NoteAttendance(e.MeetingId);
                if (e.Status != AttendanceStatus.Attended)
                    break;
                facts
                    .AddWithEvidence(facts.Tables.Attendance)
                    .Set("meeting_id", e.MeetingId)
                    .Set("person_id", e.PersonId)
                    .Set("organisation_id", e.OrganisationId)
                    .Set("role", Json.Word(e.Role));
                break;
            case AttendanceCorrected e:
                CorrectAttendance(facts, e);
                break;
            case DelegationCounted e:
                facts
                    .AddWithEvidence(facts.Tables.Delegation)
                    .Set("meeting_id", e.MeetingId)
                    .Set("organisation_id", e.OrganisationId)
                    .Set("heads", e.Count)
                    .Set("precision", Json.Word(e.Precision));
                break;
            case DelegationCorrected e:
                facts.Write(
                    facts.Tables.Delegation,
                    $"""
                    with old as (
                        update {facts.Tables.Delegation} set known_to = ? where meeting_id = ? and organisation_id = ?
                            and known_to is null returning evidence
                    )
                    insert into {facts.Tables.Delegation} (meeting_id, organisation_id, heads, precision, evidence, known_from)
                    select ?, ?, ?, ?, coalesce((select evidence from old), array[]::uuid[]) || ?, ?
                    """,
                    facts.Position,
                    e.MeetingId,
                    e.OrganisationId,
                    e.MeetingId,
                    e.OrganisationId,
                    e.Corrected.Count,
                    Json.Word(e.Corrected.Precision),
                    facts.Evidence,
                    facts.Position
                );
                break;
            default:
                return false;
        }

        return true;
    }

    private static void Place(FactWriter facts, Guid meetingId, ValueList<Placement> placements)
    {
        foreach (var placement in placements)
        {
            facts
                .Add(facts.Tables.Placement)
                .Set("meeting_id", meetingId)
                .Set("framework_id", placement.FrameworkId)
                .Set("level", placement.Level)
                .Set("edition", placement.Edition);
        }
    }

    /// <summary>Closes what was known of a meeting and opens another row, with these columns changed.</summary>
    private static void ChangeMeeting(FactWriter facts, Guid meetingId, params (string Column, object Value)[] changes)
    {
        var values = changes.ToDictionary(c => c.Column, c => c.Value);
        var columns = MeetingColumns.Select(c => values.ContainsKey(c.Name) ? $"?::{c.Type}" : c.Name);
        facts.Write(
            facts.Tables.Meeting,
            $"""
            with old as (
                update {facts.Tables.Meeting} set known_to = ? where meeting_id = ? and known_to is null returning *
            )
            insert into {facts.Tables.Meeting} (meeting_id, {string.Join(", ", MeetingColumns.Select(c => c.Name))}, evidence, known_from)
            select meeting_id, {string.Join(", ", columns)}, evidence || ?, ?
            from old
            """,
            [
                facts.Position,
                meetingId,
                .. MeetingColumns.Where(c => values.ContainsKey(c.Name)).Select(c => values[c.Name]),
                facts.Evidence,
                facts.Position,
            ]
        );
    }

    /// <summary>The columns a correction changes: those it gives a value, and those it empties.</summary>
    private static IEnumerable<(string Column, object Value)> Corrections(MeetingFacts replaced, MeetingFacts corrected) =>
        [
            .. corrected.State is { } state ? [("held", (object)(state == MeetingState.Held))] : Array.Empty<(string, object)>(),
            .. corrected.Title is { } title ? [("title", (object)title)] : Array.Empty<(string, object)>(),
            .. corrected.Mode is not null || replaced.Mode is not null ? [("mode", Word(corrected.Mode))] : Array.Empty<(string, object)>(),
            .. corrected.Country is not null || replaced.Country is not null
                ? [("country", Text(corrected.Country))]
                : Array.Empty<(string, object)>(),
            .. corrected.Topics is { } topics ? [("areas", (object)Topics(topics))] : Array.Empty<(string, object)>(),
            .. corrected.Start is { } start ? Start(start) : [],
            .. corrected.End is { } end ? End(end) : [],
            .. corrected.Hosts is { } hosts ? Hosts(hosts) : [],
        ];

    private static (string, object)[] Start(PartialDate start) => [("first_day", start.LastDay), ("starts", start.ToString())];

    private static (string, object)[] End(PartialDate end) => [("last_day", end.LastDay), ("ends", end.ToString())];

    private static (string, object)[] Hosts(ValueList<Host> hosts) =>
        [("hosts", Organisations(hosts, HostRole.Host)), ("co_hosts", Organisations(hosts, HostRole.CoHost))];

    private static string[] Topics(ValueList<string> topics) => [.. topics.Distinct()];

    private static Guid[] Organisations(ValueList<Host> hosts, HostRole role) =>
        [.. hosts.Where(h => h.Role == role).Select(h => h.OrganisationId).Distinct()];

    /// <summary>Only an attendance that took place is a fact; a correction may end one, begin one or change one.</summary>
    private static void CorrectAttendance(FactWriter facts, AttendanceCorrected e)
    {
        if (e.Corrected.Status != AttendanceStatus.Attended)
        {
            facts.Write(
                facts.Tables.Attendance,
                $"update {facts.Tables.Attendance} set known_to = ? where meeting_id = ? and person_id = ? and known_to is null",
                facts.Position,
                e.MeetingId,
                e.PersonId
            );
            return;
        }

        facts.Write(
            facts.Tables.Attendance,
            $"""
            with old as (
                update {facts.Tables.Attendance} set known_to = ? where meeting_id = ? and person_id = ? and known_to is null
                    returning evidence
            )
            insert into {facts.Tables.Attendance} (meeting_id, person_id, organisation_id, role, evidence, known_from)
            select ?, ?, ?, ?, coalesce((select evidence from old), array[]::uuid[]) || ?, ?
            """,
            facts.Position,
            e.MeetingId,
            e.PersonId,
            e.MeetingId,
            e.PersonId,
            e.Corrected.OrganisationId,
            Json.Word(e.Corrected.Role),
            facts.Evidence,
            facts.Position
        );
    }

    private static object Word(MeetingMode? mode) => mode is { } value ? Json.Word(value) : DBNull.Value;
}
