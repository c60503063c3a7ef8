using CooperationEvents.Reading;
using CooperationEvents.Storage;

namespace CooperationEvents.Feed;

public static class FeedModule
{
    public static IServiceCollection AddFeed(this IServiceCollection services)
    {
        services.AddConfigured<FeedOptions>();
        services.AddParameters(FeedParameters.All).AddSingleton<FeedReader>().AddSingleton<FeedStreams>();
        return services.AddSingleton<FeedTail>().AddHostedService(provider => provider.GetRequiredService<FeedTail>());
    }
}
