using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Audit;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Analytics;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.Storage;
using Marten;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>The PostgreSQL database holds what the service needs before anything is served.</summary>
public static partial class Database
{
    private const string Mark = "hosting.mark";
    private const string Prepared = "hosting.prepared";

    private const string Schema = $"""
        create schema if not exists hosting;
        create table if not exists {Mark} (environment text primary key);
        create table if not exists {Prepared} (
            fingerprint text primary key,
            at timestamptz not null default clock_timestamp()
        );
        """;

    private const string Grants = $"""
        grant usage on schema hosting to cooperation_service, cooperation_rebuild, cooperation_replay;
        grant select on {Mark}, {Prepared} to cooperation_service, cooperation_rebuild, cooperation_replay;
        """;

    /// <summary>Who may do what is what the parts say, and nothing that was granted beside them or by an earlier version.</summary>
    private const string RevokeAll = """
        do $revoke$
        declare
            ours text;
            roles constant text := 'cooperation_service, cooperation_rebuild, cooperation_replay';
        begin
            for ours in
                select quote_ident(nspname) from pg_namespace
                where nspowner = (select nspowner from pg_namespace where nspname = 'register') and nspname !~ '^pg_'
                    and nspname not in ('information_schema', 'public')
            loop
                execute format('revoke all on schema %s from %s', ours, roles);
                execute format('revoke all on all tables in schema %s from %s', ours, roles);
                execute format('revoke all on all sequences in schema %s from %s', ours, roles);
            end loop;
        end $revoke$;
        """;

    /// <summary>What Hosting keeps in the database; every other room registers what it keeps.</summary>
    private static readonly OwnTables[] Own = [new(Schema, Grants), new(ReadModelRebuild.Schema, ReadModelRebuild.Grants)];

    /// <summary>Creates what is missing where that is allowed, and refuses a database that is not as this version needs it.</summary>
    /// <exception cref="DatabaseRefusedException">Says what to do.</exception>
    public static async Task Prepare(IServiceProvider services, bool development, CancellationToken cancellation)
    {
        if (!development)
            await CheckRole(services, cancellation);
        await Create(services, development, dropReadModels: false, cancellation);
        await Check(services, development, cancellation);
    }

    /// <summary>
    /// Creates what is missing, and grants what the parts say; false where the role of <see cref="DataSources.Owner"/> may not.
    /// </summary>
    /// <param name="dropReadModels">Whether to drop the tables of the read models first, so that they are made as this version has
    /// them.</param>
    /// <exception cref="DatabaseRefusedException">The database belongs to another environment, or its read models must be dropped
    /// first.</exception>
    public static async Task<bool> Create(IServiceProvider services, bool development, bool dropReadModels, CancellationToken cancellation)
    {
        await using var connection = await services
            .GetRequiredKeyedService<NpgsqlDataSource>(DataSources.Owner)
            .OpenConnectionAsync(cancellation);
        if (!await Holds(connection, "has_database_privilege(current_database(), 'create')", cancellation))
            return false;
        await Execute(connection, $"select pg_advisory_lock({AdvisoryLocks.Setup})", cancellation);
        await CheckSession(connection, cancellation);
        await CheckMark(connection, development, cancellation);
        foreach (var (tables, _) in Parts(services))
            await Execute(connection, tables, cancellation);
        if (services.GetRequiredService<KeyDatabase>() is { IsOfItsOwn: true } keys)
            await CreateKeys(keys, cancellation);
        else
            await Execute(connection, KeyTables.Schema, cancellation);
        await Execute(connection, $"insert into {Mark} values ('{Environment(development)}') on conflict do nothing", cancellation);
        if (dropReadModels && await Exists(connection, $"{EventStore.Schema}.mt_events", cancellation))
            await ReadModelRebuild.Begin(connection, drop: true, cancellation);
        await HistorySchema.Apply(services.GetRequiredService<IDocumentStore>(), connection, cancellation);
        await JobTables.Apply(services, connection, cancellation);
        if (!await AnalyticsSchema.Create(connection, cancellation))
            NoAnalyst(
                services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)),
                AnalyticsSchema.Role,
                AnalyticsSchema.Grants
            );
        await Execute(connection, AuditSchema.Sql, cancellation);
        if (
            await Holds(
                connection,
                "count(*) = 3 from pg_roles where rolname in ('cooperation_service', 'cooperation_rebuild', 'cooperation_replay')",
                cancellation
            )
        )
            await Execute(connection, string.Join('\n', ["begin;", RevokeAll, .. AllGrants(services), "commit;"]), cancellation);
        await Execute(
            connection,
            $"insert into {Prepared} (fingerprint) values ('{Fingerprint(services)}') on conflict do nothing",
            cancellation
        );

        // The locks of the connection end with it.
        return true;
    }

    /// <summary>Refuses a database that is not as this version needs it, and creates nothing.</summary>
    /// <exception cref="DatabaseRefusedException">Says what to do.</exception>
    public static async Task Check(IServiceProvider services, bool development, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await CheckSession(connection, cancellation);
        var user = await Scalar(connection, "select current_user::text", cancellation);
        if (!await IsPrepared(connection, Fingerprint(services), cancellation))
            throw new DatabaseRefusedException(
                $"The database is not prepared for this version of the service, and {user} may not change it. Run 'CooperationEvents "
                    + $"database prepare' with ConnectionStrings:schema (docs/operators.md)."
            );
        await CheckMark(connection, development, cancellation);
        if (
            await Holds(
                connection,
                $"pg_has_role((select relowner from pg_class where oid = '{EventStore.Schema}.mt_events'::regclass), 'usage')",
                cancellation
            )
        )
            NoRoles(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), user!);
        else if (!await Holds(connection, "pg_has_role('pg_read_all_stats', 'usage')", cancellation))
            throw new DatabaseRefusedException(
                $"{user} does not see the transactions of other roles, so that no position would be known to be settled. As a superuser: "
                    + $"grant pg_read_all_stats to {user} (deploy/roles.sql)."
            );
    }

    /// <summary>Production is served by a role that the database itself keeps from changing the history.</summary>
    private static async Task CheckRole(IServiceProvider services, CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        var owner = await Scalar(
            connection,
            $"""
            select current_user || case
                when (select rolsuper from pg_roles where rolname = current_user) then ' is a superuser'
                when pg_has_role((select relowner from pg_class where oid = to_regclass('{EventStore.Schema}.mt_events')), 'usage')
                    then ' owns the tables of the register'
                when to_regclass('{EventStore.Schema}.mt_events') is null and has_database_privilege(current_database(), 'create')
                    then ' would own the tables of the register'
                end
            """,
            cancellation
        );
        if (owner is not null)
            throw new DatabaseRefusedException(
                $"{owner} and could change the history, whatever the service does. Say in ConnectionStrings:register that Production "
                    + $"connects as cooperation_service, which deploy/roles.sql makes (docs/operators.md)."
            );
    }

    /// <summary>
    /// Makes the missing tables of the keys in their own database, in the role of <c>ConnectionStrings:keys</c>.
    /// </summary>
    private static async Task CreateKeys(KeyDatabase keys, CancellationToken cancellation)
    {
        await using var connection = await keys.Source.OpenConnectionAsync(cancellation);
        if (!await Holds(connection, "has_database_privilege(current_database(), 'create')", cancellation))
            return;
        await Execute(
            connection,
            $"select pg_advisory_lock({AdvisoryLocks.Setup}); {KeyTables.Schema} select pg_advisory_unlock({AdvisoryLocks.Setup});",
            cancellation
        );
    }

    private static IEnumerable<OwnTables> Parts(IServiceProvider services) => Own.Concat(services.GetServices<OwnTables>());

    private static IEnumerable<string> AllGrants(IServiceProvider services) =>
        [
            .. Parts(services).Select(part => part.Grants),
            HistorySchema.Grants,
            JobTables.Grants,
            FactTables.Live.Grants,
            AuditSchema.Grants,
            .. services.GetRequiredService<KeyDatabase>().IsOfItsOwn ? [] : new[] { KeyTables.Grants },
        ];

    /// <summary>
    /// Of everything <see cref="Create"/> does: whether that was done for this version can be seen without the right to do it.
    /// </summary>
    private static string Fingerprint(IServiceProvider services) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(
                    string.Join(
                        '\n',
                        [
                            .. Parts(services).Select(part => part.Tables),
                            HistorySchema.Text(services.GetRequiredService<IDocumentStore>()),
                            JobTables.Text(services),
                            AnalyticsSchema.Views,
                            AuditSchema.Sql,
                            KeyTables.Schema,
                            .. AllGrants(services),
                        ]
                    )
                )
            )
        );

    private static async Task<bool> IsPrepared(NpgsqlConnection connection, string fingerprint, CancellationToken cancellation)
    {
        try
        {
            return await Holds(connection, $"exists (select from {Prepared} where fingerprint = '{fingerprint}')", cancellation);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }

    /// <summary>A database that belongs to another environment is refused as it is, with nothing created in it.</summary>
    private static async Task CheckMark(NpgsqlConnection connection, bool development, CancellationToken cancellation)
    {
        var mark = await Exists(connection, Mark, cancellation)
            ? await Scalar(connection, $"select environment from {Mark}", cancellation)
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
        if (await Scalar(connection, "show timezone", cancellation) is not "UTC")
            throw new DatabaseRefusedException(
                "The database session is not in UTC although it was asked to be; recorded times would be wrong."
            );
    }

    private static string Environment(bool development) => development ? "development" : "production";

    private static async Task<bool> Exists(NpgsqlConnection connection, string table, CancellationToken cancellation) =>
        await Scalar(connection, $"select to_regclass('{table}')::text", cancellation) is not null;

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<string?> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    private static async Task<bool> Holds(NpgsqlConnection connection, string condition, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {condition}", connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The role {Role} is missing and may not be created here; create it NOLOGIN, then: {Grants}"
    )]
    private static partial void NoAnalyst(ILogger logger, string role, string grants);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The roles are not in force: {User} owns the history and could change it. Make them with deploy/roles.sql "
            + "(docs/operators.md)."
    )]
    private static partial void NoRoles(ILogger logger, string user);
}
