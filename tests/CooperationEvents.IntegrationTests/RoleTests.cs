using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Storage;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>A database in which something was recorded, and which no service uses: what is tried there puts none off its work.</summary>
public sealed class RestingRegister : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(Database);
        await Cooperation.Organisation(host, "DG HOME");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

/// <summary>What each role of <c>deploy/roles.sql</c> can and cannot do in a database, found out by trying.</summary>
public sealed class RoleTests(RestingRegister register) : IClassFixture<RestingRegister>
{
    private const string Event =
        "(seq_id, id, stream_id, version, data, type) select seq_id + 1000000, gen_random_uuid(), stream_id, version + 1000, data, type "
        + "from register.mt_events limit 1";

    /// <summary>What nobody may do whose role the service, or a command of it, has.</summary>
    private static readonly string[] Nobody =
    [
        "update register.mt_events set data = '{}'",
        "update register.mt_events set headers = null where false",
        "delete from register.mt_events",
        "truncate register.mt_events",
        "truncate register.mt_streams cascade",
        "delete from register.mt_streams",
        "update register.mt_streams set id = gen_random_uuid()",
        "update register.mt_streams set type = 'other'",
        "update register.mt_streams set created = now()",
        "update register.mt_streams set is_archived = true",
        "update register.mt_streams set tenant_id = 'other'",
        "select register.mt_archive_stream((select id from register.mt_streams limit 1))",
        "update audit.leaf set hash = sha256('other')",
        "delete from audit.leaf",
        "truncate audit.leaf",
        "delete from audit.node",
        "update audit.checkpoint set note = ''",
        "delete from audit.checkpoint",
        "update audit.origin set origin = 'other'",
        "delete from audit.log_key",
        "delete from audit.log_head",
        "insert into audit.log_head (epoch, size, seq, without_gap, published) values (0, 0, 0, 0, -1)",
        "update audit.access set request = ''",
        "delete from audit.access",
        "update recording.settled_position set noted_at = now()",
        "delete from recording.settled_position",
        "insert into keys.person_key (person_id, wrapped) values (gen_random_uuid(), 'key'); update keys.person_key set wrapped = ''",
        "update hosting.mark set environment = 'production'",
        "insert into hosting.prepared (fingerprint) values ('any')",
        "insert into hosting.migration (name, digest) values ('any', 'any')",
        "delete from facts.attendance",
        "update facts.attendance set role = 'observer'",
        "delete from views.mt_doc_meetingview",
        "drop trigger never_changed on register.mt_events",
        "drop trigger only_grows on register.mt_streams",
        "drop trigger never_changed on audit.leaf",
        "alter table register.mt_events disable trigger all",
        "alter table register.mt_events disable trigger never_changed",
        "alter table audit.leaf disable trigger user",
        "alter table register.mt_events add column other text",
        "alter table register.mt_events drop constraint fkey_mt_events_stream_id",
        "alter table register.mt_events owner to current_user",
        "create trigger other before insert on register.mt_events for each row execute function register.refuse_change()",
        "create rule other as on insert to register.mt_events do instead nothing",
        "create index other on register.mt_events (type)",
        "drop table register.mt_events cascade",
        "drop schema register cascade",
        "truncate jobs.wolverine_incoming_envelopes",
        "drop table jobs.wolverine_incoming_envelopes",
        "alter schema register rename to other",
        "select setval('register.mt_events_sequence', 1)",
        "alter sequence register.mt_events_sequence restart",
        "create or replace function register.refuse_change() returns trigger language plpgsql as 'begin return new; end'",
        "drop function register.refuse_change() cascade",
        "alter function register.refuse_change() rename to other",
        "create table register.other (id int)",
        "create table audit.other (id int)",
        "create table views.other (id int)",
        "create table jobs.other (id int)",
        "create table public.other (id int)",
        "create function public.other() returns int language sql as 'select 1'",
        "create view facts.other as select 1",
        "create temporary table other (id int)",
        "set session_replication_role = 'replica'",
        "set role cooperation_schema",
        "alter role current_user superuser",
        "alter role cooperation_schema password 'mine'",
        "create role other",
        "select pg_read_file('/etc/hostname')",
        "copy register.mt_events to program 'cat'",
        "copy register.mt_events to '/tmp/other'",
    ];

    /// <summary>What only the service may.</summary>
    private static readonly string[] Serving =
    [
        $"insert into register.mt_events {Event}",
        "insert into register.mt_streams (id, type, version) values (gen_random_uuid(), 'meeting', 1)",
        "update register.mt_streams set version = version + 1",
        "select nextval('register.mt_events_sequence')",
        "insert into audit.leaf (index, seq, event_id, hash) values (1000000, 1000000, gen_random_uuid(), sha256('any'))",
        "update audit.log_head set size = size + 1",
        "insert into audit.access (reader, request) values (gen_random_uuid(), 'any')",
        "insert into recording.settled_position (position, noted_at) values (1000000, now())",
        "select from audit.access",
        "select from keys.person_key",
        "select from keys.service_key",
        "select from access.api_key",
        "select from recording.remembered_answer",
        "select from recording.external_reference",
        "select from feed.subscription",
        "select from ingestion.import",
        "delete from jobs.wolverine_dead_letters",
        "insert into jobs.wolverine_node_records (node_number, event_name) values (1, 'any')",
    ];

    private static readonly string[] Rebuilding =
    [
        "truncate facts.attendance",
        "truncate views.mt_doc_meetingview",
        "delete from register.mt_event_progression",
        "delete from hosting.rebuild",
    ];

    /// <summary>What service and rebuild may.</summary>
    private static readonly string[] Projecting =
    [
        "insert into facts.person (person_id, known_from) values (gen_random_uuid(), 1000000)",
        "update facts.attendance set known_to = 1000000 where false",
        "update views.mt_doc_meetingview set mt_last_modified = now()",
        "insert into register.mt_event_progression (name, last_seq_id) values ('other', 1)",
        "update register.mt_event_progression set last_seq_id = 0",
        "insert into register.mt_high_water_skips (ending_sequence, starting_sequence) values (2, 1)",
    ];

    /// <summary>What whoever computes the read models reads.</summary>
    private static readonly string[] Reading =
    [
        "select from register.mt_events",
        "select from register.mt_streams",
        "select last_value from register.mt_events_sequence",
        "select from views.mt_doc_meetingview",
        "select from facts.attendance",
        "select environment from hosting.mark",
    ];

    private static readonly string[] ReadingTheLog =
    [
        "select from audit.leaf",
        "select from audit.node",
        "select from audit.checkpoint",
        "select from audit.origin",
        "select from audit.log_key",
        "select from audit.log_head",
    ];

    private static readonly string[] OfItsOwn =
    [
        "create schema other; create table other.events as table register.mt_events; drop schema other cascade",
    ];

    private static readonly Dictionary<string, (string[] May, string[] MayNot)> Rights = new()
    {
        ["register"] = ([.. Serving, .. Projecting, .. Reading, .. ReadingTheLog], [.. Nobody, .. Rebuilding, .. OfItsOwn]),
        ["rebuild"] = ([.. Rebuilding, .. Projecting, .. Reading], [.. Nobody, .. Serving, .. ReadingTheLog, .. OfItsOwn]),
        ["replay"] = ([.. Reading, .. ReadingTheLog, .. OfItsOwn], [.. Nobody, .. Serving, .. Rebuilding, .. Projecting]),
        ["analyst"] = (
            ["select from analytics.fact_meeting"],
            [.. Nobody, .. Serving, .. Rebuilding, .. Projecting, .. Reading, .. ReadingTheLog, .. OfItsOwn]
        ),
    };

    public static TheoryData<string> Roles => [.. Rights.Keys];

    [Theory, MemberData(nameof(Roles))]
    public async Task A_role_may_do_what_it_is_for_and_nothing_else(string role)
    {
        await using var source = NpgsqlDataSource.Create(
            role == "analyst" ? register.Database.ConnectionString : register.Database.ConnectionStrings[role]
        );
        foreach (var sql in Rights[role].May)
            (await Try(source, role, sql)).ShouldBeNull(sql);
        foreach (var sql in Rights[role].MayNot)
            (await Try(source, role, sql)).ShouldBeOneOf(
                [PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.RestrictViolation],
                sql
            );
    }

    [Fact]
    public async Task The_role_that_owns_everything_cannot_change_the_history_by_mistake_either_and_is_no_superuser()
    {
        await using var owner = NpgsqlDataSource.Create(register.Database.ConnectionStrings["schema"]);

        (await Try(owner, "schema", "alter table views.mt_doc_meetingview add column other text")).ShouldBeNull();
        (
            await Try(owner, "schema", "select setval('register.mt_events_sequence', (select last_value from register.mt_events_sequence))")
        ).ShouldBeNull();
        foreach (var sql in new[] { "update register.mt_events set data = '{}'", "delete from register.mt_streams", "truncate audit.leaf" })
            (await Try(owner, "schema", sql)).ShouldBe(PostgresErrorCodes.RestrictViolation, sql);
        foreach (
            var sql in new[]
            {
                "set session_replication_role = 'replica'",
                "create role other",
                "alter table register.mt_events disable trigger all",
            }
        )
            (await Try(owner, "schema", sql)).ShouldBe(PostgresErrorCodes.InsufficientPrivilege, sql);
    }

    [Fact]
    public async Task One_role_owns_everything_and_what_was_granted_is_what_the_parts_say()
    {
        (await Texts($"select relname from ({Objects}) o where owner <> 'cooperation_schema'")).ShouldBeEmpty();
        (
            await Texts(
                "select rolname from pg_roles where rolname like 'cooperation%' and (rolsuper or rolcreaterole or rolcreatedb or "
                    + "rolreplication or rolbypassrls)"
            )
        ).ShouldBeEmpty();

        // A table that the service may not even read was forgotten by whoever made it; but for what person keys of analytics are made with.
        (
            await Texts(
                $"select relname from ({Objects}) o where kind = 'r' and not has_table_privilege('cooperation_service', oid, 'select') and "
                    + $"relname <> 'analytics_secret.person_key'"
            )
        ).ShouldBeEmpty();

        await using var database = await TestDatabase.Create();
        await database.Rows(
            "grant all on register.mt_events to cooperation_service; grant usage on schema keys to cooperation_replay; grant update (data) "
                + "on register.mt_events to cooperation_rebuild"
        );
        (await Prepared(database)).ShouldBe(0);
        (
            await database.Scalar<bool>(
                "select has_any_column_privilege('cooperation_rebuild', 'register.mt_events', 'update') or "
                    + "has_table_privilege('cooperation_service', 'register.mt_events', 'delete') or "
                    + "has_schema_privilege('cooperation_replay', 'keys', 'usage')"
            )
        ).ShouldBeFalse();
    }

    [Fact]
    public async Task A_service_that_may_not_create_serves_what_was_prepared_and_says_what_to_do_where_nothing_was()
    {
        await using var database = await TestDatabase.CreateEmpty();
        (string, string) alone = ("ConnectionStrings:schema", "");

        var refused = await Should.ThrowAsync<DatabaseRefusedException>(() => RegisterHost.Start(database, settings: alone));
        refused.Message.ShouldContain("cooperation_service may not change it");
        refused.Message.ShouldContain("database prepare");
        (await database.Scalar<long>("select count(*) from pg_namespace where nspname in ('hosting', 'register')")).ShouldBe(0);

        (await Prepared(database)).ShouldBe(0);
        await using (var host = await RegisterHost.Start(database, settings: alone))
        {
            await Cooperation.Organisation(host, "DG HOME");
            Directory.Delete(host.DataDirectory, recursive: true);
        }

        await database.Rows("delete from hosting.prepared");
        (await Should.ThrowAsync<DatabaseRefusedException>(() => RegisterHost.Start(database, settings: alone))).Message.ShouldContain(
            "database prepare"
        );
    }

    [Fact]
    public async Task A_database_of_one_owner_is_brought_over()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var one = new Dictionary<string, string> { ["register"] = database.ConnectionString };
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        (await ServiceProcess.Command(one, data, "database", "prepare")).Code.ShouldBe(0);
        (await database.Scalar<string>("select tableowner from pg_tables where tablename = 'mt_events'")).ShouldBe(
            await database.Scalar<string>("select current_user")
        );

        await database.MakeRoles();

        (await Texts(database, $"select relname from ({Objects}) o where owner <> 'cooperation_schema'")).ShouldBeEmpty();
        (await Prepared(database)).ShouldBe(0);
        await using var host = await RegisterHost.Start(database, data, settings: ("ConnectionStrings:schema", ""));
        await Cooperation.Organisation(host, "DG HOME");
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_service_that_does_not_see_the_transactions_of_other_roles_is_refused()
    {
        await using var database = await TestDatabase.Create();
        var blind = database.Name + "_blind";
        await database.Rows(
            $"create role {blind} login password '{blind}'; grant connect on database {database.Name} to {blind}; grant usage on schema "
                + $"hosting, register to {blind}; grant select on hosting.prepared, hosting.mark to {blind}"
        );
        try
        {
            var connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Username = blind,
                Password = blind,
            }.ConnectionString;

            (
                await Should.ThrowAsync<DatabaseRefusedException>(() =>
                    RegisterHost.Start(database, settings: ("ConnectionStrings:register", connectionString))
                )
            ).Message.ShouldContain($"grant pg_read_all_stats to {blind}");
        }
        finally
        {
            await database.Rows($"drop owned by {blind}; drop role {blind}");
        }
    }

    /// <summary>Each change is taken back before the next.</summary>
    [Fact]
    public async Task A_role_that_could_change_the_history_is_named_by_the_check_and_by_the_start()
    {
        await using var database = await TestDatabase.Create();
        var node = database.Name + "_node";
        await database.Rows($"create role {node} login password '{node}' in role cooperation_service, pg_read_all_stats");
        try
        {
            var connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Username = node,
                Password = node,
            }.ConnectionString;
            await using var host = await RegisterHost.Start(database, settings: ("ConnectionStrings:register", connectionString));
            (await Named()).ShouldBeEmpty();
            host.Warnings.ShouldNotContain(w => w.Contains("could be changed", StringComparison.Ordinal));
            (string Sql, string Undone, string Named)[] changes =
            [
                ($"alter role {node} bypassrls", $"alter role {node} nobypassrls", $"{node} passes row security (bypassrls)"),
                (
                    $"alter role {node} createrole",
                    $"alter role {node} nocreaterole",
                    $"{node} may make roles and give them rights (createrole)"
                ),
                ($"grant cooperation_schema to {node}", $"revoke cooperation_schema from {node}", $"{node} may act as cooperation_schema"),
                (
                    $"create role {node}_way noinherit in role cooperation_schema; grant {node}_way to {node}",
                    $"drop role {node}_way",
                    $"{node} may act as cooperation_schema"
                ),
                ($"grant pg_write_all_data to {node}", $"revoke pg_write_all_data from {node}", $"{node} may act as pg_write_all_data"),
                (
                    $"grant update (data) on register.mt_events to {node}",
                    $"revoke update (data) on register.mt_events from {node}",
                    $"{node} has UPDATE on register.mt_events.data"
                ),
                (
                    "grant delete on audit.leaf to cooperation_replay",
                    "revoke delete on audit.leaf from cooperation_replay",
                    "cooperation_replay has DELETE on audit.leaf"
                ),
            ];
            foreach (var (sql, undone, named) in changes)
            {
                await database.Rows(sql);
                (await Named()).ShouldBe([named]);
                await database.Rows(undone);
                (await Named()).ShouldBeEmpty(sql);
            }

            await database.Rows($"grant delete on audit.leaf to {node}");
            await using (
                var second = await RegisterHost.Start(
                    database,
                    host.DataDirectory,
                    settings: ("ConnectionStrings:register", connectionString)
                )
            )
                second.Warnings.ShouldContain(w =>
                    w.Contains(
                        $"{node} has DELETE on audit.leaf, so that the history or the log could be changed",
                        StringComparison.Ordinal
                    )
                );
            Directory.Delete(host.DataDirectory, recursive: true);

            async Task<IEnumerable<string>> Named() =>
                (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).SelectMany(f => f.Which);
        }
        finally
        {
            await database.Rows($"drop owned by {node}; drop role {node}");
        }
    }

    [Fact]
    public async Task One_role_that_owns_everything_in_development_is_said_at_the_start_and_is_no_fault()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("ConnectionStrings:register", database.ConnectionString), ("ConnectionStrings:schema", "")]
        );

        host.Warnings.ShouldContain(w => w.Contains("The roles are not in force", StringComparison.Ordinal));
        (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>They decide how the catalogue says what a trigger or a view is, and how values are written as text.</summary>
    [Fact]
    public async Task A_database_with_settings_of_its_own_is_as_any_other()
    {
        await using var database = await TestDatabase.CreateEmpty();
        foreach (var setting in new[] { "quote_all_identifiers = on", "datestyle = 'German, DMY'", "intervalstyle = 'sql_standard'" })
            await database.Rows($"alter database {database.Name} set {setting}");
        string data;
        await using (var host = await RegisterHost.Start(database))
        {
            data = host.DataDirectory;
            await Cooperation.Organisation(host, "DG HOME");
        }

        await using var again = await RegisterHost.Start(database, data);
        await Cooperation.Organisation(again, "DG CLIMA");
        (await again.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).ShouldBeEmpty();
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Everything that is not the system's.</summary>
    private const string Objects = """
        select c.oid, c.oid::regclass::text as relname, c.relowner::regrole::text as owner, relkind::text as kind
        from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_' and nspname not in ('information_schema',
            'public')
        union all
        select p.oid, p.oid::regprocedure::text, p.proowner::regrole::text, 'f'
        from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname !~ '^pg_' and nspname not in ('information_schema',
            'public')
        union all
        select oid, nspname, nspowner::regrole::text, 'n' from pg_namespace where nspname !~ '^pg_'
            and nspname not in ('information_schema', 'public')
        """;

    /// <summary>Tries a statement and takes it back; the SQLSTATE of why it was refused, or null.</summary>
    private static async Task<string?> Try(NpgsqlDataSource source, string role, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            if (role == "analyst")
                await Execute("set local session authorization cooperation_analyst");
            await Execute(sql);
            return null;
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }

        async Task Execute(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<int> Prepared(TestDatabase database)
    {
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        var (code, said) = await ServiceProcess.Command(
            new Dictionary<string, string> { ["schema"] = database.ConnectionStrings["schema"] },
            data,
            "database",
            "prepare"
        );
        Directory.Delete(data, recursive: true);
        return code == 0 ? code : throw new InvalidOperationException(said);
    }

    private Task<IReadOnlyList<string>> Texts(string sql) => Texts(register.Database, sql);

    private static async Task<IReadOnlyList<string>> Texts(TestDatabase database, string sql) =>
        [.. (await database.Rows(sql)).Select(r => (string)r[0]!)];
}
