grant usage on schema audit to cooperation_service, cooperation_replay;
grant select, insert on audit.access to cooperation_service;
grant execute on function audit.forget_access(timestamptz) to cooperation_service;
grant select, insert on audit.leaf, audit.node, audit.origin, audit.log_key, audit.checkpoint to cooperation_service;
grant select, update on audit.log_head to cooperation_service;
grant select, insert, delete on audit.late_event to cooperation_service;
grant select on audit.leaf, audit.node, audit.origin, audit.log_key, audit.checkpoint, audit.log_head, audit.late_event
    to cooperation_replay;
grant select, insert on audit.cosignature to cooperation_service;
grant select, insert, update on audit.replay to cooperation_service;
grant select, insert, delete on audit.replay_finding to cooperation_service;
