using CooperationEvents.Audit.History;
using CooperationEvents.Audit.Journal;
using CooperationEvents.Audit.Replays;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Http;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Marten;
using Npgsql;
using Wolverine;

namespace CooperationEvents.Audit;

public static class AuditModule
{
    /// <summary>The anchor is <c>Audit:AnchorFile</c>; where that is absent, a file in the data directory.</summary>
    public static IServiceCollection AddAudit(
        this IServiceCollection services,
        IConfiguration configuration,
        bool development,
        string dataDirectory
    ) =>
        services
            .AddTables("Audit")
            .AddParameters(AuditParameters.All)
            .AddSingleton<JournalledRequest>()
            .AddSingleton<AccessJournal>()
            .AddSingleton<IShowPeople, ShownPeople>()
            .AddSingleton<ITellOfPeople, ReadingsOfPerson>()
            .AddSingleton<ITellOfPeople, EventsOfPerson>()
            .AddSingleton<AccessSeal>()
            .AddSingleton<EventHistory>()
            .AddSingleton<StreamStates>()
            .AddSingleton(provider => LogKeys.From(provider.GetRequiredService<AuditOptions>(), development ? dataDirectory : null))
            .AddConfigured<AuditOptions>()
            .AddSingleton(provider => new Anchor(
                provider.GetRequiredService<AuditOptions>().AnchorFile ?? Path.Combine(dataDirectory, Anchor.FileName)
            ))
            .AddSingleton(_ => new LeavesAtStart())
            .AddSingleton<LogMetrics>()
            .AddSingleton<AnchorCheck>()
            .AddSingleton<LogStart>()
            .AddHostedService<LeafCheck>()
            .AddSingleton<LogTiles>()
            .AddSingleton<PublishedLog>()
            .AddSingleton<IReceipts, Receipts>()
            .AddSingleton(provider => new CompletenessCheck(
                TableKeys.What,
                TableKeys.Missing(provider.GetRequiredService<IDocumentStore>()),
                OfKeysToo: true
            ))
            .AddSingleton(provider => new Completeness(
                provider.GetRequiredService<NpgsqlDataSource>(),
                provider.GetRequiredService<KeyDatabase>() is { IsOfItsOwn: true } keys ? keys.Source : null,
                provider.GetServices<CompletenessCheck>()
            ))
            .AddSingleton<CompletenessSchedule>()
            .AddHostedService(provider => provider.GetRequiredService<CompletenessSchedule>())
            .AddHostedService<LogLeader>()
            .AddSingleton(provider => Witness.From(provider.GetRequiredService<AuditOptions>()))
            .AddHostedService<Witnesses>()
            .AddSingleton(provider => provider.GetRequiredService<AuditOptions>().Replays)
            .AddSingleton(_ => new ReplayDatabase(configuration))
            .AddSingleton<ReplayStore>()
            .AddSingleton(provider => new ReplayDisk(
                provider.GetRequiredService<NpgsqlDataSource>(),
                provider.GetRequiredService<ReplayOptions>(),
                development ? dataDirectory : null
            ))
            .AddSingleton<CreationEvents>()
            .AddSingleton<PersonKeyComparison>()
            .AddSingleton<FieldSaltComparison>()
            .AddSingleton<ReferenceComparison>()
            .AddSingleton<AnswerComparison>()
            .AddSingleton<SettledPositionComparison>()
            .AddSingleton<SideTables>()
            .AddSingleton<ReplayMetrics>()
            .AddSingleton<ReplayWorker>()
            .AddHostedService(provider => provider.GetRequiredService<ReplayWorker>());

    /// <exception cref="LogRefusedException">Says why the service must not run on this log.</exception>
    public static Task CheckLog(this IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<LogStart>().Check(cancellation);

    public static void Schedule(RecurringMessageCollection schedules)
    {
        schedules.ScheduleRecurring<SealReadings>("*/15 * * * *");
        schedules.ScheduleRecurring<ForgetReadings>("5 * * * *");
    }
}
