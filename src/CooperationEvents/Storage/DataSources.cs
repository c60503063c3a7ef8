using System.Diagnostics;
using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>The PostgreSQL database: as whom it is reached, and by what connections.</summary>
public static class DataSources
{
    /// <summary>
    /// The connection string of the service, and of whatever has none of its own; its role is <c>cooperation_service</c>.
    /// </summary>
    public const string Register = "register";

    /// <summary>That of <c>cooperation_schema</c>, who owns every table. The key of the data source that has it.</summary>
    public const string Owner = "schema";

    /// <summary>
    /// The key of the data source whose connections are sessions that last: what such a session holds (a duty, a channel it listens on)
    /// ends with it. Those of the pool keep their state.
    /// </summary>
    public const string Sessions = "sessions";

    /// <summary>
    /// The key of the data source of notes beside the history, which can be made again from it. Its commits do not wait for the disk. The
    /// read models do not use it (decision 71).
    /// </summary>
    public const string Notes = "notes";

    /// <summary>
    /// The key of the data source that appends to the history. It has few connections, so that each remembers what a post needs. Its
    /// statements are planned once, and look by keys alone (decision 70).
    /// </summary>
    public const string History = "history";

    /// <summary>A kept plan that reads a small table whole would be bad once the table has grown.</summary>
    private const string PlannedOnce = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    /// <summary>How many bytes a connection sends or takes at once.</summary>
    private const int BufferSize = 32_768;

    /// <summary>How many connections there are at most for notes, for the history, and for Wolverine.</summary>
    private const int MostForNotes = 10,
        MostForHistory = 10,
        MostForJobs = 3;

    /// <summary>That of <c>cooperation_rebuild</c>.</summary>
    public const string Rebuild = "rebuild";

    /// <summary>That of <c>cooperation_replay</c>.</summary>
    public const string Replay = "replay";

    /// <param name="name">The name of the connection string of who this process is; where there is none of that name,
    /// <see cref="Register"/>.</param>
    public static IServiceCollection AddDataSources(this IServiceCollection services, IConfiguration configuration, string name) =>
        services
            .AddSingleton(_ => Of(configuration, name, pooling: true))
            .AddKeyedSingleton(Sessions, (_, _) => Of(configuration, name, pooling: false))
            .AddKeyedSingleton(Notes, (_, _) => With(configuration, name, "-c synchronous_commit=off", MostForNotes))
            .AddKeyedSingleton(History, (_, _) => With(configuration, name, PlannedOnce, MostForHistory))
            .AddKeyedSingleton(Owner, (_, _) => Of(configuration, Owner, pooling: false))
            .AddSingleton<DatabaseClock>()
            .AddSingleton<Attempts>();

    /// <summary>By the connection string of that name; by that of the service where it is absent.</summary>
    public static NpgsqlDataSource Of(IConfiguration configuration, string name, bool pooling) =>
        Of(Settings(configuration, name, pooling), loadsTypes: name == Owner);

    /// <summary>
    /// For the jobs, of which Wolverine disposes. It has few connections: a node that stops gives back what each queue has, all at the same
    /// time. Where no connection string is configured, as while the adapters are written, nothing can be connected to.
    /// </summary>
    public static NpgsqlDataSource OfJobs(IConfiguration configuration, string name) =>
        Configured(configuration, name) is null ? NpgsqlDataSource.Create("Host=nowhere") : With(configuration, name, "", MostForJobs);

    private static NpgsqlDataSource With(IConfiguration configuration, string name, string options, int most)
    {
        var settings = Settings(configuration, name, pooling: true);
        settings.Options = $"{settings.Options} {options}".TrimEnd();
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, most);
        return Of(settings, loadsTypes: false);
    }

    /// <param name="loadsTypes">Whether the driver asks the database for its types, which takes longer than a connection. It knows those
    /// that data is kept in; who compares tables reads some that only the catalogue has.</param>
    private static NpgsqlDataSource Of(NpgsqlConnectionStringBuilder settings, bool loadsTypes)
    {
        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        source.ConfigureTypeLoading(types => types.EnableTypeLoading(loadsTypes));

        // What is looked for again and again, and found by nobody, would else be traces too.
        source.ConfigureTracing(tracing =>
            tracing
                .ConfigureCommandFilter(_ => IsTraced)
                .ConfigureBatchFilter(_ => IsTraced)
                .ConfigureCopyOperationFilter(_ => IsTraced)
                .EnablePhysicalOpenTracing(false)
        );
        return source.Build();
    }

    /// <summary>Whether a statement would be part of a trace that is exported.</summary>
    private static bool IsTraced => Activity.Current is { Recorded: true };

    private static string? Configured(IConfiguration configuration, string name) =>
        new[] { name, Register }.Select(configuration.GetConnectionString).FirstOrDefault(given => !string.IsNullOrEmpty(given));

    private static NpgsqlConnectionStringBuilder Settings(IConfiguration configuration, string name, bool pooling)
    {
        var connectionString = Configured(configuration, name)
            ?? throw new DatabaseRefusedException(
                $"ConnectionStrings:{Register} is missing: the Npgsql connection string of the database."
            );
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Timezone = "UTC",
            ApplicationName = "cooperation-events",
            Pooling = pooling,
            NoResetOnClose = true,

            // Who makes tables anew must not ask what was prepared for the ones before.
            MaxAutoPrepare = name == Owner ? 0 : 200,
            AutoPrepareMinUsages = 2,

            // A batch of posts, and a page of events, go in one piece.
            ReadBufferSize = BufferSize,
            WriteBufferSize = BufferSize,
        };

        // Statements are short. PostgreSQL takes those on tables that it has not analysed yet for long ones, and spends half a second on
        // compiling each. What the catalogue says of triggers and views is compared as text: quoted throughout, as a database may be set
        // to say it, it would be another.
        settings.Options = $"{settings.Options} -c jit=off -c quote_all_identifiers=off".TrimStart();
        return settings;
    }
}

/// <summary>Why the database cannot be used as it is, and what to do.</summary>
public sealed class DatabaseRefusedException(string why) : Exception(why);
