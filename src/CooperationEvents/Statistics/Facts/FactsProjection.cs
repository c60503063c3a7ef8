using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Reading;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Host = CooperationEvents.Meetings.Host;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Turns events into bitemporal facts. Each change closes the row that was known and opens another from its own position
/// on, with the ids of the events behind it, so that what was known at any earlier position can still be asked.
/// </summary>
public sealed partial class FactsProjection : EventProjection
{
    /// <summary>Event types of the other streams that no figure depends on. Every other one is folded below.</summary>
    private static readonly Type[] IgnoredTypes =
    [
        typeof(FrameworkEnded),
        typeof(PersonDetailsCorrected),
        typeof(AffiliationStarted),
        typeof(AffiliationEnded),
        typeof(PersonRestricted),
        typeof(PersonFieldsExpired),
        typeof(PersonErased),
        typeof(AgendaSet),
        typeof(MeetingPostponed),
        typeof(MeetingCancelled),
        typeof(MeetingDidNotTakePlace),
        typeof(AttendanceRegistered),
        typeof(RegistrationWithdrawn),
        typeof(OutcomeRecorded),
        typeof(DocumentLinked),
    ];

    /// <summary>The streams that no figure depends on.</summary>
    private static readonly string[] IgnoredStreams = ["log", "publication"];

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

    private readonly FactTables _tables;

    public FactsProjection(FactTables tables)
    {
        _tables = tables;
        Name = "facts";
        foreach (var type in ReadModel.Events())
            IncludeType(type);
        foreach (var table in tables.All)
            Options.DeleteDataInTableOnTeardown(table);
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        Fold(new Writer(operations, _tables, e.Sequence, e.Id), e.Data);
        return ValueTask.CompletedTask;
    }

    private static void Fold(Writer facts, object data)
    {
        switch (data)
        {
            case OrganisationRegistered e:
                facts.Write(
                    $"insert into {facts.Tables.OrganisationName} (organisation_id, short_name, name, valid_from, known_from) values (?, "
                        + $"?, ?, ?, ?)",
                    e.OrganisationId,
                    e.ShortName,
                    e.Name,
                    DateOnly.MinValue,
                    facts.Position
                );
                break;
            case OrganisationRenamed e:
                facts.Write(
                    $"insert into {facts.Tables.OrganisationName} (organisation_id, short_name, name, valid_from, known_from) values (?, "
                        + $"?, ?, ?, ?)",
                    e.OrganisationId,
                    e.ShortName,
                    e.Name,
                    e.On.FirstDay,
                    facts.Position
                );
                break;
            case OrganisationSucceeded e:
                facts.Write(
                    $"insert into {facts.Tables.Succession} (organisation_id, follower_id, valid_from, evidence, known_from) values (?, ?, "
                        + $"?, ?, ?)",
                    e.OrganisationId,
                    Follower(e) is { } follower ? follower : DBNull.Value,
                    e.On.FirstDay,
                    facts.Evidence,
                    facts.Position
                );
                break;
            case FrameworkEstablished e:
                facts.Write(
                    $"insert into {facts.Tables.Framework} (framework_id, name, established_on, parties, party_names, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.FrameworkId,
                    e.Name,
                    e.EstablishedOn.ToString(),
                    e.Parties.Select(p => p.Code).ToArray(),
                    e.Parties.Select(p => p.Name).ToArray(),
                    facts.Position
                );
                foreach (var level in e.Levels)
                    AddLevel(facts, e.FrameworkId, level);
                foreach (var area in e.Areas)
                    AddArea(facts, e.FrameworkId, area);
                break;
            case LevelAdded e:
                AddLevel(facts, e.FrameworkId, e.Level);
                break;
            case AreaAdded e:
                AddArea(facts, e.FrameworkId, e.Area);
                break;
            case PersonRegistered e:
                facts.Write($"insert into {facts.Tables.Person} (person_id, known_from) values (?, ?)", e.PersonId, facts.Position);
                break;
            case MemberJoined e:
                facts.Write(
                    $"insert into {facts.Tables.Membership} (framework_id, organisation_id, party, joined_on, evidence, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.FrameworkId,
                    e.OrganisationId,
                    e.Party,
                    e.JoinedOn.FirstDay,
                    facts.Evidence,
                    facts.Position
                );
                break;
            case MemberLeft e:
                ReplaceMembership(facts, e.FrameworkId, e.OrganisationId, null, e.JoinedOn, null, null, e.JoinedOn, e.LeftOn);
                break;
            case MembershipCorrected e:
                ReplaceMembership(
                    facts,
                    e.FrameworkId,
                    e.OrganisationId,
                    e.Replaced.Party,
                    e.Replaced.JoinedOn,
                    e.Replaced.LeftOn,
                    e.Corrected.Party,
                    e.Corrected.JoinedOn,
                    e.Corrected.LeftOn
                );
                break;
            case MeetingScheduled e:
                facts.Write(
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
                Recorded(facts, e.MeetingId);
                if (e.Status != AttendanceStatus.Attended)
                    break;
                facts.Write(
                    $"insert into {facts.Tables.Attendance} (meeting_id, person_id, organisation_id, role, evidence, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.MeetingId,
                    e.PersonId,
                    e.OrganisationId,
                    Json.Word(e.Role),
                    facts.Evidence,
                    facts.Position
                );
                break;
            case AttendanceCorrected e:
                CorrectAttendance(facts, e);
                break;
            case DelegationCounted e:
                facts.Write(
                    $"insert into {facts.Tables.Delegation} (meeting_id, organisation_id, heads, precision, evidence, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.MeetingId,
                    e.OrganisationId,
                    e.Count,
                    Json.Word(e.Precision),
                    facts.Evidence,
                    facts.Position
                );
                break;
            case DelegationCorrected e:
                facts.Write(
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
            case PersonMerged e:
                Merge(facts, e.PersonId, e.Into);
                break;
            case PersonUnmerged e:
                Unmerge(facts, e.PersonId);
                break;
            case Tombstone:
                // What Marten leaves where a save lost its race; in a composite it arrives whatever types are included.
                break;
            default:
                if (!Ignores(data.GetType()))
                    throw new InvalidOperationException($"{data.GetType().Name} is neither folded into the facts nor listed as ignored.");
                break;
        }
    }

    /// <summary>Whether no figure depends on events of that type.</summary>
    public static bool Ignores(Type type) => IgnoredTypes.Contains(type) || IgnoredStreams.Contains(StoredAttribute.StreamOf(type));

    private static void AddLevel(Writer facts, Guid frameworkId, Level level) =>
        facts.Write(
            $"insert into {facts.Tables.Level} (framework_id, code, name, rank, known_from) values (?, ?, ?, ?, ?)",
            frameworkId,
            level.Code,
            level.Name,
            level.Rank,
            facts.Position
        );

    private static void AddArea(Writer facts, Guid frameworkId, Area area) =>
        facts.Write(
            $"insert into {facts.Tables.Area} (framework_id, code, name, known_from) values (?, ?, ?, ?)",
            frameworkId,
            area.Code,
            area.Name,
            facts.Position
        );

    private static void Place(Writer facts, Guid meetingId, ValueList<Placement> placements)
    {
        foreach (var placement in placements)
        {
            facts.Write(
                $"insert into {facts.Tables.Placement} (meeting_id, framework_id, level, edition, known_from) values (?, ?, ?, ?, ?)",
                meetingId,
                placement.FrameworkId,
                placement.Level,
                placement.Edition is { } edition ? edition : DBNull.Value,
                facts.Position
            );
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
        PartialDate? newLeft
    ) =>
        facts.Write(
            $"""
            with old as (
                update {facts.Tables.Membership} set known_to = ?
                where (framework_id, organisation_id, known_from) in (
                    select framework_id, organisation_id, known_from from {facts.Tables.Membership}
                    where framework_id = ? and organisation_id = ? and (?::text is null or party = ?) and joined_on = ?
                        and left_on is not distinct from ?::date
                      and known_to is null
                    order by known_from limit 1)
                returning *
            )
            insert into {facts.Tables.Membership} (framework_id, organisation_id, party, joined_on, left_on, evidence, known_from)
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
            facts.Position
        );

    /// <summary>Closes what was known of a meeting and opens another row, with these columns changed.</summary>
    private static void ChangeMeeting(Writer facts, Guid meetingId, params (string Column, object Value)[] changes)
    {
        var values = changes.ToDictionary(c => c.Column, c => c.Value);
        var columns = MeetingColumns.Select(c => values.ContainsKey(c.Name) ? $"?::{c.Type}" : c.Name);
        facts.Write(
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

    /// <summary>What a correction changes: what it gives, and what it takes away and gives nothing for.</summary>
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

    /// <summary>From the first attendance on the meeting has some, whatever is corrected later.</summary>
    private static void Recorded(Writer facts, Guid meetingId) =>
        facts.Write(
            $"""
            insert into {facts.Tables.AttendanceRecorded} (meeting_id, known_from)
            select ?, ? where not exists (select from {facts.Tables.AttendanceRecorded} where meeting_id = ?)
            """,
            meetingId,
            facts.Position,
            meetingId
        );

    /// <summary>Only an attendance that took place is a fact; a correction may end one, begin one or change one.</summary>
    private static void CorrectAttendance(Writer facts, AttendanceCorrected e)
    {
        if (e.Corrected.Status != AttendanceStatus.Attended)
        {
            facts.Write(
                $"update {facts.Tables.Attendance} set known_to = ? where meeting_id = ? and person_id = ? and known_to is null",
                facts.Position,
                e.MeetingId,
                e.PersonId
            );
            return;
        }

        facts.Write(
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

    /// <summary>Who takes what is told of the organisation as a whole; nobody where it was split without a default.</summary>
    private static Guid? Follower(OrganisationSucceeded e) => e.Kind == SuccessionKind.Split ? e.Default : e.Successors[0];

    private static object Text(string? text) => text is null ? DBNull.Value : text;

    private static object Word(MeetingMode? mode) => mode is { } value ? Json.Word(value) : DBNull.Value;

    private static object Day(PartialDate? date) => date is { } day ? day.FirstDay : DBNull.Value;

    /// <summary>Writes the facts of one event, in the transaction of the projection.</summary>
    private sealed class Writer(IDocumentOperations operations, FactTables tables, long position, Guid eventId)
    {
        public FactTables Tables { get; } = tables;

        public long Position { get; } = position;

        public Guid[] Evidence { get; } = [eventId];

        public void Write(string sql, params object[] values) => operations.QueueSqlCommand(sql, values);
    }
}
