using CooperationEvents.Authentication;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;

namespace CooperationEvents.Webhooks;

public static class WebhooksModule
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddTables(Subscriptions.Schema, Subscriptions.Grants).AddTables(Deliveries.Schema, Deliveries.Grants);
        services.AddSingleton(WebhookOptions.Read(configuration));
        services.AddSingleton<Subscriptions>().AddSingleton<Deliveries>().AddSingleton<WebhookSender>();
        services.AddSingleton<ITellOfPeople, SentOfPerson>();
        services.AddSingleton<IEndsWithPrincipal>(provider => provider.GetRequiredService<Subscriptions>());
        return services.AddHostedService<WebhookDelivery>();
    }
}
