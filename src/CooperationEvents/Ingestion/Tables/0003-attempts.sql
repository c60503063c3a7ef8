-- How often the import was begun since it last got further.
alter table ingestion.import add column attempts int not null default 0;
