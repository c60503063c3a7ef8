-- The service closes rows and adds others; only who rebuilds the facts empties their tables.
grant usage on schema facts to cooperation_service, cooperation_rebuild, cooperation_replay;
grant select on all tables in schema facts to cooperation_service, cooperation_rebuild, cooperation_replay;
grant insert on all tables in schema facts to cooperation_service, cooperation_rebuild;
grant truncate on all tables in schema facts to cooperation_rebuild;
do $close$
declare
    fact regclass;
begin
    for fact in select oid from pg_class where relnamespace = 'facts'::regnamespace and relkind = 'r' loop
        execute format('grant update (known_to) on %s to cooperation_service, cooperation_rebuild', fact);
    end loop;
end $close$;
