using CooperationEvents.Storage;

namespace CooperationEvents.Reading;

public static class ReadingModule
{
    public static IServiceCollection AddReading(this IServiceCollection services) =>
        services
            .AddTables("Reading")
            .AddParameters(ReadingParameters.All)
            .AddSingleton<ReadPosition>()
            .AddSingleton<SettledPositions>()
            .AddSingleton<Reader>()
            .AddHostedService<ProjectionLeader>();
}
