create or replace function audit.forget_access(before timestamptz) returns bigint language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $forget$
declare
    forgotten bigint;
begin
    if before > now() - interval '30 days' then
        raise exception 'The access journal is kept for 30 days at least' using errcode = 'restrict_violation';
    end if;
    delete from audit.access where at < before and (at at time zone 'UTC')::date <=
        (select max((data ->> 'day')::date) from register.mt_events where type = 'audit_access_sealed');
    get diagnostics forgotten = row_count;
    return forgotten;
end $forget$;
revoke execute on function audit.forget_access(timestamptz) from public;

create or replace function audit.note_late_event() returns trigger language plpgsql as $note$
begin
    insert into audit.late_event (seq) values (new.seq_id);
    return null;
end $note$;

do $noted$
begin
    if not exists (select from pg_trigger where tgrelid = 'register.mt_events'::regclass and tgname = 'late_event_noted') then
        create trigger late_event_noted after insert on register.mt_events for each row
            when (new.type = 'tombstone') execute function audit.note_late_event();
    end if;
end $noted$;

-- What the log has promised is never changed.
do $protect$
declare
    promised regclass;
begin
    foreach promised in array
        array['audit.leaf', 'audit.node', 'audit.checkpoint', 'audit.origin', 'audit.log_key', 'audit.cosignature']::regclass[]
    loop
        if not exists (select from pg_trigger where tgrelid = promised and tgname = 'never_changed') then
            execute format(
                'create trigger never_changed before update or delete or truncate on %s for each statement '
                    'execute function register.refuse_change()',
                promised
            );
        end if;
    end loop;
end $protect$;
