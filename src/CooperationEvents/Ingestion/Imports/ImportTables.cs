namespace CooperationEvents.Ingestion.Imports;

/// <summary>The tables of imports: what is known of each, the pieces of its file, and what its report says of rows.</summary>
internal static class ImportTables
{
    /// <summary>What <c>ingestion.advance</c> raises where another run has come further, or the import was cancelled.</summary>
    public const string MovedOn = "CE001";

    public const string Schema = """
        create schema if not exists ingestion;
        create table if not exists ingestion.import (
            id uuid primary key,
            number bigint generated always as identity,
            state text not null,
            format text not null,
            mode text not null,
            dry_run boolean not null,
            encoding text not null,
            mapping bytea,
            actor uuid not null,
            scopes text[] not null,
            on_behalf_of uuid,
            source text,
            correlation text not null,
            created_at timestamptz not null,
            finished_at timestamptz,
            bytes bigint not null default 0,
            rows bigint not null default 0,
            accepted bigint not null default 0,
            unchanged bigint not null default 0,
            refused bigint not null default 0,
            skipped bigint not null default 0,
            events bigint not null default 0,
            sealed_reason bytea
        );
        alter table ingestion.import
            drop column if exists reason, add column if not exists sealed_reason bytea,
                add column if not exists notes jsonb not null default '{}',
            add column if not exists encoding_basis text not null default 'content', add column if not exists position bigint;
        create index if not exists import_open on ingestion.import (number) where finished_at is null;
        create table if not exists ingestion.import_piece (
            import_id uuid not null,
            number int not null,
            sealed bytea not null,
            primary key (import_id, number)
        );
        create table if not exists ingestion.import_refusal (
            import_id uuid not null,
            ordinal bigint not null,
            sealed bytea not null,
            primary key (import_id, ordinal)
        );
        create or replace function ingestion.advance(
            of_import uuid, in_state text, at_row bigint, more_rows bigint, more_accepted bigint, more_unchanged bigint,
                more_refused bigint,
            more_skipped bigint, more_events bigint, more_notes jsonb, remarked_ordinals bigint[], remarks_sealed bytea[]) returns void
                language plpgsql as $$
        begin
            update ingestion.import set
                rows = rows + more_rows, accepted = accepted + more_accepted, unchanged = unchanged + more_unchanged,
                refused = refused + more_refused, skipped = skipped + more_skipped, events = events + more_events,
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
        """;

    public const string Grants = """
        grant usage on schema ingestion to cooperation_service;
        grant select, insert, update, delete on ingestion.import to cooperation_service;
        grant select, insert, delete on ingestion.import_piece, ingestion.import_refusal to cooperation_service;
        """;
}
