using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Statistics.Analytics;
using CooperationEvents.Storage;
using Marten;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>The PostgreSQL database holds what the service needs before anything is served.</summary>
public static partial class Database
{
    private const string Mark = "hosting.mark";
    private const string Prepared = "hosting.prepared";
    private const string Journal = "hosting.migration";

    /// <summary>
    /// What the roles may do with what the register's schemas hold, each as a text. A preparation notes them: what is missing later was
    /// taken back by another version, which knows nothing of it.
    /// </summary>
    private const string Rights = """
        select coalesce(array_agg(held.what), '{}') from (
            with room as (
                select oid, nspname as name, nspacl as acl from pg_namespace
                where nspowner = (select nspowner from pg_namespace where nspname = 'register') and nspname !~ '^(pg|replay)_'
                    and nspname not in ('information_schema', 'public')
            ), thing as (
                select 'schema ' || name as what, acl from room
                union all
                select room.name || '.' || c.relname, c.relacl from pg_class c join room on room.oid = c.relnamespace
                union all
                select room.name || '.' || c.relname || '.' || a.attname, a.attacl
                from pg_attribute a join pg_class c on c.oid = a.attrelid join room on room.oid = c.relnamespace where a.attacl is not null
                union all
                select 'function ' || room.name || '.' || f.proname || '/' || f.pronargs, f.proacl
                from pg_proc f join room on room.oid = f.pronamespace
            )
            select thing.what || ': ' || held.privilege_type || ' of ' || role.rolname as what
            from thing cross join aclexplode(thing.acl) held join pg_roles role on role.oid = held.grantee
            where role.rolname in ('cooperation_service', 'cooperation_rebuild', 'cooperation_replay')
        ) held
        """;

    /// <summary>
    /// Creates what is missing where that is allowed, and refuses a database that is not as this version needs it. Where this version was
    /// the last to prepare it, only the guards of the history, the functions and what analysts read are compared.
    /// </summary>
    /// <exception cref="DatabaseRefusedException">Says what to do.</exception>
    public static async Task Prepare(IServiceProvider services, bool development, CancellationToken cancellation)
    {
        if (!development)
            await CheckRole(services, cancellation);
        if (!await IsLatest(services, cancellation))
            await Create(services, development, dropReadModels: false, older: false, cancellation);
        await Check(services, development, cancellation);
        if (await NeedsRebuild(services, cancellation))
            EarlierReadModels(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), RebuildNeeded);
    }

    /// <summary>
    /// Creates what is missing, and grants what the rooms say; false where the role of <see cref="DataSources.Owner"/> may not. Migrations
    /// come first and know of no table of a library; functions, triggers and grants come last, all at once.
    /// </summary>
    /// <param name="dropReadModels">Whether to drop the tables of the read models first, so that they are made as this version has
    /// them.</param>
    /// <param name="older">Whether to prepare it for this version although a newer one did.</param>
    /// <exception cref="DatabaseRefusedException">The database belongs to another environment, a newer version prepared it, or its read
    /// models must be dropped first.</exception>
    public static async Task<bool> Create(
        IServiceProvider services,
        bool development,
        bool dropReadModels,
        bool older,
        CancellationToken cancellation
    )
    {
        var owner = services.GetRequiredKeyedService<NpgsqlDataSource>(DataSources.Owner);
        await using var connection = await owner.OpenConnectionAsync(cancellation);
        if (!await MayCreate(connection, cancellation))
            return false;
        await connection.Execute($"select pg_advisory_lock({AdvisoryLocks.Setup})", [], cancellation);
        var targets = await Preparable(services, connection, development, older, cancellation);
        foreach (var target in targets)
            Migrations.Apply(target.Database, target.Journal, target.Migrations);
        await connection.Execute($"insert into {Mark} values ('{Environment(development)}') on conflict do nothing", [], cancellation);
        if (dropReadModels && await Exists(connection, $"{EventStore.Schema}.mt_events", cancellation))
            await ReadModelRebuild.Begin(connection, drop: true, cancellation);
        await HistorySchema.Apply(services.GetRequiredService<IDocumentStore>(), connection, cancellation);
        await ReadModelForm.NoteFirst(connection, cancellation);
        if (older)
            await ReadModelForm.NoteWriter(connection, cancellation);
        await JobTables.Apply(services, connection, cancellation);
        if (!await AnalyticsSchema.Create(connection, cancellation))
            NoAnalyst(
                services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)),
                AnalyticsSchema.Role,
                AnalyticsSchema.Grants
            );
        var hasRoles = await connection.Scalar<bool>(
            "select count(*) = 3 from pg_roles where rolname in ('cooperation_service', 'cooperation_rebuild', 'cooperation_replay')",
            [],
            cancellation
        );
        await NoteAlteredFunctions(services, connection, targets, cancellation);
        foreach (var target in targets)
            await DropAlteredGuards(services, target.Database, cancellation);
        await DropOverloads(targets, cancellation);
        foreach (var target in targets)
            Migrations.Repeat(target.Database, [.. target.Rooms.SelectMany(room => room.Functions)]);
        if (hasRoles)
            Migrations.Repeat(owner, [.. targets.Where(t => t.Database == owner).SelectMany(t => t.Rooms).SelectMany(room => room.Grants)]);
        await connection.Execute(
            $"""
            insert into {Prepared} (fingerprint, rights) values ('{Fingerprint(services)}', ({Rights}))
            on conflict (fingerprint) do update set at = clock_timestamp(), rights = excluded.rights
            """,
            [],
            cancellation
        );

        // The locks of the connection end with it.
        return true;
    }

    /// <summary>
    /// Tells of functions that are not as this version made them. Where another version prepared the database since, they are that one's.
    /// </summary>
    private static async Task NoteAlteredFunctions(
        IServiceProvider services,
        NpgsqlConnection connection,
        IReadOnlyList<Target> targets,
        CancellationToken cancellation
    )
    {
        if (!await IsPrepared(connection, IsLastFingerprint(services), cancellation))
            return;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database));
        foreach (var target in targets)
        {
            var altered = OwnTables.AlteredFunctions(target.Rooms);
            foreach (var function in await target.Database.Query(altered, [], row => row.GetString(0), cancellation))
                FunctionAltered(logger, function);
        }
    }

    /// <summary>Guards that are switched off, or are others than they should be, make room for those of this version.</summary>
    private static async Task DropAlteredGuards(IServiceProvider services, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var altered = await database.Query(
            $"""
            select c.oid::regclass::text, quote_ident(t.tgname) from ({Completeness.MissingGuards}) missing (guard)
            join pg_trigger t on not t.tgisinternal
            join pg_class c on c.oid = t.tgrelid
            join pg_namespace n on n.oid = c.relnamespace and n.nspname || '.' || c.relname || '.' || t.tgname = missing.guard
            """,
            [],
            row => (Relation: row.GetString(0), Name: row.GetString(1)),
            cancellation
        );
        foreach (var (relation, name) in altered)
        {
            GuardAltered(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), name, relation);
            await database.Execute($"drop trigger {name} on {relation}", [], cancellation);
        }
    }

    /// <summary>
    /// Functions of one name under several parameters make room for the one of this version. What a trigger calls stays, and is replaced.
    /// </summary>
    private static async Task DropOverloads(IReadOnlyList<Target> targets, CancellationToken cancellation)
    {
        foreach (var target in targets)
        {
            var overloads = await target.Database.Query(
                $"""
                select p.oid::regprocedure::text from ({OwnTables.AlteredFunctions(target.Rooms)}) altered
                join pg_namespace n on altered.name like n.nspname || '.%'
                join pg_proc p on p.pronamespace = n.oid and altered.name = n.nspname || '.' || p.proname
                where not exists (select from pg_trigger t where t.tgfoid = p.oid) and exists (
                    select from pg_proc other where other.pronamespace = n.oid and other.proname = p.proname and other.oid <> p.oid)
                """,
                [],
                row => row.GetString(0),
                cancellation
            );
            foreach (var overload in overloads)
                await target.Database.Execute($"drop function {overload}", [], cancellation);
        }
    }

    /// <summary>Changes nothing, and is refused where <see cref="Create"/> would be; null where that would answer false.</summary>
    /// <inheritdoc cref="Create" path="/param[@name='older']"/>
    /// <returns>The migrations that would be run, by name, in their order.</returns>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static async Task<IReadOnlyList<string>?> DryRun(
        IServiceProvider services,
        bool development,
        bool older,
        CancellationToken cancellation
    )
    {
        await using var connection = await services
            .GetRequiredKeyedService<NpgsqlDataSource>(DataSources.Owner)
            .OpenConnectionAsync(cancellation);
        if (!await MayCreate(connection, cancellation))
            return null;
        var targets = await Preparable(services, connection, development, older, cancellation);
        IReadOnlyList<string> missing = [.. targets.SelectMany(Missing)];
        await HistorySchema.Check(services.GetRequiredService<IDocumentStore>(), connection, cancellation);
        return missing;
    }

    /// <summary>What is to be prepared, where nothing of the database as it is forbids that.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    private static async Task<IReadOnlyList<Target>> Preparable(
        IServiceProvider services,
        NpgsqlConnection connection,
        bool development,
        bool older,
        CancellationToken cancellation
    )
    {
        await CheckSession(connection, cancellation);
        await CheckMark(connection, development, cancellation);
        var targets = await Targets(services, cancellation);
        if (!older)
            await CheckNewer(services, connection, targets, cancellation);
        return targets;
    }

    /// <summary>What is said where <see cref="NeedsRebuild"/>.</summary>
    public const string RebuildNeeded =
        "The read models, or some of their rows, were made by a version of the service whose read models are of another form: stop every "
        + "node, and run 'CooperationEvents database rebuild' (docs/operators.md).";

    /// <summary>Whether the read models are to be made again.</summary>
    public static async Task<bool> NeedsRebuild(IServiceProvider services, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        return await ReadModelForm.IsAnother(connection, cancellation);
    }

    /// <summary>
    /// Refuses to prepare what a newer version prepared: its nodes have rights that this version knows nothing of, and would take back.
    /// Where this version was the last to prepare it, that was done on purpose.
    /// </summary>
    private static async Task CheckNewer(
        IServiceProvider services,
        NpgsqlConnection connection,
        IReadOnlyList<Target> targets,
        CancellationToken cancellation
    )
    {
        if (await IsPrepared(connection, IsLastFingerprint(services), cancellation))
            return;
        foreach (var target in targets)
        {
            if (await Migrations.Unknown(target.Database, target.Journal, target.Migrations, cancellation) is not [_, ..] unknown)
                continue;
            throw new DatabaseRefusedException(
                $"A newer version of the service prepared this database: {target.Journal} names {string.Join(", ", unknown)}, which "
                    + "this version does not have. Nothing was changed: the nodes of the newer version would lose rights. Run "
                    + "'CooperationEvents database prepare' of that version, or go on with the nodes that are there. To go back to this "
                    + "version, stop every node of the newer one, and run 'CooperationEvents database prepare --older' (docs/operators.md)."
            );
        }
    }

    /// <summary>Refuses a database that is not as this version needs it, and creates nothing.</summary>
    /// <exception cref="DatabaseRefusedException">Says what to do.</exception>
    public static async Task Check(IServiceProvider services, bool development, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await CheckSession(connection, cancellation);
        var user = await connection.Scalar<string>("select current_user::text", [], cancellation);
        if (!await IsPrepared(connection, ByThisVersion(services), cancellation))
            throw new DatabaseRefusedException(
                $"The database is not prepared for this version of the service, and {user} may not change it. Run 'CooperationEvents "
                    + $"database prepare' with ConnectionStrings:schema (docs/operators.md)."
            );
        await CheckMark(connection, development, cancellation);
        if (
            await connection.Scalar<bool>(
                $"select pg_has_role((select relowner from pg_class where oid = '{EventStore.Schema}.mt_events'::regclass), 'usage')",
                [],
                cancellation
            )
        )
            NoRoles(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), user!);
        else if (!await connection.Scalar<bool>("select pg_has_role('pg_read_all_stats', 'usage')", [], cancellation))
            throw new DatabaseRefusedException(
                $"{user} does not see the transactions of other roles, so that no position would be known to be settled. As a superuser: "
                    + $"grant pg_read_all_stats to {user} (deploy/roles.sql)."
            );
        foreach (var role in await connection.Query(RoleCheck.Found(development), [], row => row.GetString(0), cancellation))
            CouldChange(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), role);
    }

    /// <summary>Production is served by a role that the database itself keeps from changing the history.</summary>
    private static async Task CheckRole(IServiceProvider services, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        var owner = await connection.Scalar<string>(
            $"""
            select current_user || case
                when (select rolsuper from pg_roles where rolname = current_user) then ' is a superuser'
                when pg_has_role((select relowner from pg_class where oid = to_regclass('{EventStore.Schema}.mt_events')), 'usage')
                    then ' owns the tables of the register'
                when to_regclass('{EventStore.Schema}.mt_events') is null and has_database_privilege(current_database(), 'create')
                    then ' would own the tables of the register'
                end
            """,
            [],
            cancellation
        );
        if (owner is not null)
            throw new DatabaseRefusedException(
                $"{owner} and could change the history, whatever the service does. Say in ConnectionStrings:register that Production "
                    + $"connects as cooperation_service, which deploy/roles.sql makes (docs/operators.md)."
            );
    }

    /// <summary>
    /// What is made in which database: that of the register, and the keys, which lie there or in a database of their own. Of the latter
    /// only where the role of <c>ConnectionStrings:keys</c> may create.
    /// </summary>
    private static async Task<IReadOnlyList<Target>> Targets(IServiceProvider services, CancellationToken cancellation)
    {
        var register = new Target(services.GetRequiredKeyedService<NpgsqlDataSource>(DataSources.Owner), Journal, [.. Rooms(services)]);
        var (keys, areApart) = (services.GetRequiredService<KeyDatabase>().Source, services.GetRequiredService<KeyDatabase>().IsOfItsOwn);
        if (areApart)
        {
            await using var connection = await keys.OpenConnectionAsync(cancellation);
            if (!await MayCreate(connection, cancellation))
                return [register];
        }

        return [register, new Target(areApart ? keys : register.Database, KeyDatabase.Journal, [KeyDatabase.Tables])];
    }

    /// <summary>Who keeps something in the register's database, in the order of their tables.</summary>
    private static IEnumerable<OwnTables> Rooms(IServiceProvider services) =>
        [OwnTables.Of("Hosting"), .. services.GetServices<OwnTables>()];

    /// <summary>
    /// Of everything <see cref="Create"/> does: whether that was done for this version can be seen without the right to do it.
    /// </summary>
    private static string Fingerprint(IServiceProvider services) =>
        new SqlFile(
            "",
            string.Join(
                '\n',
                [
                    .. Rooms(services).Append(KeyDatabase.Tables).SelectMany(room => room.Files).Select(file => file.Text),
                    HistorySchema.Text(services.GetRequiredService<IDocumentStore>()),
                    JobTables.Text(services),
                    AnalyticsSchema.Views,
                    services.GetRequiredService<KeyDatabase>().IsOfItsOwn ? "keys apart" : "",
                ]
            )
        ).Digest;

    /// <summary>
    /// Whether this version has prepared the database, and no other since, that of the keys too; and whether everything stands that keeps
    /// the history as it is, and that analysts read.
    /// </summary>
    private static async Task<bool> IsLatest(IServiceProvider services, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        var keys = services.GetRequiredService<KeyDatabase>().Source;
        return await IsPrepared(connection, $"{ByThisVersion(services)} and at = (select max(at) from {Prepared})", cancellation)
            && !await connection.Scalar<bool>(
                $"select exists ({Completeness.MissingGuards}) or exists ({AnalyticsSchema.Altered}) "
                    + $"or exists ({AlteredFunctions(services)})",
                [],
                cancellation
            )
            && (await Targets(services, cancellation)).All(target => target.Database != keys || Missing(target).Count == 0)
            && !await keys.Scalar<bool>(
                $"select exists ({Completeness.MissingGuards}) or exists ({AlteredFunctions(services)})",
                [],
                cancellation
            );
    }

    /// <summary>A query for the functions of a database of the service that are not as this version makes them.</summary>
    internal static string AlteredFunctions(IServiceProvider services) =>
        OwnTables.AlteredFunctions([.. Rooms(services), KeyDatabase.Tables]);

    private static IReadOnlyList<string> Missing(Target target) => Migrations.Missing(target.Database, target.Journal, target.Migrations);

    private static string IsLastFingerprint(IServiceProvider services) =>
        $"fingerprint = '{Fingerprint(services)}' and at = (select max(at) from {Prepared})";

    private static string ByThisVersion(IServiceProvider services) => $"fingerprint = '{Fingerprint(services)}' and rights <@ ({Rights})";

    private static async Task<bool> IsPrepared(NpgsqlConnection connection, string how, CancellationToken cancellation)
    {
        try
        {
            return await connection.Scalar<bool>($"select exists (select from {Prepared} where {how})", [], cancellation);
        }
        catch (PostgresException e)
            when (e.SqlState
                    is PostgresErrorCodes.UndefinedTable
                        or PostgresErrorCodes.UndefinedColumn
                        or PostgresErrorCodes.InsufficientPrivilege
            )
        {
            return false;
        }
    }

    /// <summary>A database that belongs to another environment is refused as it is, with nothing created in it.</summary>
    private static async Task CheckMark(NpgsqlConnection connection, bool development, CancellationToken cancellation)
    {
        var mark = await Exists(connection, Mark, cancellation)
            ? await connection.Scalar<string>($"select environment from {Mark}", [], cancellation)
            : null;
        if (mark is null && development && await Exists(connection, $"{EventStore.Schema}.mt_events", cancellation))
            throw new DatabaseRefusedException(
                "The database holds a history but is not marked as development; Development does not touch it."
            );
        if (mark is not null && mark != Environment(development))
            throw new DatabaseRefusedException($"The database is marked as {mark}; it cannot be used in {Environment(development)}.");
    }

    /// <summary>Recorded times are written without a zone and read as UTC: the session must be in UTC.</summary>
    private static async Task CheckSession(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await connection.Scalar<string>("show timezone", [], cancellation) is not "UTC")
            throw new DatabaseRefusedException(
                "The database session is not in UTC although it was asked to be; recorded times would be wrong."
            );
    }

    private static Task<bool> MayCreate(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Scalar<bool>("select has_database_privilege(current_database(), 'create')", [], cancellation);

    private static string Environment(bool development) => development ? "development" : "production";

    private static async Task<bool> Exists(NpgsqlConnection connection, string table, CancellationToken cancellation) =>
        await connection.Scalar<string>($"select to_regclass('{table}')::text", [], cancellation) is not null;

    private sealed record Target(NpgsqlDataSource Database, string Journal, IReadOnlyList<OwnTables> Rooms)
    {
        public IReadOnlyList<SqlFile> Migrations { get; } = [.. Rooms.SelectMany(room => room.Migrations)];
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The role {Role} is missing and may not be created here; create it NOLOGIN, then: {Grants}"
    )]
    private static partial void NoAnalyst(ILogger logger, string role, string grants);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The guard {Guard} of {Relation} was switched off or altered, and is made anew")]
    private static partial void GuardAltered(ILogger logger, string guard, string relation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The function {Function} was missing or altered, and is made anew")]
    private static partial void FunctionAltered(ILogger logger, string function);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Why}")]
    private static partial void EarlierReadModels(ILogger logger, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The roles are not in force: {User} owns the history and could change it. Make them with deploy/roles.sql "
            + "(docs/operators.md)."
    )]
    private static partial void NoRoles(ILogger logger, string user);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Role}, so that the history or the log could be changed whatever the service does. Take it back: deploy/roles.sql and "
            + "'database prepare' say what a role may (docs/operators.md)."
    )]
    private static partial void CouldChange(ILogger logger, string role);
}

public static class DatabaseRegistration
{
    /// <summary>Has the functions and the roles of the database looked at with the history.</summary>
    public static IServiceCollection AddDatabaseChecks(this IServiceCollection services, bool development) =>
        services
            .AddSingleton(provider => new CompletenessCheck(
                "functions of the database that are not as `database prepare` made them",
                Database.AlteredFunctions(provider),
                OfKeysToo: true
            ))
            .AddSingleton(new CompletenessCheck(RoleCheck.What, RoleCheck.Found(development)));
}
