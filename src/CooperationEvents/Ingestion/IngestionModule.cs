using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Privacy;

namespace CooperationEvents.Ingestion;

public static class IngestionModule
{
    public static IServiceCollection AddIngestion(this IServiceCollection services) => services
        .AddSingleton<EventPosting>()
        .AddSingleton<DataSchemas>()
        .AddSingleton<ImportStore>()
        .AddSingleton<IHoldOfPeople, ImportedPeople>()
        .AddSingleton<CalendarRevisions>()
        .AddSingleton<ImportTurns>()
        .AddSingleton<ImportRun>()
        .AddSingleton<ImportUpload>()
        .AddSingleton<ImportWorker>()
        .AddHostedService(provider => provider.GetRequiredService<ImportWorker>());
}
