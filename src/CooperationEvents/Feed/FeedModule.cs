namespace CooperationEvents.Feed;

public static class FeedModule
{
    public static IServiceCollection AddFeed(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(FeedOptions.Read(configuration));
        services.AddSingleton<FeedReader>().AddSingleton<FeedStreams>();
        return services.AddSingleton<FeedTail>().AddHostedService(provider => provider.GetRequiredService<FeedTail>());
    }
}
