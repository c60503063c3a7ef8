using CooperationEvents.Hosting;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Wolverine;

namespace CooperationEvents.Ingestion;

public static class IngestionModule
{
    public static IServiceCollection AddIngestion(this IServiceCollection services) =>
        services
            .AddTables("Ingestion")
            .AddParameters(
                new QueryParameter("rows:limit", $"How many rows at most; {GetImportEndpoint.DefaultRows} where absent.", () =>
                    ParameterSchemas.Number(1, GetImportEndpoint.MostRows)
                )
            )
            .AddSingleton<EventPosting>()
            .AddSingleton<DataSchemas>()
            .AddSingleton<ImportStore>()
            .AddSingleton<ImportReports>()
            .AddSingleton<IHoldOfPeople, ImportedPeople>()
            .AddSingleton<CalendarRevisions>()
            .AddSingleton(provider => new ImportScheduler(
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<Limits>().OthersAsk
            ))
            .AddSingleton<ImportRun>()
            .AddSingleton<ImportUpload>()
            .AddSingleton<ImportWorker>()
            .AddHostedService(provider => provider.GetRequiredService<ImportWorker>());

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ForgetImports>("20 * * * *");
}
