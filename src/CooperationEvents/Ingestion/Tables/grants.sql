grant usage on schema ingestion to cooperation_service;
grant select, insert, update, delete on ingestion.import to cooperation_service;
grant select, insert, delete on ingestion.import_piece, ingestion.import_refusal to cooperation_service;
grant select, insert, delete, update (sequence, last_modified, stamp, own, cancelled, missing_in, first_day, last_day)
    on ingestion.calendar_entry
    to cooperation_service;
grant select, insert, delete, update (sequence, last_modified, stamp, cancelled)
    on ingestion.calendar_uid
    to cooperation_service;
grant select, insert, update, delete on ingestion.calendar_called_off to cooperation_service;
