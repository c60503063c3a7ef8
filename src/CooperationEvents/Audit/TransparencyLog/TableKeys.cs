using Marten;
using Weasel.Postgresql.Tables;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// The keys of the tables of history, log and read models, and of what is kept beside them. While a key is there, no row can stand twice.
/// Somebody who may change the schema can drop one.
/// </summary>
internal static class TableKeys
{
    public const string What = "keys of tables that are missing, or that the database does not enforce";

    /// <summary>The primary key first, whose columns always have a value.</summary>
    private static readonly (string Table, string[] Keys)[] OfRooms =
    [
        ("audit.access", ["id"]),
        ("audit.checkpoint", ["origin, size"]),
        ("audit.cosignature", ["origin, size, witness"]),
        ("audit.late_event", ["seq"]),
        ("audit.leaf", ["index", "seq", "event_id"]),
        ("audit.log_head", ["one"]),
        ("audit.log_key", ["origin, first_size"]),
        ("audit.node", ["level, index"]),
        ("audit.origin", ["number", "origin"]),
        ("audit.replay", ["id", "number", "actor, idempotency_key"]),
        ("audit.replay_finding", ["replay_id, number"]),
        ("keys.erased_digest", ["digest"]),
        ("keys.erasure", ["number", "person_id"]),
        ("keys.field_salt", ["person_id, class, number"]),
        ("keys.master_generation", ["generation"]),
        ("keys.migration", ["name"]),
        ("keys.node", ["id"]),
        ("keys.person_key", ["person_id"]),
        ("keys.service_key", ["name"]),
        ("keys.signal", ["single"]),
        ("recording.external_reference", ["digest"]),
        ("recording.idempotent_request", ["key_digest"]),
        ("recording.likeness", ["stream_id, digest"]),
        ("recording.likeness_folded", ["one"]),
        ("recording.likeness_noted", ["one"]),
        ("recording.likeness_of_moments", ["one"]),
        ("recording.rehearsed_event", ["rehearsal_id, stream_id, version"]),
        ("recording.rehearsed_likeness", ["rehearsal_id, digest, stream_id"]),
        ("recording.rehearsed_reference", ["rehearsal_id, digest"]),
        ("recording.remembered_answer", ["key_digest"]),
        ("recording.rule_turn", ["rule, number"]),
        ("recording.settled_position", ["position"]),
        ("recording.told_duplicate", ["stream_id, other_id, why"]),
    ];

    /// <summary>
    /// A query for the keys that are not there, not valid, or of a part of the rows. A table that is not in this database is passed over:
    /// the keys of people may lie in another.
    /// </summary>
    public static string Missing(IDocumentStore store) =>
        $"""
            with expected (relation, columns, is_primary) as (values {string.Join(", ", Expected(store))}),
            found as (
                select i.indrelid, (
                    select string_agg(a.attname, ', ' order by k.place) from unnest(i.indkey::int2[]) with ordinality k (number, place)
                    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.place <= i.indnkeyatts
                ) as columns, (
                    select bool_and(a.attnotnull) from pg_attribute a
                    where a.attrelid = i.indrelid and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                ) as has_values
                from pg_index i
                where i.indisunique and i.indisvalid and i.indisready and i.indislive and i.indpred is null and i.indexprs is null
            )
            select e.relation || ' (' || e.columns || ')' || case when c.relkind <> 'r' then ': it is no table of this database' else '' end
            from expected e join pg_class c on c.relkind in ('r', 'v', 'm', 'f', 'p')
            join pg_namespace n on n.oid = c.relnamespace and n.nspname || '.' || c.relname = e.relation
            where c.relkind <> 'r' or not exists (
                select from found f where f.indrelid = c.oid and f.columns = e.columns and (f.has_values or not e.is_primary))
            """;

    private static IEnumerable<string> Expected(IDocumentStore store) =>
        OfRooms
            .Concat(store.Storage.AllObjects().OfType<Table>().Select(OfMarten))
            .SelectMany(t => t.Keys.Select((columns, place) => $"('{t.Table}', '{columns}', {(place == 0 ? "true" : "false")})"));

    private static (string Table, string[] Keys) OfMarten(Table table) =>
        (
            $"{table.Identifier.Schema}.{table.Identifier.Name}",
            [
                string.Join(", ", table.PrimaryKeyColumns),
                .. table.Indexes.Where(i => i is { IsUnique: true, Predicate: null }).Select(i => string.Join(", ", i.Columns ?? [])),
            ]
        );
}
