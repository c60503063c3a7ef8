create schema if not exists ingestion;
create table if not exists ingestion.import (
    id uuid primary key,
    number bigint generated always as identity,
    state text not null,
    format text not null,
    mode text not null,
    dry_run boolean not null,
    encoding text not null,
    mapping bytea,
    actor uuid not null,
    scopes text[] not null,
    on_behalf_of uuid,
    source text,
    correlation text not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    bytes bigint not null default 0,
    rows bigint not null default 0,
    accepted bigint not null default 0,
    unchanged bigint not null default 0,
    refused bigint not null default 0,
    skipped bigint not null default 0,
    events bigint not null default 0,
    sealed_reason bytea
);
alter table ingestion.import
    drop column if exists reason,
    add column if not exists sealed_reason bytea,
    add column if not exists notes jsonb not null default '{}',
    add column if not exists encoding_basis text not null default 'content',
    add column if not exists position bigint;
create index if not exists import_open on ingestion.import (number) where finished_at is null;
create table if not exists ingestion.import_piece (
    import_id uuid not null,
    number int not null,
    sealed bytea not null,
    primary key (import_id, number)
);
create table if not exists ingestion.import_refusal (
    import_id uuid not null,
    ordinal bigint not null,
    sealed bytea not null,
    primary key (import_id, ordinal)
);

create table if not exists ingestion.calendar_entry (
    system text not null,
    entry_id text not null,
    uid text not null,
    sequence int not null,
    last_modified timestamptz,
    primary key (system, entry_id)
);
alter table ingestion.calendar_entry
    add column if not exists stamp timestamptz,
    add column if not exists own boolean not null default false,
    add column if not exists cancelled boolean not null default false,
    add column if not exists missing_in uuid,
    add column if not exists first_day date,
    add column if not exists last_day date;
create index if not exists calendar_entry_uid on ingestion.calendar_entry (system, md5(uid));
create table if not exists ingestion.calendar_uid (
    system text not null,
    uid_id text not null,
    sequence int not null,
    last_modified timestamptz,
    stamp timestamptz,
    cancelled boolean not null,
    primary key (system, uid_id)
);
create table if not exists ingestion.calendar_called_off (
    system text not null,
    entry_id text not null,
    address bytea not null,
    sequence int not null,
    last_modified timestamptz,
    stamp timestamptz,
    kept_at timestamptz not null,
    primary key (system, entry_id, address)
);
