using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Statistics.Analytics;

/// <summary>
/// The schema for BI tools: views over the facts that the API counts, a function that counts them as it does, and the role that reads
/// them and nothing else. They show what is known now, or what was at the position in the setting <c>analytics.known_at</c>.
/// </summary>
/// <remarks>
/// A view with keys of persons has its rows in the order of these keys: people were registered in the order that the feed shows beside
/// their ids. It is a security barrier, so that no function of who asks is called with the rows before they are in order.
/// <para>
/// PostgreSQL guesses badly how many rows are known at a position. So no view joins two results that have no index: that could be a loop
/// over all rows of one for each row of the other. Tables are looked up by their index; results are put together by sorting.
/// </para>
/// </remarks>
public static class AnalyticsSchema
{
    public const string Name = "analytics";
    public const string Role = "cooperation_analyst";

    /// <summary>
    /// Holds what person keys are made with, which nobody who reads the views may read: without it a key tells nothing of the id that
    /// the feed shows.
    /// </summary>
    private const string Secret = "analytics_secret";

    /// <summary>What gives the role its rights, for an operator where the service may not create roles.</summary>
    public const string Grants = $"""
        grant usage on schema {Name} to {Role};
        grant select on all tables in schema {Name} to {Role};
        grant execute on all functions in schema {Name} to {Role};
        """;

    private const string Empty = "{}";

    /// <summary>What the comment of the schema says before the digest of its views as they were made.</summary>
    private const string MadeAs = ", made as ";

    /// <summary>A digest of what is in the schema, as PostgreSQL has it.</summary>
    private const string Digest = $"""
        (select encode(sha256(convert_to(string_agg(made, E'\n' order by made collate "C"), 'UTF8')), 'hex') from (
            select relname || ' ' || relkind::text || ' ' || coalesce(pg_get_viewdef(oid), '') from pg_class
                where relnamespace = to_regnamespace('{Name}') and relkind <> 'i'
            union all
            select pg_get_functiondef(oid) from pg_proc where pronamespace = to_regnamespace('{Name}')) what (made))
        """;

    /// <summary>The name of the schema, where it was altered since it was made; else no row.</summary>
    internal const string Altered = $"""
        select '{Name}' where to_regnamespace('{Name}') is not null and coalesce(
            obj_description(to_regnamespace('{Name}'), 'pg_namespace') like '%{MadeAs}%'
                and obj_description(to_regnamespace('{Name}'), 'pg_namespace') not like '%{MadeAs}' || {Digest}, true)
        """;

    private static string Known(string alias) =>
        $"({alias}.known_from <= k.position and ({alias}.known_to is null or {alias}.known_to > k.position))";

    /// <summary>The last day of a meeting: an end at midnight belongs to the day before.</summary>
    private static string LastDay(string meeting) =>
        $"case when {meeting}.ends like '%T00:00' and {meeting}.last_day > {meeting}.first_day then {meeting}.last_day - 1 "
        + $"else {meeting}.last_day end";

    /// <summary>Today in UTC, as in the API. The time zone of the session makes no difference.</summary>
    internal const string Today = "(now() at time zone 'UTC')::date";

    /// <summary>
    /// PostgreSQL is told of 31 December 9999 as of infinity, and of the first day of all as of minus infinity. Not every client can read
    /// these.
    /// </summary>
    private const string LastOfAllDays = "date '9999-12-31'",
        FirstOfAllDays = "date '0001-01-01'";

    /// <summary>One key for a code of a framework, since BI tools join by single columns.</summary>
    private static string CodeKey(string framework, string code) => $"md5({framework} || '/' || {code})::uuid";

    /// <summary>A number that is the same whenever a person is looked at, and tells nothing of the person without the secret.</summary>
    private static string PersonKey(string person) =>
        $"""
            ('x' || substr(encode(sha256((select value from {Secret}.person_key) || uuid_send({person})), 'hex'), 1, 15))::bit(60)::bigint
            """;

    /// <summary>
    /// Another attendance of the same counted person, at the same meeting, for the same organisation and in the same role. Of several the
    /// row of the person they are counted as stays, else the one with the lowest id.
    /// </summary>
    private static string SameAsMerged =>
        $"""
            select from {FactTables.Live.Attendance} o
                left join {FactTables.Live.PersonIdentity} j on j.person_id = o.person_id and {Known("j")}
                where o.meeting_id = a.meeting_id and o.organisation_id = a.organisation_id and o.role = a.role and {Known("o")}
                    and (o.person_id = i.counted_as or (j.counted_as = i.counted_as and o.person_id < a.person_id))
            """;

    /// <summary>
    /// Takes the views away before they are made again, since a view cannot be given other columns. What others have made of them stands
    /// in the way, and is theirs to take away.
    /// </summary>
    private static string DropViews =>
        $"""
            do $drop$
            declare
                ours text;
            begin
                drop function if exists {Name}.figures(text, uuid, date, date, bigint);
                for ours in
                    select c.relname from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = '{Name}')
                        and c.relkind = 'v' order by c.oid desc
                loop
                    execute format('drop view {Name}.%I', ours);
                end loop;
            end $drop$;
            """;

    internal static string Views =>
        $"""
            create schema if not exists {Name};
            {DropViews}

            create or replace function {Name}.settled(asked bigint, newest bigint) returns bigint language plpgsql immutable
                parallel safe as $settled$
            begin
                if asked > newest then
                    raise exception 'position % is not settled yet; the newest that the facts have reached is %', asked, newest
                        using errcode = 'invalid_parameter_value';
                end if;
                return coalesce(asked, newest);
            end $settled$;

            create view {Name}.known_at as
            select (select {Name}.settled(
                nullif(current_setting('analytics.known_at', true), '')::bigint,
                coalesce((select last_seq_id from register.mt_event_progression where name = '{Projections.ReadModel.Shard}'), 0)
            )) as position;

            create view {Name}.dim_framework as
            select f.framework_id, f.name, f.established_on
            from {FactTables.Live.Framework} f cross join {Name}.known_at k where {Known("f")};

            create view {Name}.dim_level as
            select {CodeKey("l.framework_id", "l.code")} as level_key, l.framework_id, l.code as level, l.name, l.rank
            from {FactTables.Live.Level} l cross join {Name}.known_at k where {Known("l")};

            create view {Name}.dim_party as
            select {CodeKey("f.framework_id", "p.party")} as party_key, f.framework_id, p.party, p.name
            from {FactTables.Live.Framework} f
            cross join {Name}.known_at k
            cross join lateral unnest(f.parties, f.party_names) p(party, name)
            where {Known("f")};

            create view {Name}.dim_area as
            with own as (
                select a.framework_id, a.code, a.name from {FactTables.Live.Area} a cross join {Name}.known_at k where {Known("a")}
            ),
            used as (
                select p.framework_id, a.code, string_agg(distinct o.name, ' or ' order by o.name) as name
                from {FactTables.Live.Meeting} m
                cross join {Name}.known_at k
                join {FactTables.Live.Placement} p on p.meeting_id = m.meeting_id and {Known("p")}
                cross join lateral unnest(m.areas) a(code)
                join {FactTables.Live.Placement} j on j.meeting_id = m.meeting_id and {Known("j")}
                left join own o on o.framework_id = j.framework_id and o.code = a.code
                where m.held and not m.voided and {Known("m")}
                group by p.framework_id, a.code
            ),
            area as (
                select framework_id, code, name from own
                union all
                select u.framework_id, u.code, u.name from used u
                where not exists (select from own o where o.framework_id = u.framework_id and o.code = u.code)
                union all
                select framework_id, 'not-stated', null from {Name}.dim_framework
            )
            select {CodeKey("a.framework_id", "a.code")} as area_key, a.framework_id, a.code as area, a.name from area a;

            create view {Name}.dim_organisation_name as
            select n.organisation_id, n.short_name, n.name, greatest(n.valid_from, {FirstOfAllDays}) as valid_from,
                   lead(n.valid_from) over (partition by n.organisation_id order by n.valid_from, n.known_from) as valid_to
            from {FactTables.Live.OrganisationName} n cross join {Name}.known_at k where {Known("n")};

            create view {Name}.dim_organisation as
            select distinct on (n.organisation_id) n.organisation_id, n.short_name, n.name
            from {FactTables.Live.OrganisationName} n cross join {Name}.known_at k
            where {Known("n")} and n.valid_from <= {Today}
            order by n.organisation_id, n.valid_from desc, n.known_from desc;

            create view {Name}.dim_succession as
            select s.organisation_id, s.follower_id, s.valid_from
            from {FactTables.Live.Succession} s cross join {Name}.known_at k where {Known("s")};

            create view {Name}.dim_membership as
            select {CodeKey("m.framework_id", "m.party")} as party_key, m.framework_id, m.organisation_id, m.party, m.joined_on, m.left_on
            from {FactTables.Live.Membership} m cross join {Name}.known_at k where {Known("m")};

            create view {Name}.dim_person with (security_barrier) as
            select {PersonKey("p.person_id")} as person_key, {PersonKey("coalesce(i.counted_as, p.person_id)")} as counted_as_key
            from {FactTables.Live.Person} p
            cross join {Name}.known_at k
            left join {FactTables.Live.PersonIdentity} i on i.person_id = p.person_id and {Known("i")}
            where {Known("p")}
            order by person_key, counted_as_key;

            create view {Name}.fact_meeting as
            select m.meeting_id, p.framework_id,
                   {CodeKey("p.framework_id", "p.level")} as level_key, p.level, p.edition, m.title,
                   least(m.first_day, {LastOfAllDays}) as first_day,
                   least({LastDay("m")}, {LastOfAllDays}) as last_day,
                   m.starts, m.ends,
                   case length(m.starts) when 4 then 'year' when 7 then 'month' else 'day' end as start_precision,
                   case length(m.ends) when 4 then 'year' when 7 then 'month' else 'day' end as end_precision,
                   coalesce(m.mode, 'not-stated') as mode, coalesce(m.country, 'not-stated') as country,
                   not exists (select from {FactTables.Live.AttendanceRecorded} a where a.meeting_id = m.meeting_id and {Known("a")})
                       and not exists (
                           select from {FactTables.Live.Delegation} d
                           where d.meeting_id = m.meeting_id and d.heads > 0 and {Known("d")}) as without_attendance
            from {FactTables.Live.Meeting} m
            cross join {Name}.known_at k
            join {FactTables.Live.Placement} p on p.meeting_id = m.meeting_id and {Known("p")}
            where m.held and not m.voided and {Known("m")};

            create view {Name}.bridge_meeting_area as
            select m.meeting_id, p.framework_id, {CodeKey("p.framework_id", "a.area")} as area_key, a.area
            from {FactTables.Live.Meeting} m
            cross join {Name}.known_at k
            join {FactTables.Live.Placement} p on p.meeting_id = m.meeting_id and {Known("p")}
            cross join lateral unnest(case when m.areas = '{Empty}' then array['not-stated'] else m.areas end) a(area)
            where m.held and not m.voided and {Known("m")};

            create view {Name}.bridge_meeting_host as
            select m.meeting_id, h.role, h.organisation_id
            from {FactTables.Live.Meeting} m
            cross join {Name}.known_at k
            cross join lateral (
                select 'host' as role, o.id as organisation_id
                from unnest(case when m.hosts = '{Empty}' then array[null::uuid] else m.hosts end) o(id)
                union all
                select 'co-host', o.id from unnest(case when m.co_hosts = '{Empty}' then array[null::uuid] else m.co_hosts end) o(id)
            ) h
            where m.held and not m.voided and {Known("m")};

            create view {Name}.fact_attendance with (security_barrier) as
            select {Placed}, person_key, organisation_id, party_key, party, role, counts
            from ({Attendances}) attendance
            order by person_key, meeting_id, framework_id, organisation_id, role;

            create view {Name}.fact_delegation as
            select {Placed}, organisation_id, party_key, party, heads, precision, counts from ({Delegations}) delegation;

            create view {Name}.fact_commitment as
            select c.commitment_id, c.framework_id, c.meeting_id, o.organisation_id,
                   {CodeKey("c.framework_id", "coalesce(c.area, 'not-stated')")} as area_key, coalesce(c.area, 'not-stated') as area,
                   least(coalesce({LastDay("m")}, c.recorded_on), {LastOfAllDays}) as made_on,
                   case when c.due_on > {LastOfAllDays} then {LastOfAllDays} else c.due_on end as due_on, c.status
            from {FactTables.Live.Commitment} c
            cross join {Name}.known_at k
            cross join lateral unnest(c.owners) o(organisation_id)
            left join {FactTables.Live.Meeting} m on m.meeting_id = c.meeting_id and {Known("m")}
            where {Known("c")};

            create view {Name}.dim_date as
            with joined as (
                select v.day from {Name}.fact_meeting m cross join lateral (values (m.first_day), (m.last_day)) v(day)
                union
                select v.day from {Name}.fact_commitment c cross join lateral (values (c.made_on), (c.due_on)) v(day)
                where v.day is not null
            ),
            span as (
                select make_date(extract(year from min(day))::int, 1, 1) as first,
                       make_date(extract(year from least(max(day), {Today}))::int, 12, 31) as last
                from joined
            ),
            later as (
                select distinct extract(year from j.day)::int as year from joined j cross join span s where j.day > s.last
            ),
            days as (
                select d.day::date as day
                from span s cross join lateral generate_series(s.first::timestamp, s.last::timestamp, interval '1 day') d(day)
                union
                select make_date(y.year, 1, 1) + n.day
                from later y cross join generate_series(0, 365) n(day) where make_date(y.year, 1, 1) + n.day <= make_date(y.year, 12, 31)
            )
            select d.day, extract(year from d.day)::int as year, extract(quarter from d.day)::int as quarter,
                   extract(month from d.day)::int as month,
                   to_char(d.day, 'YYYY-"Q"Q') as year_quarter, to_char(d.day, 'YYYY-MM') as year_month
            from days d;

            create view {Name}.fact_presence with (security_barrier) as
            with whoever as (
                select {Placed}, {Described}, false as without_attendance, party_key, party, organisation_id, role, person_key,
                    null::int as heads, null::text as precision
                from ({Attendances}) attendance where counts
                union all
                select {Placed}, {Described}, false, party_key, party, organisation_id, 'not-stated', null, heads, precision
                from ({Delegations}) delegation where counts
                union all
                select {Placed}, {Described}, without_attendance, null, 'not-stated', null, 'not-stated', null, null, null
                from {Name}.fact_meeting
            ),
            ranked as (
                select *, rank() over (partition by meeting_id, framework_id order by person_key is null and heads is null) as rank
                from whoever
            )
            select {Placed}, {Described}, without_attendance, party_key, party, organisation_id, role, person_key, heads, precision
            from ranked where rank = 1
            order by person_key, meeting_id, framework_id, organisation_id, role;

            {AnalyticsFigures.Sql}
            {AnalyticsComments.Sql}
            """;

    /// <summary>Columns of a meeting: which it is, and its days.</summary>
    private const string Placed = "meeting_id, framework_id, level_key, level, first_day, last_day";

    /// <summary>Columns of a meeting that only the view of who was present has too.</summary>
    private const string Described = "end_precision, mode, country";

    private const string OfMeeting =
        "m.meeting_id, m.framework_id, m.level_key, m.level, m.first_day, m.last_day, m.end_precision, m.mode, m.country";

    private static string CreateRole =>
        $"""
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

    /// <summary>
    /// A row for each person who attended, organisation and role, as they come to hand: nearly in the order of recording.
    /// </summary>
    private static string Attendances =>
        $"""
            select {OfMeeting},
                   {PersonKey("coalesce(i.counted_as, a.person_id)")} as person_key,
                   a.organisation_id, {CodeKey("m.framework_id", "s.party")} as party_key, s.party, a.role,
                   s.party is not null and a.role in ({Roles}) as counts
            from {Name}.fact_meeting m
            cross join {Name}.known_at k
            join {FactTables.Live.Attendance} a on a.meeting_id = m.meeting_id and {Known("a")}
            left join {FactTables.Live.PersonIdentity} i on i.person_id = a.person_id and {Known("i")}
            left join {FactTables.Live.Membership} s on s.framework_id = m.framework_id
                and s.organisation_id = a.organisation_id and {Known("s")}
                and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day)
            where i.person_id is null or not exists ({SameAsMerged})
            """;

    /// <summary>A row for each head count of an organisation.</summary>
    private static string Delegations =>
        $"""
            select {OfMeeting},
                   d.organisation_id, {CodeKey("m.framework_id", "s.party")} as party_key, s.party, d.heads, d.precision,
                   s.party is not null as counts
            from {Name}.fact_meeting m
            cross join {Name}.known_at k
            join {FactTables.Live.Delegation} d on d.meeting_id = m.meeting_id and d.heads > 0 and {Known("d")}
            left join {FactTables.Live.Membership} s on s.framework_id = m.framework_id
                and s.organisation_id = d.organisation_id and {Known("s")}
                and s.joined_on <= m.first_day and (s.left_on is null or s.left_on > m.first_day)
            """;

    private static string Roles => string.Join(", ", CountedFacts.RolesThatCount.Select(r => $"'{r}'"));

    /// <summary>Creates the views, and the role with its rights where that is allowed.</summary>
    /// <returns>Whether the role is there to read them.</returns>
    public static async Task<bool> Create(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // They are made again only where they are others than these, or were altered, so that no query is disturbed by a start.
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Views)));
        if (!await Holds($"obj_description(to_regnamespace('{Name}'), 'pg_namespace') like '%{version}{MadeAs}' || {Digest}"))
        {
            await Execute(
                $"""
                begin;
                {Views}
                do $comment$ begin
                    execute format('comment on schema {Name} is %L', 'Figures for BI tools. Pseudonymised personal data: '
                        'docs/analysts.md. Version {version}{MadeAs}' || {Digest});
                end $comment$;
                commit;
                """
            );
        }

        await Execute(CreateRole);
        if (!await Holds($"exists (select from pg_roles where rolname = '{Role}')"))
            return false;
        await Execute(Grants);
        return true;

        Task<bool> Holds(string condition) => connection.Scalar<bool>($"select {condition}", [], cancellation);

        Task Execute(string sql) => connection.Execute(sql, [], cancellation);
    }
}
