create schema if not exists recording;
create table if not exists recording.external_reference (
    digest bytea primary key,
    stream_id uuid not null
);
create index if not exists external_reference_stream on recording.external_reference (stream_id);

create table if not exists recording.remembered_answer (
    key_digest bytea primary key,
    body_digest bytea not null,
    status smallint not null,
    stream_id uuid not null,
    version bigint not null,
    part_id uuid,
    answered_at timestamptz not null
);
alter table recording.remembered_answer add column if not exists for_ever boolean not null default false;
drop index if exists recording.remembered_answer_answered_at;
create index if not exists remembered_answer_stream on recording.remembered_answer (stream_id);
create index if not exists remembered_answer_forgettable on recording.remembered_answer (answered_at) where not for_ever;

create table if not exists recording.likeness (
    stream_id uuid not null,
    digest bytea not null,
    kind text not null,
    why text,
    number bigint generated always as identity,
    primary key (stream_id, digest)
);
create index if not exists likeness_digest on recording.likeness (digest, number);
drop index if exists recording.likeness_kind;
create table if not exists recording.told_duplicate (
    stream_id uuid not null,
    other_id uuid not null,
    why text not null,
    number bigint not null,
    primary key (stream_id, other_id, why)
);
create index if not exists told_duplicate_other on recording.told_duplicate (other_id);

create table if not exists recording.likeness_noted (
    one boolean primary key default true check (one)
);

create table if not exists recording.rehearsed_event (
    rehearsal_id uuid not null,
    stream_id uuid not null,
    version bigint not null,
    kind text not null,
    event_id uuid not null,
    type text not null,
    causation text not null,
    data text not null,
    primary key (rehearsal_id, stream_id, version)
);
create table if not exists recording.rehearsed_reference (
    rehearsal_id uuid not null,
    digest bytea not null,
    stream_id uuid not null,
    primary key (rehearsal_id, digest)
);
create table if not exists recording.rehearsed_likeness (
    rehearsal_id uuid not null,
    digest bytea not null,
    stream_id uuid not null,
    gone boolean not null,
    number bigint generated always as identity,
    primary key (rehearsal_id, digest, stream_id)
);

create table if not exists recording.rule_turn (
    rule text not null,
    number bigint not null,
    primary key (rule, number)
);
