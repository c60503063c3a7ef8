-- METHOD of a calendar, as the media type of its file says it.
alter table ingestion.import add column if not exists declared_method text;
