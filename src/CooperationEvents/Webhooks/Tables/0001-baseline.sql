create schema if not exists feed;
create table if not exists feed.subscription (
    number bigint generated always as identity unique,
    id uuid primary key,
    owner uuid not null,
    url text not null,
    types text[],
    stream_types text[],
    from_position bigint not null,
    secret bytea not null,
    request_digest bytea not null,
    key_digest bytea unique,
    created_at timestamptz not null,
    read_up_to bigint not null,
    last_delivered_at timestamptz,
    failing_since timestamptz,
    last_error text,
    last_error_at timestamptz,
    resumes_at timestamptz,
    disabled_at timestamptz
);
create index if not exists subscription_owner on feed.subscription (owner, number);

create table if not exists feed.delivery (
    subscription_id uuid not null references feed.subscription on delete cascade,
    position bigint not null,
    stream_id uuid not null,
    attempts int not null default 0,
    due_at timestamptz not null,
    last_error text,
    given_up_at timestamptz,
    primary key (subscription_id, position)
);
create index if not exists delivery_pending on feed.delivery (subscription_id, stream_id, position) where given_up_at is null;
