using CooperationEvents.Storage;

namespace CooperationEvents.Feed;

public static class FeedModule
{
    public static IServiceCollection AddFeed(this IServiceCollection services)
    {
        services.AddConfigured<FeedOptions>();
        services.AddSingleton<FeedReader>().AddSingleton<FeedStreams>();
        return services.AddSingleton<FeedTail>().AddHostedService(provider => provider.GetRequiredService<FeedTail>());
    }
}
