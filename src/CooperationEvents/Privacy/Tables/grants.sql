grant usage on schema keys to cooperation_service;
grant select on keys.migration to cooperation_service;
grant select, insert, update (wrapped, generation, state, destroyed_at) on keys.person_key to cooperation_service;
grant select, insert, update (wrapped, generation, destroyed_at) on keys.field_salt to cooperation_service;
grant select, insert, update (wrapped, generation), delete on keys.service_key to cooperation_service;
grant select, insert, update (left_at) on keys.master_generation to cooperation_service;
grant select, insert, update (people, digests, reason, destroyed_at, signal, done_at, final_on)
    on keys.erasure to cooperation_service;
grant select, insert on keys.erased_digest to cooperation_service;
grant select, update on keys.signal to cooperation_service;
grant select, insert, update, delete on keys.node to cooperation_service;
