create table recording.idempotent_request (
    key_digest bytea primary key,
    request_digest bytea not null,
    made_id uuid not null
);
create index idempotent_request_made on recording.idempotent_request (made_id);
