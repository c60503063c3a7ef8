create schema if not exists analytics_secret;
create table if not exists analytics_secret.person_key (one boolean primary key default true check (one), value bytea not null);
insert into analytics_secret.person_key (value) values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
    on conflict do nothing;
