using CooperationEvents.Storage;

namespace CooperationEvents.Projections;

public static class ProjectionsModule
{
    public static IServiceCollection AddProjections(this IServiceCollection services) =>
        services
            .AddTables("Projections")
            .AddSingleton<ReadPosition>()
            .AddSingleton<SettledPositions>()
            .AddHostedService<ProjectionLeader>();
}
