using System.Globalization;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// What is wrong, in words, how many events, leaves or streams it concerns, and which: each of them up to <see cref="Completeness.Named"/>.
/// </summary>
public sealed record CompletenessFault(string What, long Count, IReadOnlyList<string> Which)
{
    /// <summary>The first few of them.</summary>
    public string First => string.Join(", ", Which.Take(5));
}

/// <summary>Something that is looked at: a query whose rows say what is wrong with it.</summary>
/// <param name="OfKeysToo">Whether the database of the keys is asked too, where they have one of their own.</param>
public sealed record CompletenessCheck(string What, string Sql, bool OfKeysToo = false);

/// <summary>
/// Checks whether the log has everything: each committed event has a leaf and each leaf an event, and no column outside the entries says
/// anything of its own. It reads the whole history, on a schedule.
/// </summary>
/// <param name="keys">The database of the keys, where they have one of their own.</param>
/// <param name="others">What other rooms have looked at too.</param>
public sealed class Completeness(NpgsqlDataSource database, NpgsqlDataSource? keys = null, params IEnumerable<CompletenessCheck> others)
{
    /// <summary>How many of a kind are named; all are counted.</summary>
    public const int Named = 1_000;

    /// <summary>
    /// The triggers that keep history, log and keys as they were recorded, where one is missing, switched off or another. How PostgreSQL
    /// writes a trigger is compared without blanks and brackets. A table that is not in this database is passed over: those of the keys
    /// may lie in another.
    /// </summary>
    internal const string MissingGuards = """
        select g.relation || '.' || g.name
        from (values
            ('register.mt_events', 'never_changed', 'before delete or update or truncate', 'statement', '', 'register.refuse_change'),
            ('register.mt_events', 'recorded', 'before insert', 'row', '', 'register.record_event'),
            ('register.mt_events', 'late_event_noted', 'after insert', 'row', 'new.type::text = ''tombstone''::text',
                'audit.note_late_event'),
            ('register.mt_streams', 'never_deleted', 'before delete or truncate', 'statement', '', 'register.refuse_change'),
            ('register.mt_streams', 'only_grows', 'before update', 'row', 'new.version < old.version or new.id is distinct from old.id '
                'or new.type::text is distinct from old.type::text or new.created is distinct from old.created '
                'or new.tenant_id::text is distinct from old.tenant_id::text or new.compacted_version is distinct from '
                'old.compacted_version or new.is_archived is distinct from old.is_archived', 'register.refuse_change'),
            ('register.mt_streams', 'recorded', 'before insert or update', 'row', '', 'register.record_stream')
            union all
            select 'audit.' || log, 'never_changed', 'before delete or update or truncate', 'statement', '', 'register.refuse_change'
            from unnest(array['leaf', 'node', 'checkpoint', 'origin', 'log_key', 'cosignature']) log
            union all
            select 'keys.' || protecting, trigger.*
            from unnest(array['person_key', 'field_salt']) protecting cross join lateral (values
                ('destroyed_stays', 'before delete or update', 'row', case protecting
                    when 'person_key' then 'old.state = ''destroyed''::text' else 'old.wrapped is null' end, 'keys.refuse_return'),
                ('wrapped_stays', 'before update', 'row', 'new.wrapped is distinct from old.wrapped and new.wrapped is not null and '
                    'new.generation <= old.generation', 'keys.refuse_exchange')
            ) trigger
        ) g (relation, name, fires, each, condition, function)
        where exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname || '.' || c.relname = g.relation)
        and not exists (
            select from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname || '.' || c.relname = g.relation and t.tgname = g.name and t.tgenabled in ('O', 'A')
            and lower(regexp_replace(pg_get_triggerdef(t.oid), '[\s()]', '', 'g')) = regexp_replace('create trigger ' || g.name || g.fires
                || ' on ' || g.relation || ' for each ' || g.each || case g.condition when '' then '' else ' when ' || g.condition end
                || ' execute function ' || g.function, '[\s()]', '', 'g'))
        """;

    /// <summary>
    /// What answers otherwise than the rows of a table say, or records otherwise than was sent: the service has triggers with its own
    /// functions, no rules, no row security, no tables that are part of others, and one function that acts with the rights of its owner
    /// and that its roles may call; those of extensions are left out.
    /// Beside it what a crash would empty, and a sequence by which a position could come behind others.
    /// </summary>
    private const string Foreign = $"""
        with thing as (
            select c.oid, n.nspname || '.' || c.relname as relation, n.nspname, c.relkind, c.relpersistence, c.relrowsecurity
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspowner in (select nspowner from pg_namespace where nspname in ('register', 'keys')) and n.nspname !~ '^(pg|replay)_'
                and n.nspname not in ('information_schema', 'public')
        )
        select 'trigger ' || relation || '.' || t.tgname from thing join pg_trigger t on t.tgrelid = thing.oid
        join pg_proc f on f.oid = t.tgfoid join pg_namespace n on n.oid = f.pronamespace
        where not t.tgisinternal and n.nspname || '.' || f.proname not in (
            'register.refuse_change', 'register.record_event', 'register.record_stream', 'audit.note_late_event', 'keys.refuse_return',
            'keys.refuse_exchange')
            and not exists (select from ({MissingGuards}) missing (guard) where missing.guard = relation || '.' || t.tgname)
        union all
        select 'rule ' || relation || '.' || r.rulename from thing join pg_rewrite r on r.ev_class = thing.oid where r.rulename <> '_RETURN'
        union all
        select 'row security ' || relation from thing where relrowsecurity
        union all
        select 'child ' || n.nspname || '.' || c.relname || ' of ' || pn.nspname || '.' || p.relname from pg_inherits i
        join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
        where c.relkind in ('r', 'f', 'p') and exists (select from thing where oid in (i.inhparent, i.inhrelid))
        union all
        select 'unlogged ' || relation from thing where relkind = 'r' and relpersistence <> 'p'
        union all
        select 'constraint ' || relation || '.' || k.conname from thing join pg_constraint k on k.conrelid = thing.oid
        where k.contype = 'c' and nspname in ('register', 'views', 'facts')
        union all
        select 'column ' || relation || '.' || a.attname from thing join pg_attribute a on a.attrelid = thing.oid
        where relation in ('register.mt_events', 'register.mt_streams') and a.attnum > 0 and not a.attisdropped
            and a.attname <> all (case relation
                when 'register.mt_streams' then array['id', 'type', 'version', 'timestamp', 'created', 'tenant_id', 'compacted_version',
                    'is_archived']
                else array['seq_id', 'id', 'stream_id', 'version', 'data', 'bdata', 'type', 'timestamp', 'tenant_id', 'mt_dotnet_type',
                    'correlation_id', 'causation_id', 'headers', 'user_name', 'is_archived'] end)
        union all
        select 'sequence ' || relation from thing join pg_sequence s on s.seqrelid = thing.oid
        where relation = 'register.mt_events_sequence'
            and (s.seqcycle or s.seqincrement <> 1 or s.seqcache <> 1 or s.seqmax <> 9223372036854775807)
        union all
        select 'function ' || p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where p.prosecdef and exists (
                select from pg_roles r where (r.rolname = current_user or r.rolname in ('cooperation_service', 'cooperation_rebuild',
                    'cooperation_replay', 'cooperation_analyst')) and has_function_privilege(r.oid, p.oid, 'execute'))
            and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
            and n.nspname !~ '^pg_' and n.nspname || '.' || p.proname <> 'audit.forget_access'
            and (p.proowner in (select nspowner from pg_namespace where nspname in ('register', 'keys'))
                or exists (select from pg_roles r where r.oid = p.proowner and r.rolsuper))
        union all
        select 'foreign key register.mt_events (stream_id)' from thing where relation = 'register.mt_events' and not exists (
            select from pg_constraint k where k.conrelid = thing.oid and k.contype = 'f' and k.confdeltype = 'a' and k.convalidated)
        """;

    /// <summary>Rows of the log that a key of their table would keep from standing twice.</summary>
    private static readonly string TwiceInLog = Twice(
        ("audit.leaf", "index"),
        ("audit.leaf", "seq"),
        ("audit.node", "level, index"),
        ("audit.checkpoint", "origin, size"),
        ("audit.origin", "number"),
        ("audit.log_key", "origin, first_size"),
        ("audit.log_head", "one")
    );

    private static readonly CompletenessCheck[] Checks =
    [
        new(
            "events without a leaf",
            """
            select e.seq_id::text from register.mt_events e left join audit.leaf l on l.seq = e.seq_id
            where l.seq is null and e.seq_id <= (select max(without_gap) from audit.log_head)
                and not exists (select from audit.late_event n where n.seq = e.seq_id)
            """
        ),
        new(
            "leaves without their event",
            """
            select l.index || ' (id ' || l.event_id || ')' from audit.leaf l
            left join register.mt_events e on e.seq_id = l.seq and e.id = l.event_id where e.seq_id is null
            """
        ),
        new(
            "missing leaves",
            "select place::text from audit.log_head h, generate_series(0, h.size - 1) place left join audit.leaf l on l.index = place "
                + "where l.index is null"
        ),
        new("leaves beyond the head", "select l.index::text from audit.leaf l, audit.log_head h where l.index >= h.size"),
        new(
            "places of the head of the log that were never given out",
            $"""
            select h.place || ' ' || h.value
            from audit.log_head, lateral (values ('seq', seq), ('without_gap', without_gap)) h (place, value)
            where h.value > {PositionsGivenOut.Newest}
            """
        ),
        new("events at positions that were never given out", PositionsGivenOut.Beyond),
        new(
            "origins of the log that do not follow each other",
            $"""
            select origin from (select origin, number, row_number() over (order by number) as place from {LogTables.Origin}) o
            where number <> place
            """
        ),
        new(
            "read models whose progress is not one of this history",
            $"""
            select name from register.mt_event_progression where last_seq_id > (select last_value from register.mt_events_sequence)
                or name !~ '^HighWater(Mark|AllocationFence|DetectionSkip|StuckGap)$|:All$'
            union all
            select name from (values ('HighWaterMark'), ('{ReadModel.Shard}')) kept (name)
            where exists (select from recording.settled_position) and not exists (select from hosting.rebuild)
                and not exists (select from register.mt_event_progression p where p.name = kept.name)
            """
        ),
        new(
            "events with columns that say what no entry shows",
            $"select e.seq_id || ' (' || {UnloggedColumns.FaultsOfEvent} || ')' from register.mt_events e where "
                + $"{UnloggedColumns.FaultsOfEvent} is not null"
        ),
        new(
            "streams with a row that says what no event does",
            $"select id || ' (' || what || ')' from ({UnloggedColumns.FaultsOfStreams}) s where what <> ''"
        ),
        new("guards of the history that are missing, switched off or altered", MissingGuards, OfKeysToo: true),
        new("triggers, rules, policies, settings and functions that the service did not make", Foreign, OfKeysToo: true),
        new("rows of the history that stand twice", Twice(("register.mt_events", "seq_id"), ("register.mt_event_progression", "name"))),
    ];

    /// <summary>Everything that is wrong in one snapshot of the database, and in one of that of the keys.</summary>
    public async Task<IReadOnlyList<CompletenessFault>> Check(CancellationToken cancellation)
    {
        var checks = Checks.Concat(others).ToList();
        var faults = await Found(database, checks, CheckTree, cancellation);
        return keys is null
            ? faults
            :
            [
                .. faults,
                .. from fault in await Found(keys, checks.Where(check => check.OfKeysToo), null, cancellation)
                select fault with
                {
                    What = $"database of the keys: {fault.What}",
                },
            ];
    }

    private static async Task<IReadOnlyList<CompletenessFault>> Found(
        NpgsqlDataSource database,
        IEnumerable<CompletenessCheck> checks,
        Func<NpgsqlConnection, CancellationToken, Task<IReadOnlyList<CompletenessFault>>>? more,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var faults = new List<CompletenessFault>();
        foreach (var (what, sql, _) in checks)
        {
            await using var command = new NpgsqlCommand(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"with found (one) as ({sql}) select count(*), (select coalesce(array_agg(one), '{{}}') from (select one from found "
                        + $"limit {Named}) few) from found"
                ),
                connection
            )
            {
                CommandTimeout = 0,
            };
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            if (row.GetInt64(0) is > 0 and var count)
                faults.Add(new CompletenessFault(what, count, row.GetFieldValue<string[]>(1)));
        }

        return more is null ? faults : [.. faults, .. await more(connection, cancellation)];
    }

    /// <summary>
    /// Whether the leaves make the root of every checkpoint of the log there is, and the roots of its full tiles, and no row stands twice.
    /// </summary>
    public static async Task<IReadOnlyList<CompletenessFault>> CheckTree(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (roots, nodes) = (new Dictionary<long, Digest>(), new Dictionary<(int Level, long Index), Digest>());
        var (wrongRoots, wrongNodes, twice) = (new List<string>(), new List<string>(), new List<string>());
        await Read(TwiceInLog, row => twice.Add(row.GetString(0)));
        await Read(
            $"select size, root from {LogTables.Checkpoint} where origin = (select origin from {LogTables.Origin} order by number desc "
                + $"limit 1)",
            row =>
            {
                if (IsOther(roots, row.GetInt64(0), Hash(row, 1)))
                    wrongRoots.Add($"size {row.GetInt64(0)}");
            }
        );
        await Read($"select level, index, hash from {LogTables.Node}", row =>
        {
            if (IsOther(nodes, (row.GetInt16(0), row.GetInt64(1)), Hash(row, 2)))
                wrongNodes.Add($"level {row.GetInt16(0)}, index {row.GetInt64(1)}");
        });
        var range = new CompactRange();
        var tiles = new TileBuilder(
            (tile, hashes) =>
            {
                if (!nodes.Remove((tile.Level + 1, tile.Index), out var node) || node != MerkleTree.RootOfFull(hashes.Span))
                    wrongNodes.Add($"level {tile.Level + 1}, index {tile.Index}");
            }
        );
        Compare();
        await Read($"select hash from {LogTables.Leaf} order by index", row =>
        {
            range.Append(Hash(row, 0));
            tiles.Append(Hash(row, 0));
            Compare();
        });
        wrongRoots.AddRange(roots.Keys.Select(size => $"size {size}"));
        wrongNodes.AddRange(nodes.Keys.Select(n => $"level {n.Level}, index {n.Index}"));
        return
        [
            .. Fault("checkpoints whose root the leaves do not make", wrongRoots),
            .. Fault("roots of tiles that the leaves do not make", wrongNodes),
            .. Fault("rows of the log that stand twice", twice),
        ];

        // A second row of one key: what it says counts only where it says something else.
        static bool IsOther<TKey>(Dictionary<TKey, Digest> hashes, TKey key, Digest hash)
            where TKey : notnull => !hashes.TryAdd(key, hash) && hashes[key] != hash;

        static IEnumerable<CompletenessFault> Fault(string what, List<string> which) =>
            which.Count == 0 ? [] : [new CompletenessFault(what, which.Count, [.. which.Take(Named)])];

        void Compare()
        {
            if (roots.Remove(range.Size, out var root) && root != range.Root)
                wrongRoots.Add($"size {range.Size}");
        }

        async Task Read(string sql, Action<NpgsqlDataReader> take)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
                take(rows);
        }

        static Digest Hash(NpgsqlDataReader row, int column) => new(row.GetFieldValue<byte[]>(column));
    }

    private static string Twice(params (string Table, string Key)[] keys) =>
        string.Join(
            " union all ",
            keys.Select(k => $"select concat_ws(' ', '{k.Table}', {k.Key}) from {k.Table} group by {k.Key} having count(*) > 1")
        );
}

/// <summary>What the last check on a schedule found, on the node that answers; one is made where there was none yet.</summary>
public sealed record CompletenessAnswer(DateTimeOffset CheckedAt, ValueList<CompletenessFault> Faults);
