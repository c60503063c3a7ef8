using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace CooperationEvents.Hosting;

/// <summary>
/// The tables of the history and the read models, as Marten has them, and what keeps the history as it is: triggers that
/// refuse every change and give each event the database's time, and a foreign key that does not delete events with their stream.
/// </summary>
internal static class HistorySchema
{
    /// <summary>The service adds to the history and moves the read models on; who rebuilds those writes nothing else.</summary>
    internal const string Grants = $"""
        grant usage on schema {EventStore.Schema}, {ReadModel.Schema} to cooperation_service, cooperation_rebuild, cooperation_replay;
        grant select on all tables in schema {EventStore.Schema}, {ReadModel.Schema} to cooperation_service, cooperation_rebuild,
            cooperation_replay;
        grant select on sequence {EventStore.Schema}.mt_events_sequence to cooperation_service, cooperation_rebuild, cooperation_replay;
        grant usage on sequence {EventStore.Schema}.mt_events_sequence to cooperation_service;
        grant insert on {EventStore.Schema}.mt_events, {EventStore.Schema}.mt_streams to cooperation_service;
        grant update (version, timestamp) on {EventStore.Schema}.mt_streams to cooperation_service;
        grant insert, update on {EventStore.Schema}.mt_event_progression to cooperation_service, cooperation_rebuild;
        grant insert on {EventStore.Schema}.mt_high_water_skips to cooperation_service, cooperation_rebuild;
        grant insert, update on all tables in schema {ReadModel.Schema} to cooperation_service, cooperation_rebuild;
        grant delete on {EventStore.Schema}.mt_event_progression to cooperation_rebuild;
        grant truncate on all tables in schema {ReadModel.Schema} to cooperation_rebuild;
        """;

    /// <summary>
    /// Whatever is sent, an event is recorded at the start of its transaction, its stream is as old as its first event and as new as its
    /// last, and no column says beside <c>type</c> what the event is. Streams of earlier versions are put right when the triggers are made.
    /// </summary>
    private const string RecordedTime = $"""
        create index if not exists {EventStore.RecordedIndex} on {EventStore.Schema}.mt_events
            using brin (timestamp) with (pages_per_range = 16);
        create or replace function {EventStore.Schema}.record_event() returns trigger language plpgsql as $record$
        begin
            new.timestamp := transaction_timestamp();
            new.mt_dotnet_type := null;
            return new;
        end $record$;

        create or replace function {EventStore.Schema}.record_stream() returns trigger language plpgsql as $record$
        begin
            new.timestamp := transaction_timestamp();
            if tg_op = 'INSERT' then
                new.created := transaction_timestamp();
            end if;
            return new;
        end $record$;

        do $recorded$
        begin
            if not exists (select from pg_trigger where tgrelid = '{EventStore.Schema}.mt_events'::regclass and tgname = 'recorded') then
                create trigger recorded before insert
                    on {EventStore.Schema}.mt_events for each row execute function {EventStore.Schema}.record_event();
            end if;
            if not exists (select from pg_trigger where tgrelid = '{EventStore.Schema}.mt_streams'::regclass and tgname = 'recorded') then
                alter table {EventStore.Schema}.mt_streams disable trigger only_grows;
                update {EventStore.Schema}.mt_streams s set created = e.first, timestamp = e.last
                from (
                    select stream_id, min(timestamp) as first, (array_agg(timestamp order by version desc))[1] as last
                        from {EventStore.Schema}.mt_events group by stream_id
                ) e
                where e.stream_id = s.id and (s.created, s.timestamp) is distinct from (e.first, e.last);
                alter table {EventStore.Schema}.mt_streams enable trigger only_grows;
                create trigger recorded before insert or update
                    on {EventStore.Schema}.mt_streams for each row execute function {EventStore.Schema}.record_stream();
            end if;
        end $recorded$;
        """;

    private const string Protection = $"""
        create or replace function {EventStore.Schema}.refuse_change() returns trigger language plpgsql as $refuse$
        begin
            raise exception '% of %.% is refused: the history is never changed', tg_op, tg_table_schema, tg_table_name
                using errcode = 'restrict_violation';
        end $refuse$;

        do $protect$
        declare guard record;
        begin
            if not exists (select from pg_trigger where tgrelid = '{EventStore.Schema}.mt_events'::regclass
                and tgname = 'never_changed') then
                create trigger never_changed before update or delete or truncate on {EventStore.Schema}.mt_events
                    for each statement execute function {EventStore.Schema}.refuse_change();
            end if;
            if not exists (select from pg_trigger where tgrelid = '{EventStore.Schema}.mt_streams'::regclass
                and tgname = 'never_deleted') then
                create trigger never_deleted before delete or truncate on {EventStore.Schema}.mt_streams
                    for each statement execute function {EventStore.Schema}.refuse_change();
            end if;
            if not exists (select from pg_trigger where tgrelid = '{EventStore.Schema}.mt_streams'::regclass and tgname = 'only_grows') then
                create trigger only_grows before update on {EventStore.Schema}.mt_streams for each row
                    when (new.version < old.version
                        or (new.id, new.type, new.created, new.tenant_id, new.compacted_version, new.is_archived)
                        is distinct from (old.id, old.type, old.created, old.tenant_id, old.compacted_version, old.is_archived))
                    execute function {EventStore.Schema}.refuse_change();
            end if;
            for guard in select tgrelid::regclass as relation, tgname as name from pg_trigger
                where tgrelid in ('{EventStore.Schema}.mt_events'::regclass, '{EventStore.Schema}.mt_streams'::regclass)
                    and not tgisinternal and tgenabled not in ('O', 'A')
            loop
                raise warning 'the guard % of % was switched off, and is switched on again', guard.name, guard.relation;
                execute format('alter table %s enable trigger %I', guard.relation, guard.name);
            end loop;
        end $protect$;
        """;

    /// <summary>
    /// Read models are compressed by lz4 where this PostgreSQL has it. A meeting with hundreds of people is large, and is stored anew with
    /// each of them; PostgreSQL's own method takes several times as long.
    /// </summary>
    private const string Compression = $"""
        do $compress$
        declare
            large regclass;
        begin
            for large in
                select attrelid from pg_attribute join pg_class on pg_class.oid = attrelid
                where relnamespace = '{ReadModel.Schema}'::regnamespace and relkind = 'r' and attname = 'data' and attcompression <> 'l'
            loop
                execute format('alter table %s alter column data set compression lz4', large);
            end loop;
        exception
            when feature_not_supported then null;
        end $compress$;
        """;

    /// <summary>The SQL that makes the tables as they are configured.</summary>
    public static string Text(IDocumentStore store) =>
        Migration.Text(store.Storage.Database.Migrator, Objects(store)) + Protection + RecordedTime + Compression;

    /// <summary>Creates or changes what differs from the configuration. Nothing else in the service changes the schema.</summary>
    public static async Task Apply(IDocumentStore store, NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            await Migration.Apply(store.Storage.Database.Migrator, Objects(store), connection, cancellation);
        }
        catch (Exception e) when (e is SchemaMigrationException or PostgresException { SqlState: PostgresErrorCodes.NotNullViolation })
        {
            throw new DatabaseRefusedException(
                $"A table is of an earlier version and cannot be given what it lacks: {e.Message}. Where it is one of the read models "
                    + $"(facts, views), stop every node and run 'CooperationEvents database prepare --drop-read-models', then 'database "
                    + $"rebuild'."
            );
        }

        await using var protection = new NpgsqlCommand(Protection + RecordedTime + Compression, connection);
        await protection.ExecuteNonQueryAsync(cancellation);
    }

    private static ISchemaObject[] Objects(IDocumentStore store)
    {
        ISchemaObject[] objects = [.. store.Storage.AllObjects()];
        foreach (var key in objects.OfType<Table>().Single(t => t.Identifier.Name == "mt_events").ForeignKeys)
            key.DeleteAction = CascadeAction.NoAction;
        return objects;
    }
}
