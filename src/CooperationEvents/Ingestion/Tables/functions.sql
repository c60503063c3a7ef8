create or replace function ingestion.advance(
    of_import uuid, in_state text, at_row bigint, more_rows bigint, more_accepted bigint, more_unchanged bigint,
        more_refused bigint,
    more_skipped bigint, more_events bigint, more_notes jsonb, remarked_ordinals bigint[], remarks_sealed bytea[]) returns void
        language plpgsql as $$
begin
    update ingestion.import set
        rows = rows + more_rows, accepted = accepted + more_accepted, unchanged = unchanged + more_unchanged,
        refused = refused + more_refused, skipped = skipped + more_skipped, events = events + more_events,
        -- What is appended stays; what is decided is decided again by the next run.
        attempts = case when in_state = 'appending' then 0 else attempts end,
        notes = (
            select coalesce(jsonb_object_agg(kind, total), '{}')
            from (select key as kind, sum(value::bigint) as total
                  from (select * from jsonb_each_text(notes) union all select * from jsonb_each_text(more_notes)) as counted
                      group by key) as counts)
    where id = of_import and state = in_state and rows = at_row;
    if not found then
        raise exception 'The import is no longer where this run of it was.' using errcode = 'CE001';
    end if;
    insert into ingestion.import_refusal select of_import, * from unnest(remarked_ordinals, remarks_sealed);
end $$;
