grant usage on schema recording to cooperation_service;
grant select, insert on recording.settled_position to cooperation_service;
