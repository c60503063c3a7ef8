create table feed.deleted_subscription (
    id uuid primary key,
    owner uuid not null,
    request_digest bytea not null,
    created_at timestamptz not null,
    deleted_at timestamptz not null default now(),
    url text,
    types text[],
    stream_types text[],
    from_position bigint not null,
    secret bytea
);
