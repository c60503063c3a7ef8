grant usage on schema recording to cooperation_service;
grant select, insert, delete on recording.external_reference to cooperation_service;
grant select, insert, update (body_digest), delete on recording.remembered_answer to cooperation_service;
grant select, insert, delete on recording.idempotent_request to cooperation_service;
grant select, insert, delete on recording.likeness, recording.told_duplicate to cooperation_service;
grant select, insert on recording.likeness_noted, recording.likeness_folded, recording.likeness_of_moments to cooperation_service;
grant select, insert, delete on recording.rehearsed_event, recording.rehearsed_reference, recording.rehearsed_likeness
    to cooperation_service;
grant select, insert on recording.rule_turn to cooperation_service;
