grant usage on schema access to cooperation_service;
grant select, insert, update (sealed_name, subject, scopes, seen_at, ended_at) on access.principal to cooperation_service;
-- Nodes of the version before write asked_under and asked.
grant select, insert, update (scopes, expires_at, first_end, revoked_at, last_used_at, development_role, asked_under, asked)
    on access.api_key to cooperation_service;
grant select, insert, delete on access.session to cooperation_service;
grant select, insert on access.cookie_key to cooperation_service;
grant select, insert, update (count), delete on access.security_event to cooperation_service;
