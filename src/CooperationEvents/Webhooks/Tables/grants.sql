grant usage on schema feed to cooperation_service;
grant select, insert, update, delete on feed.subscription to cooperation_service;
grant select, insert, update, delete on feed.delivery to cooperation_service;
grant select, insert, update (url, types, stream_types, secret) on feed.deleted_subscription to cooperation_service;
