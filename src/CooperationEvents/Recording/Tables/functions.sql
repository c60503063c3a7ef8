create or replace function recording.check_unchanged(unchanged bigint, expected bigint) returns void language plpgsql as $$
begin
    if unchanged <> expected then
        raise exception 'Another transaction changed one of the streams.' using errcode = 'serialization_failure';
    end if;
end $$;
