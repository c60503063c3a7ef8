using CooperationEvents.Authentication;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Wolverine;

namespace CooperationEvents.Webhooks;

public static class WebhooksModule
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddTables("Webhooks").AddConfigured<WebhookOptions>();
        services.AddSingleton<Subscriptions>().AddSingleton<Deliveries>().AddSingleton<WebhookSender>();
        services.AddSingleton<ITellOfPeople, SentOfPerson>();
        services.AddSingleton<IEndsWithPrincipal>(provider => provider.GetRequiredService<Subscriptions>());
        return services.AddHostedService<WebhookDelivery>();
    }

    public static void Schedule(RecurringMessageCollection schedules) =>
        schedules.ScheduleRecurring<ForgetDeletedSubscriptions>("25 * * * *");
}
