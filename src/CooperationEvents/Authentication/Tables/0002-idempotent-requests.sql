insert into recording.idempotent_request (key_digest, request_digest, made_id)
select asked_under, asked, id from access.api_key where asked_under is not null;
