-- How often the replay was begun since it last got further.
alter table audit.replay add column attempts int not null default 0;
