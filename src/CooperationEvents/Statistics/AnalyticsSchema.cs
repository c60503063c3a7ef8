using Npgsql;

namespace CooperationEvents.Statistics;

/// <summary>
/// The schema for BI tools: views over the facts that the API counts, and the role that reads them and nothing else. They show what
/// is known now, or what was at the position in the setting <c>analytics.known_at</c>.
/// </summary>
public static class AnalyticsSchema
{
    public const string Name = "analytics";
    public const string Role = "cooperation_analyst";

    /// <summary>What gives the role its rights, for an operator where the service may not create roles.</summary>
    public const string Grants = $"""
        grant usage on schema {Name} to {Role};
        grant select on all tables in schema {Name} to {Role};
        """;

    private static string Known(string alias) => $"({alias}.known_from <= k.position and ({alias}.known_to is null or {alias}.known_to > k.position))";

    internal static string Views => $"""
        create schema if not exists {Name};
        comment on schema {Name} is 'Figures for BI tools. Pseudonymised personal data: docs/analysts.md.';

        create or replace view {Name}.known_at as
        select coalesce(
            nullif(current_setting('analytics.known_at', true), '')::bigint,
            (select last_seq_id from register.mt_event_progression where name = '{Reading.ReadModel.Shard}'),
            0) as position;

        create or replace view {Name}.dim_framework as
        select f.framework_id, f.name, f.established_on
        from {FactTables.Live.Framework} f cross join {Name}.known_at k where {Known("f")};

        create or replace view {Name}.dim_level as
        select l.framework_id, l.code as level, l.name, l.rank
        from {FactTables.Live.Level} l cross join {Name}.known_at k where {Known("l")};

        create or replace view {Name}.dim_party as
        select f.framework_id, p.party
        from {FactTables.Live.Framework} f cross join {Name}.known_at k cross join lateral unnest(f.parties) p(party) where {Known("f")};

        create or replace view {Name}.dim_area as
        select a.framework_id, a.code as area, a.name
        from {FactTables.Live.Area} a cross join {Name}.known_at k where {Known("a")};

        create or replace view {Name}.dim_organisation_name as
        select n.organisation_id, n.short_name, n.valid_from,
               lead(n.valid_from) over (partition by n.organisation_id order by n.valid_from, n.known_from) as valid_to
        from {FactTables.Live.OrganisationName} n cross join {Name}.known_at k where {Known("n")};

        create or replace view {Name}.dim_organisation as
        select distinct on (n.organisation_id) n.organisation_id, n.short_name
        from {FactTables.Live.OrganisationName} n cross join {Name}.known_at k
        where {Known("n")} and n.valid_from <= current_date
        order by n.organisation_id, n.valid_from desc, n.known_from desc;

        create or replace view {Name}.dim_succession as
        select s.organisation_id, s.follower_id, s.valid_from
        from {FactTables.Live.Succession} s cross join {Name}.known_at k where {Known("s")};

        create or replace view {Name}.dim_membership as
        select m.framework_id, m.organisation_id, m.party, m.joined_on, m.left_on
        from {FactTables.Live.Membership} m cross join {Name}.known_at k where {Known("m")};

        create or replace view {Name}.dim_person as
        select p.known_from as person_key, counted.known_from as counted_as_key
        from {FactTables.Live.Person} p
        cross join {Name}.known_at k
        left join {FactTables.Live.PersonIdentity} i on i.person_id = p.person_id and {Known("i")}
        join {FactTables.Live.Person} counted on counted.person_id = coalesce(i.counted_as, p.person_id)
        where {Known("p")};

        create or replace view {Name}.fact_meeting as
        select m.meeting_id, p.framework_id, p.level, p.edition, m.title, m.first_day, m.last_day, m.starts, m.ends,
               case length(m.ends) when 4 then 'year' when 7 then 'month' else 'day' end as end_precision,
               coalesce(m.mode, 'not-stated') as mode, coalesce(m.country, 'not-stated') as country
        from {FactTables.Live.Meeting} m
        cross join {Name}.known_at k
        join {FactTables.Live.Placement} p on p.meeting_id = m.meeting_id and {Known("p")}
        where m.held and not m.voided and {Known("m")};

        create or replace view {Name}.dim_date as
        select d.day, extract(year from d.day)::int as year, extract(quarter from d.day)::int as quarter, extract(month from d.day)::int as month
        from (select distinct first_day as day from {Name}.fact_meeting union select last_day from {Name}.fact_meeting) d;

        create or replace view {Name}.bridge_meeting_area as
        select m.meeting_id, a.area
        from {FactTables.Live.Meeting} m
        cross join {Name}.known_at k
        cross join lateral unnest(case when m.areas = '{Empty}' then array['not-stated'] else m.areas end) a(area)
        where m.held and not m.voided and {Known("m")};

        create or replace view {Name}.bridge_meeting_host as
        select m.meeting_id, h.role, coalesce(h.organisation_id::text, 'not-stated') as host
        from {FactTables.Live.Meeting} m
        cross join {Name}.known_at k
        cross join lateral (
            select 'host' as role, o.id as organisation_id from unnest(case when m.hosts = '{Empty}' then array[null::uuid] else m.hosts end) o(id)
            union all
            select 'co-host', o.id from unnest(case when m.co_hosts = '{Empty}' then array[null::uuid] else m.co_hosts end) o(id)
        ) h
        where m.held and not m.voided and {Known("m")};

        create or replace view {Name}.fact_attendance as
        select m.meeting_id, m.framework_id, m.level, m.first_day, m.last_day, person.known_from as person_key, a.organisation_id, s.party, a.role,
               s.party is not null and a.role in ({Roles}) as counts
        from {Name}.fact_meeting m
        cross join {Name}.known_at k
        join {FactTables.Live.Attendance} a on a.meeting_id = m.meeting_id and {Known("a")}
        left join {FactTables.Live.PersonIdentity} i on i.person_id = a.person_id and {Known("i")}
        join {FactTables.Live.Person} person on person.person_id = coalesce(i.counted_as, a.person_id)
        left join {FactTables.Live.Membership} s on s.framework_id = m.framework_id and s.organisation_id = a.organisation_id and {Known("s")}
            and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day);

        create or replace view {Name}.fact_delegation as
        select m.meeting_id, m.framework_id, m.level, m.first_day, m.last_day, d.organisation_id, s.party, d.heads, d.precision, s.party is not null as counts
        from {Name}.fact_meeting m
        cross join {Name}.known_at k
        join {FactTables.Live.Delegation} d on d.meeting_id = m.meeting_id and d.heads > 0 and {Known("d")}
        left join {FactTables.Live.Membership} s on s.framework_id = m.framework_id and s.organisation_id = d.organisation_id and {Known("s")}
            and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day);

        create or replace view {Name}.fact_commitment as
        select null::uuid as commitment_id, null::uuid as framework_id, null::uuid as meeting_id, null::uuid as organisation_id, null::text as area,
               null::date as made_on, null::date as due_on, null::text as status
        where false;

        create or replace view {Name}.fact_presence as
        with counted as (
            select meeting_id, framework_id, party, organisation_id::text as organisation, role, person_key, null::int as heads, null::text as precision
            from {Name}.fact_attendance where counts
            union all
            select meeting_id, framework_id, party, organisation_id::text, 'not-stated', null, heads, precision
            from {Name}.fact_delegation where counts
        )
        select m.meeting_id, m.framework_id, m.level, m.first_day, m.last_day, m.end_precision, m.mode, m.country,
               coalesce(c.party, 'not-stated') as party, coalesce(c.organisation, 'not-stated') as organisation, coalesce(c.role, 'not-stated') as role,
               c.person_key, c.heads, c.precision
        from {Name}.fact_meeting m
        left join counted c on c.meeting_id = m.meeting_id and c.framework_id = m.framework_id;
        """;

    private const string Empty = "{}";

    private static string CreateRole => $"""
        do $do$
        begin
            if not exists (select from pg_roles where rolname = '{Role}') then
                create role {Role} nologin;
            end if;
        exception
            when duplicate_object or unique_violation or insufficient_privilege then null;
        end
        $do$;
        """;

    private static string Roles => string.Join(", ", CountedFacts.RolesThatCount.Select(r => $"'{r}'"));

    /// <summary>Creates the views, and the role with its rights where that is allowed.</summary>
    /// <returns>Whether the role is there to read them.</returns>
    public static async Task<bool> Create(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await Execute(Views);
        await Execute(CreateRole);
        await using var command = new NpgsqlCommand($"select exists (select from pg_roles where rolname = '{Role}')", connection);
        if (await command.ExecuteScalarAsync(cancellation) is not true)
            return false;
        await Execute(Grants);
        return true;

        async Task Execute(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
