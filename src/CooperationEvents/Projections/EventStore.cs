using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using Marten;
using Marten.Services.Json.Transformations;
using Npgsql;
using Weasel.Core;

namespace CooperationEvents.Projections;

/// <summary>The history and the read models in Marten.</summary>
public static class EventStore
{
    /// <summary>The schema of the history.</summary>
    public const string Schema = "register";

    /// <summary>The index by which events are found by their recorded time. Marten does not know it, and would drop it.</summary>
    internal const string RecordedIndex = "mt_events_recorded";

    public static IServiceCollection AddEventStore(
        this IServiceCollection services,
        params ReadOnlySpan<Action<ReadModelRegistration>> readModels
    )
    {
        var registered = new RegisteredReadModels(readModels.ToArray());
        services.AddSingleton(registered);
        services
            .AddMarten(provider =>
            {
                var options = registered.Options(provider.GetRequiredService<NpgsqlDataSource>(), ReadModelSchemas.Live);
                options.Projections.Wakeup = provider.GetRequiredService<Appends>();
                options.Projections.SlowPollingTime = Appends.Idle;
                return options;
            })
            .UseLightweightSessions();
        return services;
    }

    public static void Configure(StoreOptions options, ReadModelSchemas schemas, IEnumerable<Action<ReadModelRegistration>> readModels)
    {
        options.DatabaseSchemaName = schemas.Views;
        options.Events.DatabaseSchemaName = schemas.History;
        options.UseSystemTextJsonForSerialization(casing: Casing.CamelCase, configure: json => Json.Apply(json));
        options.DisableNpgsqlLogging = true;

        // Database.Prepare makes the tables; nothing is made or changed on the way.
        options.AutoCreateSchemaObjects = AutoCreate.None;

        // The recorded time is the database's, by a trigger: HistorySchema.
        options.Events.AppendMode = EventAppendMode.Quick;
        options.Events.StreamIdentity = StreamIdentity.AsGuid;
        options.Events.EnableUniqueIndexOnEventId = true;
        options.Events.IgnoreIndex(RecordedIndex);
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        options.Events.MetadataConfig.UserNameEnabled = true;
        foreach (var e in EventType.All)
        {
            options.Events.MapEventType(e.Type, e.Name);
            ReadByTypeAlone(options, e.Type, e.Name);
        }

        ReadByTypeAlone(options, typeof(Tombstone), Tombstone.Name);

        // An event that cannot be applied stops the read models, which is seen; skipping it would make figures wrong, which is not.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;

        // ProjectionLeader runs them.
        options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
        options.Projections.CompositeProjectionFor(ReadModel.Name, composite =>
        {
            foreach (var configure in readModels)
                configure(new ReadModelRegistration(options, composite, schemas));
        });
    }

    /// <summary>
    /// Read as an upcast, an event is what its stored type says. Otherwise Marten lets mt_dotnet_type decide, which no entry of the log
    /// holds.
    /// </summary>
    private static void ReadByTypeAlone(StoreOptions options, Type type, string name) =>
        options.Events.Upcast(
            type,
            name,
            new JsonTransformation(
                (json, row, data) => json.FromJson(type, row, data),
                (json, row, data, cancellation) => json.FromJsonAsync(type, row, data, cancellation)
            )
        );
}

/// <summary>The read models of the service, which every store of them makes by the same code, in whatever schemas.</summary>
public sealed class RegisteredReadModels(IReadOnlyList<Action<ReadModelRegistration>> readModels)
{
    public StoreOptions Options(NpgsqlDataSource database, ReadModelSchemas schemas)
    {
        var options = new StoreOptions();
        options.Connection(database);
        EventStore.Configure(options, schemas, readModels);
        return options;
    }
}
