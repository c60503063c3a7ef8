-- What a preparation granted, so that another version that prepared since is seen by what it took back.
alter table hosting.prepared add column if not exists rights text[] not null default '{}';

-- The form that the read models were made in, from the first event on; no row where that was before this table.
create table if not exists hosting.read_models (
    one boolean primary key default true check (one),
    form integer not null
);
