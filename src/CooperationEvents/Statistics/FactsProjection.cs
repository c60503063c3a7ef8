using System.Text.Json;
using CooperationEvents.Audit;
using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Reading;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Statistics;

/// <summary>
/// Turns events into bitemporal facts. Each change closes the row that was known and opens another from its own position
/// on, with the ids of the events behind it, so that what was known at any earlier position can still be asked.
/// </summary>
public sealed partial class FactsProjection : EventProjection
{
    /// <summary>Event types that no figure depends on. Every other one is folded below.</summary>
    public static IReadOnlyList<Type> Ignored { get; } =
    [
        typeof(AreaAdded),
        typeof(FrameworkEnded),
        typeof(PersonRegistered),
        typeof(PersonDetailsCorrected),
        typeof(AffiliationStarted),
        typeof(AffiliationEnded),
        typeof(MeetingRelocated),
        typeof(HostsChanged),
        typeof(AgendaSet),
        typeof(MeetingPostponed),
        typeof(MeetingCancelled),
        typeof(MeetingDidNotTakePlace),
        typeof(AttendanceRegistered),
        typeof(RegistrationWithdrawn),
        typeof(OutcomeRecorded),
        typeof(DocumentLinked),
        typeof(LogSucceeded),
        typeof(AuditAccessSealed),
    ];

    public FactsProjection()
    {
        Name = "facts";
        foreach (var type in ReadModel.Events())
            IncludeType(type);
        foreach (var table in FactTables.All)
            Options.DeleteDataInTableOnTeardown(table);
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        Fold(new Writer(operations, e.Sequence, e.Id), e.Data);
        return ValueTask.CompletedTask;
    }

    private static void Fold(Writer facts, object data)
    {
        switch (data)
        {
            case OrganisationRegistered e:
                facts.Write($"insert into {FactTables.OrganisationName} (organisation_id, short_name, valid_from, known_from) values (?, ?, ?, ?)", e.OrganisationId, e.ShortName, DateOnly.MinValue, facts.Position);
                break;
            case OrganisationRenamed e:
                facts.Write($"insert into {FactTables.OrganisationName} (organisation_id, short_name, valid_from, known_from) values (?, ?, ?, ?)", e.OrganisationId, e.ShortName, e.On.FirstDay, facts.Position);
                break;
            case FrameworkEstablished e:
                facts.Write($"insert into {FactTables.Framework} (framework_id, name, established_on, parties, known_from) values (?, ?, ?, ?, ?)", e.FrameworkId, e.Name, e.EstablishedOn.ToString(), e.Parties.Select(p => p.Code).ToArray(), facts.Position);
                foreach (var level in e.Levels)
                    AddLevel(facts, e.FrameworkId, level);
                break;
            case LevelAdded e:
                AddLevel(facts, e.FrameworkId, e.Level);
                break;
            case MemberJoined e:
                facts.Write($"insert into {FactTables.Membership} (framework_id, organisation_id, party, joined_on, evidence, known_from) values (?, ?, ?, ?, ?, ?)", e.FrameworkId, e.OrganisationId, e.Party, e.JoinedOn.FirstDay, facts.Evidence, facts.Position);
                break;
            case MemberLeft e:
                ReplaceMembership(facts, e.FrameworkId, e.OrganisationId, null, e.JoinedOn, null, null, e.JoinedOn, e.LeftOn);
                break;
            case MembershipCorrected e:
                ReplaceMembership(
                    facts, e.FrameworkId, e.OrganisationId, e.Replaced.Party, e.Replaced.JoinedOn, e.Replaced.LeftOn, e.Corrected.Party, e.Corrected.JoinedOn, e.Corrected.LeftOn);
                break;
            case MeetingScheduled e:
                facts.Write(
                    $"insert into {FactTables.Meeting} (meeting_id, held, voided, title, first_day, last_day, starts, ends, evidence, known_from) values (?, false, false, ?, ?, ?, ?, ?, ?, ?)",
                    e.MeetingId, e.Title, e.Start.LastDay, e.End.LastDay, e.Start.ToString(), e.End.ToString(), facts.Evidence, facts.Position);
                Place(facts, e.MeetingId, e.Frameworks);
                break;
            case MeetingRescheduled e:
                ChangeMeeting(facts, e.MeetingId, start: e.Start, end: e.End);
                break;
            case MeetingHeld e:
                ChangeMeeting(facts, e.MeetingId, held: true, start: e.HeldFrom, end: e.HeldTo);
                break;
            case MeetingCorrected e:
                ChangeMeeting(facts, e.MeetingId, e.Corrected.State is { } state ? state == MeetingState.Held : null, null, e.Corrected.Title, e.Corrected.Start, e.Corrected.End);
                if (e.Corrected.Frameworks is { } placements)
                {
                    facts.Write($"update {FactTables.Placement} set known_to = ? where meeting_id = ? and known_to is null", facts.Position, e.MeetingId);
                    Place(facts, e.MeetingId, placements);
                }

                break;
            case MeetingVoided e:
                ChangeMeeting(facts, e.MeetingId, voided: true);
                break;
            case MeetingReinstated e:
                ChangeMeeting(facts, e.MeetingId, voided: false);
                break;
            case AttendanceRecorded { Status: AttendanceStatus.Attended } e:
                facts.Write(
                    $"insert into {FactTables.Attendance} (meeting_id, person_id, organisation_id, role, evidence, known_from) values (?, ?, ?, ?, ?, ?)",
                    e.MeetingId, e.PersonId, e.OrganisationId, Word(e.Role), facts.Evidence, facts.Position);
                break;
            case AttendanceRecorded:
                break;
            case AttendanceCorrected e:
                CorrectAttendance(facts, e);
                break;
            case DelegationCounted e:
                facts.Write(
                    $"insert into {FactTables.Delegation} (meeting_id, organisation_id, heads, precision, evidence, known_from) values (?, ?, ?, ?, ?, ?)",
                    e.MeetingId, e.OrganisationId, e.Count, Word(e.Precision), facts.Evidence, facts.Position);
                break;
            case DelegationCorrected e:
                facts.Write(
                    $"""
                    with old as (
                        update {FactTables.Delegation} set known_to = ? where meeting_id = ? and organisation_id = ? and known_to is null returning evidence
                    )
                    insert into {FactTables.Delegation} (meeting_id, organisation_id, heads, precision, evidence, known_from)
                    select ?, ?, ?, ?, coalesce((select evidence from old), array[]::uuid[]) || ?, ?
                    """,
                    facts.Position, e.MeetingId, e.OrganisationId, e.MeetingId, e.OrganisationId, e.Corrected.Count, Word(e.Corrected.Precision), facts.Evidence, facts.Position);
                break;
            case Tombstone:
                // What Marten leaves where a save lost its race; in a composite it arrives whatever types are included.
                break;
            default:
                if (!Ignored.Contains(data.GetType()))
                    throw new InvalidOperationException($"{data.GetType().Name} is neither folded into the facts nor listed as ignored.");
                break;
        }
    }

    private static void AddLevel(Writer facts, Guid frameworkId, Level level) => facts.Write(
        $"insert into {FactTables.Level} (framework_id, code, name, rank, known_from) values (?, ?, ?, ?, ?)",
        frameworkId, level.Code, level.Name, level.Rank, facts.Position);

    private static void Place(Writer facts, Guid meetingId, ValueList<Placement> placements)
    {
        foreach (var placement in placements)
        {
            facts.Write(
                $"insert into {FactTables.Placement} (meeting_id, framework_id, level, edition, known_from) values (?, ?, ?, ?, ?)",
                meetingId, placement.FrameworkId, placement.Level, placement.Edition is { } edition ? edition : DBNull.Value, facts.Position);
        }
    }

    /// <summary>
    /// Replaces one membership. Two that were taken back may be alike, with no day between their joining and leaving: then it
    /// is one of them, and which makes no difference to any figure.
    /// </summary>
    private static void ReplaceMembership(
        Writer facts,
        Guid frameworkId,
        Guid organisationId,
        string? party,
        PartialDate joined,
        PartialDate? left,
        string? newParty,
        PartialDate newJoined,
        PartialDate? newLeft) =>
        facts.Write(
            $"""
            with old as (
                update {FactTables.Membership} set known_to = ?
                where (framework_id, organisation_id, known_from) in (
                    select framework_id, organisation_id, known_from from {FactTables.Membership}
                    where framework_id = ? and organisation_id = ? and (?::text is null or party = ?) and joined_on = ? and left_on is not distinct from ?::date
                      and known_to is null
                    order by known_from limit 1)
                returning *
            )
            insert into {FactTables.Membership} (framework_id, organisation_id, party, joined_on, left_on, evidence, known_from)
            select framework_id, organisation_id, coalesce(?, party), ?, ?::date, evidence || ?, ? from old
            """,
            facts.Position,
            frameworkId,
            organisationId,
            Text(party),
            Text(party),
            joined.FirstDay,
            Day(left),
            Text(newParty),
            newJoined.FirstDay,
            Day(newLeft),
            facts.Evidence,
            facts.Position);

    private static void ChangeMeeting(
        Writer facts, Guid meetingId, bool? held = null, bool? voided = null, string? title = null, PartialDate? start = null, PartialDate? end = null) =>
        facts.Write(
            $"""
            with old as (
                update {FactTables.Meeting} set known_to = ? where meeting_id = ? and known_to is null returning *
            )
            insert into {FactTables.Meeting} (meeting_id, held, voided, title, first_day, last_day, starts, ends, evidence, known_from)
            select meeting_id, coalesce(?::boolean, held), coalesce(?::boolean, voided), coalesce(?, title), coalesce(?::date, first_day), coalesce(?::date, last_day),
                   coalesce(?, starts), coalesce(?, ends), evidence || ?, ?
            from old
            """,
            facts.Position,
            meetingId,
            held is { } h ? h : DBNull.Value,
            voided is { } v ? v : DBNull.Value,
            title is null ? DBNull.Value : title,
            start is { } s ? s.LastDay : DBNull.Value,
            end is { } e ? e.LastDay : DBNull.Value,
            start is { } from ? from.ToString() : DBNull.Value,
            end is { } to ? to.ToString() : DBNull.Value,
            facts.Evidence,
            facts.Position);

    /// <summary>Only an attendance that took place is a fact; a correction may end one, begin one or change one.</summary>
    private static void CorrectAttendance(Writer facts, AttendanceCorrected e)
    {
        if (e.Corrected.Status != AttendanceStatus.Attended)
        {
            facts.Write($"update {FactTables.Attendance} set known_to = ? where meeting_id = ? and person_id = ? and known_to is null", facts.Position, e.MeetingId, e.PersonId);
            return;
        }

        facts.Write(
            $"""
            with old as (
                update {FactTables.Attendance} set known_to = ? where meeting_id = ? and person_id = ? and known_to is null returning evidence
            )
            insert into {FactTables.Attendance} (meeting_id, person_id, organisation_id, role, evidence, known_from)
            select ?, ?, ?, ?, coalesce((select evidence from old), array[]::uuid[]) || ?, ?
            """,
            facts.Position, e.MeetingId, e.PersonId, e.MeetingId, e.PersonId, e.Corrected.OrganisationId, Word(e.Corrected.Role), facts.Evidence, facts.Position);
    }

    private static object Text(string? text) => text is null ? DBNull.Value : text;

    private static object Day(PartialDate? date) => date is { } day ? day.FirstDay : DBNull.Value;

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>Writes the facts of one event, in the transaction of the projection.</summary>
    private sealed class Writer(IDocumentOperations operations, long position, Guid eventId)
    {
        public long Position { get; } = position;

        public Guid[] Evidence { get; } = [eventId];

        public void Write(string sql, params object[] values) => operations.QueueSqlCommand(sql, values);
    }
}
