namespace CooperationEvents.Statistics.Analytics;

/// <summary>The function <c>figures</c> of the schema, which counts as the API does.</summary>
internal static class AnalyticsFigures
{
    private const string Name = AnalyticsSchema.Name;
    private const string Today = AnalyticsSchema.Today;

    /// <summary>
    /// Makes the function. It puts the setting <c>analytics.known_at</c> back, so that a connection of a pool is as it was.
    /// </summary>
    public static string Sql =>
        $"""
            create function {Name}.figures(by text default 'total', framework uuid default null, as_of date default {Today},
                from_day date default null, known_at bigint default null)
            returns table (framework_id uuid, cell text, meetings_held bigint, meetings_without_attendance bigint, attendances bigint,
                unnamed bigint, known bigint, at_least bigint, at_most bigint)
            language plpgsql as $figures$
            declare
                dimensions text[] := string_to_array(by, ',');
                before text := current_setting('analytics.known_at', true);
                asked bigint := coalesce(known_at, nullif(before, '')::bigint);
                listed text;
                cells text[] := array[]::text[];
                joins text := '';
                framed boolean := false;
                dimension text;
            begin
                if coalesce(by, '') = '' then
                    raise exception 'by names none; it is total, or names one or two dimensions' using errcode = 'invalid_parameter_value';
                elsif cardinality(dimensions) > 2 then
                    raise exception 'by names one or two dimensions, not %', by using errcode = 'invalid_parameter_value';
                elsif dimensions[1] = dimensions[2] then
                    raise exception 'by names % twice', dimensions[1] using errcode = 'invalid_parameter_value';
                elsif cardinality(dimensions) = 2 and 'total' = any(dimensions) then
                    raise exception 'total stands alone in by, not with a dimension' using errcode = 'invalid_parameter_value';
                elsif as_of is null or from_day > as_of then
                    raise exception 'as_of must be a day, and no earlier than from_day' using errcode = 'invalid_parameter_value';
                end if;
                foreach dimension in array dimensions loop
                    framed := framed or dimension in ('framework', 'level', 'party');
                    cells := cells || case dimension
                        when 'total' then $cell$'total'$cell$
                        when 'framework' then 'p.framework_id::text'
                        when 'level' then 'p.level'
                        when 'party' then 'p.party'
                        when 'organisation' then $cell$coalesce(p.organisation_id::text, 'not-stated')$cell$
                        when 'area' then 'area.area'
                        when 'host' then $cell$coalesce(host.organisation_id::text, 'not-stated')$cell$
                        when 'co-host' then $cell$coalesce(co_host.organisation_id::text, 'not-stated')$cell$
                        when 'country' then 'p.country'
                        when 'mode' then 'p.mode'
                        when 'role' then 'p.role'
                        when 'year' then $cell$to_char(p.last_day, 'YYYY')$cell$
                        when 'quarter' then
                            $cell$case when p.end_precision = 'year' then 'unplaced' else to_char(p.last_day, 'YYYY-"Q"Q') end$cell$
                        when 'month' then
                            $cell$case when p.end_precision = 'year' then 'unplaced' else to_char(p.last_day, 'YYYY-MM') end$cell$
                    end;
                    if cells[cardinality(cells)] is null then
                        raise exception
                            'there is no dimension %; there are total, framework, level, party, organisation, area, host, co-host, %',
                            dimension, 'country, mode, role, year, quarter and month'
                            using errcode = 'invalid_parameter_value';
                    end if;
                    -- `offset 0` keeps the planner from making a join of it, which could be a loop over all rows.
                    joins := joins || case dimension
                        when 'area' then $join$
                            cross join lateral (
                                select a.area from {Name}.bridge_meeting_area a
                                where a.meeting_id = p.meeting_id and a.framework_id = p.framework_id offset 0) area$join$
                        when 'host' then $join$
                            cross join lateral (
                                select h.organisation_id from {Name}.bridge_meeting_host h
                                where h.meeting_id = p.meeting_id and h.role = 'host' offset 0) host$join$
                        when 'co-host' then $join$
                            cross join lateral (
                                select h.organisation_id from {Name}.bridge_meeting_host h
                                where h.meeting_id = p.meeting_id and h.role = 'co-host' offset 0) co_host$join$
                        else ''
                    end;
                end loop;
                perform set_config('analytics.known_at', coalesce(asked::text, ''), true);
                perform k.position from {Name}.known_at k;
                if framework is not null and not exists (select from {Name}.dim_framework f where f.framework_id = framework) then
                    raise exception 'there is no framework % at position %', framework, (select k.position from {Name}.known_at k)
                        using errcode = 'invalid_parameter_value';
                end if;
                -- The cells that are there also where nothing counts.
                listed := case by
                    when 'total' then $cell$select $1, 'total'$cell$
                    when 'framework' then 'select f.framework_id, f.framework_id::text from {Name}.dim_framework f'
                    when 'level' then 'select l.framework_id, l.level from {Name}.dim_level l'
                    when 'party' then 'select p.framework_id, p.party from {Name}.dim_party p'
                    else 'select null::uuid, null::text where false'
                end;
                return query execute format($query$
                    with listed(framed, cell) as (%4$s), presence as (
                        select distinct %1$s as framed, concat_ws(' ', %2$s) as cell, p.meeting_id, p.without_attendance, p.person_key,
                               case when p.heads is not null then p.organisation_id end as delegation, p.heads, p.precision
                        from {Name}.fact_presence p%3$s
                        where ($1 is null or p.framework_id = $1) and p.last_day <= $2 and ($3 is null or p.last_day >= $3)
                    ), totals as (
                        -- A row for each meeting of a cell, and one without a meeting for the cell.
                        select framed, cell, meeting_id, bool_or(without_attendance) as without_attendance,
                               count(distinct person_key) as persons, coalesce(sum(heads), 0) as heads,
                               coalesce(sum(heads) filter (where precision <> 'estimated'), 0) as firm,
                               bool_or(without_attendance) or coalesce(bool_or(precision <> 'exact'), false) as open
                        from presence group by grouping sets ((framed, cell, meeting_id), (framed, cell))
                    ), counted as (
                        select framed, cell, count(meeting_id) as meetings,
                               count(*) filter (where meeting_id is not null and without_attendance) as without,
                               coalesce(sum(persons) filter (where meeting_id is not null), 0)::bigint as pairs,
                               max(heads) filter (where meeting_id is null) as heads,
                               max(persons) filter (where meeting_id is null) as persons,
                               max(case when meeting_id is null then persons else persons + firm end)::bigint as fewest,
                               case when not bool_or(open) then max(persons + heads) filter (where meeting_id is null) end::bigint as most
                        from totals group by framed, cell
                    )
                    select c.framed, c.cell, c.meetings, c.without, c.pairs, c.heads, c.persons, c.fewest, c.most from counted c
                    union all
                    select l.framed, l.cell, 0, 0, 0, 0, 0, 0, 0 from listed l
                    where ($1 is null or l.framed = $1)
                        and not exists (select from counted c where c.framed is not distinct from l.framed and c.cell = l.cell)
                    $query$, case when framed then 'p.framework_id' else '$1' end, array_to_string(cells, ', '), joins, listed)
                        using framework, as_of, from_day;
                perform set_config('analytics.known_at', coalesce(before, ''), true);
            end $figures$;
            """;
}
