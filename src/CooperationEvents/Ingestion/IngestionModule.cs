using CooperationEvents.Ingestion.Imports;

namespace CooperationEvents.Ingestion;

public static class IngestionModule
{
    public static IServiceCollection AddIngestion(this IServiceCollection services) => services
        .AddSingleton<EventPosting>()
        .AddSingleton<DataSchemas>()
        .AddSingleton<ImportStore>()
        .AddSingleton<CalendarRevisions>()
        .AddSingleton<ImportTurns>()
        .AddSingleton<ImportRun>()
        .AddSingleton<ImportUpload>()
        .AddSingleton<ImportWorker>()
        .AddHostedService(provider => provider.GetRequiredService<ImportWorker>());
}
