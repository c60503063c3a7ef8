using Npgsql;

namespace CooperationEvents.Statistics;

/// <summary>
/// The one place that says in SQL what counts: which meetings, whose attendance, which heads. Every figure, and every
/// explanation of one, selects from these relations, so that no two can disagree.
/// </summary>
internal static class CountedFacts
{
    /// <summary>
    /// meeting: held, not voided, last day on or before asOf, placed as asked. seat: the organisations that were members
    /// on the first day of a meeting, by framework. counted: attendances that count. heads: head counts that count.
    /// scope: the meetings of the question, which a party or an organisation narrows to those it had people at.
    /// </summary>
    public static readonly string With = $"""
        with meeting as (
            select m.meeting_id, m.title, m.first_day, m.last_day, m.starts, m.ends, m.evidence, p.framework_id, p.level, p.edition
            from {FactTables.Meeting} m
            join {FactTables.Placement} p on p.meeting_id = m.meeting_id and {FactTables.KnownAt("p")}
            where m.held and not m.voided and m.last_day <= @asOf and {FactTables.KnownAt("m")}
              and (@framework::uuid is null or p.framework_id = @framework)
              and (@level::text is null or p.level = @level)
              and (@year::int is null or extract(year from m.last_day) = @year)
        ),
        seat as (
            select distinct m.meeting_id, m.framework_id, m.level, m.last_day, s.organisation_id, s.party
            from meeting m
            join {FactTables.Membership} s on s.framework_id = m.framework_id and {FactTables.KnownAt("s")}
                and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day)
            where (@party::text is null or s.party = @party)
              and (@organisation::uuid is null or s.organisation_id = @organisation)
        ),
        counted as (
            select s.framework_id, s.level, s.party, s.last_day, a.meeting_id, a.person_id, a.organisation_id, a.role, a.evidence
            from {FactTables.Attendance} a
            join seat s on s.meeting_id = a.meeting_id and s.organisation_id = a.organisation_id
            where {FactTables.KnownAt("a")}
              and a.role in ('chair', 'head-of-delegation', 'delegate', 'expert', 'speaker', 'rapporteur')
        ),
        heads as (
            select s.framework_id, s.level, s.party, s.last_day, d.meeting_id, d.organisation_id, d.heads, d.precision, d.evidence
            from {FactTables.Delegation} d
            join seat s on s.meeting_id = d.meeting_id and s.organisation_id = d.organisation_id
            where d.heads > 0 and {FactTables.KnownAt("d")}
        ),
        scope as (
            select * from meeting m
            where (@party::text is null and @organisation::uuid is null)
               or exists (select 1 from counted c where c.meeting_id = m.meeting_id)
               or exists (select 1 from heads h where h.meeting_id = m.meeting_id)
        ),
        uncounted as (
            select distinct a.meeting_id, a.person_id, a.organisation_id, a.role, a.evidence,
                case a.role
                    when 'observer' then 'observers'
                    when 'interpreter' then 'interpreters'
                    when 'support' then 'support'
                    else 'guests'
                end as category
            from {FactTables.Attendance} a
            where {FactTables.KnownAt("a")}
              and exists (select 1 from scope m where m.meeting_id = a.meeting_id)
              and not exists (select 1 from counted c where c.meeting_id = a.meeting_id and c.person_id = a.person_id)
              and (@organisation::uuid is null or a.organisation_id = @organisation)
              and (@party::text is null or exists (select 1 from seat s where s.meeting_id = a.meeting_id and s.organisation_id = a.organisation_id))
        ),
        guest_heads as (
            select d.meeting_id, d.organisation_id, d.heads, d.precision, d.evidence
            from {FactTables.Delegation} d
            where d.heads > 0 and {FactTables.KnownAt("d")}
              and @party::text is null
              and (@organisation::uuid is null or d.organisation_id = @organisation)
              and exists (select 1 from scope m where m.meeting_id = d.meeting_id)
              and not exists (select 1 from heads h where h.meeting_id = d.meeting_id and h.organisation_id = d.organisation_id)
        )
        """;

    public static void Bind(NpgsqlCommand command, Question question)
    {
        command.Parameters.AddWithValue("asOf", question.AsOf);
        command.Parameters.AddWithValue("position", question.Position);
        Optional("framework", question.Framework);
        Optional("level", question.Level);
        Optional("year", question.Year);
        Optional("party", question.Party);
        Optional("organisation", question.Organisation);

        void Optional(string name, object? value) => command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }
}
