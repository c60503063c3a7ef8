create schema if not exists access;
create table if not exists access.principal (
    number bigint generated always as identity unique,
    id uuid primary key,
    sealed_name bytea,
    subject bytea unique,
    scopes text[] not null default '{}',
    seen_at timestamptz,
    created_at timestamptz not null default now(),
    ended_at timestamptz
);

create table if not exists access.api_key (
    hash bytea primary key,
    principal_id uuid not null,
    scopes text[] not null,
    expires_at timestamptz
);
alter table access.api_key
    add column if not exists number bigint generated always as identity unique,
    add column if not exists id uuid not null default gen_random_uuid() unique,
    add column if not exists framework uuid,
    add column if not exists made_at timestamptz not null default now(),
    add column if not exists made_by uuid,
    add column if not exists revoked_at timestamptz,
    add column if not exists last_used_at timestamptz,
    add column if not exists development_role text,
    add column if not exists sources text[] not null default '{}',
    add column if not exists asked_under bytea unique,
    add column if not exists asked bytea;
create index if not exists api_key_principal on access.api_key (principal_id);
insert into access.principal (id) select distinct principal_id from access.api_key on conflict do nothing;

create table if not exists access.session (
    hash bytea primary key,
    principal_id uuid not null,
    scopes text[] not null,
    expires_at timestamptz not null
);
create index if not exists session_end on access.session (expires_at);

create table if not exists access.cookie_key (
    number bigint generated always as identity primary key,
    element text not null
);

create table if not exists access.security_event (
    number bigint generated always as identity unique,
    minute timestamptz not null,
    kind text not null,
    address text not null,
    principal_id uuid not null,
    detail text not null,
    count bigint not null,
    primary key (minute, kind, address, principal_id, detail)
);
