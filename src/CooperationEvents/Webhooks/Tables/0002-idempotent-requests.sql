insert into recording.idempotent_request (key_digest, request_digest, made_id)
select key_digest, request_digest, id from feed.subscription where key_digest is not null;
