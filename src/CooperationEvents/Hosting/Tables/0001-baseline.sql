create schema if not exists hosting;
create table if not exists hosting.mark (environment text primary key);
create table if not exists hosting.prepared (
    fingerprint text primary key,
    at timestamptz not null default clock_timestamp()
);

create table if not exists hosting.rebuild (
    one boolean primary key default true check (one),
    up_to bigint not null
);

create schema if not exists access;
create table if not exists access.quota (
    day date not null,
    principal_id uuid not null,
    events bigint not null,
    primary key (day, principal_id)
);
