using CooperationEvents.Authentication;
using CooperationEvents.Privacy;

namespace CooperationEvents.Webhooks;

public static class WebhooksModule
{
    internal const string Schema = Subscriptions.Schema + Deliveries.Schema;

    internal const string Grants = Subscriptions.Grants + Deliveries.Grants;

    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(WebhookOptions.Read(configuration));
        services.AddSingleton<Subscriptions>().AddSingleton<Deliveries>().AddSingleton<WebhookSender>();
        services.AddSingleton<ITellOfPeople, SentOfPerson>();
        services.AddSingleton<IEndsWithPrincipal>(provider => provider.GetRequiredService<Subscriptions>());
        return services.AddHostedService<WebhookDelivery>();
    }
}
