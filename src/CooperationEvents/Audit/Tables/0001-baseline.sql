create schema if not exists audit;
create table if not exists audit.access (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    reader uuid not null,
    request text not null,
    purpose text
);
create index if not exists access_at on audit.access (at);

create table if not exists audit.leaf (
    index bigint primary key check (index >= 0),
    seq bigint not null unique,
    event_id uuid not null unique,
    hash bytea not null check (length(hash) = 32)
);
create table if not exists audit.node (
    level smallint not null check (level > 0),
    index bigint not null,
    hash bytea not null check (length(hash) = 32),
    primary key (level, index)
);
create table if not exists audit.origin (
    number int primary key,
    origin text not null unique,
    first_size bigint not null
);
create table if not exists audit.log_key (
    origin text not null,
    first_size bigint not null,
    key text not null,
    primary key (origin, first_size)
);
create table if not exists audit.checkpoint (
    origin text not null,
    size bigint not null,
    root bytea not null check (length(root) = 32),
    note text not null,
    signed_at timestamptz not null default clock_timestamp(),
    primary key (origin, size)
);
create table if not exists audit.log_head (
    one boolean primary key default true check (one),
    epoch bigint not null,
    size bigint not null,
    seq bigint not null,
    without_gap bigint not null,
    published bigint not null
);
create table if not exists audit.late_event (seq bigint primary key);
insert into audit.log_head (epoch, size, seq, without_gap, published) values (0, 0, 0, 0, -1) on conflict do nothing;

-- A cosignature is a line of the note of its checkpoint, as the witness gave it.
create table if not exists audit.cosignature (
    origin text not null,
    size bigint not null,
    witness text not null,
    line text not null,
    primary key (origin, size, witness)
);

create table if not exists audit.replay (
    id uuid primary key,
    number bigint generated always as identity unique,
    state text not null,
    position bigint not null,
    asked bigint,
    actor uuid not null,
    idempotency_key text,
    requested_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    reason text,
    replayed bigint not null default 0,
    events bigint,
    per_second bigint not null default 0,
    checked_to bigint not null default 0,
    compared_from bigint,
    compared_to bigint,
    differences bigint not null default 0,
    damaged_events bigint not null default 0,
    tables jsonb not null default '[]',
    unique (actor, idempotency_key)
);
create unique index if not exists replay_one_at_a_time on audit.replay ((true)) where finished_at is null;
create table if not exists audit.replay_finding (
    replay_id uuid not null references audit.replay (id) on delete cascade,
    number bigint generated always as identity,
    seq bigint,
    finding jsonb not null,
    primary key (replay_id, number)
);
