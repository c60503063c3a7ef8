create or replace function keys.refuse_return() returns trigger language plpgsql as $refuse$
begin
    raise exception 'The key of % is destroyed, and stays so', old.person_id using errcode = 'restrict_violation';
end $refuse$;

create or replace function keys.refuse_exchange() returns trigger language plpgsql as $refuse$
begin
    raise exception 'The key of % is exchanged for none but itself under a newer generation', old.person_id
        using errcode = 'restrict_violation';
end $refuse$;

do $keys$
begin
    if not exists (select from pg_trigger where tgrelid = 'keys.person_key'::regclass and tgname = 'destroyed_stays') then
        create trigger destroyed_stays before update or delete on keys.person_key
            for each row when (old.state = 'destroyed') execute function keys.refuse_return();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'keys.person_key'::regclass and tgname = 'wrapped_stays') then
        create trigger wrapped_stays before update on keys.person_key
            for each row when (new.wrapped is distinct from old.wrapped and new.wrapped is not null
                and new.generation <= old.generation)
            execute function keys.refuse_exchange();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'keys.field_salt'::regclass and tgname = 'destroyed_stays') then
        create trigger destroyed_stays before update or delete on keys.field_salt
            for each row when (old.wrapped is null) execute function keys.refuse_return();
    end if;
    if not exists (select from pg_trigger where tgrelid = 'keys.field_salt'::regclass and tgname = 'wrapped_stays') then
        create trigger wrapped_stays before update on keys.field_salt
            for each row when (new.wrapped is distinct from old.wrapped and new.wrapped is not null
                and new.generation <= old.generation)
            execute function keys.refuse_exchange();
    end if;
end $keys$;
