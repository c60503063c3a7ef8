-- The roles of CooperationEvents, and what they may do with the database this is run in. Run by a superuser with psql, once
-- for each database; again it changes nothing but the passwords:
--
--   cat passwords.sql deploy/roles.sql | psql --no-psqlrc --dbname=register
-- where passwords.sql holds "\set schema_password …", and the same of service, rebuild and replay: not in the list of processes.
--
-- What a role may do with a table comes with the table: run `CooperationEvents database prepare` next (docs/operators.md).
-- The database is meant for the register alone. What another role has made of it so far becomes cooperation_schema's.

\set ON_ERROR_STOP on

begin;
set local client_min_messages = warning;

do $roles$
declare
    wanted text;
begin
    foreach wanted in array array[
        'cooperation_schema', 'cooperation_service', 'cooperation_rebuild', 'cooperation_replay', 'cooperation_analyst'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I', wanted);
        end if;
    end loop;
end $roles$;

-- Owns every schema and table, makes and changes them.
alter role cooperation_schema with login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'schema_password';
-- Serves: reads, and adds to the history and the log. Owns nothing.
alter role cooperation_service with login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls
    password :'service_password';
-- Empties the read models and makes them again from the history.
alter role cooperation_rebuild with login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls
    password :'rebuild_password';
-- Reads everything that can be recomputed, and recomputes it in schemas of its own.
alter role cooperation_replay with login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'replay_password';
-- Reads the schema `analytics`; given to the logins of people and of BI tools.
alter role cooperation_analyst with nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;

-- No schema that is named like a role comes before the system's own: cooperation_replay could make one.
alter role cooperation_schema set search_path = public;
alter role cooperation_service set search_path = public;
alter role cooperation_rebuild set search_path = public;

-- A position is settled once no transaction can still fill it, whoever's it is: the sessions of other roles must be seen.
grant pg_read_all_stats to cooperation_service, cooperation_rebuild;

revoke create on schema public from public;

do $database$
declare
    owners_statement text;
begin
    execute format('alter database %I owner to cooperation_schema', current_database());
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to cooperation_service, cooperation_rebuild, cooperation_replay, cooperation_analyst',
        current_database());
    execute format('grant create on database %I to cooperation_replay', current_database());

    for owners_statement in
        with ours as (
            select oid, nspname from pg_namespace
            where nspname in ('access', 'analytics', 'analytics_secret', 'audit', 'facts', 'feed', 'hosting', 'ingestion', 'jobs', 'keys',
                'recording', 'register', 'views')
        )
        select format('alter schema %I owner to cooperation_schema', nspname) from ours
        union all
        -- Indexes, and the sequences of columns, go with their table.
        select format('alter %s %s owner to cooperation_schema', case relkind when 'v' then 'view' else 'table' end, c.oid::regclass)
        from pg_class c join ours on ours.oid = relnamespace where relkind in ('r', 'p', 'v')
        union all
        select format('alter routine %s owner to cooperation_schema', p.oid::regprocedure)
        from pg_proc p join ours on ours.oid = pronamespace
    loop
        execute owners_statement;
    end loop;
end $database$;

commit;
