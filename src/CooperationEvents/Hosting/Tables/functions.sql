-- The history is never changed.
create or replace function register.refuse_change() returns trigger language plpgsql as $refuse$
begin
    raise exception '% of %.% is refused: the history is never changed', tg_op, tg_table_schema, tg_table_name
        using errcode = 'restrict_violation';
end $refuse$;

do $protect$
begin
    if not exists (select from pg_trigger where tgrelid = 'register.mt_events'::regclass
        and tgname = 'never_changed') then
        create trigger never_changed before update or delete or truncate on register.mt_events
            for each statement execute function register.refuse_change();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'register.mt_streams'::regclass
        and tgname = 'never_deleted') then
        create trigger never_deleted before delete or truncate on register.mt_streams
            for each statement execute function register.refuse_change();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'register.mt_streams'::regclass and tgname = 'only_grows') then
        create trigger only_grows before update on register.mt_streams for each row
            when (new.version < old.version
                or (new.id, new.type, new.created, new.tenant_id, new.compacted_version, new.is_archived)
                is distinct from (old.id, old.type, old.created, old.tenant_id, old.compacted_version, old.is_archived))
            execute function register.refuse_change();
    end if;
end $protect$;

-- Whatever is sent, an event is recorded at the start of its transaction, its stream is as old as its first event and as new as its last,
-- and no column says beside `type` what the event is. Streams that were made before the triggers are put right with them.
create index if not exists mt_events_recorded on register.mt_events
    using brin (timestamp) with (pages_per_range = 16);
create or replace function register.record_event() returns trigger language plpgsql as $record$
begin
    new.timestamp := transaction_timestamp();
    new.mt_dotnet_type := null;
    return new;
end $record$;

create or replace function register.record_stream() returns trigger language plpgsql as $record$
begin
    new.timestamp := transaction_timestamp();
    if tg_op = 'INSERT' then
        new.created := transaction_timestamp();
    end if;
    return new;
end $record$;

do $recorded$
begin
    if not exists (select from pg_trigger where tgrelid = 'register.mt_events'::regclass and tgname = 'recorded') then
        create trigger recorded before insert
            on register.mt_events for each row execute function register.record_event();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'register.mt_streams'::regclass and tgname = 'recorded') then
        alter table register.mt_streams disable trigger only_grows;
        update register.mt_streams s set created = e.first, timestamp = e.last
        from (
            select stream_id, min(timestamp) as first, (array_agg(timestamp order by version desc))[1] as last
                from register.mt_events group by stream_id
        ) e
        where e.stream_id = s.id and (s.created, s.timestamp) is distinct from (e.first, e.last);
        alter table register.mt_streams enable trigger only_grows;
        create trigger recorded before insert or update
            on register.mt_streams for each row execute function register.record_stream();
    end if;
end $recorded$;

-- Read models are compressed by lz4 where this PostgreSQL has it. A meeting with hundreds of people is large, and is stored anew with each
-- of them; PostgreSQL's own method takes several times as long.
do $compress$
declare
    large regclass;
begin
    for large in
        select attrelid from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace = 'views'::regnamespace and relkind = 'r' and attname = 'data' and attcompression <> 'l'
    loop
        execute format('alter table %s alter column data set compression lz4', large);
    end loop;
exception
    when feature_not_supported then null;
end $compress$;
