create schema if not exists keys;
create table if not exists keys.person_key (
    person_id uuid primary key,
    wrapped bytea,
    made_at timestamptz not null default now()
);
alter table keys.person_key alter column wrapped drop not null,
    add column if not exists generation int not null default 1,
    add column if not exists state text not null default 'active',
    add column if not exists destroyed_at timestamptz;
create index if not exists person_key_destroyed on keys.person_key (person_id) where state = 'destroyed';
create table if not exists keys.field_salt (
    person_id uuid not null,
    class text not null,
    number int not null,
    wrapped bytea,
    generation int not null default 1,
    made_at timestamptz not null default now(),
    destroyed_at timestamptz,
    primary key (person_id, class, number),
    constraint destroyed_is_gone check ((wrapped is null) = (destroyed_at is not null))
);
create table if not exists keys.service_key (
    name text primary key,
    wrapped bytea not null,
    made_at timestamptz not null default now()
);
alter table keys.service_key add column if not exists generation int not null default 1;
create table if not exists keys.master_generation (
    generation int primary key,
    known bytea not null,
    made_at timestamptz not null default now(),
    left_at timestamptz
);
create table if not exists keys.erasure (
    number bigint generated always as identity primary key,
    person_id uuid not null unique,
    people uuid[] not null,
    digests bytea[] not null,
    reason bytea,
    actor uuid not null,
    correlation text not null,
    asked_at timestamptz not null,
    destroyed_at timestamptz,
    signal bigint,
    done_at timestamptz,
    final_on date not null
);
create table if not exists keys.erased_digest (digest bytea primary key);
create table if not exists keys.signal (single boolean primary key default true check (single), number bigint not null default 0);
insert into keys.signal (number) values (0) on conflict do nothing;
create table if not exists keys.node (
    id uuid primary key,
    seen_at timestamptz not null default now(),
    heard bigint not null
);
do $keys$
begin
    if not exists (select from pg_constraint where conrelid = 'keys.person_key'::regclass and conname = 'destroyed_is_gone') then
        alter table keys.person_key add constraint destroyed_is_gone
            check ((state = 'destroyed') = (wrapped is null) and (state = 'destroyed') = (destroyed_at is not null));
    end if;
end $keys$;
