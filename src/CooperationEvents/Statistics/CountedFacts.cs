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
    /// lineage: the organisations that others stand in for on the day asked about, and whom they are shown as; it is empty
    /// unless the question asks for it. A person_id is that at the end of the line of merges.
    /// </summary>
    public static readonly string With = $"""
        with recursive line as (
            select s.organisation_id, s.follower_id, 1 as step
            from {FactTables.Succession} s
            where @lineage and s.valid_from <= @asOf and {FactTables.KnownAt("s")}
            union all
            select line.organisation_id, s.follower_id, line.step + 1
            from line
            join {FactTables.Succession} s on s.organisation_id = line.follower_id and s.valid_from <= @asOf and {FactTables.KnownAt("s")}
        ),
        lineage as (
            select distinct on (organisation_id) organisation_id, coalesce(follower_id::text, '{Unallocated}') as shown_as
            from line order by organisation_id, step desc
        ),
        meeting as (
            select m.meeting_id, m.title, m.first_day, m.last_day, m.starts, m.ends, m.evidence, p.framework_id, p.level, p.edition
            from {FactTables.Meeting} m
            join {FactTables.Placement} p on p.meeting_id = m.meeting_id and {FactTables.KnownAt("p")}
            where m.held and not m.voided and m.last_day <= @asOf and {FactTables.KnownAt("m")}
              and (@framework::uuid is null or p.framework_id = @framework)
              and (@level::text is null or p.level = @level)
              and (@year::int is null or extract(year from m.last_day) = @year)
        ),
        seat as (
            select distinct m.meeting_id, m.framework_id, m.level, m.last_day, s.organisation_id, coalesce(l.shown_as, s.organisation_id::text) as organisation, s.party
            from meeting m
            join {FactTables.Membership} s on s.framework_id = m.framework_id and {FactTables.KnownAt("s")}
                and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day)
            left join lineage l on l.organisation_id = s.organisation_id
            where (@party::text is null or s.party = @party)
              and (@organisation::text is null or coalesce(l.shown_as, s.organisation_id::text) = @organisation)
        ),
        counted as (
            select s.framework_id, s.level, s.party, s.last_day, a.meeting_id, coalesce(i.counted_as, a.person_id) as person_id,
                   a.organisation_id, s.organisation, a.role, a.evidence || i.evidence as evidence
            from {FactTables.Attendance} a
            join seat s on s.meeting_id = a.meeting_id and s.organisation_id = a.organisation_id
            left join {FactTables.PersonIdentity} i on i.person_id = a.person_id and {FactTables.KnownAt("i")}
            where {FactTables.KnownAt("a")}
              and a.role in ('chair', 'head-of-delegation', 'delegate', 'expert', 'speaker', 'rapporteur')
        ),
        heads as (
            select s.framework_id, s.level, s.party, s.last_day, d.meeting_id, d.organisation_id, s.organisation, d.heads, d.precision, d.evidence
            from {FactTables.Delegation} d
            join seat s on s.meeting_id = d.meeting_id and s.organisation_id = d.organisation_id
            where d.heads > 0 and {FactTables.KnownAt("d")}
        ),
        scope as (
            select * from meeting m
            where (@party::text is null and @organisation::text is null)
               or exists (select 1 from counted c where c.meeting_id = m.meeting_id)
               or exists (select 1 from heads h where h.meeting_id = m.meeting_id)
        ),
        uncounted as (
            select distinct on (a.meeting_id, person_id) a.meeting_id, coalesce(i.counted_as, a.person_id) as person_id, a.organisation_id, a.role,
                a.evidence || i.evidence as evidence, (array['observers', 'interpreters', 'support', 'guests'])[r.rank] as category
            from {FactTables.Attendance} a
            cross join lateral (select coalesce(array_position(array['observer', 'interpreter', 'support'], a.role), 4) as rank) r
            left join {FactTables.PersonIdentity} i on i.person_id = a.person_id and {FactTables.KnownAt("i")}
            left join lineage l on l.organisation_id = a.organisation_id
            where {FactTables.KnownAt("a")}
              and exists (select 1 from scope m where m.meeting_id = a.meeting_id)
              and not exists (select 1 from counted c where c.meeting_id = a.meeting_id and c.person_id = coalesce(i.counted_as, a.person_id))
              and (@organisation::text is null or coalesce(l.shown_as, a.organisation_id::text) = @organisation)
              and (@party::text is null or exists (select 1 from seat s where s.meeting_id = a.meeting_id and s.organisation_id = a.organisation_id))
            order by a.meeting_id, person_id, r.rank, a.organisation_id, a.person_id
        ),
        guest_heads as (
            select d.meeting_id, d.organisation_id, d.heads, d.precision, d.evidence
            from {FactTables.Delegation} d
            left join lineage l on l.organisation_id = d.organisation_id
            where d.heads > 0 and {FactTables.KnownAt("d")}
              and @party::text is null
              and (@organisation::text is null or coalesce(l.shown_as, d.organisation_id::text) = @organisation)
              and exists (select 1 from scope m where m.meeting_id = d.meeting_id)
              and not exists (select 1 from heads h where h.meeting_id = d.meeting_id and h.organisation_id = d.organisation_id)
        )
        """;

    /// <summary>The organisation that what went through a split without a default is shown as.</summary>
    public const string Unallocated = "unallocated";

    public static void Bind(NpgsqlCommand command, Question question)
    {
        command.Parameters.AddWithValue("asOf", question.AsOf);
        command.Parameters.AddWithValue("position", question.Position);
        command.Parameters.AddWithValue("lineage", question.Lineage);
        Optional("framework", question.Framework);
        Optional("level", question.Level);
        Optional("year", question.Year);
        Optional("party", question.Party);
        Optional("organisation", question.Organisation);

        void Optional(string name, object? value) => command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }
}
