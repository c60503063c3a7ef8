-- The role of the database that holds the keys of people and nothing else. Run by a superuser with psql, in that database;
-- again it changes nothing but the password:
--
--   cat passwords.sql deploy/key-roles.sql | psql --no-psqlrc --dbname=register_keys
-- where passwords.sql holds "\set keys_password …": not in the list of processes.
--
-- The tables come with `CooperationEvents database prepare` (docs/operators.md).

\set ON_ERROR_STOP on

begin;
set local client_min_messages = warning;

do $role$
begin
    if not exists (select from pg_roles where rolname = 'cooperation_keys') then
        create role cooperation_keys;
    end if;
end $role$;

alter role cooperation_keys with login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'keys_password';
alter role cooperation_keys set search_path = public;

revoke create on schema public from public;

do $database$
begin
    execute format('alter database %I owner to cooperation_keys', current_database());
    execute format('revoke all on database %I from public', current_database());
end $database$;

commit;
