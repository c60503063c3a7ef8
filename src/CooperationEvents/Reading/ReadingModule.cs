namespace CooperationEvents.Reading;

public static class ReadingModule
{
    public static IServiceCollection AddReading(this IServiceCollection services) => services
        .AddSingleton<ReadPosition>()
        .AddSingleton<SettledPositions>()
        .AddSingleton<Reader>()
        .AddHostedService<ProjectionLeader>();
}
