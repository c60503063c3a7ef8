-- Who may do what is what the rooms say, and nothing that was granted beside them or by another version.
do $revoke$
declare
    ours text;
    roles constant text := 'cooperation_service, cooperation_rebuild, cooperation_replay';
begin
    for ours in
        select quote_ident(nspname) from pg_namespace
        where nspowner = (select nspowner from pg_namespace where nspname = 'register') and nspname !~ '^pg_'
            and nspname not in ('information_schema', 'public')
    loop
        execute format('revoke all on schema %s from %s', ours, roles);
        execute format('revoke all on all tables in schema %s from %s', ours, roles);
        execute format('revoke all on all sequences in schema %s from %s', ours, roles);
    end loop;
end $revoke$;

grant usage on schema hosting to cooperation_service, cooperation_rebuild, cooperation_replay;
grant select on hosting.mark, hosting.prepared, hosting.migration to cooperation_service, cooperation_rebuild, cooperation_replay;
grant select, insert, delete on hosting.rebuild to cooperation_rebuild;
grant select on hosting.rebuild to cooperation_service;
grant select, update on hosting.read_models to cooperation_service;
grant select, insert, update on hosting.read_models to cooperation_rebuild;
grant usage on schema access to cooperation_service;
grant select, insert, update (events), delete on access.quota to cooperation_service;

-- The service adds to the history and moves the read models on; who rebuilds those writes nothing else.
grant usage on schema register, views to cooperation_service, cooperation_rebuild, cooperation_replay;
grant select on all tables in schema register, views to cooperation_service, cooperation_rebuild, cooperation_replay;
grant select on sequence register.mt_events_sequence to cooperation_service, cooperation_rebuild, cooperation_replay;
grant usage on sequence register.mt_events_sequence to cooperation_service;
grant insert on register.mt_events, register.mt_streams to cooperation_service;
grant update (version, timestamp) on register.mt_streams to cooperation_service;
grant insert, update on register.mt_event_progression to cooperation_service, cooperation_rebuild;
grant insert on register.mt_high_water_skips to cooperation_service, cooperation_rebuild;
grant insert, update on all tables in schema views to cooperation_service, cooperation_rebuild;
grant delete on register.mt_event_progression to cooperation_rebuild;
grant truncate on all tables in schema views to cooperation_rebuild;

grant usage on schema jobs to cooperation_service;
grant select, insert, update, delete on all tables in schema jobs to cooperation_service;
grant usage on all sequences in schema jobs to cooperation_service;
