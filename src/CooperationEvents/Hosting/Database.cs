using CooperationEvents.Access;
using CooperationEvents.Audit;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using CooperationEvents.Statistics;
using CooperationEvents.Webhooks;
using Marten;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>The PostgreSQL database: how it is reached, and that it holds what the service needs before anything is served.</summary>
public static partial class Database
{
    private const string Mark = "hosting.mark";

    public static IServiceCollection AddDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(_ =>
        {
            var connectionString = configuration.GetConnectionString("register")
                ?? throw new InvalidOperationException("ConnectionStrings:register is missing: the Npgsql connection string of the database.");

            // Recorded times are written without a zone and read as UTC: the session must be in UTC.
            var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString)
            {
                Timezone = "UTC",
                ApplicationName = "cooperation-events",
            }.ConnectionString);
            return builder.Build();
        });
        return services;
    }

    /// <summary>Creates what is missing, and refuses a database that belongs to another environment.</summary>
    public static async Task Prepare(IServiceProvider services, bool development, CancellationToken cancellation)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await Execute(connection, $"select pg_advisory_lock({AdvisoryLocks.Setup})", cancellation);
        if (await Scalar(connection, "show timezone", cancellation) is not "UTC")
            throw new InvalidOperationException("The database session is not in UTC although it was asked to be; recorded times would be wrong.");
        await CheckMark(connection, development, cancellation);
        await Execute(connection, KeyStore.Schema, cancellation);
        await Execute(connection, ApiKeys.Schema, cancellation);
        await Execute(connection, "create schema if not exists recording;", cancellation);
        await Execute(connection, ExternalReferences.Schema, cancellation);
        await Execute(connection, RememberedAnswers.Schema, cancellation);
        await Execute(connection, Rehearsal.Schema, cancellation);
        await Execute(connection, RuleTurns.Schema, cancellation);
        await Execute(connection, SettledPositions.Schema, cancellation);
        await Execute(connection, ImportStore.Schema, cancellation);
        await Execute(connection, CalendarRevisions.Schema, cancellation);
        await Execute(connection, WebhooksModule.Schema, cancellation);
        await HistorySchema.Apply(services.GetRequiredService<IDocumentStore>(), connection, cancellation);
        if (!await AnalyticsSchema.Create(connection, cancellation))
            NoAnalyst(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Database)), AnalyticsSchema.Role, AnalyticsSchema.Grants);
        await Execute(connection, AuditSchema.Sql, cancellation);
        await Execute(connection, $"select pg_advisory_unlock({AdvisoryLocks.Setup})", cancellation);
    }

    /// <summary>Marks a new database; one that belongs to another environment is refused as it is, with nothing created in it.</summary>
    private static async Task CheckMark(NpgsqlConnection connection, bool development, CancellationToken cancellation)
    {
        var wanted = development ? "development" : "production";
        var mark = await Exists(connection, Mark, cancellation) ? await Scalar(connection, $"select environment from {Mark}", cancellation) : null;
        if (mark is null && development && await Exists(connection, $"{EventStore.Schema}.mt_events", cancellation))
            throw new InvalidOperationException("The database holds a history but is not marked as development; Development does not touch it.");
        if (mark is not null && mark != wanted)
            throw new InvalidOperationException($"The database is marked as {mark}; it cannot be used in {wanted}.");

        await Execute(connection, $"create schema if not exists hosting; create table if not exists {Mark} (environment text primary key)", cancellation);
        await Execute(connection, $"insert into {Mark} values ('{wanted}') on conflict do nothing", cancellation);
    }

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The role {Role} is missing and may not be created here; create it NOLOGIN, then: {Grants}")]
    private static partial void NoAnalyst(ILogger logger, string role, string grants);
}
