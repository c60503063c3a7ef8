create schema if not exists recording;
create table if not exists recording.settled_position (
    position bigint primary key,
    noted_at timestamptz not null
);
create index if not exists settled_position_noted_at on recording.settled_position (noted_at);
